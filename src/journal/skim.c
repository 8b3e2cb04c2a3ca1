/*
 * Some records of a journal, quickly: for figures over many runs, never for
 * going on with one. A line is parsed only where its event, which stands in
 * its first members, is asked for.
 */
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "journal/journal.h"
#include "journal/scan.h"

#define SKIM_HEAD_MAX 160       /* seq, at, mono and event lie in it */
#define SKIM_EVENT_MAX 32

/* EVENT_COUNT if the line has none that is known. */
static enum event skim_event(const char *line, size_t len)
{
	static const char member[] = "\"event\":\"";
	size_t head = len < SKIM_HEAD_MAX ? len : SKIM_HEAD_MAX;
	const char *at = memmem(line, head, member, sizeof(member) - 1);
	const char *end;
	char name[SKIM_EVENT_MAX];

	if (!at)
		return EVENT_COUNT;
	at += sizeof(member) - 1;
	end = memchr(at, '"', (size_t)(line + head - at));
	if (!end || (size_t)(end - at) >= sizeof(name))
		return EVENT_COUNT;
	memcpy(name, at, (size_t)(end - at));
	name[end - at] = '\0';
	return event_parse(name);
}

static int skim_line(const char *line, size_t len, json_t *records,
		     struct error *err)
{
	json_error_t why;
	json_t *record = json_loadb(line, len, JSON_ALLOW_NUL, &why);

	if (!record)
		return error_set(err, ERR_INVALID, NULL,
				 "damaged: not JSON at column %d", why.column);
	return json_array_append_new(records, record) ? error_nomem(err) : 0;
}

static int skim_text(const struct buf *text, bool (*wants)(enum event),
		     json_t *records, struct error *err)
{
	const char *at = text->data, *end = text->data + text->len, *newline;
	int status = 0;

	while (!status && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		size_t len = (size_t)(newline - at);
		enum event event = skim_event(at, len);

		if (event < EVENT_COUNT && wants(event))
			status = skim_line(at, len, records, err);
		at = newline + 1;
	}
	return status;
}

int journal_skim(const char *dir, size_t most, bool (*wants)(enum event),
		 json_t **ret_records, struct error *err)
{
	char path[PATH_MAX];
	struct buf text;
	json_t *records = NULL;
	int status = journal_name(dir, path, err);

	if (status)
		return status;
	buf_init(&text, most);
	status = file_read(path, &text, err);
	if (!status) {
		records = json_array();
		status = records ? skim_text(&text, wants, records, err) :
				   error_nomem(err);
	}
	buf_release(&text);
	if (status)
		json_decref(records);
	else
		*ret_records = records;
	return status;
}
