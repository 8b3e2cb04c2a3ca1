/* What the parts of the pane of the deed at hand share: deed.c, flight.c and
 * stuck.c. Of their heights, 0 means in full. */
#ifndef CUTOVER_VIEW_DEED_H
#define CUTOVER_VIEW_DEED_H

#include "view/view.h"

/* "WORD 2b  Promote Aurora". */
void deed_title(struct sheet *sheet, const struct view_input *input,
		const char *word, enum meaning meaning);
/* What a way back costs, at the right end of the title. */
void deed_cost(struct sheet *sheet, const struct view_input *input);
/* What keeps anything from being sent, before all else: while it lasts nothing
 * else matters. A journal that cannot be written, and who has the Lease. */
void deed_halts(struct sheet *sheet, const struct view_input *input, bool full);
/* A text, in one row unless full; "" takes none. */
void deed_words(struct sheet *sheet, const char *text, bool full,
		enum meaning meaning);
/* A condition and how it stands; max_rows 0: with why it is asked for. */
void deed_condition(struct sheet *sheet, const struct view_input *input,
		    const struct condition *condition, size_t i,
		    const struct view_ui *ui, size_t max_rows);
/* How many rows are left of a pane of that height, if so many stand below; one at
 * least. 0, for all that it takes, where height is 0. */
size_t deed_rest(const struct sheet *sheet, int height, int below);
/* As many conditions as fit into rows (0: all): the green ones give way, and
 * what else there is no row for is counted. */
void deed_conditions(struct sheet *sheet, const struct view_input *input,
		     const struct conditions *conditions,
		     const struct view_ui *ui, size_t rows);
/* How many rows of the pane are kept for conditions: for what is not green up to
 * half of it, and for two at least. */
int deed_least(const struct view_input *input,
	       const struct conditions *conditions, int height);
/* That so many guards or checks that are not green have no row; 0: nothing. */
void deed_more_red(struct sheet *sheet, size_t count);
/* The effects, with as many rows each as there are in all to spare (0: in full);
 * how many have none is said. */
void deed_effects(struct sheet *sheet, const struct effects *effects,
		  size_t rows);
/* The effects on their way, each with how it stands, those around the one at
 * hand in that many rows (0: all, in full). */
void deed_flight(struct sheet *sheet, const struct view_input *input,
		 size_t rows);
/* That it is unknown whether the effect at hand has happened; and, where it is
 * never sent twice, what can be done then. */
void deed_unknown(struct sheet *sheet, const struct view_input *input);

void deed_acting(struct sheet *sheet, const struct view_input *input,
		 const struct view_ui *ui, int height);
void deed_checking(struct sheet *sheet, const struct view_input *input,
		   const struct view_ui *ui, int height);
void deed_stuck(struct sheet *sheet, const struct view_input *input,
		const struct view_ui *ui, int height);

#endif
