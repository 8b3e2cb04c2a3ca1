/*
 * The forms in which an object may be asked for instead of plain: a Table, as
 * kubectl prints it, or its metadata alone.
 */
#ifndef CUTOVER_REHEARSAL_TABLE_H
#define CUTOVER_REHEARSAL_TABLE_H

#include <jansson.h>
#include <stdbool.h>

struct resource;

enum table_include { TABLE_METADATA, TABLE_OBJECT, TABLE_NONE };

/* A Table of an object or of a List of objects; columns false leaves
 * columnDefinitions null, as all but the first event of a watch do. NULL when
 * memory is out. */
json_t *table_of(const struct resource *resource, const json_t *object,
		 enum table_include include, bool columns);

/* PartialObjectMetadata, or the List of them. NULL when memory is out. */
json_t *table_metadata_of(const json_t *object);

#endif
