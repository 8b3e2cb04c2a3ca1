/* See tempo.h. */
#include "tui/tempo.h"

static int64_t tempo_credit(const struct tempo *tempo, int64_t now_ms)
{
	const int64_t most = TEMPO_BURST * TEMPO_EVERY_MS;
	int64_t credit = tempo->credit_ms + now_ms - tempo->drawn_ms;

	return credit < most ? credit : most;
}

int64_t tempo_wait(const struct tempo *tempo, enum tempo_why why,
		   int64_t now_ms)
{
	int64_t wait = TEMPO_EVERY_MS - tempo_credit(tempo, now_ms);
	int64_t since = now_ms - tempo->drawn_ms;

	if (why == TEMPO_ASKED)
		return 0;
	if (why == TEMPO_CLOCK && wait < TEMPO_EVERY_MS - since)
		wait = TEMPO_EVERY_MS - since;
	if (why == TEMPO_REST && wait < TEMPO_REST_MS - since)
		wait = TEMPO_REST_MS - since;
	return wait > 0 ? wait : 0;
}

void tempo_drawn(struct tempo *tempo, int64_t now_ms)
{
	int64_t credit = tempo_credit(tempo, now_ms) - TEMPO_EVERY_MS;

	tempo->credit_ms = credit > 0 ? credit : 0;
	tempo->drawn_ms = now_ms;
}
