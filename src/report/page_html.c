/*
 * A page of HTML, complete in itself: no script, nothing fetched, readable on
 * screen and on paper. All text is escaped.
 */
#include <string.h>

#include "base/text.h"
#include "report/page.h"

static const char html_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" "
	"content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	"<style>\n"
	"body { font: 15px/1.45 sans-serif; max-width: 60em; margin: 2em auto; }\n"
	"dt { font-weight: bold; float: left; clear: left; width: 8em; }\n"
	"dd { margin-left: 9em; overflow-wrap: anywhere; }\n"
	"time, .since, pre, td + td { font-family: monospace; }\n"
	".mark, .remark { margin: 0 0 0 3em; }\n"
	".red { font-weight: bold; }\n"
	"pre { margin: .3em 0 .6em 3em; padding-left: .8em; "
	"border-left: 3px solid; white-space: pre-wrap; overflow-wrap: anywhere; }\n"
	"table { border-collapse: collapse; } td, th { padding: .1em .8em; }\n"
	"td + td, th + th { text-align: right; }\n"
	"</style>\n";

static void html_text(struct page *page, const char *text, bool keep_lines)
{
	struct buf safe;

	buf_init(&safe, page->out->max);
	text_sanitise_to(&safe, text, strlen(text), keep_lines);
	page_inherit(page, &safe);
	for (const char *at = safe.data; *at;) {
		size_t plain = strcspn(at, "&<>\"'");

		buf_append(page->out, at, plain);
		at += plain;
		if (*at)
			buf_printf(page->out, "&#%d;", *at++);
	}
	buf_release(&safe);
}

/* Closes what the last block left open, and opens what this one needs. */
static void html_group(struct page *page, enum page_group group)
{
	if (page->group == group)
		return;
	if (page->group == PAGE_FIELDS)
		buf_puts(page->out, "</dl>\n");
	if (page->group == PAGE_TABLE)
		buf_puts(page->out, "</table>\n");
	if (group == PAGE_FIELDS)
		buf_puts(page->out, "<dl>\n");
	if (group == PAGE_TABLE)
		buf_puts(page->out, "<table>\n");
	page->group = group;
}

static void html_element(struct page *page, const char *open, const char *text,
			 const char *close)
{
	buf_puts(page->out, open);
	html_text(page, text, false);
	buf_puts(page->out, close);
}

static void html_begin(struct page *page, const char *title, const char *badge)
{
	page->group = PAGE_NONE;
	buf_puts(page->out, html_head);
	html_element(page, "<title>", title, "</title></head><body>\n");
	html_element(page, "<h1>", title, " ");
	html_element(page, "<small>", badge, "</small></h1>\n");
}

static void html_heading(struct page *page, const char *text)
{
	html_group(page, PAGE_NONE);
	html_element(page, "<h2>", text, "</h2>\n");
}

static void html_field(struct page *page, const char *name, const char *text)
{
	html_group(page, PAGE_FIELDS);
	html_element(page, "<dt>", name, "</dt>");
	html_element(page, "<dd>", text, "</dd>\n");
}

static void html_paragraph(struct page *page, const char *text)
{
	html_group(page, PAGE_NONE);
	html_element(page, "<p>", text, "</p>\n");
}

static void html_event(struct page *page, const char *clock, const char *since,
		       const char *text)
{
	html_group(page, PAGE_NONE);
	html_element(page, "<div><time>", clock, "</time> ");
	html_element(page, "<span class=\"since\">", since, "</span> ");
	html_element(page, "", text, "</div>\n");
}

static void html_mark(struct page *page, enum page_mark mark, const char *text)
{
	static const char *const opens[] = {
		"<div class=\"mark\">✔ ",
		"<div class=\"mark red\">✖ ",
		"<div class=\"mark red\">? ",
	};

	html_element(page, opens[mark], page_mark_word(mark), ": ");
	html_element(page, "", text, "</div>\n");
}

static void html_remark(struct page *page, const char *text)
{
	html_element(page, "<div class=\"remark\">", text, "</div>\n");
}

static void html_exact(struct page *page, const char *text)
{
	buf_puts(page->out, "<pre>");
	html_text(page, text, true);
	buf_puts(page->out, "</pre>\n");
}

static void html_row(struct page *page, const char *const *cells, size_t count)
{
	bool first = page->group != PAGE_TABLE;

	html_group(page, PAGE_TABLE);
	buf_puts(page->out, "<tr>");
	for (size_t i = 0; i < count; i++)
		html_element(page, first ? "<th>" : "<td>", cells[i],
			     first ? "</th>" : "</td>");
	buf_puts(page->out, "</tr>\n");
}

static void html_end(struct page *page)
{
	html_group(page, PAGE_NONE);
	buf_puts(page->out, "</body></html>\n");
}

const struct page_style page_html = {
	.begin = html_begin,
	.heading = html_heading,
	.field = html_field,
	.paragraph = html_paragraph,
	.event = html_event,
	.mark = html_mark,
	.remark = html_remark,
	.exact = html_exact,
	.row = html_row,
	.end = html_end,
};
