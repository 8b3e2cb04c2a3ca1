/* What a request says: who sends it, and what it asks for. */
#include "rehearsal/cluster/http_private.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define COMMON_NAME_MAX 128

const char *http_query(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection,
					   MHD_GET_ARGUMENT_KIND, name);
}

bool http_query_has(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value_n(x->connection,
					     MHD_GET_ARGUMENT_KIND, name,
					     strlen(name), NULL,
					     NULL) == MHD_YES;
}

const char *http_request_header(const struct exchange *x, const char *name)
{
	return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
					   name);
}

static bool query_is(const struct exchange *x, const char *name,
		     const char *value)
{
	const char *text = http_query(x, name);

	return text && !strcmp(text, value);
}

/* The value of a parameter, or "". */
static const char *query_text(const struct exchange *x, const char *name)
{
	const char *text = http_query(x, name);

	return text ? text : "";
}

/* "true" or "1" */
bool http_query_flag(const struct exchange *x, const char *name)
{
	return query_is(x, name, "true") || query_is(x, name, "1");
}

int64_t http_query_number(const struct exchange *x, const char *name,
			    int64_t max, int64_t fallback)
{
	const char *text = http_query(x, name);
	int64_t value;

	return text && !text_parse_int(text, 0, max, &value) ? value
							     : fallback;
}

/* The common name of a certificate that our authority has signed. */
static bool certificate_user(struct MHD_Connection *connection,
			     enum access_user *ret)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	char name[COMMON_NAME_MAX];
	size_t size = sizeof(name);
	const gnutls_datum_t *chain;
	unsigned int count = 0, status = 0;
	gnutls_x509_crt_t cert;
	bool found = false;

	chain = session ? gnutls_certificate_get_peers(session, &count) : NULL;
	if (!chain || !count ||
	    gnutls_certificate_verify_peers2(session, &status) || status ||
	    gnutls_x509_crt_init(&cert))
		return false;
	if (!gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER) &&
	    !gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME,
					   0, 0, name, &size)) {
		*ret = access_by_name(name);
		found = true;
	}
	gnutls_x509_crt_deinit(cert);
	return found;
}

/* False for credentials that nobody has. */
bool http_authenticate(struct exchange *x)
{
	const char *authorization = http_request_header(x, "Authorization");

	enum access_user user = ACCESS_ANONYMOUS;

	if (!certificate_user(x->connection, &user) && authorization &&
	    !access_by_header(x->http->options.tokens, authorization, &user))
		return false;
	access_become(&x->who, user);
	return true;
}

const char *http_manager(struct exchange *x)
{
	const char *manager = query_text(x, "fieldManager");
	const char *agent = http_request_header(x, "User-Agent");

	if (*manager)
		snprintf(x->manager, sizeof(x->manager), "%s", manager);
	else if (agent && *agent)
		snprintf(x->manager, sizeof(x->manager), "%.*s",
			 (int)strcspn(agent, "/ "), agent);
	else
		snprintf(x->manager, sizeof(x->manager), "unknown");
	return x->manager;
}

/* The kind of patch by Content-Type; false for one that is not taken. */
bool http_find_patch(struct exchange *x)
{
	static const struct {
		const char *type;
		enum api_patch patch;
	} types[] = {
		{ "application/json-patch+json", API_PATCH_JSON },
		{ "application/merge-patch+json", API_PATCH_MERGE },
		{ "application/strategic-merge-patch+json",
		  API_PATCH_STRATEGIC },
		{ "application/apply-patch+yaml", API_PATCH_APPLY },
	};
	const char *type = http_request_header(x, MHD_HTTP_HEADER_CONTENT_TYPE);
	size_t len = type ? strcspn(type, "; ") : 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strlen(types[i].type) == len &&
		    !strncasecmp(types[i].type, type, len)) {
			x->request.patch = types[i].patch;
			return true;
		}
	return false;
}

static enum api_validation find_validation(const struct exchange *x)
{
	if (query_is(x, "fieldValidation", "Strict"))
		return API_STRICT;
	return query_is(x, "fieldValidation", "Ignore") ? API_IGNORE
							: API_WARN;
}

static void copy_name(char dst[API_NAME_MAX], const char *text)
{
	snprintf(dst, API_NAME_MAX, "%s", text);
}

void http_fill_request(struct exchange *x, const struct resource *resource)
{
	struct api_request *request = &x->request;

	*request = (struct api_request){
		.resource = resource,
		.manager = http_manager(x),
		.body = x->body.len ? x->body.data : "",
		.body_len = x->body.len,
		.dry_run = query_is(x, "dryRun", "All"),
		.manager_given = *query_text(x, "fieldManager"),
		.force = http_query_flag(x, "force"),
		.validation = find_validation(x),
		.label_selector = http_query(x, "labelSelector"),
		.field_selector = http_query(x, "fieldSelector"),
		.token = http_query(x, "continue"),
		.limit = http_query_number(x, "limit", INT32_MAX, 0),
		.version = http_query(x, "resourceVersion"),
		.version_match = http_query(x, "resourceVersionMatch"),
		.grace = http_query_number(x, "gracePeriodSeconds", INT32_MAX, -1),
		.propagation = http_query(x, "propagationPolicy"),
	};
	copy_name(request->ns, x->route.ns);
	copy_name(request->name, x->route.name);
	copy_name(request->subresource, x->route.subresource);
}

enum table_include http_include(const struct exchange *x)
{
	if (query_is(x, "includeObject", "Object"))
		return TABLE_OBJECT;
	return query_is(x, "includeObject", "None") ? TABLE_NONE
						    : TABLE_METADATA;
}
