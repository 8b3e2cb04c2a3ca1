/* The section 'connections': names, and how to reach what they name. */
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "runbook/kind.h"
#include "runbook/sections.h"
#include "runbook/value.h"

#define LEASE_LEAST_MS 5000     /* shorter, and a slow answer would end it */
#define LEASE_MOST_MS 600000
#define LEASE_USUAL_MS 30000

#define HEADER_MAX 256
#define HEADER_NAME_CHARS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" \
	"!#$%&'*+-.^_`|~"                               /* RFC 9110, 5.6.2 */

#define AT(member) offsetof(struct runbook_connection, member)
#define IN_HTTP(member) offsetof(struct flag_http, member)

static const struct field mysql_fields[] = {
	{"file", value_read_filled, AT(mysql.file), true,
	 N_("the MySQL option file")},
	{"group", value_read_filled, AT(mysql.group), true,
	 N_("the group in the option file")},
};

static bool fits_lease(const char *text)
{
	int64_t ms;

	return clock_parse_duration(text, &ms) == 0 && ms % 1000 == 0 &&
	       ms >= LEASE_LEAST_MS && ms <= LEASE_MOST_MS;
}

/* Kubernetes counts a Lease in whole seconds. */
static void read_lease(struct reader *r, const struct node *node, void *dst)
{
	bool assumed;
	const char *text = value_text(r, node, N_("a duration"), &assumed);

	if (!text || assumed)
		return;
	if (fits_lease(text))
		clock_parse_duration(text, dst);
	else
		reader_wants(r, node,
			     N_("whole seconds from 5s to 10m, such as 30s"),
			     text);
}

static const struct field kubernetes_fields[] = {
	{"kubeconfig", value_read_text, AT(kubernetes.kubeconfig), false, NULL},
	{"context", value_read_text, AT(kubernetes.context), false, NULL},
	{"namespace", value_read_object, AT(kubernetes.namespace), true, NULL},
	{"lease", read_lease, AT(kubernetes.lease_ms), false, NULL},
};

/* May be empty where the flag lives elsewhere. */
static void read_flag_url(struct reader *r, const struct node *node, void *dst)
{
	bool assumed;
	const char *text = value_text(r, node, N_("a URL"), &assumed);

	if (!text)
		return;
	*(const char **)dst = text;
	if (*text && !assumed && !value_is_url(text))
		reader_wants(r, node,
			     N_("a URL, http://HOST/... or https://HOST/..."),
			     text);
}

static bool is_header_text(const char *text)
{
	size_t i = 0;

	while (text[i] >= ' ' && text[i] <= '~')
		i++;
	return i <= HEADER_MAX && !text[i];
}

static bool fits_token_header(const char *text)
{
	size_t name = strspn(text, HEADER_NAME_CHARS);
	const char *mark = strstr(text, SECRET_MARK);

	return is_header_text(text) && name && text[name] == ':' && mark &&
	       mark > text + name && !strstr(mark + 1, SECRET_MARK);
}

static bool fits_content_type(const char *text)
{
	return is_header_text(text) && strchr(text, '/') && text[0] != '/';
}

static void read_token_header(struct reader *r, const struct node *node,
			      void *dst)
{
	bool assumed;
	const char *text = value_text(r, node, N_("a header"), &assumed);

	/* not said again: somebody may have put the token itself there */
	if (text && !assumed && !fits_token_header(text))
		reader_report(r, node,
			      _("'token_header' wants a header with {token} in the token's place, such as \"Authorization: {token}\""));
	else if (text)
		*(const char **)dst = text;
}

static void read_content_type(struct reader *r, const struct node *node,
			      void *dst)
{
	bool assumed;
	const char *text = value_text(r, node, N_("a media type"), &assumed);

	if (text && !assumed && !fits_content_type(text))
		reader_wants(r, node,
			     N_("a media type, such as application/json"), text);
	else if (text)
		*(const char **)dst = text;
}

static const struct field http_fields[] = {
	{"url", read_flag_url, IN_HTTP(url), true, NULL},
	{"on_url", read_flag_url, IN_HTTP(on_url), false, NULL},
	{"off_url", read_flag_url, IN_HTTP(off_url), false, NULL},
	{"token_file", value_read_text, IN_HTTP(token_file), false, NULL},
	{"token_header", read_token_header, IN_HTTP(token_header), false, NULL},
	{"content_type", read_content_type, IN_HTTP(content_type), false, NULL},
	{"method", value_read_method, IN_HTTP(method), true,
	 N_("PUT, POST or PATCH")},
	{"on", value_read_text, IN_HTTP(on), true,
	 N_("the request's body that switches it on")},
	{"off", value_read_text, IN_HTTP(off), true,
	 N_("the request's body that switches it off")},
	{"value", value_read_filled, IN_HTTP(value), true,
	 N_("where the answer says whether it is on")},
};

