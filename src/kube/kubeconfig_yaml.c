/*
 * See kubeconfig_yaml.h. libyaml's events are folded into a stack of open
 * containers; a mapping remembers the key that waits for its value.
 */
#include "kube/kubeconfig_yaml.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "base/error.h"
#include "base/text.h"
#include "kube/kubeconfig.h"

struct yaml_level {
	json_t *container;      /* borrowed from its parent, or the root */
	char *key;              /* of a mapping: waits for its value */
};

struct yaml_reader {
	const char *path;
	yaml_parser_t parser;
	json_t *root;
	struct yaml_level levels[KUBECONFIG_DEPTH_MAX];
	size_t depth, nodes;
	bool ended;
	struct error *err;
};

static int reader_fail(const struct yaml_reader *r, const yaml_mark_t *mark,
		       enum error_code code, const char *what)
{
	char where[ERROR_WHERE_MAX];

	snprintf(where, sizeof(where), "%s:%zu:%zu", r->path, mark->line + 1,
		 mark->column + 1);
	return error_set(r->err, code, where, "%s", what);
}

static char *reader_copy(const yaml_event_t *event)
{
	return strndup((const char *)event->data.scalar.value,
		       event->data.scalar.length);
}

/* Puts a value where the next one belongs; takes it. */
static int reader_put(struct yaml_reader *r, const yaml_event_t *event,
		      json_t *value)
{
	struct yaml_level *top = r->depth ? &r->levels[r->depth - 1] : NULL;
	int failed;

	if (!value)
		return error_nomem(r->err);
	if (++r->nodes > KUBECONFIG_NODES_MAX) {
		kubeconfig_yaml_wipe(value);
		return reader_fail(r, &event->start_mark, ERR_LIMIT,
				   "the file has too many values");
	}
	if (!top) {
		r->root = value;
		return 0;
	}
	if (json_is_array(top->container))
		failed = json_array_append_new(top->container, value);
	else
		failed = json_object_set_new(top->container, top->key, value);
	free(top->key);
	top->key = NULL;
	/* libyaml lets valid UTF-8 through only */
	return failed ? error_nomem(r->err) : 0;
}

static bool reader_wants_key(const struct yaml_reader *r)
{
	const struct yaml_level *top = r->depth ? &r->levels[r->depth - 1] :
		NULL;

	return top && json_is_object(top->container) && !top->key;
}

static int reader_key(struct yaml_reader *r, const yaml_event_t *event)
{
	struct yaml_level *top = &r->levels[r->depth - 1];

	if (event->type != YAML_SCALAR_EVENT)
		return reader_fail(r, &event->start_mark, ERR_SYNTAX,
				   "a key must be a simple name");
	top->key = reader_copy(event);
	if (!top->key)
		return error_nomem(r->err);
	if (json_object_get(top->container, top->key))
		return reader_fail(r, &event->start_mark, ERR_INVALID,
				   "this key stands here twice");
	return 0;
}

static json_t *reader_scalar(const yaml_event_t *event)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
	const char *text = (const char *)event->data.scalar.value;

	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
			if (!strcmp(text, nulls[i]))
				return json_null();
	return json_stringn(text, event->data.scalar.length);
}

static int reader_open(struct yaml_reader *r, const yaml_event_t *event,
		       json_t *container)
{
	int status;

	if (r->depth >= KUBECONFIG_DEPTH_MAX) {
		json_decref(container);
		return reader_fail(r, &event->start_mark, ERR_LIMIT,
				   "nested too deeply");
	}
	status = reader_put(r, event, container);
	if (!status)
		r->levels[r->depth++] = (struct yaml_level){
			.container = container,
		};
	return status;
}

static int reader_event(struct yaml_reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		r->depth--;
		return 0;
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		r->ended = true;        /* what follows "---" is not read */
		return 0;
	case YAML_ALIAS_EVENT:
		return reader_fail(r, &event->start_mark, ERR_INVALID,
				   "aliases are not supported");
	default:
		break;
	}
	if (reader_wants_key(r))
		return reader_key(r, event);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return reader_put(r, event, reader_scalar(event));
	case YAML_MAPPING_START_EVENT:
		return reader_open(r, event, json_object());
	case YAML_SEQUENCE_START_EVENT:
		return reader_open(r, event, json_array());
	default:
		return 0;
	}
}

static int reader_run(struct yaml_reader *r)
{
	yaml_event_t event;
	int status = 0;

	while (!status && !r->ended) {
		if (!yaml_parser_parse(&r->parser, &event)) {
			const char *problem = r->parser.problem;

			if (r->parser.error == YAML_MEMORY_ERROR)
				return error_nomem(r->err);
			return reader_fail(r, &r->parser.problem_mark,
					   ERR_SYNTAX, problem ? problem :
					   "not YAML");
		}
		status = reader_event(r, &event);
		yaml_event_delete(&event);
	}
	return status;
}

static int reader_parse(struct yaml_reader *r, const char *text, size_t len)
{
	int status;

	if (!yaml_parser_initialize(&r->parser))
		return error_nomem(r->err);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text,
				     len);
	status = reader_run(r);
	yaml_parser_delete(&r->parser);
	for (size_t i = 0; i < KUBECONFIG_DEPTH_MAX; i++)
		free(r->levels[i].key);
	if (!status && r->root && !json_is_object(r->root) &&
	    !json_is_null(r->root))
		status = error_set(r->err, ERR_INVALID, r->path,
				   "not a kubeconfig: the file must be a mapping");
	return status;
}

int kubeconfig_file_read(const char *path, size_t max, char **ret,
			 size_t *ret_len, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got = 1;
	char *text;
	int status = 0;

	if (fd < 0)
		return error_errno(err, path, "cannot open the file");
	text = malloc(max + 2);
	if (!text)
		status = error_nomem(err);
	while (!status && got > 0 && used <= max) {
		got = read(fd, text + used, max + 1 - used);
		if (got < 0)
			status = error_errno(err, path, "cannot read the file");
		else
			used += (size_t)got;
	}
	close(fd);
	if (!status && used > max)
		status = error_set(err, ERR_LIMIT, path,
				   "the file is larger than %zu bytes", max);
	if (status) {
		if (text)
			text_wipe(text, used);
		free(text);
		return status;
	}
	text[used] = '\0';
	*ret = text;
	*ret_len = used;
	return 0;
}

int kubeconfig_yaml_read(const char *path, json_t **ret, struct error *err)
{
	struct yaml_reader r = {.path = path, .err = err};
	char *text;
	size_t len;
	int status;

	status = kubeconfig_file_read(path, KUBECONFIG_FILE_MAX, &text, &len,
				      err);
	if (status)
		return status;
	status = reader_parse(&r, text, len);
	text_wipe(text, len);
	free(text);
	if (status) {
		kubeconfig_yaml_wipe(r.root);
		return status;
	}
	*ret = r.root ? r.root : json_null();
	return 0;
}

static void yaml_wipe_strings(json_t *tree)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_string(tree)) {
		text_wipe((char *)(uintptr_t)json_string_value(tree),
			  json_string_length(tree));
	} else if (json_is_object(tree)) {
		json_object_foreach(tree, key, value)
			yaml_wipe_strings(value);
	} else if (json_is_array(tree)) {
		json_array_foreach(tree, i, value)
			yaml_wipe_strings(value);
	}
}

void kubeconfig_yaml_wipe(json_t *tree)
{
	yaml_wipe_strings(tree);
	json_decref(tree);
}
