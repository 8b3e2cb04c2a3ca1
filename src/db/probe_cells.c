/* See probe_cells.h. */
#include "db/probe_cells.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define TEXT_MAX 1024                   /* of errors and names, sanitised */

int64_t db_cell_number(const char *text)
{
	int64_t value;

	if (!text || text_parse_int(text, 0, INT64_MAX, &value))
		return -1;
	return value;
}

enum db_flag db_cell_flag(const char *text)
{
	static const char *const on[] = {
		"1", "ON", "NO_LOCK", "NO_LOCK_NO_ADMIN",
	};

	if (!text)
		return DB_FLAG_UNKNOWN;
	for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++)
		if (!strcasecmp(text, on[i]))
			return DB_FLAG_ON;
	return !strcmp(text, "0") || !strcasecmp(text, "OFF") ?
	       DB_FLAG_OFF : DB_FLAG_UNKNOWN;
}

enum db_thread db_cell_thread(const char *text)
{
	static const struct {
		const char *word;
		enum db_thread state;
	} words[] = {
		{"Yes", DB_THREAD_YES},
		{"No", DB_THREAD_NO},
		{"Connecting", DB_THREAD_CONNECTING},
		{"Preparing", DB_THREAD_CONNECTING},    /* MariaDB */
	};

	for (size_t i = 0; text && i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(text, words[i].word))
			return words[i].state;
	return DB_THREAD_UNKNOWN;
}

const char *db_cell_shown(struct arena *arena, const char *text)
{
	char safe[TEXT_MAX];

	if (!text || !*text)
		return "";
	text_sanitise(safe, sizeof(safe), text);
	return arena_strdup(arena, safe);
}

int db_cell_lacks(struct error *err, const char *what)
{
	return error_set(err, ERR_INVALID, NULL,
			 "the server's answer has no %s", what);
}