static void read_flag_http(struct reader *r, const struct node *node, void *dst)
{
	reader_map(r, node, http_fields, COUNT_OF(http_fields), "'http'", dst);
}

static const struct field configmap_fields[] = {
	{"name", value_read_object, AT(flag.configmap), true, NULL},
	{"key", value_read_filled, AT(flag.key), true, NULL},
};

static void read_flag_configmap(struct reader *r, const struct node *node,
				void *dst)
{
	reader_map(r, node, configmap_fields, COUNT_OF(configmap_fields),
		   "'configmap'", dst);
}

static const char *const flag_words[] = {
	[FLAG_HTTP] = "http",
	[FLAG_CONFIGMAP] = "configmap",
	NULL,
};

static void read_flag_kind(struct reader *r, const struct node *node, void *dst)
{
	int kind = value_choice(r, node, N_("http or configmap"), flag_words);

	if (kind >= 0)
		*(enum flag_kind *)dst = (enum flag_kind)kind;
}

static const struct field flag_fields[] = {
	{"kind", read_flag_kind, AT(flag.kind), true, N_("http or configmap")},
	{"http", read_flag_http, AT(flag.http), false, NULL},
	{"configmap", read_flag_configmap, 0, false, NULL},
};

/* Only the kind in force must be filled in. */
static void finish_flag(struct reader *r, const struct node *value, void *thing)
{
	const struct runbook_connection *connection = thing;
	const char *name = flag_words[connection->flag.kind];
	const struct node *kind = node_get(value, "kind");
	const struct node *url = node_get(node_get(value, "http"), "url");

	if (!kind)
		return;
	if (!node_get(value, name))
		reader_report(r, kind,
			      _("the flag's kind is %s, but '%s' is missing beside it"),
			      name, name);
	if (connection->flag.kind == FLAG_HTTP && url &&
	    r->settings->require_values && !*connection->flag.http.url)
		reader_report(r, url, _("the flag's kind is http, but its 'url' is empty"));
}

#define FIELDS(table) table, COUNT_OF(table)
#define NO_SCALAR {NULL, NULL, 0, false, NULL}

static const struct kind connection_kinds[] = {
	{"mysql", NULL, CONNECTION_MYSQL, NO_SCALAR, FIELDS(mysql_fields),
	 CONNECTION_MYSQL, NULL},
	{"kubernetes", NULL, CONNECTION_KUBERNETES, NO_SCALAR,
	 FIELDS(kubernetes_fields), CONNECTION_MYSQL, NULL},
	{"flag", NULL, CONNECTION_FLAG, NO_SCALAR, FIELDS(flag_fields),
	 CONNECTION_MYSQL, finish_flag},
};

static const struct kind_table connection_table = {
	N_("a connection"), N_("give the second a name of its own"),
	FIELDS(connection_kinds), NULL, 0, NULL, 0,
};

static void connection_read(struct reader *r, const struct node *node,
			    struct runbook_connection *connection)
{
	const struct runbook_connection *before;
	const struct kind *kind;

	*connection = (struct runbook_connection){
		.name = node->key,
		.mysql = {.file = "", .group = ""},
		.kubernetes = {.kubeconfig = "", .context = "", .namespace = "",
			       .lease_ms = LEASE_USUAL_MS},
		.flag = {
			.http = {
				.url = "", .on_url = "", .off_url = "",
				.token_file = "", .method = "",
				.token_header = "Authorization: Bearer "
						SECRET_MARK,
				.content_type = "application/json",
				.on = "", .off = "", .value = "",
			},
			.configmap = "", .key = "",
		},
	};
	kind = node->kind == NODE_BROKEN ? NULL :
	       kind_read(r, node, &connection_table, connection);
	if (!kind)
		return;
	connection->kind = (enum connection_kind)kind->kind;
	before = runbook_find_kind(r->runbook, connection->kind);
	if (before && connection->kind != CONNECTION_MYSQL)
		reader_report_key(r, node,
				  _("a second %s connection; '%s' is one already"),
				  kind->name, before->name);
}

void connections_read(struct reader *r, const struct node *node, void *dst)
{
	struct runbook *runbook = r->runbook;

	(void)dst;
	if (!reader_is_map(r, node, N_("a mapping of names to connections")))
		return;
	runbook->connections = reader_array(r, node->count,
					    sizeof(*runbook->connections));
	for (const struct node *at = node->first; at && runbook->connections;
	     at = at->next) {
		connection_read(r, at,
				&runbook->connections[runbook->connection_count]);
		runbook->connection_count++;
	}
}
