/*
 * What a statement answered: sets of rows as text, NULL kept apart from "".
 * One lifetime, one arena; made by the connection's worker, read on the loop.
 */
#ifndef CUTOVER_DB_RESULT_H
#define CUTOVER_DB_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define DB_ROWS_MAX 100000u             /* of one result set */
#define DB_SETS_MAX 64u                 /* result sets of one statement */
#define DB_RESULT_MAX (64u << 20)       /* bytes of text in one answer */

struct db_rows {
	size_t columns, rows;
	const char **names;             /* columns of them */
	const char **cells;             /* rows * columns; NULL is SQL's NULL */
};

struct db_result {
	struct arena arena;             /* owns all text */
	struct db_rows sets[DB_SETS_MAX];
	size_t set_count;
	uint64_t affected;              /* rows changed, over all parts */
	int64_t elapsed_ms;             /* from sending to the last answer */
	unsigned int generation;        /* of the session that answered, see
					   db_connection_generation */
	bool sent;                      /* the server may have acted on it */
	bool cancelled;                 /* db_cancel was asked meanwhile */
};

/* The column called name (letters' case ignored), or -1. */
int db_rows_column(const struct db_rows *rows, const char *name);
/* The cell of a row in the first column that exists among the names, a list
 * that ends with NULL; NULL when there is none, or it is SQL's NULL. */
const char *db_rows_cell(const struct db_rows *rows, size_t row,
			 const char *const *names);
/* Frees the text; the result is empty and usable again. */
void db_result_release(struct db_result *result);

#endif
