/*
 * See selector.h. The grammar is Kubernetes' own: terms joined by commas, each
 * "key", "!key", "key = value", "key == value", "key != value",
 * "key in (a, b)" or "key notin (a, b)".
 */
#include "kube/selector.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

const char *kube_labels_get(const struct kube_labels *labels, const char *key)
{
	for (size_t i = 0; i < labels->count; i++)
		if (!strcmp(labels->list[i].key, key))
			return labels->list[i].value;
	return NULL;
}

struct selector_reader {
	struct selector *selector;
	const char *text, *at;
	struct error *err;
	int status;
};

static int reader_fail(struct selector_reader *r, enum error_code code,
		       const char *what)
{
	if (!r->status)
		r->status = error_set(r->err, code, NULL,
				      "label selector, column %zu: %s",
				      (size_t)(r->at - r->text) + 1, what);
	return r->status;
}

static void reader_skip(struct selector_reader *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
}

static bool reader_take(struct selector_reader *r, const char *token)
{
	size_t len = strlen(token);

	reader_skip(r);
	if (strncmp(r->at, token, len))
		return false;
	r->at += len;
	return true;
}

/* Letters, digits and "-_./"; NULL where none stands (and may_be_empty tells
 * whether that is an error). */
static const char *reader_word(struct selector_reader *r, bool may_be_empty)
{
	const char *from, *word;

	reader_skip(r);
	from = r->at;
	while (isalnum((unsigned char)*r->at) || (*r->at && strchr("-_./", *r->at)))
		r->at++;
	if (r->at == from && !may_be_empty) {
		reader_fail(r, ERR_SYNTAX, "a name is missing");
		return NULL;
	}
	word = arena_strndup(&r->selector->arena, from, (size_t)(r->at - from));
	if (!word)
		r->status = error_nomem(r->err);
	return word;
}

static void reader_values(struct selector_reader *r, struct selector_term *term,
			  bool list)
{
	const char **values;

	values = arena_array(&r->selector->arena,
			     list ? SELECTOR_VALUES_MAX : 1, sizeof(*values));
	if (!values) {
		r->status = error_nomem(r->err);
		return;
	}
	term->values = values;
	if (list && !reader_take(r, "(")) {
		reader_fail(r, ERR_SYNTAX, "'(' is missing");
		return;
	}
	do {
		if (term->value_count >= SELECTOR_VALUES_MAX) {
			reader_fail(r, ERR_LIMIT, "too many values");
			return;
		}
		values[term->value_count++] = reader_word(r, true);
	} while (list && !r->status && reader_take(r, ","));
	if (list && !r->status && !reader_take(r, ")"))
		reader_fail(r, ERR_SYNTAX, "')' is missing");
}

static bool reader_take_word(struct selector_reader *r, const char *word)
{
	const char *before = r->at;

	if (reader_take(r, word) && (isspace((unsigned char)*r->at) ||
				     *r->at == '('))
		return true;
	r->at = before;
	return false;
}

static void reader_term(struct selector_reader *r)
{
	static const struct {
		const char *token;
		enum selector_op op;
		bool list;
	} ops[] = {
		{"!=", SELECTOR_NOT_IN, false},
		{"==", SELECTOR_IN, false},
		{"=", SELECTOR_IN, false},
		{"notin", SELECTOR_NOT_IN, true},
		{"in", SELECTOR_IN, true},
	};
	struct selector *selector = r->selector;
	struct selector_term *term;

	if (selector->count >= SELECTOR_TERMS_MAX) {
		reader_fail(r, ERR_LIMIT, "too many terms");
		return;
	}
	term = &selector->terms[selector->count++];
	*term = (struct selector_term){.op = SELECTOR_EXISTS};
	if (reader_take(r, "!"))
		term->op = SELECTOR_ABSENT;
	term->key = reader_word(r, false);
	if (r->status || term->op == SELECTOR_ABSENT)
		return;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (!(ops[i].list ? reader_take_word(r, ops[i].token) :
		      reader_take(r, ops[i].token)))
			continue;
		term->op = ops[i].op;
		reader_values(r, term, ops[i].list);
		return;
	}
}

