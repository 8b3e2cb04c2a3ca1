/* See table.h; column.c has the columns. */
#include "rehearsal/cluster/table.h"

#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/cell.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"

static json_t *definitions(const struct column *column)
{
	json_t *list = json_array();
	int bad = 0;

	for (; column->name; column++)
		bad |= json_array_append_new(list, json_pack(
			"{s:s,s:s,s:s,s:s,s:i}", "name", column->name,
			"type", column->type,
			"format", strcmp(column->name, "Name") ? "" : "name",
			"description", column->name,
			"priority", column->priority));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *cells(const struct column *column, const json_t *object)
{
	json_t *list = json_array();
	int bad = 0;

	for (; column->name; column++)
		bad |= json_array_append_new(list, column->cell(object));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *partial(const json_t *object)
{
	return json_pack("{s:s,s:s,s:O}", "kind", "PartialObjectMetadata",
			 "apiVersion", "meta.k8s.io/v1", "metadata",
			 json_at(object, "metadata"));
}

/* An item of a list has no kind of its own; as a row's object it has. */
static json_t *whole(const struct resource *resource, const json_t *object)
{
	return object_in_order(resource, json_deep_copy(object));
}

/* A pod that has ended says so: kubectl leaves it out of some lists. NULL for
 * anything else. */
static json_t *row_conditions(const struct resource *resource,
			      const json_t *object)
{
	static const struct {
		const char *phase, *message;
	} ends[] = {
		{ "Succeeded", "The pod has completed successfully." },
		{ "Failed", "The pod failed." },
	};
	const char *phase = json_text(object, "status/phase", "");

	if (resource != resource_at(RESOURCE_PODS))
		return NULL;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (!strcmp(ends[i].phase, phase))
			return json_pack("[{s:s,s:s,s:s,s:s}]", "type",
					 "Completed", "status", "True",
					 "reason", phase, "message",
					 ends[i].message);
	return NULL;
}

static json_t *row(const struct resource *resource, const json_t *object,
		   enum table_include include)
{
	const struct column *column = column_table(resource);
	json_t *shown = include == TABLE_METADATA ? partial(object)
		: include == TABLE_OBJECT ? whole(resource, object)
		: json_null();

	return json_pack("{s:o,s:o*,s:o}", "cells", cells(column, object),
			 "conditions", row_conditions(resource, object),
			 "object", shown);
}

/* metadata of a Table: that of the list, or the object's version alone. */
static json_t *table_metadata(const json_t *object)
{
	if (json_object_get(object, "items"))
		return json_incref(json_object_get(object, "metadata"));
	return json_pack("{s:s}", "resourceVersion",
			 json_text(object, "metadata/resourceVersion", ""));
}

json_t *table_of(const struct resource *resource, const json_t *object,
		 enum table_include include, bool with_columns)
{
	const struct column *column = column_table(resource);
	const json_t *items = json_object_get(object, "items"), *item;
	json_t *rows = json_array();
	int bad = 0;
	size_t i;

	json_array_foreach(items, i, item)
		bad |= json_array_append_new(rows,
					     row(resource, item, include));
	if (!items)
		bad |= json_array_append_new(rows,
					     row(resource, object, include));
	if (bad) {
		json_decref(rows);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:o,s:o,s:o}", "kind", "Table",
			 "apiVersion", "meta.k8s.io/v1", "metadata",
			 table_metadata(object), "columnDefinitions",
			 with_columns ? definitions(column) : json_null(),
			 "rows", rows);
}

json_t *table_metadata_of(const json_t *object)
{
	const json_t *items = json_object_get(object, "items"), *item;
	json_t *list;
	int bad = 0;
	size_t i;

	if (!items)
		return partial(object);
	list = json_array();
	json_array_foreach(items, i, item)
		bad |= json_array_append_new(list, partial(item));
	if (bad) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:O,s:o}", "kind",
			 "PartialObjectMetadataList", "apiVersion",
			 "meta.k8s.io/v1", "metadata",
			 json_object_get(object, "metadata"), "items", list);
}
