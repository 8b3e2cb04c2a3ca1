/* See sheet.h. Columns, never bytes: base/text measures. */
#include "view/sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *utf8, *ascii;
} marks[MARK_COUNT] = {
	[MARK_OK] = {"✔ ", "ok"},
	[MARK_NO] = {"✖ ", "NO"},
	[MARK_UNKNOWN] = {"??", "??"},
	[MARK_HERE] = {"▶", ">"},
	[MARK_ARROW] = {"→", "->"},
	[MARK_READY] = {"●", "#"},
	[MARK_NOT_READY] = {"◐", "-"},
	[MARK_UNSELECTED] = {"○", "."},
	[MARK_ENDING] = {"◌", "x"},
	[MARK_LINE] = {"─", "-"},
	[MARK_BAR] = {"│", "|"},
	[MARK_JOINT] = {"┴", "+"},
	[MARK_BRANCH] = {"├", "+"},
	[MARK_LAST] = {"└", "+"},
	[MARK_FLOW] = {"──▶", "-->"},
	[MARK_NO_FLOW] = {"┄┄┄", " . "},
	[MARK_MORE] = {"…", "~"},
	[MARK_UNDONE] = {"↶ ", "<-"},
	[MARK_NOT_YET] = {"○ ", "- "},
};

void sheet_init(struct sheet *sheet, struct arena *arena, int width, bool utf8)
{
	*sheet = (struct sheet){.arena = arena, .width = width, .utf8 = utf8};
}

const char *sheet_mark(const struct sheet *sheet, enum mark mark)
{
	return sheet->utf8 ? marks[mark].utf8 : marks[mark].ascii;
}

void sheet_row(struct sheet *sheet)
{
	if (sheet->count == sheet->cap) {
		size_t cap = sheet->cap ? sheet->cap * 2 : 16;
		struct row *rows = cap > SHEET_ROWS_MAX ? NULL :
			arena_array(sheet->arena, cap, sizeof(*rows));

		if (!rows) {
			sheet->failed = true;
			return;
		}
		if (sheet->count)
			memcpy(rows, sheet->rows, sheet->count * sizeof(*rows));
		sheet->rows = rows;
		sheet->cap = cap;
	}
	sheet->rows[sheet->count++] = (struct row){0};
}

static struct row *sheet_last(struct sheet *sheet)
{
	if (!sheet->count)
		sheet_row(sheet);
	return sheet->count ? &sheet->rows[sheet->count - 1] : NULL;
}

/* Every character outside ASCII becomes one '?'. */
static void sheet_to_ascii(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		unsigned char c = (unsigned char)*from;

		if (c < 0x80)
			*to++ = *from;
		else if (c >= 0xc0)
			*to++ = '?';
	}
	*to = '\0';
}

/* The formatted text, safe to show; NULL when memory is out. */
static char *sheet_format(struct sheet *sheet, const char *format, va_list args)
{
	va_list again;
	int len;
	char *raw = NULL, *safe = NULL;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len >= 0) {
		raw = arena_alloc(sheet->arena, (size_t)len + 1);
		safe = arena_alloc(sheet->arena, (size_t)len + 1);
	}
	if (!raw || !safe) {
		sheet->failed = true;
		return NULL;
	}
	vsnprintf(raw, (size_t)len + 1, format, args);
	text_sanitise(safe, (size_t)len + 1, raw);
	if (!sheet->utf8)
		sheet_to_ascii(safe);
	return safe;
}

/* text cut to columns, its last one telling that there was more. */
static const char *sheet_cut(struct sheet *sheet, const char *text, int columns)
{
	const char *cut;

	if (columns <= 0)
		return "";
	if (text_width(text) <= columns)
		return text;
	cut = arena_printf(sheet->arena, "%.*s%s",
			   (int)text_fit(text, columns - 1), text,
			   sheet_mark(sheet, MARK_MORE));
	if (!cut)
		sheet->failed = true;
	return cut ? cut : "";
}

