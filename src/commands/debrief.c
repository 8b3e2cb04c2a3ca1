/*
 * See debrief.h. The comparison is computed once and recorded: report/ reads
 * no files, and a transcript printed next year says what was true today.
 */
#include "commands/debrief.h"

#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "journal/journal.h"
#include "report/debrief.h"
#include "report/debrief_earlier.h"
#include "report/debrief_tell.h"

#define DEBRIEF_EARLIER_MS 1000         /* for all earlier runs */
#define DEBRIEF_BYTES_MAX (4u << 20)    /* of the journal of one */
#define DEBRIEF_SIZE_MAX (1u << 20)     /* of the text */

static bool debrief_ascii(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

/* ---- what earlier ones tell ---------------------------------------------- */

static bool debrief_wants(enum event event)
{
	return event < EVENT_COUNT;
}

static bool debrief_add(struct debrief_earlier *earlier,
			const struct rundir *dir)
{
	json_t *records = NULL;
	bool counts;

	if (journal_skim(dir->path, DEBRIEF_BYTES_MAX, debrief_wants, &records,
			 NULL))
		return false;
	counts = debrief_earlier_add(earlier, records);
	json_decref(records);
	return counts;
}

static void debrief_add_all(struct debrief_earlier *earlier,
			    const struct rundir *own)
{
	int64_t until = clock_mono_ms() + DEBRIEF_EARLIER_MS;
	struct rundir *runs = NULL;
	size_t count = 0, added = 0;

	if (rundir_list(&runs, &count, NULL))
		count = 0;
	for (size_t i = 0; i < count && added < DEBRIEF_EARLIER_MAX &&
			   clock_mono_ms() < until; i++)
		if (strcmp(runs[i].path, own->path) != 0)
			added += debrief_add(earlier, &runs[i]);
	free(runs);
}

static int debrief_compare(const struct debrief *debrief,
			   const struct rundir *dir, json_t **ret,
			   struct error *err)
{
	struct debrief_earlier *earlier = NULL;
	int status = debrief_earlier_open(debrief, &earlier, err);

	if (status)
		return status;
	debrief_add_all(earlier, dir);
	*ret = json_pack("{ss s{so}}", "text", "debrief of the rehearsal",
			 "debrief", "earlier", debrief_earlier_note(earlier));
	debrief_earlier_close(earlier);
	return *ret ? 0 : error_nomem(err);
}

/* ---- telling it ---------------------------------------------------------- */

static int debrief_print(const json_t *records, struct error *err)
{
	struct buf text;
	int status;

	buf_init(&text, DEBRIEF_SIZE_MAX);
	status = debrief_text(records, debrief_ascii(), &text, err);
	if (!status && (fwrite(text.data, 1, text.len, stdout) != text.len ||
			putchar('\n') == EOF || fflush(stdout)))
		status = error_errno(err, NULL,
				     _("the debrief cannot be written"));
	buf_release(&text);
	return status;
}

static int debrief_record(struct journal *journal, json_t *records,
			  const struct rundir *dir, struct error *err)
{
	struct debrief debrief;
	json_t *note = NULL, *record = NULL;
	int status;

	if (!debrief_fold(&debrief, records))
		return 0;
	status = debrief_compare(&debrief, dir, &note, err);
	if (!status)
		status = journal_append(journal, EVENT_NOTE, note, &record,
					err);
	if (!status && json_array_append_new(records, record))
		status = error_nomem(err);
	return status ? status : debrief_print(records, err);
}

int debrief_show(const struct rundir *dir, struct error *err)
{
	struct journal *journal = NULL;
	json_t *records = NULL;
	size_t torn;
	int status = journal_open(dir->path, &journal, &records, &torn, err);

	if (!status)
		status = debrief_record(journal, records, dir, err);
	json_decref(records);
	journal_close(journal);
	return status;
}

int debrief_print_rules(void)
{
	struct error err = {0};
	struct buf text;
	int status;

	buf_init(&text, DEBRIEF_SIZE_MAX);
	status = debrief_rules_text(debrief_ascii(), &text, &err);
	fputs(text.data, stdout);
	buf_release(&text);
	return status;
}
