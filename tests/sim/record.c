/* See record.h. */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "sim.h"
#include "trace.h"
#include "vloop.h"

static struct {
	const char *path;
	json_t *list[RECORDS_MAX];
	int64_t ends[RECORDS_MAX];      /* where its line ends in the file */
	int64_t ms[RECORDS_MAX];        /* when it was written */
	size_t count;
} records;

void records_open(const char *path)
{
	records.path = path;
	records.count = 0;
}

void records_close(void)
{
	records_cut(0);
}

void records_cut(int64_t bytes)
{
	while (records.count && records.ends[records.count - 1] > bytes)
		json_decref(records.list[--records.count]);
}

static void record_tell(const json_t *record)
{
	static const char *const keys[] = {
		"step", "undo", "guard", "state", "text", "word", "retry",
		"action", "request", "outcome", "error", "answer", "reason",
		"lost", "result", "outage_ms", "observed",
	};
	char line[600];
	size_t used = 0;

	line[0] = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(record, keys[i]);
		char *text;

		if (!value || json_is_false(value) || used >= sizeof(line) - 80)
			continue;
		text = json_dumps(value, JSON_ENCODE_ANY);
		used += (size_t)snprintf(line + used, sizeof(line) - used,
					 " %s=%.70s", keys[i], text);
		free(text);
	}
	trace_say("record", "%lld %s%s",
		  (long long)json_number(record, "seq", 0),
		  json_text(record, "event", "?"), line);
}

static int64_t record_parse_ms(const json_t *record)
{
	int64_t wall = VLOOP_EPOCH_MS;

	if (clock_parse_stamp(json_text(record, "at", ""), &wall))
		sim_fail("journal", "a record has no time");
	return wall - VLOOP_EPOCH_MS;
}

static void record_add(const char *line, size_t len, int64_t end)
{
	json_t *record = json_loadb(line, len, 0, NULL);

	if (!record || records.count == RECORDS_MAX) {
		sim_fail("journal", "a record that cannot be read, or too many");
		json_decref(record);
		return;
	}
	if (json_number(record, "seq", 0) != (int64_t)records.count + 1)
		sim_fail("journal", "record %lld stands where %zu belongs",
			 (long long)json_number(record, "seq", 0),
			 records.count + 1);
	records.list[records.count] = record;
	records.ms[records.count] = record_parse_ms(record);
	records.ends[records.count++] = end;
	record_tell(record);
}

void records_read(int64_t bytes, void (*fresh)(size_t index))
{
	int64_t from = records.count ? records.ends[records.count - 1] : 0;
	size_t len = (size_t)(bytes - from), first = records.count;
	FILE *file = fopen(records.path, "re");
	char *text = malloc(len + 1), *at = text, *newline;

	if (bytes < from)
		sim_fail("journal", "%lld bytes where %lld were safe",
			 (long long)bytes, (long long)from);
	else if (!text || !file || fseek(file, (long)from, SEEK_SET) ||
		 fread(text, 1, len, file) != len)
		sim_fail("journal", "what was synced cannot be read");
	else
		while ((newline = memchr(at, '\n', len - (size_t)(at - text)))) {
			record_add(at, (size_t)(newline - at),
				   from + (newline + 1 - text));
			at = newline + 1;
		}
	if (file)
		fclose(file);
	free(text);
	for (size_t i = first; i < records.count; i++)
		fresh(i);
}

/* ---- questions ----------------------------------------------------------- */

size_t records_count(void)
{
	return records.count;
}

const json_t *record_at(size_t index)
{
	return records.list[index];
}

const char *record_event(size_t index)
{
	return json_text(records.list[index], "event", "");
}

bool record_is(size_t index, const char *event)
{
	return strcmp(record_event(index), event) == 0;
}

int64_t record_ms(size_t index)
{
	return records.ms[index];
}

bool record_about(size_t index, const char *step, bool undo)
{
	const json_t *record = records.list[index];

	return strcmp(json_text(record, "step", ""), step) == 0 &&
	       json_flag(record, "undo", false) == undo;
}

long record_last(const char *event, size_t before)
{
	for (size_t i = before; i-- > 0;)
		if (record_is(i, event))
			return (long)i;
	return -1;
}

long record_last_about(const char *event, size_t before, const char *step,
		       bool undo)
{
	for (size_t i = before; i-- > 0;)
		if (record_is(i, event) && record_about(i, step, undo))
			return (long)i;
	return -1;
}
