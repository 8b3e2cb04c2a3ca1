/* See filters.h. */
#include "db/filters.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "db/probe_cells.h"
#include "db/result.h"

/* Schemas of the server's own: no application's table is there. */
static bool filters_is_the_server_s(const char *entry, size_t len)
{
	static const char *const schemas[] = {
		"mysql", "innodb_memcache", "sys", "performance_schema",
		"information_schema",
	};
	size_t schema = 0;

	while (schema < len && entry[schema] != '.')
		schema++;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		if (strlen(schemas[i]) == schema &&
		    strncasecmp(schemas[i], entry, schema) == 0)
			return true;
	return false;
}

/* Appends to dst the entries of a list that concern applications. */
static void filters_add(const char *name, bool ignores, const char *list,
			char dst[DB_FILTERS_MAX])
{
	bool named = false;

	while (*list) {
		size_t len = strcspn(list, ","), used = strlen(dst);

		if (len && !(ignores && filters_is_the_server_s(list, len))) {
			snprintf(dst + used, DB_FILTERS_MAX - used, "%s%s%.*s",
				 named ? "," : used ? "; " : "",
				 named ? "" : name, (int)len, list);
			named = true;
		}
		list += len + (list[len] == ',');
	}
}

const char *db_filters(struct arena *arena, const struct db_rows *rows,
		       size_t row)
{
	static const struct {
		const char *column, *shown;
		bool ignores;
	} filters[] = {
		{"Replicate_Do_DB", "Replicate_Do_DB: ", false},
		{"Replicate_Ignore_DB", "Replicate_Ignore_DB: ", true},
		{"Replicate_Do_Table", "Replicate_Do_Table: ", false},
		{"Replicate_Ignore_Table", "Replicate_Ignore_Table: ", true},
		{"Replicate_Wild_Do_Table", "Replicate_Wild_Do_Table: ", false},
		{"Replicate_Wild_Ignore_Table", "Replicate_Wild_Ignore_Table: ",
		 true},
		{"Replicate_Rewrite_DB", "Replicate_Rewrite_DB: ", false},
	};
	char told[DB_FILTERS_MAX] = "", safe[DB_FILTERS_MAX];

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		const char *list = db_rows_cell(rows, row,
						NAMES(filters[i].column));

		if (list)
			filters_add(filters[i].shown, filters[i].ignores, list,
				    told);
	}
	text_sanitise(safe, sizeof(safe), told);
	return arena_strdup(arena, safe);
}
