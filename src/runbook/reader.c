/* See reader.h. */
#include "runbook/reader.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

#define NEAREST_EDITS_MAX 2
#define READER_NAMES_MAX 256

void nearest_init(struct nearest *nearest, const char *word)
{
	size_t len = strlen(word);

	nearest->word = word;
	nearest->best = NULL;
	/* two edits make any short word of any other */
	nearest->distance = (len < 6 ? 1 : NEAREST_EDITS_MAX) + 1;
}

/* Are two neighbours swapped, and all else alike? One slip of the fingers,
 * though two edits. */
static bool nearest_is_swap(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a && *b && a[0] == b[1] && a[1] == b[0] &&
	       strcmp(a + 2, b + 2) == 0;
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	int distance = text_distance(nearest->word, candidate,
				     NEAREST_EDITS_MAX);

	if (nearest_is_swap(nearest->word, candidate))
		distance = 1;
	if (distance < nearest->distance) {
		nearest->distance = distance;
		nearest->best = candidate;
	}
}

void reader_note(struct reader *r, int code)
{
	if (code < 0)
		r->error = code;
}

void reader_wants(struct reader *r, const struct node *node, const char *what,
		  const char *text)
{
	const char *key = node->key;

	if (!text && key)
		reader_report(r, node, _("'%s' wants %s, not %s"), key, _(what),
			      node_kind_name(node));
	else if (!text)
		reader_report(r, node, _("this wants to be %s, not %s"),
			      _(what), node_kind_name(node));
	else if (key)
		reader_report(r, node, _("'%s' wants %s, not \"%.80s\""), key,
			      _(what), text);
	else
		reader_report(r, node, _("this wants to be %s, not \"%.80s\""),
			      _(what), text);
}

void *reader_array(struct reader *r, size_t count, size_t size)
{
	void *memory = arena_array(&r->runbook->arena, count, size);

	if (!memory)
		r->error = ERR_NOMEM;
	return memory;
}

const char *reader_copy(struct reader *r, const char *text, size_t len)
{
	const char *copy = arena_strndup(&r->runbook->arena, text, len);

	if (!copy)
		r->error = ERR_NOMEM;
	return copy ? copy : "";
}

bool reader_is_map(struct reader *r, const struct node *node, const char *what)
{
	if (node->kind == NODE_SCALAR || node->kind == NODE_LIST)
		reader_wants(r, node, what, NULL);
	return node->kind == NODE_MAP;
}

bool reader_is_list(struct reader *r, const struct node *node, const char *what)
{
	if (node->kind == NODE_SCALAR || node->kind == NODE_MAP)
		reader_wants(r, node, what, NULL);
	return node->kind == NODE_LIST;
}

void reader_field(struct reader *r, const struct node *map,
		  const struct field *field, const char *what, void *thing)
{
	const struct node *node = node_get(map, field->name);

	if (node && node->kind != NODE_BROKEN)
		field->read(r, node, (char *)thing + field->offset);
	else if (!node && field->required && field->hint)
		reader_report(r, map, _("'%s' is missing in %s; %s"),
			      field->name, _(what), _(field->hint));
	else if (!node && field->required)
		reader_report(r, map, _("'%s' is missing in %s"), field->name,
			      _(what));
}

/* "a, b, c": the names of all fields, as many as fit. */
static void reader_names(const struct field *fields, size_t count,
			 char dst[READER_NAMES_MAX])
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < count && used < READER_NAMES_MAX; i++)
		used += (size_t)snprintf(dst + used, READER_NAMES_MAX - used,
					 "%s%s", i ? ", " : "", fields[i].name);
}

static void reader_unknown(struct reader *r, const struct node *node,
			   const struct field *fields, size_t count,
			   const char *what)
{
	char names[READER_NAMES_MAX];
	struct nearest nearest;

	nearest_init(&nearest, node->key);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, fields[i].name);
	reader_names(fields, count, names);
	if (nearest.best)
		reader_report_key(r, node,
				  _("unknown key '%.80s' in %s; did you mean '%s'?"),
				  node->key, _(what), nearest.best);
	else
		reader_report_key(r, node,
				  _("unknown key '%.80s' in %s; there are: %s"),
				  node->key, _(what), names);
}

void reader_map(struct reader *r, const struct node *map,
		const struct field *fields, size_t count, const char *what,
		void *thing)
{
	if (!reader_is_map(r, map, N_("a mapping")))
		return;
	for (const struct node *at = map->first; at; at = at->next) {
		size_t i = 0;

		while (i < count && strcmp(fields[i].name, at->key) != 0)
			i++;
		if (i == count)
			reader_unknown(r, at, fields, count, what);
	}
	for (size_t i = 0; i < count; i++)
		reader_field(r, map, &fields[i], what, thing);
}

void *reader_items(struct reader *r, const struct node *list, const char *what,
		   size_t size,
		   void (*read)(struct reader *, const struct node *, void *),
		   size_t *ret_count)
{
	char *items;

	*ret_count = 0;
	if (!reader_is_list(r, list, what))
		return NULL;
	items = reader_array(r, list->count, size);
	for (const struct node *at = list->first; items && at; at = at->next) {
		if (at->kind != NODE_BROKEN)
			read(r, at, items + *ret_count * size);
		++*ret_count;
	}
	return items;
}
