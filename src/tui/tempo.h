/*
 * How soon the screen is drawn again: at once for a key; at once for news, but
 * ten times a second at most over a while; for mere time that has passed only
 * as often as something shown depends on it. So a slow line is never flooded,
 * and a change is not left waiting for what was drawn just before it. Pure.
 */
#ifndef CUTOVER_TUI_TEMPO_H
#define CUTOVER_TUI_TEMPO_H

#include <stdint.h>

#define TEMPO_EVERY_MS 100      /* between two drawings, over a while */
#define TEMPO_BURST 3           /* drawings that may follow at once */
#define TEMPO_REST_MS 500       /* ages and lag, while no clock runs */

enum tempo_why {
	TEMPO_ASKED,            /* a key, a signal, a message */
	TEMPO_NEWS,             /* something has happened */
	TEMPO_CLOCK,            /* a clock with tenths of seconds is shown */
	TEMPO_REST,
};

/* All zeroes: nothing drawn yet. */
struct tempo {
	int64_t drawn_ms;       /* when the screen was last drawn */
	int64_t credit_ms;      /* as of then: a drawing costs TEMPO_EVERY_MS */
};

/* How long to wait before it is drawn for that; 0: not at all. */
int64_t tempo_wait(const struct tempo *tempo, enum tempo_why why,
		   int64_t now_ms);
/* It was drawn. */
void tempo_drawn(struct tempo *tempo, int64_t now_ms);

#endif
