/*
 * A screen as a grid of cells, each a character with a meaning. Layout draws
 * on it; tui/ copies it to the terminal, tests print it as text.
 */
#ifndef CUTOVER_VIEW_FRAME_H
#define CUTOVER_VIEW_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "view/sheet.h"

struct buf;

#define FRAME_CELL_MAX 16       /* bytes: a character and what combines with it */
#define FRAME_WIDTH_MAX 500
#define FRAME_HEIGHT_MAX 300

struct cell {
	char text[FRAME_CELL_MAX];      /* "" in the second half of a wide one */
	enum meaning meaning;
};

struct frame {
	int width, height;
	struct cell *cells;             /* owned */
	int cursor_y, cursor_x;         /* where the operator's attention belongs */
};

struct rect {
	int y, x, height, width;
};

/* An empty frame; ERR_NOMEM or ERR_LIMIT. */
int frame_init(struct frame *frame, int width, int height);
void frame_release(struct frame *frame);

struct cell *frame_cell(struct frame *frame, int y, int x);
/* Puts text there, cut at the frame's edge. */
void frame_put(struct frame *frame, int y, int x, enum meaning meaning,
	       const char *text);
/* Gives a whole row a meaning where it has none yet. */
void frame_tint(struct frame *frame, int y, enum meaning meaning);
/* Puts the rows of a sheet from `first` on into a rectangle. */
void frame_sheet(struct frame *frame, struct rect rect,
		 const struct sheet *sheet, size_t first);
/* The frame as lines of text without trailing blanks. The buffer's error. */
int frame_print(const struct frame *frame, struct buf *buf);

#endif
