/* The options in a request's query: what is misspelt there is refused, lest
 * something be done for real that was meant for a trial. */
#include "rehearsal/cluster/http_private.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define TEXT_MAX 1024
#define VALUES_MAX 4

/* Which kind of options a verb takes. */
static const struct {
	const char *verb, *kind;
} kinds[] = {
	{ "create", "CreateOptions" }, { "update", "UpdateOptions" },
	{ "patch", "PatchOptions" }, { "delete", "DeleteOptions" },
	{ "deletecollection", "DeleteOptions" }, { "list", "ListOptions" },
	{ "watch", "ListOptions" },
};

/* What may be said of what. */
static const struct {
	const char *name, *kinds;
	const char *values[VALUES_MAX];
} choices[] = {
	{ "dryRun", "Create Update Patch Delete", { "All" } },
	{ "fieldValidation", "Create Update Patch",
	  { "Ignore", "Strict", "Warn" } },
	{ "propagationPolicy", "Delete",
	  { "Background", "Foreground", "Orphan" } },
	{ "resourceVersionMatch", "List", { "Exact", "NotOlderThan" } },
};

static const char *const numbers[] = { "limit", "gracePeriodSeconds",
				       "timeoutSeconds" };

static const char *kind_of(const char *verb)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].verb, verb))
			return kinds[i].kind;
	return NULL;
}

static void refuse(struct exchange *x, const char *kind, const char *field,
		   const char *reason, const char *why)
{
	answer_set(&x->answer, 422, status_object(
		422, "Invalid",
		json_pack("{s:s,s:s,s:[{s:s,s:s,s:s}]}", "group",
			  "meta.k8s.io", "kind", kind, "causes", "reason",
			  reason, "message", why, "field", field),
		"%s.meta.k8s.io \"\" is invalid: %s: %s", kind, field, why));
}

static bool is_among(const char *const *values, const char *value)
{
	for (size_t i = 0; i < VALUES_MAX && values[i]; i++)
		if (!strcmp(values[i], value))
			return true;
	return false;
}

static void refuse_choice(struct exchange *x, const char *kind,
			  const char *field, const char *value,
			  const char *const *values)
{
	struct buf why;

	buf_init(&why, TEXT_MAX);
	buf_printf(&why, "Unsupported value: \"%.200s\": supported values: ",
		   value);
	for (size_t i = 0; i < VALUES_MAX && values[i]; i++)
		buf_printf(&why, "%s\"%s\"", i ? ", " : "", values[i]);
	refuse(x, kind, field, "FieldValueNotSupported",
	       buf_error(&why) ? "Unsupported value" : why.data);
	buf_release(&why);
}

/* Whether the kind, "PatchOptions", is one of those named, "Create Patch". */
static bool concerns(const char *names, const char *kind)
{
	char word[32];

	snprintf(word, sizeof(word), "%.*s",
		 (int)(strlen(kind) - strlen("Options")), kind);
	return strstr(names, word);
}

static bool choices_hold(struct exchange *x, const char *kind)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		const char *value = http_query(x, choices[i].name);

		if (!value || !*value || !concerns(choices[i].kinds, kind) ||
		    is_among(choices[i].values, value))
			continue;
		refuse_choice(x, kind, choices[i].name, value,
			      choices[i].values);
		return false;
	}
	return true;
}

static bool numbers_hold(struct exchange *x)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const char *text = http_query(x, numbers[i]);
		int64_t number;

		if (!text || !*text ||
		    !text_parse_int(text, INT64_MIN, INT64_MAX, &number))
			continue;
		status_bad_request(&x->answer, "strconv.ParseInt: parsing "
				   "\"%.200s\": invalid syntax", text);
		return false;
	}
	return true;
}

/* A version is matched only where one is given, and none is 0 exactly. */
static bool match_holds(struct exchange *x, const char *kind)
{
	const char *match = http_query(x, "resourceVersionMatch");
	const char *version = http_query(x, "resourceVersion");
	bool initial = http_query_flag(x, "sendInitialEvents");

	if (strcmp(kind, "ListOptions") || !match || !*match)
		return true;
	if (!initial && (!version || !*version)) {
		refuse(x, kind, "resourceVersionMatch", "FieldValueForbidden",
		       "Forbidden: resourceVersionMatch is forbidden unless "
		       "resourceVersion is provided");
		return false;
	}
	if (version && !strcmp(version, "0") && !strcmp(match, "Exact")) {
		refuse(x, kind, "resourceVersionMatch", "FieldValueForbidden",
		       "Forbidden: resourceVersionMatch \"exact\" is forbidden "
		       "for resourceVersion \"0\"");
		return false;
	}
	return true;
}

bool http_check_options(struct exchange *x, const char *verb)
{
	const char *kind = kind_of(verb);
	const char *manager = http_query(x, "fieldManager");

	if (!kind)
		return true;
	if (manager && strlen(manager) > MANAGER_MAX) {
		refuse(x, kind, "fieldManager", "FieldValueTooLong",
		       "Too long: may not be more than 128 bytes");
		return false;
	}
	return choices_hold(x, kind) && numbers_hold(x) &&
	       match_holds(x, kind);
}
