/*
 * What a front end shows, before it has a place: rows of spans, each with a
 * meaning and a column. A pane writes a sheet; layout.c puts sheets on a
 * frame; plain/ prints them as lines.
 *
 * All text put on a sheet is sanitised, and in a locale without UTF-8 reduced
 * to ASCII. A sheet that ran out of memory shows less and says so by `failed`.
 */
#ifndef CUTOVER_VIEW_SHEET_H
#define CUTOVER_VIEW_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Why a piece of text is there; a theme gives each its colour. */
enum meaning {
	MEANING_PLAIN,
	MEANING_TITLE,          /* the name of a pane */
	MEANING_GOOD,
	MEANING_BAD,
	MEANING_UNKNOWN,        /* not known, or too old to be relied on */
	MEANING_WARN,
	MEANING_DIM,            /* past, or beside the point now */
	MEANING_KEY,            /* a key to press, a word to type */
	MEANING_EMPHASIS,
	MEANING_HERE,           /* the current row */
	MEANING_ALARM,          /* must be seen from across the room */
	MEANING_BAR,            /* the header and the key bar */
	MEANING_COUNT,
};

enum mark {
	MARK_OK,
	MARK_NO,
	MARK_UNKNOWN,
	MARK_HERE,
	MARK_ARROW,
	MARK_READY,             /* an endpoint that takes traffic */
	MARK_NOT_READY,         /* selected, not ready */
	MARK_UNSELECTED,        /* a pod that the Service ignores */
	MARK_ENDING,            /* terminating */
	MARK_LINE,
	MARK_BAR,
	MARK_JOINT,             /* a line over which a bar ends */
	MARK_BRANCH,
	MARK_LAST,              /* the last branch */
	MARK_FLOW,              /* traffic: a solid arrow */
	MARK_NO_FLOW,           /* a broken one */
	MARK_MORE,              /* something was cut here */
	MARK_UNDONE,
	MARK_NOT_YET,           /* to be sent, and was not */
	MARK_COUNT,
};

#define SHEET_ROWS_MAX 20000
#define SHEET_SPANS_MAX 16      /* a row */

struct span {
	enum meaning meaning;
	int column;
	const char *text;
};

struct row {
	struct span spans[SHEET_SPANS_MAX];
	size_t count;
	int column;             /* where the next span begins */
};

struct sheet {
	struct arena *arena;    /* owns rows and text; the caller's */
	struct row *rows;
	size_t count, cap;
	int width;              /* columns */
	bool utf8;
	bool failed;
};

void sheet_init(struct sheet *sheet, struct arena *arena, int width, bool utf8);

/* The sign in the sheet's alphabet. */
const char *sheet_mark(const struct sheet *sheet, enum mark mark);

/* Begins a row. */
void sheet_row(struct sheet *sheet);
/* Adds text to the last row, cut at the sheet's width. */
void sheet_put(struct sheet *sheet, enum meaning meaning, const char *format,
	       ...) __attribute__((format(printf, 3, 4)));
/* The end of text, where it has more than so many columns: names and selectors
 * differ there. */
const char *sheet_end(struct sheet *sheet, const char *text, int columns);
/* Goes to that column of the last row; what stands there or beyond is cut, so
 * that a long value never pushes its neighbour. */
void sheet_at(struct sheet *sheet, int column);
/* Adds text that ends before that column (0: the sheet's width). */
void sheet_right(struct sheet *sheet, int column, enum meaning meaning,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Adds text from the cursor on, broken between words over at most max_rows
 * (0: as many as it takes); further rows begin at indent. */
void sheet_wrap(struct sheet *sheet, int indent, size_t max_rows,
		enum meaning meaning, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The rows' plain text of row i, appended to dst (size bytes, terminated). */
void sheet_text(const struct sheet *sheet, size_t i, char *dst, size_t size);

#endif
