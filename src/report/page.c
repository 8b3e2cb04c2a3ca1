/* See page.h. */
#include "report/page.h"

#include <stdarg.h>

#include "base/i18n.h"

const char *page_mark_word(enum page_mark mark)
{
	static const char *const words[] = {
		[PAGE_GREEN] = N_("green"),
		[PAGE_RED] = N_("RED"),
		[PAGE_UNKNOWN] = N_("unknown"),
	};

	return _(words[mark]);
}

void page_field(struct page *page, const char *name, const char *format, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, page->out->max);
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	page_inherit(page, &text);
	page->style->field(page, name, text.data);
	buf_release(&text);
}

void page_event(struct page *page, const char *clock, const char *since,
		const char *format, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, page->out->max);
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	page_inherit(page, &text);
	page->style->event(page, clock, since, text.data);
	buf_release(&text);
}

void page_inherit(struct page *page, const struct buf *part)
{
	if (buf_error(part) && !buf_error(page->out))
		page->out->error = buf_error(part);
}
