/*
 * See variables.h. A value is judged by its variable's type where it was
 * given, so that a wrong one is reported there and not at each use.
 */
#include "runbook/variables.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/text.h"
#include "runbook/reader.h"
#include "runbook/value.h"

static const char *const type_words[] = {
	[VARIABLE_STRING] = "string",
	[VARIABLE_INTEGER] = "integer",
	[VARIABLE_DURATION] = "duration",
	[VARIABLE_BOOLEAN] = "boolean",
	NULL,
};

/* What a type wants, and what stands in for a value that is not given yet. */
static const struct {
	const char *what, *stand_in;
} types[] = {
	[VARIABLE_STRING] = {N_("a text"), "?"},
	[VARIABLE_INTEGER] = {N_("an integer"), "1"},
	[VARIABLE_DURATION] = {N_("a duration such as 10s"), "1s"},
	[VARIABLE_BOOLEAN] = {N_("true or false"), "true"},
};

static void variable_read_type(struct reader *r, const struct node *node,
			       void *dst)
{
	int type = value_choice(r, node,
				N_("string, integer, duration or boolean"),
				type_words);

	if (type >= 0)
		*(enum variable_type *)dst = (enum variable_type)type;
}

static void variable_read_default(struct reader *r, const struct node *node,
				  void *dst)
{
	const char *text = node->kind == NODE_SCALAR ? node->text : "";
	const char *hit = strstr(text, "${");

	if (hit && (hit == text || hit[-1] != '$'))
		reader_report(r, node, _("a default cannot use other variables"));
	else
		value_read_text(r, node, dst);
}

static const struct field variable_fields[] = {
	{"type", variable_read_type, offsetof(struct runbook_variable, type),
	 true, N_("string, integer, duration or boolean")},
	{"about", value_read_filled, offsetof(struct runbook_variable, about),
	 true, N_("say what it is for")},
	{"default", variable_read_default, offsetof(struct runbook_variable, fallback),
	 false, NULL},
};

static bool variable_fits(enum variable_type type, const char *text)
{
	int64_t number;

	switch (type) {
	case VARIABLE_INTEGER:
		return text_parse_int(text, INT64_MIN, INT64_MAX, &number) == 0;
	case VARIABLE_DURATION:
		return clock_parse_duration(text, &number) == 0;
	case VARIABLE_BOOLEAN:
		return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
	case VARIABLE_STRING:
		break;
	}
	return true;
}

/* The VALUE of the last --set NAME=VALUE, or NULL. */
static const char *variable_set(const struct runbook_settings *settings,
				const char *name)
{
	size_t len = strlen(name);

	for (size_t i = settings->set_count; i-- > 0;) {
		const char *pair = settings->set[i];

		if (strncmp(pair, name, len) == 0 && pair[len] == '=')
			return pair + len + 1;
	}
	return NULL;
}

/* The three sources of a value, each judged in its own place; NULL: none, or a
 * wrong one, which was reported (*ret_wrong). */
static const char *variable_from_set(struct reader *r,
				     const struct runbook_variable *variable,
				     bool *ret_wrong)
{
	const char *text = variable_set(r->settings, variable->name);
	const char *problem = NULL;

	if (!text)
		return NULL;
	if (strlen(text) > RUNBOOK_TEXT_MAX)
		problem = N_("a shorter text");
	else if (!node_text_is_safe(text, strlen(text)))
		problem = N_("a text without control characters");
	else if (!variable_fits(variable->type, text))
		problem = types[variable->type].what;
	if (!problem)
		return reader_copy(r, text, strlen(text));
	reader_note(r, runbook_problems_add(r->problems, "--set", 0, 0,
		_("'%s' wants %s, not \"%.80s\""), variable->name, _(problem),
		text));
	*ret_wrong = true;
	return NULL;
}

static const char *variable_from_file(struct reader *r,
				      const struct runbook_variable *variable,
				      bool *ret_wrong)
{
	const struct node *node = node_get(r->given, variable->name);
	const char *what = types[variable->type].what;

	if (!node)
		return NULL;
	if (node->kind == NODE_SCALAR && !node_is_null(node) &&
	    variable_fits(variable->type, node->text))
		return reader_copy(r, node->text, strlen(node->text));
	*ret_wrong = true;
	if (node->kind == NODE_SCALAR && !node_is_null(node))
		reader_note(r, runbook_problems_add(r->problems,
			r->settings->vars_file, node->line, node->column,
			_("'%s' wants %s, not \"%.80s\""), node->key, _(what),
			node->text));
	else if (node->kind != NODE_BROKEN)
		reader_note(r, runbook_problems_add(r->problems,
			r->settings->vars_file, node->line, node->column,
			_("'%s' wants %s, not %s"), node->key, _(what),
			node_kind_name(node)));
	return NULL;
}

