/* See page.h. */
#include "report/page.h"

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

void page_inherit(struct page *page, const struct buf *part)
{
	if (buf_error(part) && !buf_error(page->out))
		page->out->error = buf_error(part);
}
