/*
 * How the members of the API's objects are put together, where JSON does not
 * say it: lists whose elements have keys, lists that are sets, objects that
 * are set as a whole. Strategic patches, server-side apply and managed fields
 * all go by it.
 */
#ifndef CUTOVER_REHEARSAL_SHAPE_H
#define CUTOVER_REHEARSAL_SHAPE_H

#include <jansson.h>
#include <stdbool.h>

#define SHAPE_NAME_MAX 512

/* The merge key of the list member `list` of the object (or list of objects)
 * that stands in the member `parent`; NULL for a list that is replaced as a
 * whole. */
const char *shape_merge_key(const char *parent, const char *list);

/* A list of words of which each belongs to somebody. */
bool shape_is_set(const char *parent, const char *list);

/* An object in which nothing is set apart. */
bool shape_is_atomic(const char *member);

/*
 * What managed fields call an element of a list with a merge key:
 * k:{"containerPort":8080,"protocol":"TCP"}; or a word of a set: v:"word".
 * 0, or -1 when memory is out or the name is too long.
 */
int shape_element_name(const json_t *element, const char *list,
		       const char *key, char dst[SHAPE_NAME_MAX]);
int shape_word_name(const json_t *word, char dst[SHAPE_NAME_MAX]);

/* The index of the element with the name of another one; the size of the list
 * if there is none. */
size_t shape_find(const json_t *array, const json_t *element,
		  const char *list, const char *key);

#endif
