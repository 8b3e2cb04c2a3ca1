/*
 * One YAML or JSON document as Jansson's values; see runbook.h. A file that
 * begins with '{' is tried as JSON first: libyaml does not know all of it.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/json.h"
#include "runbook/node.h"
#include "runbook/problems.h"
#include "runbook/runbook.h"

#define DOCUMENT_MAX (1024 * 1024)

static const struct node_limits document_limits = {
	.items = 1024,
	.text = 256 * 1024,
	.depth = 64,
};

static json_t *scalar_boolean(const char *text)
{
	static const struct {
		const char *word;
		int value;
	} words[] = {
		{"true", 1}, {"True", 1}, {"TRUE", 1},
		{"false", 0}, {"False", 0}, {"FALSE", 0},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i].word) == 0)
			return json_boolean(words[i].value);
	return NULL;
}

/* [-+]digits, 0o17, 0x1f within 64 bits. */
static bool scalar_integer(const char *text, int64_t *ret)
{
	const char *digits = text + strspn(text, "+-");
	int base = strncmp(text, "0o", 2) == 0 ? 8 :
		   strncmp(text, "0x", 2) == 0 ? 16 : 10;
	const char *known = base == 8 ? "01234567" : base == 10 ? "0123456789" :
			    "0123456789abcdefABCDEF";

	if (base != 10)
		digits = text + 2;
	if (digits - text > (base == 10 ? 1 : 2) || !*digits ||
	    digits[strspn(digits, known)])
		return false;
	errno = 0;
	*ret = strtoll(base == 10 ? text : digits, NULL, base);
	return errno == 0;
}

/* [-+](digits[.digits] | .digits)[e[-+]digits]: finite only. */
static bool scalar_real(const char *text, double *ret)
{
	const char *at = text + (*text == '-' || *text == '+');
	size_t whole = strspn(at, "0123456789"), part = 0;

	at += whole;
	if (*at == '.') {
		part = strspn(at + 1, "0123456789");
		at += 1 + part;
	}
	if (!whole && !part)
		return false;
	if (*at == 'e' || *at == 'E') {
		at += 1 + (at[1] == '-' || at[1] == '+');
		if (!*at)
			return false;
		at += strspn(at, "0123456789");
	}
	if (*at)
		return false;
	*ret = strtod(text, NULL);
	return isfinite(*ret);
}

static json_t *document_scalar(const struct node *node)
{
	json_t *value;
	int64_t integer;
	double real;

	if (!node->plain)
		return json_string(node->text);
	if (node_is_null(node))
		return json_null();
	value = scalar_boolean(node->text);
	if (value)
		return value;
	if (scalar_integer(node->text, &integer))
		return json_integer(integer);
	if (scalar_real(node->text, &real))
		return json_real(real);
	return json_string(node->text);
}

/* A new value, or NULL without memory. The tree's depth bounds the recursion. */
static json_t *document_value(const struct node *node)
{
	json_t *value;
	int bad = 0;

	if (node->kind == NODE_SCALAR)
		return document_scalar(node);
	value = node->kind == NODE_MAP ? json_object() : json_array();
	for (const struct node *at = node->first; value && at && !bad;
	     at = at->next) {
		json_t *item = document_value(at);

		bad = node->kind == NODE_MAP ?
		      json_object_set_new(value, at->key, item) :
		      json_array_append_new(value, item);
	}
	if (bad) {
		json_decref(value);
		return NULL;
	}
	return value;
}

/* The first problem as an error with its place. */
static int document_problem(struct runbook_problems *problems,
			    struct error *err)
{
	const struct runbook_problem *first = &problems->items[0];
	char where[ERROR_WHERE_MAX];

	runbook_problems_sort(problems);
	snprintf(where, sizeof(where), "%s:%d:%d", first->file, first->line,
		 first->column);
	return error_set(err, ERR_SYNTAX, where, "%s", first->message);
}

static int document_read(const char *path, const struct buf *bytes,
			 json_t **ret, struct error *err)
{
	struct runbook_problems problems;
	struct arena arena;
	struct node *root;
	int code;

	arena_init(&arena);
	runbook_problems_init(&problems);
	code = node_read(&arena, path, bytes->data, bytes->len,
			 &document_limits, &problems, &root);
	if (code < 0)
		error_nomem(err);
	else if (problems.count)
		code = document_problem(&problems, err);
	else if (!(*ret = document_value(root)))
		code = error_nomem(err);
	runbook_problems_release(&problems);
	arena_release(&arena);
	return code;
}

int runbook_yaml_json(const char *path, json_t **ret, struct error *err)
{
	int json = ERR_SYNTAX;
	struct buf bytes;
	int code;

	buf_init(&bytes, DOCUMENT_MAX);
	code = file_read(path, &bytes, err);
	if (code == 0 && bytes.data[strspn(bytes.data, " \t\r\n")] == '{')
		json = json_parse(bytes.data, bytes.len,
				  JSON_REJECT_DUPLICATES, ret, NULL);
	if (json == ERR_NOMEM)
		code = error_nomem(err);
	else if (code == 0 && json)
		code = document_read(path, &bytes, ret, err);
	buf_release(&bytes);
	return code;
}
