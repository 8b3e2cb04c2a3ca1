/*
 * See node.h. Built from libyaml's events; the recursion is bounded by the
 * limit on depth, and stops for good at a syntax error.
 */
#include "runbook/node.h"

#include <string.h>
#include <yaml.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "runbook/problems.h"
#include "runbook/yamlerror.h"

struct builder {
	yaml_parser_t parser;
	yaml_event_t event;             /* the event at hand */
	struct arena *arena;
	const char *file;
	const struct node_limits *limits;
	struct runbook_problems *problems;
	bool stopped;                   /* nothing after this can be read */
	int error;                      /* 0 or ERR_NOMEM, which stops too */
};

#define builder_report(b, line, column, ...) \
	builder_note(b, runbook_problems_add((b)->problems, (b)->file, \
					     line, column, __VA_ARGS__))

static void builder_note(struct builder *b, int code)
{
	if (code < 0) {
		b->error = code;
		b->stopped = true;
	}
}

static int mark_line(yaml_mark_t mark)
{
	return (int)mark.line + 1;
}

static int mark_column(yaml_mark_t mark)
{
	return (int)mark.column + 1;
}

/* Goes on to the next event. False at the end of what can be read. */
static bool builder_next(struct builder *b)
{
	yaml_event_delete(&b->event);
	memset(&b->event, 0, sizeof(b->event));
	if (b->stopped)
		return false;
	if (yaml_parser_parse(&b->parser, &b->event))
		return true;
	b->stopped = true;
	if (b->parser.error == YAML_MEMORY_ERROR)
		b->error = ERR_NOMEM;
	else
		builder_note(b, yamlerror_report(&b->parser, b->file,
						 b->problems));
	return false;
}

/* Anchors and tags: the node is read nevertheless. */
static void builder_refuse_marks(struct builder *b, const yaml_char_t *anchor,
				 const yaml_char_t *tag)
{
	int line = mark_line(b->event.start_mark);
	int column = mark_column(b->event.start_mark);

	if (anchor)
		builder_report(b, line, column,
			       _("anchors such as '&%s' are not allowed; write the value out where it is needed"),
			       (const char *)anchor);
	if (tag)
		builder_report(b, line, column,
			       _("tags (a '!' before a value) are not allowed; its key decides what a value is"));
}

bool node_text_is_safe(const char *text, size_t len)
{
	while (len) {
		uint32_t point = 0;
		size_t eaten = text_decode(text, len, &point);

		if (!eaten || (text_is_harmful(point) && point != '\n' &&
			       point != '\t'))
			return false;
		text += eaten;
		len -= eaten;
	}
	return true;
}

static struct node *builder_node(struct builder *b, enum node_kind kind)
{
	struct node *node = arena_alloc(b->arena, sizeof(*node));

	if (!node) {
		builder_note(b, ERR_NOMEM);
		return NULL;
	}
	node->kind = kind;
	node->line = mark_line(b->event.start_mark);
	node->column = mark_column(b->event.start_mark);
	return node;
}

static struct node *builder_scalar(struct builder *b)
{
	struct node *node = builder_node(b, NODE_SCALAR);
	const char *text = (const char *)b->event.data.scalar.value;
	size_t len = b->event.data.scalar.length;

	if (!node)
		return NULL;
	builder_refuse_marks(b, b->event.data.scalar.anchor,
			     b->event.data.scalar.tag);
	if (len > b->limits->text) {
		builder_report(b, node->line, node->column,
			       _("a text of %zu bytes; at most %zu are allowed"),
			       len, b->limits->text);
		node->kind = NODE_BROKEN;
	} else if (!node_text_is_safe(text, len)) {
		builder_report(b, node->line, node->column,
			       _("a text with control characters in it"));
		node->kind = NODE_BROKEN;
	} else {
		node->text = arena_strndup(b->arena, text, len);
		node->plain = b->event.data.scalar.style ==
			      YAML_PLAIN_SCALAR_STYLE;
		if (!node->text)
			builder_note(b, ERR_NOMEM);
	}
	return node;
}

static struct node *builder_alias(struct builder *b)
{
	struct node *node = builder_node(b, NODE_BROKEN);

	if (node)
		builder_report(b, node->line, node->column,
			       _("aliases such as '*%s' are not allowed; write the value out"),
			       (const char *)b->event.data.alias.anchor);
	return node;
}

static struct node *builder_any(struct builder *b, int depth);

/* Puts child at the end of parent, unless there are too many already. */
static void builder_add(struct builder *b, struct node *parent,
			struct node **last, struct node *child)
{
	if (parent->count == b->limits->items)
		builder_report(b, child->key ? child->key_line : child->line,
			       child->key ? child->key_column : child->column,
			       _("more than %zu items; split this up"),
			       b->limits->items);
	if (++parent->count > b->limits->items)
		return;
	if (*last)
		(*last)->next = child;
	else
		parent->first = child;
	*last = child;
}

static void builder_list(struct builder *b, struct node *list, int depth)
{
	struct node *last = NULL;

	while (builder_next(b) && b->event.type != YAML_SEQUENCE_END_EVENT) {
		struct node *child = builder_any(b, depth + 1);

		if (child)
			builder_add(b, list, &last, child);
	}
}

