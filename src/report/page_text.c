/*
 * A page of plain text, never wider than PAGE_COLUMNS. Words are wrapped below
 * the first of them; exact text keeps its lines, each behind a bar, and where
 * one is too long it goes on behind a colon. If the reader's character set is
 * not UTF-8, nothing beyond ASCII is written.
 */
#include <string.h>

#include "base/text.h"
#include "report/page.h"

#define TEXT_FIELD 12           /* columns of a field's name */
#define TEXT_SINCE 10           /* columns of "T+03.004" */
#define TEXT_LEAST 16           /* columns that text gets in any case */

static void text_spaces(struct page *page, int columns)
{
	while (columns-- > 0)
		buf_puts(page->out, " ");
}

static void text_rule(struct page *page, char c)
{
	for (int i = 0; i < PAGE_COLUMNS; i++)
		buf_append(page->out, &c, 1);
	buf_puts(page->out, "\n");
}

/* The safe form of text, ready to be measured and cut. */
static void text_prepare(const struct page *page, struct buf *safe,
			 const char *text, bool keep_lines)
{
	size_t kept = 0;

	buf_init(safe, page->out->max);
	text_sanitise_to(safe, text, strlen(text), keep_lines);
	for (size_t i = 0; page->ascii && i < safe->len; i++) {
		unsigned char c = (unsigned char)safe->data[i];

		/* one '?' for each character, so none for what continues it */
		if ((c & 0xc0) != 0x80)
			safe->data[kept++] = c < 0x80 ? (char)c : '?';
	}
	if (page->ascii && safe->len) {
		safe->len = kept;
		safe->data[kept] = '\0';
	}
	if (buf_error(safe) && !buf_error(page->out))
		page->out->error = buf_error(safe);
}

/* How much of the text goes into that many columns: to the last space that
 * fits, else as much as fits, at least one character. */
static size_t text_cut(const char *text, int columns)
{
	size_t most = text_fit(text, columns), at = most;

	if (!text[most])
		return most;
	while (at && text[at] != ' ')
		at--;
	if (at)
		return at;
	return most ? most : text_fit(text, 2);
}

/* Wraps text; the first line has been begun, up to the column indent, below
 * which the others start. */
static void text_wrap(struct page *page, int indent, const char *text)
{
	int columns = PAGE_COLUMNS - indent;
	struct buf safe;
	const char *at;

	if (columns < TEXT_LEAST)
		columns = TEXT_LEAST;
	text_prepare(page, &safe, text, false);
	at = safe.data;
	for (;;) {
		size_t len;

		at += strspn(at, " ");
		len = text_cut(at, columns);
		buf_append(page->out, at, len);
		buf_puts(page->out, "\n");
		at += len;
		at += strspn(at, " ");
		if (!*at)
			break;
		text_spaces(page, indent);
	}
	page_inherit(page, &safe);
	buf_release(&safe);
}

static void text_group(struct page *page, enum page_group group)
{
	bool parts = page->group == PAGE_FIELDS || page->group == PAGE_TABLE ||
		     group == PAGE_TABLE;

	if (page->group != group && page->group > PAGE_GAP && parts)
		buf_puts(page->out, "\n");
	page->group = group;
}

static void text_begin(struct page *page, const char *title, const char *badge)
{
	struct buf safe;
	int room = PAGE_COLUMNS - text_width(badge) - 1, used;
	size_t len;

	text_prepare(page, &safe, title, false);
	len = text_fit(safe.data, room);
	buf_append(page->out, safe.data, len);
	used = len == safe.len ? text_width(safe.data) : room;
	text_spaces(page, room + 1 - used);
	buf_printf(page->out, "%s\n", badge);
	text_rule(page, '=');
	page_inherit(page, &safe);
	buf_release(&safe);
	page->group = PAGE_NONE;
}

static void text_heading(struct page *page, const char *text)
{
	if (page->group != PAGE_GAP)
		buf_puts(page->out, "\n");
	text_wrap(page, 0, text);
	text_rule(page, '-');
	page->group = PAGE_NONE;
}

