/* See kind.h. */
#include "runbook/kind.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

#define KIND_WHAT_MAX 64

static const struct kind *kind_find(const struct kind_table *table,
				    const char *name)
{
	for (size_t i = 0; i < table->kind_count; i++)
		if (strcmp(table->kinds[i].name, name) == 0)
			return &table->kinds[i];
	return NULL;
}

static bool kind_is_common(const struct kind_table *table, const char *name)
{
	for (size_t i = 0; i < table->common_count; i++)
		if (strcmp(table->common[i].name, name) == 0)
			return true;
	return false;
}

static void kind_unknown(struct reader *r, const struct node *node,
			 const struct kind_table *table)
{
	struct nearest nearest;

	for (size_t i = 0; i < table->foreign_count; i++)
		if (strcmp(table->foreign[i].name, node->key) == 0) {
			reader_report_key(r, node, "%s",
					  _(table->foreign[i].message));
			return;
		}
	nearest_init(&nearest, node->key);
	for (size_t i = 0; i < table->kind_count; i++)
		nearest_offer(&nearest, table->kinds[i].name);
	for (size_t i = 0; i < table->common_count; i++)
		nearest_offer(&nearest, table->common[i].name);
	if (nearest.best)
		reader_report_key(r, node,
				  _("unknown key '%.80s' in %s; did you mean '%s'?"),
				  node->key, _(table->what), nearest.best);
	else
		reader_report_key(r, node, _("unknown key '%.80s' in %s"),
				  node->key, _(table->what));
}

/* The node that says the kind; NULL if there is none or were several. */
static const struct node *kind_pick(struct reader *r, const struct node *node,
				    const struct kind_table *table)
{
	const struct node *found = NULL;
	bool unknown = false;

	for (const struct node *at = node->first; at; at = at->next) {
		if (kind_is_common(table, at->key))
			continue;
		if (!kind_find(table, at->key)) {
			kind_unknown(r, at, table);
			unknown = true;
		} else if (!found) {
			found = at;
		} else {
			reader_report_key(r, at,
				_("'%s' and '%s' in %s; %s"), found->key,
				at->key, _(table->what), _(table->apart));
		}
	}
	if (!found && !unknown)
		reader_report(r, node, _("%s that says nothing; it wants a key such as '%s'"),
			      _(table->what), table->kinds[0].name);
	return found;
}

/* Among the rows of one name, the one whose key stands in the value. */
static const struct kind *kind_variant(struct reader *r,
				       const struct node *value,
				       const struct kind_table *table,
				       const struct kind *first)
{
	const struct kind *end = table->kinds + table->kind_count;

	if (!first->variant || value->kind != NODE_MAP)
		return first;
	for (const struct kind *kind = first;
	     kind < end && strcmp(kind->name, first->name) == 0; kind++)
		if (node_get(value, kind->variant))
			return kind;
	reader_report(r, value, _("'%s' wants '%s' or '%s', to say what"),
		      first->name, first->variant, first[1].variant);
	return NULL;
}

static void kind_read_value(struct reader *r, const struct node *value,
			    const struct kind *kind, void *thing)
{
	char what[KIND_WHAT_MAX];

	snprintf(what, sizeof(what), "'%s'", kind->name);
	if (kind->scalar.read)
		kind->scalar.read(r, value, (char *)thing + kind->scalar.offset);
	else
		reader_map(r, value, kind->fields, kind->field_count, what,
			   thing);
	if (kind->finish && value->kind == NODE_MAP)
		kind->finish(r, value, thing);
}

static void kind_check_connection(struct reader *r, const struct node *value,
				  const struct kind *kind)
{
	if (kind->needs == CONNECTION_MYSQL || !r->runbook->connection_count ||
	    runbook_find_kind(r->runbook, kind->needs))
		return;
	if (kind->needs == CONNECTION_FLAG)
		reader_report_key(r, value,
			_("'%s' needs a flag connection; add one under 'connections'"),
			kind->name);
	else
		reader_report_key(r, value,
			_("'%s' needs a kubernetes connection; add one under 'connections'"),
			kind->name);
}

const struct kind *kind_read(struct reader *r, const struct node *node,
			     const struct kind_table *table, void *thing)
{
	const struct node *value;
	const struct kind *kind;

	if (!reader_is_map(r, node, table->what))
		return NULL;
	value = kind_pick(r, node, table);
	for (size_t i = 0; i < table->common_count; i++)
		reader_field(r, node, &table->common[i], table->what, thing);
	if (!value)
		return NULL;
	kind = kind_variant(r, value, table, kind_find(table, value->key));
	if (!kind)
		return NULL;
	kind_check_connection(r, value, kind);
	if (value->kind != NODE_BROKEN)
		kind_read_value(r, value, kind, thing);
	return kind;
}
