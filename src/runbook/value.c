/* See value.h. Each reader is one line in the sentence "'KEY' wants WHAT". */
#include "runbook/value.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/text.h"
#include "kube/selector.h"
#include "runbook/variables.h"

#define OBJECT_NAME_MAX 253
#define WORD_MAX 20
#define WORD_MIN 2
#define ID_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define COUNT_MAX INT64_C(1000000000000)

const char *value_text(struct reader *r, const struct node *node,
		       const char *what, bool *ret_assumed)
{
	*ret_assumed = false;
	if (node->kind != NODE_SCALAR || node_is_null(node)) {
		reader_wants(r, node, what, NULL);
		return NULL;
	}
	return variables_expand(r, node, ret_assumed);
}

/* A text that must fit; NULL if it does not (reported) or is assumed. */
static const char *value_fitting(struct reader *r, const struct node *node,
				 const char *what,
				 bool (*fits)(const char *text))
{
	bool assumed;
	const char *text = value_text(r, node, what, &assumed);

	if (!text || assumed)
		return NULL;
	if (fits(text))
		return text;
	reader_wants(r, node, what, text);
	return NULL;
}

/* ---- texts --------------------------------------------------------------- */

/* Without the line feed that a folded or literal text ends with. */
static const char *value_trim(struct reader *r, const char *text)
{
	size_t len = strlen(text), keep = len;

	while (keep && text[keep - 1] == '\n')
		keep--;
	return keep == len ? text : reader_copy(r, text, keep);
}

void value_read_text(struct reader *r, const struct node *node, void *dst)
{
	bool assumed;
	const char *text = value_text(r, node, N_("a text"), &assumed);

	if (text)
		*(const char **)dst = value_trim(r, text);
}

static void value_read_fitting(struct reader *r, const struct node *node,
			       const char *what, bool (*fits)(const char *),
			       void *dst)
{
	bool assumed;
	const char *text = value_text(r, node, what, &assumed);

	if (text && (assumed || fits(text)))
		*(const char **)dst = value_trim(r, text);
	else if (text)
		reader_wants(r, node, what, text);
}

static bool fits_filled(const char *text)
{
	return text[strspn(text, " \t\n")] != '\0';
}

void value_read_filled(struct reader *r, const struct node *node, void *dst)
{
	value_read_fitting(r, node, N_("a text that is not empty"), fits_filled,
			   dst);
}

static bool fits_id(const char *text)
{
	size_t len = strspn(text, ID_CHARS);

	return len && len <= WORD_MAX * 2 && !text[len];
}

void value_read_id(struct reader *r, const struct node *node, void *dst)
{
	value_read_fitting(r, node,
			   N_("a short name of a-z, 0-9 and '-'"), fits_id,
			   dst);
}

static bool fits_word(const char *text)
{
	size_t len = strspn(text, ID_CHARS);

	return len >= WORD_MIN && len <= WORD_MAX && !text[len];
}

void value_read_word(struct reader *r, const struct node *node, void *dst)
{
	value_read_fitting(r, node,
			   N_("one word to type, 2 to 20 of a-z, 0-9 and '-'"),
			   fits_word, dst);
}

static bool fits_object(const char *text)
{
	size_t len = strspn(text, ID_CHARS ".");

	return len && len <= OBJECT_NAME_MAX && !text[len] &&
	       !strchr("-.", text[0]) && !strchr("-.", text[len - 1]);
}

void value_read_object(struct reader *r, const struct node *node, void *dst)
{
	value_read_fitting(r, node,
			   N_("the name of a Kubernetes object (a-z, 0-9, '-' and '.')"),
			   fits_object, dst);
}

bool value_is_url(const char *text)
{
	const char *host = strncmp(text, "http://", 7) == 0 ? text + 7 :
			   strncmp(text, "https://", 8) == 0 ? text + 8 : "";

	return *host && !strchr("/:?#", *host) &&
	       !text[strcspn(text, " \t\n")];
}

void value_read_url(struct reader *r, const struct node *node, void *dst)
{
	value_read_fitting(r, node, N_("a URL, http://HOST/... or https://HOST/..."),
			   value_is_url, dst);
}

void value_read_selector(struct reader *r, const struct node *node, void *dst)
{
	bool assumed;
	const char *text = value_text(r, node, N_("a label selector"),
				      &assumed);
	struct selector selector;
	struct error why = {0};
	int code;

	if (text)
		*(const char **)dst = text;
	if (!text || assumed)
		return;
	code = selector_parse(&selector, text, &why);
	if (code == 0) {
		if (selector.count == 0)
			reader_wants(r, node,
				     N_("a label selector such as \"app=a,version=v2\""),
				     text);
		selector_release(&selector);
	} else if (code == ERR_NOMEM) {
		r->error = code;
	} else {
		reader_report(r, node,
			      _("'%s' wants a label selector such as \"app=a,version=v2\", not \"%.80s\": %s"),
			      node->key ? node->key : "", text, why.message);
	}
}

/* ---- one of several words ------------------------------------------------ */

int value_choice(struct reader *r, const struct node *node, const char *what,
		 const char *const *words)
{
	bool assumed;
	const char *text = value_text(r, node, what, &assumed);

	for (int i = 0; text && words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	if (text && !assumed)
		reader_wants(r, node, what, text);
	return -1;
}

void value_read_method(struct reader *r, const struct node *node, void *dst)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH",
					      "DELETE", NULL};
	int method = value_choice(r, node,
				  N_("GET, POST, PUT, PATCH or DELETE"),
				  methods);

	if (method >= 0)
		*(const char **)dst = methods[method];
}

