/*
 * A page of Markdown: headings, lists, fenced code, a table. Whatever Markdown
 * would read as a mark is escaped; a fence is longer than any run of backticks
 * in what it holds.
 */
#include <string.h>

#include "base/text.h"
#include "report/page.h"

static void markdown_text(struct page *page, const char *text)
{
	struct buf safe;

	buf_init(&safe, page->out->max);
	text_sanitise_to(&safe, text, strlen(text), false);
	page_inherit(page, &safe);
	for (const char *at = safe.data; *at; at++) {
		if (strchr("\\`*_[]<>#|&!~", *at))
			buf_puts(page->out, "\\");
		buf_append(page->out, at, 1);
	}
	buf_release(&safe);
}

/* An empty line between blocks of different kinds. */
static void markdown_group(struct page *page, enum page_group group)
{
	if (page->group != group)
		buf_puts(page->out, "\n");
	page->group = group;
}

static void markdown_begin(struct page *page, const char *title,
			   const char *badge)
{
	buf_puts(page->out, "# ");
	markdown_text(page, title);
	buf_puts(page->out, ": ");
	markdown_text(page, badge);
	buf_puts(page->out, "\n");
	page->group = PAGE_NONE;
}

static void markdown_heading(struct page *page, const char *text)
{
	buf_puts(page->out, "\n## ");
	markdown_text(page, text);
	buf_puts(page->out, "\n");
	page->group = PAGE_NONE;
}

static void markdown_field(struct page *page, const char *name,
			   const char *text)
{
	markdown_group(page, PAGE_FIELDS);
	buf_puts(page->out, *name ? "- **" : "  - ");
	markdown_text(page, name);
	buf_puts(page->out, *name ? "** " : "");
	markdown_text(page, text);
	buf_puts(page->out, "\n");
}

static void markdown_paragraph(struct page *page, const char *text)
{
	buf_puts(page->out, "\n");
	markdown_text(page, text);
	buf_puts(page->out, "\n");
	page->group = PAGE_NONE;
}

static void markdown_event(struct page *page, const char *clock,
			   const char *since, const char *text)
{
	markdown_group(page, PAGE_EVENTS);
	buf_printf(page->out, "- `%s` ", clock);
	if (*since)
		buf_printf(page->out, "`%s` ", since);
	markdown_text(page, text);
	buf_puts(page->out, "\n");
}

static void markdown_mark(struct page *page, enum page_mark mark,
			  const char *text)
{
	static const char *const signs[] = {"✔", "✖", "?"};

	buf_printf(page->out, "  - %s %s: ", signs[mark], page_mark_word(mark));
	markdown_text(page, text);
	buf_puts(page->out, "\n");
}

static void markdown_remark(struct page *page, const char *text)
{
	buf_puts(page->out, "  - ");
	markdown_text(page, text);
	buf_puts(page->out, "\n");
}

/* The longest run of backticks. */
static size_t markdown_ticks(const char *text)
{
	size_t most = 0, run = 0;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	return most;
}

static void markdown_fence(struct page *page, size_t ticks)
{
	buf_puts(page->out, "    ");
	while (ticks--)
		buf_puts(page->out, "`");
}

static void markdown_exact(struct page *page, const char *text)
{
	size_t ticks = markdown_ticks(text) + 1;
	struct buf safe;

	if (ticks < 3)
		ticks = 3;
	buf_init(&safe, page->out->max);
	text_sanitise_to(&safe, text, strlen(text), true);
	page_inherit(page, &safe);
	buf_puts(page->out, "\n");
	markdown_fence(page, ticks);
	buf_puts(page->out, "text\n");
	for (const char *at = safe.data; *at;) {
		size_t len = strcspn(at, "\n");

		buf_puts(page->out, "    ");
		buf_append(page->out, at, len);
		buf_puts(page->out, "\n");
		at += len + (at[len] == '\n');
	}
	markdown_fence(page, ticks);
	buf_puts(page->out, "\n\n");
	buf_release(&safe);
}

static void markdown_row(struct page *page, const char *const *cells,
			 size_t count)
{
	bool first = page->group != PAGE_TABLE;

	markdown_group(page, PAGE_TABLE);
	for (size_t i = 0; i < count; i++) {
		buf_puts(page->out, "| ");
		markdown_text(page, cells[i]);
		buf_puts(page->out, " ");
	}
	buf_puts(page->out, "|\n");
	for (size_t i = 0; first && i < count; i++)
		buf_puts(page->out, i ? "|---:" : "|---");
	if (first)
		buf_puts(page->out, "|\n");
}

static void markdown_end(struct page *page)
{
	page->group = PAGE_NONE;
}

const struct page_style page_markdown = {
	.begin = markdown_begin,
	.heading = markdown_heading,
	.field = markdown_field,
	.paragraph = markdown_paragraph,
	.event = markdown_event,
	.mark = markdown_mark,
	.remark = markdown_remark,
	.exact = markdown_exact,
	.row = markdown_row,
	.end = markdown_end,
};
