/* A JSON value as YAML in block style: for files that people read. */
#ifndef CUTOVER_REHEARSAL_YAML_H
#define CUTOVER_REHEARSAL_YAML_H

#include <jansson.h>

struct buf;

#define YAML_DEPTH_MAX 24

/* Appends the object or array; strings are quoted where YAML would take them
 * for something else. 0 or the buffer's error. */
int yaml_write(struct buf *buf, const json_t *value);

/* One scalar, quoted if need be. 0 or the buffer's error. */
int yaml_scalar(struct buf *buf, const char *text);

#endif
