/*
 * Lines for people who read, or listen, one line after the other: wrapped at
 * 80 columns, the important word first, no cursor movement.
 */
#ifndef CUTOVER_PLAIN_PRINT_H
#define CUTOVER_PLAIN_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "view/view.h"

#define PRINT_WIDTH 80

struct printer {
	FILE *out;
	bool utf8;
};

/* One thought; further lines of it are indented. */
void print_line(const struct printer *printer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The gate that has come up: why, what would be sent, its guards. */
void print_gate(const struct printer *printer, const struct view_input *input);
/* What "go" or "retry" would send, if they would send anything: it is not what
 * was printed before. */
void print_changed_effects(const struct printer *printer,
			   const struct view_input *input);
/* Whether it is open, and how to go on. */
void print_gate_state(const struct printer *printer,
		      const struct view_input *input);
/* What a way back that has come to its end has not brought back; and whether
 * that is known already. */
bool print_end_is_known(const struct view_input *input);
void print_end(const struct printer *printer, const struct view_input *input);
/* What the way back waits for. */
void print_waiting(const struct printer *printer,
		   const struct view_input *input);
/* What went wrong, and what can be done about it. */
void print_stuck(const struct printer *printer,
		 const struct view_input *input);
/* Whether another try is possible, and how to go on. */
void print_stuck_state(const struct printer *printer,
		       const struct view_input *input);
/* A run that was left: the journal and the world, and what to type. */
void print_reality(const struct printer *printer,
		   const struct view_input *input);
/* A later gate in full, and what to type to arm it. */
void print_ahead(const struct printer *printer, const struct view_input *input,
		 size_t step, const struct effects *effects);
void print_way_back(const struct printer *printer,
		    const struct view_input *input);
/* The steps and how they stand; needs no facts. */
void print_steps(const struct printer *printer,
		 const struct view_input *input);
/* What is true now. */
void print_status(const struct printer *printer,
		  const struct view_input *input);
/* The commands that work now. */
void print_help(const struct printer *printer, const struct view_input *input);

#endif
