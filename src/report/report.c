/*
 * See report.h. A transcript is a header folded from the whole run, what
 * happened record by record (tell.c), and an end: a table of the steps, the
 * outage, the ledger of a rehearsal, the chain's last hash.
 */
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "report/debrief_tell.h"
#include "report/json.h"
#include "report/tell.h"

static const char *const report_formats[REPORT_FORMATS] = {
	[REPORT_TEXT] = "text",
	[REPORT_MARKDOWN] = "markdown",
	[REPORT_HTML] = "html",
	[REPORT_JSON] = "json",
};

const char *report_format_name(enum report_format format)
{
	return report_formats[format];
}

enum report_format report_format_parse(const char *name)
{
	enum report_format format = 0;

	while (format < REPORT_FORMATS &&
	       strcmp(report_formats[format], name) != 0)
		format++;
	return format;
}

/* The step at which the run stands, for people. */
static const char *report_place(const struct report_run *run)
{
	return run->count ? run->steps[run->current].label : "?";
}

static void report_result(struct page *page, const struct report_run *run)
{
	if (run->state == REPORT_PARKED)
		page_field(page, _("result"), _("PARKED at step %s: %s"),
			   report_place(run), run->reason);
	else if (run->state == REPORT_OPEN && run->count)
		page_field(page, _("result"),
			   _("NOT ENDED: the record stops at step %s"),
			   report_place(run));
	else if (run->state == REPORT_OPEN)
		page_field(page, _("result"), "%s",
			   _("NOT ENDED: the record stops before the first gate"));
	else
		page_field(page, _("result"), "%s",
			   run->result ? run->result : "?");
	if (run->rolled_back && run->lost < 0)
		page_field(page, _("lost"), "%s",
			   _("how many of the users' transactions is UNKNOWN"));
	else if (run->rolled_back)
		page_field(page, _("lost"),
			   ngettext("%" PRId64 " transaction of the users",
				    "%" PRId64 " transactions of the users",
				    (unsigned long)run->lost), run->lost);
}

static void report_outage(struct page *page, const struct report_run *run)
{
	char outage[TIMES_MAX], budget[TIMES_MAX];

	times_span(run->outage_ms, outage);
	times_span(run->budget_ms, budget);
	if (run->window_opened_mono < 0)
		page_field(page, _("outage"), "%s",
			   _("none: the window never opened"));
	else if (run->outage_ms < 0)
		page_field(page, _("outage"), "%s",
			   _("NOT MEASURED: the window has not closed"));
	else if (run->budget_ms < 0)
		page_field(page, _("outage"),
			   _("%s, from the window's opening to its closing"),
			   outage);
	else if (run->outage_ms <= run->budget_ms)
		page_field(page, _("outage"),
			   _("%s, within the budget of %s"), outage, budget);
	else
		page_field(page, _("outage"),
			   _("%s, OVER THE BUDGET of %s"), outage, budget);
}

static void report_way_back(struct page *page, const struct report_run *run)
{
	char took[TIMES_MAX], budget[TIMES_MAX];

	times_span(run->way_back_ms, took);
	times_span(run->way_back_budget_ms, budget);
	if (!run->rolled_back)
		return;
	if (run->way_back_ms < 0)
		page_field(page, _("way back"), "%s",
			   _("NOT ENDED: the rollback was begun, and is not done"));
	else if (!run->way_back_budget_ms)
		page_field(page, _("way back"), "%s", took);
	else if (run->way_back_ms <= run->way_back_budget_ms)
		page_field(page, _("way back"),
			   _("%s, within its budget of %s"), took, budget);
	else
		page_field(page, _("way back"),
			   _("%s, OVER ITS BUDGET of %s"), took, budget);
}

/* ---- the beginning ------------------------------------------------------- */

/* "2026-11-23 14:03:20.123 UTC". */
static void report_stamp(struct page *page, const char *name, const char *stamp)
{
	char date[TIMES_MAX], clock[TIMES_MAX];

	times_date(stamp, date);
	times_clock(stamp, clock);
	page_field(page, name, "%s %s UTC", date, clock);
}

static void report_settings(struct page *page, const json_t *opened)
{
	const char *name = _("databases");
	size_t i;
	json_t *item;
	const char *key;

	json_array_foreach(json_at(opened, "connections"), i, item) {
		page_field(page, name, "%s: %s", json_text(item, "name", "?"),
			   json_text(item, "host", "?"));
		name = "";
	}
	name = _("variables");
	json_object_foreach(json_at(opened, "variables"), key, item) {
		char *text = json_is_string(item) ? NULL :
			json_print(item, JSON_COMPACT | JSON_ENCODE_ANY);

		if (!text && !json_is_string(item) && !buf_error(page->out))
			page->out->error = ERR_NOMEM;
		page_field(page, name, "%s: %s", key, text ? text :
			   json_is_string(item) ? json_string_value(item) :
			   "?");
		free(text);
		name = "";
	}
}

