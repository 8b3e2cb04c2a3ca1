/* See result.h. */
#include "db/result.h"

#include <string.h>
#include <strings.h>

int db_rows_column(const struct db_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->columns; i++)
		if (!strcasecmp(rows->names[i], name))
			return (int)i;
	return -1;
}

const char *db_rows_cell(const struct db_rows *rows, size_t row,
			 const char *const *names)
{
	for (; *names; names++) {
		int column = db_rows_column(rows, *names);

		if (column >= 0)
			return rows->cells[row * rows->columns +
					   (size_t)column];
	}
	return NULL;
}

void db_result_release(struct db_result *result)
{
	arena_release(&result->arena);
	memset(result, 0, sizeof(*result));
}