void value_read_bool(struct reader *r, const struct node *node, void *dst)
{
	static const char *const words[] = {"false", "true", NULL};
	int value = value_choice(r, node, N_("true or false"), words);

	if (value >= 0)
		*(bool *)dst = value;
}

void value_read_on_off(struct reader *r, const struct node *node, void *dst)
{
	static const char *const words[] = {"off", "on", NULL};
	int value = value_choice(r, node, N_("on or off"), words);

	if (value >= 0)
		*(bool *)dst = value;
}

/* ---- numbers ------------------------------------------------------------- */

static bool fits_count(const char *text)
{
	int64_t value;

	return text_parse_int(text, 0, COUNT_MAX, &value) == 0;
}

void value_read_count(struct reader *r, const struct node *node, void *dst)
{
	const char *text = value_fitting(r, node, N_("a number from 0 up"),
					 fits_count);

	if (text)
		text_parse_int(text, 0, COUNT_MAX, dst);
}

static bool fits_status(const char *text)
{
	int64_t value;

	return text_parse_int(text, 100, 599, &value) == 0;
}

void value_read_status(struct reader *r, const struct node *node, void *dst)
{
	const char *text = value_fitting(r, node,
					 N_("an HTTP status, 100 to 599"),
					 fits_status);

	if (text)
		text_parse_int(text, 100, 599, dst);
}

static bool fits_duration(const char *text)
{
	int64_t ms;

	return clock_parse_duration(text, &ms) == 0 && ms > 0;
}

void value_read_duration(struct reader *r, const struct node *node, void *dst)
{
	const char *text = value_fitting(r, node,
		N_("a duration such as 250ms, 10s, 2m or 1h, at most 30 days"),
		fits_duration);

	if (text)
		clock_parse_duration(text, dst);
}

/* "<= 5", "5". */
static int bound_parse(const char *text, struct compare *ret)
{
	static const struct {
		const char *sign;
		enum compare_op op;
	} ops[] = {
		{"<=", COMPARE_LE}, {">=", COMPARE_GE}, {"==", COMPARE_EQ},
		{"!=", COMPARE_NE}, {"<", COMPARE_LT}, {">", COMPARE_GT},
		{"=", COMPARE_EQ}, {"", COMPARE_EQ},
	};
	size_t i = 0;

	while (strncmp(text, ops[i].sign, strlen(ops[i].sign)) != 0)
		i++;
	text += strlen(ops[i].sign);
	ret->op = ops[i].op;
	return text_parse_int(text + strspn(text, " "), 0, COUNT_MAX,
			      &ret->value);
}

static bool fits_bound(const char *text)
{
	struct compare bound;

	return bound_parse(text, &bound) == 0;
}

void value_read_bound(struct reader *r, const struct node *node, void *dst)
{
	const char *text = value_fitting(r, node,
					 N_("a bound like \">= 1\" or 0"),
					 fits_bound);

	if (text)
		bound_parse(text, dst);
}

/* ---- names of other things in the runbook -------------------------------- */

void value_read_database(struct reader *r, const struct node *node, void *dst)
{
	const struct runbook_connection *connection;
	struct nearest nearest;
	bool assumed;
	const char *text = value_text(r, node, N_("a mysql connection's name"),
				      &assumed);

	if (text)
		*(const char **)dst = text;
	if (!text || assumed || !r->runbook->connection_count)
		return;
	connection = runbook_find_connection(r->runbook, text);
	if (connection && connection->kind == CONNECTION_MYSQL)
		return;
	nearest_init(&nearest, text);
	for (size_t i = 0; i < r->runbook->connection_count; i++)
		if (r->runbook->connections[i].kind == CONNECTION_MYSQL)
			nearest_offer(&nearest, r->runbook->connections[i].name);
	if (connection)
		reader_report(r, node,
			      _("the connection '%s' is no mysql connection"),
			      text);
	else if (nearest.best)
		reader_report(r, node,
			      _("no mysql connection is named '%.80s'; did you mean '%s'?"),
			      text, nearest.best);
	else
		reader_report(r, node,
			      _("no mysql connection is named '%.80s'; add it under 'connections'"),
			      text);
}

void value_read_since(struct reader *r, const struct node *node, void *dst)
{
	const struct node *at = r->steps ? r->steps->first : NULL;
	struct nearest nearest;
	size_t index = 0;
	bool assumed;
	const char *text = value_text(r, node, N_("an earlier step's id"),
				      &assumed);

	if (text)
		*(const char **)dst = text;
	if (!text || assumed)
		return;
	nearest_init(&nearest, text);
	for (; at; at = at->next, index++) {
		const struct node *id = node_get(at, "id");

		if (!id || id->kind != NODE_SCALAR)
			continue;
		nearest_offer(&nearest, id->text);
		if (strcmp(id->text, text) == 0)
			break;
	}
	if (at && index + r->in_guards > r->step)
		reader_report(r, node,
			      _("'%s' has not been done when this is asked; name an earlier step"),
			      text);
	else if (!at && nearest.best)
		reader_report(r, node,
			      _("no step has the id '%.80s'; did you mean '%s'?"),
			      text, nearest.best);
	else if (!at)
		reader_report(r, node, _("no step has the id '%.80s'"), text);
}