static void report_begin(struct page *page, const struct report_run *run,
			 const json_t *records)
{
	page->style->begin(page, _("TRANSCRIPT OF A RUN"), run->rehearsal ?
			   _("REHEARSAL") : _("LIVE"));
	page_field(page, _("run"), "%s", run->name);
	page_field(page, _("runbook"), "%s: %s", run->runbook, run->title);
	page_field(page, "", "%s", run->path);
	page_field(page, _("its sha256"), "%s", run->sha256);
	page_field(page, _("operator"), "%s%s", run->operator_name,
		   run->autopilot ? _(" (gates confirmed by the autopilot)") :
		   "");
	page_field(page, _("tool"), "cutover %s", run->version);
	report_stamp(page, _("started"), run->started);
	report_stamp(page, run->state == REPORT_CLOSED ? _("ended") :
		     _("last record"), run->ended);
	report_result(page, run);
	report_outage(page, run);
	report_way_back(page, run);
	page_field(page, _("overrides"), "%zu", run->overrides);
	page_field(page, _("notes"), "%zu", run->notes);
	report_settings(page, json_at(records, "0"));
	page->style->paragraph(page,
		_("Times are UTC. T+ counts seconds since the window first opened."));
	if (page->style == &page_text)
		page->style->paragraph(page,
			_("A bar begins each line of what was sent or answered; a colon goes on with a line that is too long for the page."));
}

/* ---- the end ------------------------------------------------------------- */

static const char *report_state_word(enum report_step_state state)
{
	static const char *const words[] = {
		[REPORT_STEP_AT_GATE] = N_("at gate"),
		[REPORT_STEP_RUNNING] = N_("running"),
		[REPORT_STEP_FAILED] = N_("FAILED"),
		[REPORT_STEP_UNKNOWN] = N_("UNKNOWN"),
		[REPORT_STEP_DONE] = N_("done"),
		[REPORT_STEP_SKIPPED] = N_("skipped"),
		[REPORT_STEP_UNDONE] = N_("undone"),
	};

	return _(words[state]);
}

/* From one moment to the other, "-" if either has not come. */
static void report_between(int64_t from, int64_t to, char dst[TIMES_MAX])
{
	times_span(from < 0 || to < 0 ? -1 : to - from, dst);
}

static void report_step_row(struct page *page, const struct report_step *step)
{
	char wait[TIMES_MAX], action[TIMES_MAX], total[TIMES_MAX];
	const char *cells[] = {NULL, report_state_word(step->state), wait,
			       action, total};
	struct buf name;

	report_between(step->gate_mono, step->confirmed_mono, wait);
	times_span(step->confirmed_mono < 0 ? -1 : step->action_ms, action);
	report_between(step->gate_mono, step->ended_mono, total);
	buf_init(&name, page->out->max);
	buf_printf(&name, "%s%s  %s", step->undo ? _("undo ") : "", step->label,
		   step->title);
	page_inherit(page, &name);
	cells[0] = name.data;
	page->style->row(page, cells, sizeof(cells) / sizeof(cells[0]));
	buf_release(&name);
}

static void report_summary(struct page *page, const struct report_run *run)
{
	const char *const names[] = {_("step"), _("state"), _("gate wait"),
				     _("action"), _("total")};

	page->style->heading(page, _("SUMMARY"));
	page->style->row(page, names, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < run->count; i++)
		report_step_row(page, &run->steps[i]);
	report_result(page, run);
	report_outage(page, run);
	report_way_back(page, run);
}

/* What a rehearsal's users found, as the world counted it. */
static void report_ledger(struct page *page, const json_t *records)
{
	bool begun = false;
	size_t i, n;
	json_t *record, *line;

	json_array_foreach(records, i, record)
		json_array_foreach(json_at(record, "ledger"), n, line) {
			if (!begun)
				page->style->heading(page,
					_("THE LEDGER OF THE REHEARSAL'S USERS"));
			begun = true;
			if (json_is_string(line))
				page->style->exact(page,
						   json_string_value(line));
		}
}

static void report_chain(struct page *page, const json_t *records,
			 const char *hash)
{
	page->style->heading(page, _("THE JOURNAL"));
	page_field(page, _("records"), "%zu", json_array_size(records));
	if (hash)
		page_field(page, _("last sha256"), "%s", hash);
	page->style->paragraph(page,
		_("Each record holds the SHA-256 of the one before; cutover transcript --verify checks them all."));
}

/* ---- the whole ----------------------------------------------------------- */

static void report_page(const json_t *records, const struct report_run *run,
			const struct page_style *style,
			const struct report_options *options, struct buf *out)
{
	struct page page = {
		.style = style, .out = out, .ascii = options->ascii,
	};
	struct tell tell;
	size_t i;
	json_t *record;

	report_begin(&page, run, records);
	tell_init(&tell, &page, run);
	json_array_foreach(records, i, record)
		tell_record(&tell, record);
	tell_release(&tell);
	report_summary(&page, run);
	report_ledger(&page, records);
	debrief_tell(&page, records);
	report_chain(&page, records, options->hash);
	style->end(&page);
}

int report_transcript(const json_t *records,
		      const struct report_options *options, struct buf *out,
		      struct error *err)
{
	static const struct page_style *const styles[REPORT_FORMATS] = {
		[REPORT_TEXT] = &page_text,
		[REPORT_MARKDOWN] = &page_markdown,
		[REPORT_HTML] = &page_html,
	};
	struct report_run run;

	report_fold_all(&run, records);
	if (styles[options->format])
		report_page(records, &run, styles[options->format], options,
			    out);
	else
		report_json(records, &run, options->hash, out);
	if (buf_error(out) == ERR_LIMIT)
		return error_set(err, ERR_LIMIT, NULL,
				 "the transcript is longer than %zu bytes",
				 out->max);
	return buf_error(out) ? error_nomem(err) : 0;
}