const char *sheet_end(struct sheet *sheet, const char *text, int columns)
{
	const char *end = text, *cut;

	if (text_width(text) <= columns)
		return text;
	while (*end && text_width(end) > columns - 1)
		end += text_fit(end, 1) ? text_fit(end, 1) : 1;
	cut = arena_printf(sheet->arena, "%s%s", sheet_mark(sheet, MARK_MORE),
			   end);
	if (!cut)
		sheet->failed = true;
	return cut ? cut : "";
}

static void sheet_add(struct sheet *sheet, enum meaning meaning,
		      const char *text)
{
	struct row *row = sheet_last(sheet);

	if (!row || !text || !*text)
		return;
	text = sheet_cut(sheet, text, sheet->width - row->column);
	if (!*text || row->count == SHEET_SPANS_MAX)
		return;
	row->spans[row->count++] = (struct span){meaning, row->column, text};
	row->column += text_width(text);
}

void sheet_put(struct sheet *sheet, enum meaning meaning, const char *format,
	       ...)
{
	va_list args;

	va_start(args, format);
	sheet_add(sheet, meaning, sheet_format(sheet, format, args));
	va_end(args);
}

void sheet_at(struct sheet *sheet, int column)
{
	struct row *row = sheet_last(sheet);

	if (!row)
		return;
	while (row->count && row->column > column) {
		struct span *span = &row->spans[row->count - 1];

		if (span->column + text_width(span->text) <= column)
			break;
		/* a blank stays between what is cut and its neighbour */
		if (span->column < column - 1) {
			span->text = sheet_cut(sheet, span->text,
					       column - 1 - span->column);
			break;
		}
		row->count--;
	}
	row->column = column;
}

void sheet_right(struct sheet *sheet, int column, enum meaning meaning,
		 const char *format, ...)
{
	struct row *row = sheet_last(sheet);
	va_list args;
	char *text;
	int from;

	va_start(args, format);
	text = sheet_format(sheet, format, args);
	va_end(args);
	if (!row || !text)
		return;
	from = (column ? column : sheet->width) - text_width(text);
	if (from > 0)
		sheet_at(sheet, from);
	sheet_add(sheet, meaning, text);
}

/* How many bytes of text go into columns. Broken after a blank, unless that
 * left most of the row empty. */
static size_t sheet_break(const char *text, int columns)
{
	size_t fit = text_fit(text, columns), at = fit;

	if (!text[fit])
		return fit;
	while (at && text[at] != ' ')
		at--;
	if (at && at >= fit / 4)
		return at;
	return fit ? fit : 1;
}

void sheet_wrap(struct sheet *sheet, int indent, size_t max_rows,
		enum meaning meaning, const char *format, ...)
{
	struct row *row = sheet_last(sheet);
	va_list args;
	char *text;

	va_start(args, format);
	text = sheet_format(sheet, format, args);
	va_end(args);
	for (size_t rows = 1; row && text && *text; rows++) {
		int left = sheet->width - row->column;
		size_t len;

		if (rows == max_rows || left < 2 ||
		    text_width(text) <= left) {
			sheet_add(sheet, meaning, text);
			return;
		}
		len = sheet_break(text, left);
		sheet_add(sheet, meaning,
			  arena_strndup(sheet->arena, text, len));
		text += len;
		text += strspn(text, " ");
		sheet_row(sheet);
		row = sheet_last(sheet);
		sheet_at(sheet, indent);
	}
}

void sheet_text(const struct sheet *sheet, size_t i, char *dst, size_t size)
{
	const struct row *row = &sheet->rows[i];
	size_t used = strlen(dst);
	int column = 0;

	for (size_t s = 0; s < row->count; s++) {
		const struct span *span = &row->spans[s];
		int pad = span->column > column ? span->column - column : 0;
		int wrote = snprintf(dst + used, size - used, "%*s%s", pad, "",
				     span->text);

		if (wrote < 0 || (size_t)wrote >= size - used)
			return;
		used += (size_t)wrote;
		column = span->column + text_width(span->text);
	}
}
