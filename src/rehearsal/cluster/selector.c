/*
 * See selector.h. A label selector is a list of terms that must all hold; a
 * term is a key, an operator and the values between the brackets.
 */
#include "rehearsal/cluster/selector.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

#define WORD_MAX 320            /* a prefix of 253, '/', a name of 63 */

enum term_op { TERM_IN, TERM_NOT_IN, TERM_EXISTS, TERM_ABSENT };

struct term {
	char key[WORD_MAX];
	enum term_op op;
	json_t *values;         /* an array of strings */
};

struct selector {
	struct term terms[SELECTOR_TERMS_MAX];
	size_t count;
};

static void skip_space(const char **at)
{
	while (isspace((unsigned char)**at))
		++*at;
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("-_./", c));
}

/* Takes a word (maybe empty) off *at. */
static int take_word(const char **at, char dst[WORD_MAX], struct error *err)
{
	size_t len = 0;

	skip_space(at);
	while (word_char((*at)[len]))
		len++;
	if (len >= WORD_MAX)
		return error_set(err, ERR_INVALID, NULL,
				 "unable to parse requirement: name part must "
				 "be no more than 63 bytes");
	snprintf(dst, WORD_MAX, "%.*s", (int)len, *at);
	*at += len;
	skip_space(at);
	return 0;
}

static int expected(const char *at, const char *what, struct error *err)
{
	char found[2] = { *at, '\0' };

	return error_set(err, ERR_INVALID, NULL,
			 "unable to parse requirement: found '%s', expected: "
			 "%s", found, what);
}

static int add_value(struct term *term, const char *word, struct error *err)
{
	if (json_array_append_new(term->values, json_string(word)))
		return error_nomem(err);
	return 0;
}

/* "(a, b)" */
static int parse_set(const char **at, struct term *term, struct error *err)
{
	char word[WORD_MAX];
	int rc;

	if (**at != '(')
		return expected(*at, "'('", err);
	do {
		++*at;
		rc = take_word(at, word, err);
		if (!rc)
			rc = add_value(term, word, err);
		if (rc)
			return rc;
	} while (**at == ',');
	if (**at != ')')
		return expected(*at, "',' or ')'", err);
	++*at;
	skip_space(at);
	return 0;
}

/* What follows the key: nothing, "= value", "in (values)" … */
static int parse_operator(const char **at, struct term *term,
			  struct error *err)
{
	static const struct {
		const char *text;
		enum term_op op;
		bool set;
	} operators[] = {
		{ "==", TERM_IN, false }, { "=", TERM_IN, false },
		{ "!=", TERM_NOT_IN, false }, { "notin", TERM_NOT_IN, true },
		{ "in", TERM_IN, true },
	};
	char word[WORD_MAX];
	int rc;

	term->op = TERM_EXISTS;
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(*at, operators[i].text, len))
			continue;
		*at += len;
		skip_space(at);
		term->op = operators[i].op;
		if (operators[i].set)
			return parse_set(at, term, err);
		rc = take_word(at, word, err);
		return rc ? rc : add_value(term, word, err);
	}
	return 0;
}

static int parse_term(const char **at, struct term *term, struct error *err)
{
	bool absent;
	int rc;

	skip_space(at);
	absent = **at == '!';
	if (absent)
		++*at;
	rc = take_word(at, term->key, err);
	if (rc)
		return rc;
	if (!term->key[0])
		return expected(*at, "identifier", err);
	rc = parse_operator(at, term, err);
	if (rc)
		return rc;
	if (absent && term->op != TERM_EXISTS)
		return expected(*at, "',' or 'end of string'", err);
	if (absent)
		term->op = TERM_ABSENT;
	return 0;
}

int selector_read(struct selector **ret, const char *text, struct error *err)
{
	struct selector *selector = calloc(1, sizeof(*selector));
	const char *at = text ? text : "";
	int rc = 0;

	if (!selector)
		return error_nomem(err);
	skip_space(&at);
	while (*at && !rc) {
		struct term *term = &selector->terms[selector->count];

		if (selector->count == SELECTOR_TERMS_MAX) {
			rc = error_set(err, ERR_LIMIT, NULL,
				       "more than %d requirements in a label "
				       "selector", SELECTOR_TERMS_MAX);
			break;
		}
		term->values = json_array();
		selector->count++;
		rc = term->values ? parse_term(&at, term, err)
				  : error_nomem(err);
		if (!rc && *at && *at++ != ',')
			rc = expected(at - 1, "',' or 'end of string'", err);
	}
	if (rc)
		selector_free(selector);
	else
		*ret = selector;
	return rc;
}

void selector_free(struct selector *selector)
{
	if (!selector)
		return;
	for (size_t i = 0; i < selector->count; i++)
		json_decref(selector->terms[i].values);
	free(selector);
}

static bool among(const json_t *values, const char *text)
{
	const json_t *value;
	size_t i;

	json_array_foreach(values, i, value)
		if (json_is_string(value) &&
		    !strcmp(json_string_value(value), text))
			return true;
	return false;
}

static bool term_holds(enum term_op op, const json_t *values,
		       const char *label)
{
	switch (op) {
	case TERM_IN:
		return label && among(values, label);
	case TERM_NOT_IN:
		return !label || !among(values, label);
	case TERM_EXISTS:
		return label;
	case TERM_ABSENT:
		return !label;
	}
	return false;
}

static const char *label_of(const json_t *labels, const char *key)
{
	return json_string_value(json_object_get(labels, key));
}

bool selector_takes(const struct selector *selector, const json_t *labels)
{
	for (size_t i = 0; i < selector->count; i++) {
		const struct term *term = &selector->terms[i];

		if (!term_holds(term->op, term->values,
				label_of(labels, term->key)))
			return false;
	}
	return true;
}

/* Every member of map is among labels. */
static bool map_holds(const json_t *map, const json_t *labels)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)map, key, value) {
		const char *label = label_of(labels, key);

		if (!label || strcmp(label, json_text(value, "", "")))
			return false;
	}
	return true;
}

bool selector_map_matches(const json_t *map, const json_t *labels)
{
	return json_object_size(map) && map_holds(map, labels);
}

static bool expression_holds(const json_t *expression, const json_t *labels)
{
	static const struct {
		const char *name;
		enum term_op op;
	} names[] = {
		{ "In", TERM_IN }, { "NotIn", TERM_NOT_IN },
		{ "Exists", TERM_EXISTS }, { "DoesNotExist", TERM_ABSENT },
	};
	const char *op = json_text(expression, "operator", "");
	const char *key = json_text(expression, "key", "");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i].name, op))
			return term_holds(names[i].op,
					  json_at(expression, "values"),
					  label_of(labels, key));
	return false;
}

bool selector_object_matches(const json_t *selector, const json_t *labels)
{
	const json_t *expression;
	size_t i;

	if (!selector || !map_holds(json_at(selector, "matchLabels"), labels))
		return false;
	json_array_foreach(json_at(selector, "matchExpressions"), i,
			   expression)
		if (!expression_holds(expression, labels))
			return false;
	return true;
}
