/*
 * A page to write a report on. The report says what a thing is (a heading, an
 * event, an exact text); the style says how it looks: plain text of 80
 * columns, Markdown, or HTML. All text given to a page may come from outside:
 * the style sanitises, escapes and wraps it.
 */
#ifndef CUTOVER_REPORT_PAGE_H
#define CUTOVER_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define PAGE_COLUMNS 80
#define PAGE_CELLS_MAX 8

enum page_mark {
	PAGE_GREEN,
	PAGE_RED,
	PAGE_UNKNOWN,
};

/* What was written last, so that a style can open and close lists. */
enum page_group {
	PAGE_NONE,
	PAGE_GAP,               /* an empty line */
	PAGE_FIELDS,
	PAGE_EVENTS,
	PAGE_MARKS,
	PAGE_EXACT,
	PAGE_TABLE,
};

struct page;

struct page_style {
	void (*begin)(struct page *page, const char *title, const char *badge);
	void (*heading)(struct page *page, const char *text);
	/* a name and its value, in a list of such; "": more of the last name */
	void (*field)(struct page *page, const char *name, const char *text);
	void (*paragraph)(struct page *page, const char *text);
	/* clock: time of day; since: "T+03.004" or "" */
	void (*event)(struct page *page, const char *clock, const char *since,
		      const char *text);
	/* one condition and how it stood */
	void (*mark)(struct page *page, enum page_mark mark, const char *text);
	/* something said below the event or the mark before it */
	void (*remark)(struct page *page, const char *text);
	/* text as it was sent or answered, line by line */
	void (*exact)(struct page *page, const char *text);
	/* a table's row; the first of a table holds the columns' names */
	void (*row)(struct page *page, const char *const *cells, size_t count);
	void (*end)(struct page *page);
};

struct page {
	const struct page_style *style;
	struct buf *out;        /* borrowed; its error says if all went well */
	bool ascii;             /* plain text: nothing beyond ASCII */
	enum page_group group;
};

extern const struct page_style page_text, page_markdown, page_html;

/* The style's field, event and remark, with a format. */
void page_field(struct page *page, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void page_event(struct page *page, const char *clock, const char *since,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A part that could not be made is a page that could not be made. */
void page_inherit(struct page *page, const struct buf *part);
/* The word for a mark: "green", "RED", "unknown". */
const char *page_mark_word(enum page_mark mark);

#endif