static void text_field(struct page *page, const char *name, const char *text)
{
	text_group(page, PAGE_FIELDS);
	buf_puts(page->out, name);
	text_spaces(page, TEXT_FIELD - text_width(name));
	text_wrap(page, TEXT_FIELD, text);
}

static void text_paragraph(struct page *page, const char *text)
{
	text_group(page, PAGE_EVENTS);
	text_wrap(page, 0, text);
	buf_puts(page->out, "\n");
	page->group = PAGE_GAP;
}

static void text_event(struct page *page, const char *clock, const char *since,
		       const char *text)
{
	int indent;

	text_group(page, PAGE_EVENTS);
	buf_printf(page->out, "%s  %s", clock, since);
	text_spaces(page, TEXT_SINCE - text_width(since));
	indent = text_width(clock) + 2 + text_width(since);
	if (text_width(since) < TEXT_SINCE)
		indent += TEXT_SINCE - text_width(since);
	buf_puts(page->out, " ");
	text_wrap(page, indent + 1, text);
}

static void text_mark(struct page *page, enum page_mark mark, const char *text)
{
	static const char *const ascii[] = {"ok", "NO", "??"};
	static const char *const utf8[] = {"✔ ", "✖ ", "? "};
	const char *word = page_mark_word(mark);

	text_group(page, PAGE_MARKS);
	buf_printf(page->out, "    %s %s",
		   page->ascii ? ascii[mark] : utf8[mark], word);
	text_spaces(page, 8 - text_width(word));
	text_wrap(page, 15, text);
}

static void text_remark(struct page *page, const char *text)
{
	text_group(page, PAGE_MARKS);
	text_spaces(page, 4);
	text_wrap(page, 6, text);
}

static void text_exact_line(struct page *page, const char *line, size_t len)
{
	struct buf part;
	const char *at;
	char bar = '|';

	buf_init(&part, page->out->max);
	buf_append(&part, line, len);
	at = part.data;
	do {
		size_t most = text_cut(at, PAGE_COLUMNS - 9);

		/* a line that would be half empty is filled instead */
		if (at[most] && most < PAGE_COLUMNS / 2)
			most = text_fit(at, PAGE_COLUMNS - 9);
		/* the space that it is broken at stays at the line's end */
		most += at[most] == ' ';
		buf_printf(page->out, "      %c ", bar);
		buf_append(page->out, at, most);
		buf_puts(page->out, "\n");
		at += most;
		bar = ':';
	} while (*at);
	page_inherit(page, &part);
	buf_release(&part);
}

static void text_exact(struct page *page, const char *text)
{
	struct buf safe;
	const char *at;

	text_group(page, PAGE_EXACT);
	text_prepare(page, &safe, text, true);
	for (at = safe.data; *at;) {
		size_t len = strcspn(at, "\n");

		text_exact_line(page, at, len);
		at += len + (at[len] == '\n');
	}
	page_inherit(page, &safe);
	buf_release(&safe);
}

/* The first cell takes what the others, of fixed width, leave. */
static void text_row(struct page *page, const char *const *cells, size_t count)
{
	const int width = 11;
	int first = PAGE_COLUMNS - width * ((int)count - 1);
	struct buf safe;
	size_t len;

	text_group(page, PAGE_TABLE);
	text_prepare(page, &safe, cells[0], false);
	len = text_fit(safe.data, first);
	safe.data[len] = '\0';
	buf_puts(page->out, safe.data);
	text_spaces(page, first - text_width(safe.data));
	for (size_t i = 1; i < count; i++) {
		text_spaces(page, width - text_width(cells[i]));
		buf_puts(page->out, cells[i]);
	}
	buf_puts(page->out, "\n");
	page_inherit(page, &safe);
	buf_release(&safe);
}

static void text_end(struct page *page)
{
	text_rule(page, '=');
}

const struct page_style page_text = {
	.begin = text_begin,
	.heading = text_heading,
	.field = text_field,
	.paragraph = text_paragraph,
	.event = text_event,
	.mark = text_mark,
	.remark = text_remark,
	.exact = text_exact,
	.row = text_row,
	.end = text_end,
};
