/* See frame.h. */
#include "view/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

int frame_init(struct frame *frame, int width, int height)
{
	*frame = (struct frame){.width = width, .height = height};
	if (width < 1 || height < 1 || width > FRAME_WIDTH_MAX ||
	    height > FRAME_HEIGHT_MAX)
		return ERR_LIMIT;
	frame->cells = calloc((size_t)width * (size_t)height,
			      sizeof(*frame->cells));
	if (!frame->cells)
		return ERR_NOMEM;
	for (int i = 0; i < width * height; i++)
		frame->cells[i].text[0] = ' ';
	return 0;
}

void frame_release(struct frame *frame)
{
	free(frame->cells);
	*frame = (struct frame){0};
}

struct cell *frame_cell(struct frame *frame, int y, int x)
{
	return &frame->cells[(size_t)y * (size_t)frame->width + (size_t)x];
}

/* Bytes of the first character of text. */
static size_t frame_char(const char *text)
{
	size_t len = 1;

	while (((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

/* Something of no width joins the character before it. */
static void frame_combine(struct cell *cell, const char *text, size_t len)
{
	size_t used = strlen(cell->text);

	if (used + len < sizeof(cell->text)) {
		memcpy(cell->text + used, text, len);
		cell->text[used + len] = '\0';
	}
}

void frame_put(struct frame *frame, int y, int x, enum meaning meaning,
	       const char *text)
{
	struct cell *last = NULL;

	if (y < 0 || y >= frame->height || x < 0)
		return;
	while (*text) {
		char one[FRAME_CELL_MAX] = "";
		size_t len = frame_char(text);
		int wide;

		if (len < sizeof(one))
			memcpy(one, text, len);
		wide = text_width(one);
		if (wide == 0 && last) {
			frame_combine(last, one, len);
		} else if (x + wide > frame->width) {
			return;
		} else if (wide > 0) {
			last = frame_cell(frame, y, x);
			memcpy(last->text, one, sizeof(one));
			last->meaning = meaning;
			if (wide == 2) {
				frame_cell(frame, y, x + 1)->text[0] = '\0';
				frame_cell(frame, y, x + 1)->meaning = meaning;
			}
			x += wide;
		}
		text += len;
	}
}

void frame_tint(struct frame *frame, int y, enum meaning meaning)
{
	for (int x = 0; x < frame->width; x++) {
		struct cell *cell = frame_cell(frame, y, x);

		if (cell->meaning == MEANING_PLAIN)
			cell->meaning = meaning;
	}
}

void frame_sheet(struct frame *frame, struct rect rect,
		 const struct sheet *sheet, size_t first)
{
	for (int y = 0; y < rect.height; y++) {
		const struct row *row;

		if (first + (size_t)y >= sheet->count)
			return;
		row = &sheet->rows[first + (size_t)y];
		for (size_t s = 0; s < row->count; s++)
			frame_put(frame, rect.y + y,
				  rect.x + row->spans[s].column,
				  row->spans[s].meaning, row->spans[s].text);
	}
}

int frame_print(const struct frame *frame, struct buf *buf)
{
	for (int y = 0; y < frame->height; y++) {
		const struct cell *row =
			frame->cells + (size_t)y * (size_t)frame->width;
		int end = frame->width;

		while (end > 0 && strcmp(row[end - 1].text, " ") == 0)
			end--;
		for (int x = 0; x < end; x++)
			buf_puts(buf, row[x].text);
		buf_puts(buf, "\n");
	}
	return buf_error(buf);
}