int selector_parse(struct selector *selector, const char *text,
		   struct error *err)
{
	struct selector_reader r = {
		.selector = selector, .text = text, .at = text, .err = err,
	};

	memset(selector, 0, sizeof(*selector));
	arena_init(&selector->arena);
	if (strlen(text) > SELECTOR_TEXT_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "a label selector of more than %d bytes",
				 SELECTOR_TEXT_MAX);
	reader_skip(&r);
	if (!*r.at)
		return 0;
	do {
		reader_term(&r);
	} while (!r.status && reader_take(&r, ","));
	reader_skip(&r);
	if (!r.status && *r.at)
		reader_fail(&r, ERR_SYNTAX, "',' or the end was expected");
	if (r.status)
		selector_release(selector);
	return r.status;
}

int selector_from_labels(struct selector *selector,
			 const struct kube_labels *labels, struct error *err)
{
	memset(selector, 0, sizeof(*selector));
	arena_init(&selector->arena);
	if (labels->count > SELECTOR_TERMS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "a selector of more than %d labels",
				 SELECTOR_TERMS_MAX);
	for (size_t i = 0; i < labels->count; i++) {
		struct selector_term *term = &selector->terms[i];
		const char **value;

		value = arena_alloc(&selector->arena, sizeof(*value));
		term->key = arena_strdup(&selector->arena,
					 labels->list[i].key);
		if (value)
			*value = arena_strdup(&selector->arena,
					      labels->list[i].value);
		if (!value || !*value || !term->key) {
			selector_release(selector);
			return error_nomem(err);
		}
		term->op = SELECTOR_IN;
		term->values = value;
		term->value_count = 1;
		selector->count++;
	}
	return 0;
}

void selector_release(struct selector *selector)
{
	arena_release(&selector->arena);
	selector->count = 0;
}

static bool term_has_value(const struct selector_term *term, const char *value)
{
	for (size_t i = 0; i < term->value_count; i++)
		if (!strcmp(term->values[i], value))
			return true;
	return false;
}

static bool term_matches(const struct selector_term *term,
			 const struct kube_labels *labels)
{
	const char *value = kube_labels_get(labels, term->key);

	switch (term->op) {
	case SELECTOR_IN:
		return value && term_has_value(term, value);
	case SELECTOR_NOT_IN:
		return !value || !term_has_value(term, value);
	case SELECTOR_EXISTS:
		return value != NULL;
	case SELECTOR_ABSENT:
		return value == NULL;
	}
	return false;
}

bool selector_matches(const struct selector *selector,
		      const struct kube_labels *labels)
{
	for (size_t i = 0; i < selector->count; i++)
		if (!term_matches(&selector->terms[i], labels))
			return false;
	return true;
}

static void term_print(const struct selector_term *term, struct buf *text)
{
	bool in = term->op == SELECTOR_IN;

	if (term->op == SELECTOR_ABSENT)
		buf_puts(text, "!");
	buf_puts(text, term->key);
	if (!term->values)
		return;
	if (term->value_count == 1) {
		buf_printf(text, "%s%s", in ? "=" : "!=", term->values[0]);
		return;
	}
	buf_puts(text, in ? " in (" : " notin (");
	for (size_t i = 0; i < term->value_count; i++)
		buf_printf(text, "%s%s", i ? "," : "", term->values[i]);
	buf_puts(text, ")");
}

int selector_print(const struct selector *selector, struct buf *text)
{
	for (size_t i = 0; i < selector->count; i++) {
		if (i)
			buf_puts(text, ",");
		term_print(&selector->terms[i], text);
	}
	return buf_error(text);
}
