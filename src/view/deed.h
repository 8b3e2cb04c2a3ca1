/* What the parts of the pane of the deed at hand share: deed.c and stuck.c. */
#ifndef CUTOVER_VIEW_DEED_H
#define CUTOVER_VIEW_DEED_H

#include "view/view.h"

/* "WORD 2b  Promote Aurora". */
void deed_title(struct sheet *sheet, const struct view_input *input,
		const char *word, enum meaning meaning);
/* What a way back costs, at the right end of the title. */
void deed_cost(struct sheet *sheet, const struct view_input *input);
/* What is to be said of the Lease; returns its rows. */
size_t deed_lease(struct sheet *sheet, const struct view_input *input,
		  bool full);
/* A text, in one row unless full; "" takes none. */
void deed_words(struct sheet *sheet, const char *text, bool full,
		enum meaning meaning);
/* A condition and how it stands; max_rows 0: with why it is asked for. */
void deed_condition(struct sheet *sheet, const struct view_input *input,
		    const struct condition *condition, size_t i,
		    const struct view_ui *ui, size_t max_rows);
/* The effects on their way, each with how it stands. */
void deed_flight(struct sheet *sheet, const struct view_input *input,
		 bool full);

void deed_stuck(struct sheet *sheet, const struct view_input *input,
		const struct view_ui *ui, int height);

#endif