static const char *variable_from_default(struct reader *r,
					 const struct runbook_variable *variable,
					 const struct node *declared,
					 bool *ret_wrong)
{
	const char *text = variable->fallback;
	const struct node *node = node_get(declared, "default");

	if (!text || variable_fits(variable->type, text))
		return text;
	reader_wants(r, node, types[variable->type].what, text);
	*ret_wrong = true;
	return NULL;
}

/* Gives a variable its value, or a stand-in. */
static void variable_settle(struct reader *r, struct runbook_variable *variable,
			    const struct node *declared)
{
	bool wrong = false;
	const char *fallback = variable_from_default(r, variable, declared,
						     &wrong);

	variable->value = variable_from_set(r, variable, &wrong);
	if (!variable->value)
		variable->value = variable_from_file(r, variable, &wrong);
	if (!variable->value)
		variable->value = fallback;
	if (variable->value)
		return;
	if (!wrong && r->settings->require_values)
		reader_report_key(r, declared,
			_("'%s' has no value: %s; give it with --set %s=VALUE or in a --vars file"),
			variable->name, variable->about, variable->name);
	variable->value = types[variable->type].stand_in;
	variable->assumed = true;
}

static void variable_read(struct reader *r, const struct node *node,
			  struct runbook_variable *variable)
{
	size_t len = strlen(node->key);

	variable->name = node->key;
	variable->about = "";
	if (strcmp(node->key, VARIABLE_RUN) == 0)
		reader_report_key(r, node, _("'run' is built in: the run's name"));
	else if (!len || len > VARIABLE_NAME_MAX ||
		 strspn(node->key, VARIABLE_NAME_CHARS) != len)
		reader_report_key(r, node,
			_("a variable's name wants a-z, 0-9 and '_', not \"%.80s\""),
			node->key);
	if (node->kind != NODE_BROKEN)
		reader_map(r, node, variable_fields, COUNT_OF(variable_fields),
			   N_("a variable"), variable);
}

const char *variables_nearest(const struct runbook *runbook,
				     const char *name, bool lacking)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < runbook->variable_count; i++)
		if (!lacking || runbook->variables[i].assumed)
			nearest_offer(&nearest, runbook->variables[i].name);
	return nearest.best;
}

const struct runbook_variable *
variables_find(const struct runbook *runbook, const char *name)
{
	for (size_t i = 0; i < runbook->variable_count; i++)
		if (strcmp(runbook->variables[i].name, name) == 0)
			return &runbook->variables[i];
	return NULL;
}

/* Names in --vars that this runbook does not know are another runbook's, but
 * for the misspelt name of a variable that has no value. */
static void variables_check_file(struct reader *r)
{
	const struct node *at = r->given ? r->given->first : NULL;

	for (; at; at = at->next) {
		const char *near;

		if (variables_find(r->runbook, at->key))
			continue;
		near = variables_nearest(r->runbook, at->key, true);
		if (near)
			reader_note(r, runbook_problems_add(r->problems,
				r->settings->vars_file, at->key_line,
				at->key_column,
				_("no variable is named '%.80s'; did you mean '%s'?"),
				at->key, near));
	}
}

static void variables_check_set(struct reader *r)
{
	for (size_t i = 0; i < r->settings->set_count; i++) {
		const char *pair = r->settings->set[i], *near;
		char name[VARIABLE_NAME_MAX + 1] = "";
		size_t len = strcspn(pair, "=");

		if (len <= VARIABLE_NAME_MAX)
			memcpy(name, pair, len);
		if (!pair[len])
			reader_note(r, runbook_problems_add(r->problems,
				"--set", 0, 0,
				_("NAME=VALUE is wanted, not \"%.80s\""), pair));
		if (!pair[len] || variables_find(r->runbook, name))
			continue;
		near = variables_nearest(r->runbook, name, false);
		if (near)
			reader_note(r, runbook_problems_add(r->problems,
				"--set", 0, 0,
				_("no variable is named '%.80s'; did you mean '%s'?"),
				name, near));
		else
			reader_note(r, runbook_problems_add(r->problems,
				"--set", 0, 0,
				_("no variable is named '%.*s'"),
				(int)(len < 80 ? len : 80), pair));
	}
}

void variables_read(struct reader *r, const struct node *node, void *dst)
{
	struct runbook *runbook = r->runbook;
	size_t count = 0;

	(void)dst;
	if (!reader_is_map(r, node, N_("a mapping of names to variables")))
		return;
	runbook->variables = reader_array(r, node->count,
					  sizeof(*runbook->variables));
	for (const struct node *at = node->first; at && runbook->variables;
	     at = at->next) {
		struct runbook_variable *variable =
			&runbook->variables[count++];

		variable_read(r, at, variable);
		variable_settle(r, variable, at);
	}
	runbook->variable_count = count;
}

void variables_check_names(struct reader *r)
{
	variables_check_file(r);
	variables_check_set(r);
}