/* What makes a key unusable was or is reported; its value is passed over. */
static bool builder_key_is_good(struct builder *b, const struct node *map,
				const struct node *key)
{
	const struct node *before;

	if (key->kind == NODE_BROKEN || !key->text)
		return false;
	before = node_get(map, key->text);
	if (before)
		builder_report(b, key->line, key->column,
			       _("key '%s' a second time; the first is in line %d"),
			       key->text, before->key_line);
	return !before;
}

static void builder_map(struct builder *b, struct node *map, int depth)
{
	struct node *last = NULL;

	while (builder_next(b) && b->event.type != YAML_MAPPING_END_EVENT) {
		struct node *key = builder_any(b, depth + 1), *value;

		if (key && key->kind != NODE_SCALAR && key->kind != NODE_BROKEN)
			builder_report(b, key->line, key->column,
				       _("a key must be a text, not %s"),
				       node_kind_name(key));
		if (!key || !builder_next(b))
			return;
		value = builder_any(b, depth + 1);
		if (!value || !builder_key_is_good(b, map, key))
			continue;
		value->key = key->text;
		value->key_line = key->line;
		value->key_column = key->column;
		builder_add(b, map, &last, value);
	}
}

/* The node that begins with the event at hand; NULL if reading stopped. */
static struct node *builder_any(struct builder *b, int depth)
{
	bool is_map = b->event.type == YAML_MAPPING_START_EVENT;
	struct node *node;

	if (b->event.type == YAML_SCALAR_EVENT)
		return builder_scalar(b);
	if (b->event.type == YAML_ALIAS_EVENT)
		return builder_alias(b);
	node = builder_node(b, is_map ? NODE_MAP : NODE_LIST);
	if (!node)
		return NULL;
	if (depth > b->limits->depth) {
		builder_report(b, node->line, node->column,
			       _("more than %d lists and mappings within each other"),
			       b->limits->depth);
		b->stopped = true;
		return NULL;
	}
	if (is_map) {
		builder_refuse_marks(b, b->event.data.mapping_start.anchor,
				     b->event.data.mapping_start.tag);
		builder_map(b, node, depth);
	} else {
		builder_refuse_marks(b, b->event.data.sequence_start.anchor,
				     b->event.data.sequence_start.tag);
		builder_list(b, node, depth);
	}
	return b->error ? NULL : node;
}

/* Stream start, document start, the root, document end, stream end. */
static struct node *builder_document(struct builder *b)
{
	struct node *root;

	if (!builder_next(b) || !builder_next(b))
		return NULL;
	if (b->event.type == YAML_STREAM_END_EVENT) {
		builder_report(b, 1, 1, _("the file is empty"));
		return NULL;
	}
	if (!builder_next(b))
		return NULL;
	root = builder_any(b, 1);
	if (!root || !builder_next(b) || !builder_next(b))
		return NULL;
	if (b->event.type == YAML_DOCUMENT_START_EVENT)
		builder_report(b, mark_line(b->event.start_mark),
			       mark_column(b->event.start_mark),
			       _("a second document begins here; only one is allowed in a file"));
	return root;
}

/* Checks every byte first: libyaml would tell no place. True if all is well. */
static bool builder_check_bytes(struct builder *b, const char *bytes, size_t len)
{
	int line = 1, column = 1;

	while (len) {
		uint32_t point = 0;
		size_t eaten = text_decode(bytes, len, &point);

		if (!eaten || (text_is_harmful(point) && point != '\n' &&
			       point != '\t' && point != '\r')) {
			if (eaten)
				builder_report(b, line, column,
					       _("a control character (U+%04X); it may not stand in the file"),
					       point);
			else
				builder_report(b, line, column,
					       _("a byte that is not UTF-8 (0x%02x)"),
					       (unsigned char)*bytes);
			return false;
		}
		column = point == '\n' ? 1 : column + 1;
		line += point == '\n';
		bytes += eaten;
		len -= eaten;
	}
	return true;
}

int node_read(struct arena *arena, const char *file, const char *bytes,
	      size_t len, const struct node_limits *limits,
	      struct runbook_problems *problems, struct node **ret)
{
	struct builder b = {
		.arena = arena,
		.file = file,
		.limits = limits,
		.problems = problems,
	};

	*ret = NULL;
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;     /* a byte order mark, as some editors write */
		len -= 3;
	}
	if (!builder_check_bytes(&b, bytes, len))
		return b.error;
	if (!yaml_parser_initialize(&b.parser))
		return ERR_NOMEM;
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.parser, (const unsigned char *)bytes,
				     len);
	*ret = builder_document(&b);
	yaml_event_delete(&b.event);
	yaml_parser_delete(&b.parser);
	return b.error;
}

const struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *at = map->first; at; at = at->next)
		if (strcmp(at->key, key) == 0)
			return at;
	return NULL;
}

bool node_is_null(const struct node *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	for (size_t i = 0; node->kind == NODE_SCALAR && node->plain &&
			   i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(node->text, words[i]) == 0)
			return true;
	return false;
}

const char *node_kind_name(const struct node *node)
{
	static const char *const names[] = {
		[NODE_SCALAR] = N_("a text"),
		[NODE_LIST] = N_("a list"),
		[NODE_MAP] = N_("a mapping"),
		[NODE_BROKEN] = N_("something broken"),
	};

	return node_is_null(node) ? _("nothing") : _(names[node->kind]);
}
