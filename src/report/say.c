/*
 * Ways of saying: an event with its time, a remark below it, exact text. What
 * is said is put together in the tell's one line buffer.
 */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "report/tell.h"

void tell_init(struct tell *tell, struct page *page,
	       const struct report_run *run)
{
	memset(tell, 0, sizeof(*tell));
	tell->page = page;
	tell->run = run;
	tell->operator_name = "";
	buf_init(&tell->line, page->out->max);
}

void tell_release(struct tell *tell)
{
	if (buf_error(&tell->line) && !buf_error(tell->page->out))
		tell->page->out->error = buf_error(&tell->line);
	buf_release(&tell->line);
}

static const char *tell_format(struct tell *tell, const char *format,
			       va_list args) __attribute__((format(printf, 2, 0)));
static const char *tell_format(struct tell *tell, const char *format,
			       va_list args)
{
	/* an error of the line is kept, to be told at the end */
	int error = buf_error(&tell->line);

	buf_clear(&tell->line);
	tell->line.error = error;
	buf_vprintf(&tell->line, format, args);
	return tell->line.data;
}

void tell_remark(struct tell *tell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tell_remark(struct tell *tell, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell->page->style->remark(tell->page, tell_format(tell, format, args));
	va_end(args);
}

void tell_heading(struct tell *tell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tell_heading(struct tell *tell, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tell->page->style->heading(tell->page, tell_format(tell, format, args));
	va_end(args);
}

static void tell_date(struct tell *tell, const char *stamp)
{
	char date[TIMES_MAX];

	times_date(stamp, date);
	if (strcmp(date, tell->date) == 0)
		return;
	snprintf(tell->date, sizeof(tell->date), "%s", date);
	tell->page->style->paragraph(tell->page, date);
}

/* One line with its time. */
void tell_event(struct tell *tell, const json_t *record,
		       const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void tell_event(struct tell *tell, const json_t *record,
		       const char *format, ...)
{
	const char *stamp = json_text(record, "at", "");
	char clock[TIMES_MAX], since[TIMES_MAX];
	va_list args;

	tell_date(tell, stamp);
	times_clock(stamp, clock);
	times_since(json_number(record, "mono", 0),
		    tell->run->window_opened_mono, since);
	va_start(args, format);
	tell->page->style->event(tell->page, clock, since,
				 tell_format(tell, format, args));
	va_end(args);
}

void tell_exact(struct tell *tell, const char *text)
{
	if (*text)
		tell->page->style->exact(tell->page, text);
}

/* Positions, one below the other. */
void tell_positions(struct tell *tell, const json_t *record)
{
	const char *connection;
	json_t *position;

	json_object_foreach(json_at(record, "positions"), connection, position)
		tell_remark(tell, _("position of %s: %s"), connection,
			    json_is_string(position) ?
			    json_string_value(position) : _("unknown"));
}

enum page_mark tell_mark_of(const char *state)
{
	if (strcmp(state, "green") == 0)
		return PAGE_GREEN;
	return strcmp(state, "red") == 0 ? PAGE_RED : PAGE_UNKNOWN;
}

const char *tell_took(const json_t *record, char dst[TIMES_MAX])
{
	times_span(json_number(record, "took_ms", -1), dst);
	return dst;
}
