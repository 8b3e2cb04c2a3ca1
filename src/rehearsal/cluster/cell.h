/* Cells of Tables. Each is owned by the caller, NULL when memory is out. */
#ifndef CUTOVER_REHEARSAL_CELL_H
#define CUTOVER_REHEARSAL_CELL_H

#include <jansson.h>

struct buf;

#define CELL_MAX 4096           /* a longer one is cut off */

/* "<none>" */
json_t *cell_absent(void);
json_t *cell_name(const json_t *object);
/* "50s", "3m12s", "5d": since the object was created, or since a time. */
json_t *cell_age(const json_t *object);
json_t *cell_since(const char *stamp);
/* The text of a buffer, which is released; "<none>" if it is empty, cut off with
 * "..." if it has reached its limit. */
json_t *cell_of(struct buf *buf);
/* "app=myapp,version=v1" */
json_t *cell_map(const json_t *map);
/* One member of each element of a list, joined by commas. */
json_t *cell_members(const json_t *list, const char *member);
/* The number at a path; 0 if there is none. */
json_t *cell_number(const json_t *object, const char *path);

/* A column of a resource's Table. */
struct column {
	const char *name;
	const char *type;       /* of OpenAPI */
	int priority;           /* 1: only with -o wide */
	json_t *(*cell)(const json_t *object);
};

struct resource;

/* The columns of a resource; the last has no name. */
const struct column *column_table(const struct resource *resource);

#endif
