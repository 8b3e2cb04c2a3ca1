/*
 * Cells of an answer as values in which missing and NULL stay unknown.
 */
#ifndef CUTOVER_DB_PROBE_CELLS_H
#define CUTOVER_DB_PROBE_CELLS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/observation.h"

/* The names by which different servers call one column. */
#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A number of at least 0; -1 if it is missing, NULL or none. */
int64_t db_cell_number(const char *text);
/* Newer MariaDB has read_only in words: NO_LOCK, NO_LOCK_NO_ADMIN are on. */
enum db_flag db_cell_flag(const char *text);
/* Yes, No, Connecting. */
enum db_thread db_cell_thread(const char *text);
/* Safe to show; "" for NULL. NULL when memory is out. */
const char *db_cell_shown(struct arena *arena, const char *text);
/* ERR_INVALID: the answer has no such thing. */
int db_cell_lacks(struct error *err, const char *what);

#endif
