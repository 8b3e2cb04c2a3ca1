/*
 * Carries one effect out, and says what became of it. Three outcomes, never
 * two: an answer that was lost is neither done nor failed.
 */
#ifndef CUTOVER_PERFORM_PERFORM_H
#define CUTOVER_PERFORM_PERFORM_H

#include <stdbool.h>

#include "base/error.h"
#include "perform/effect.h"

struct performance;
struct reach;

#define PERFORM_TEXT_MAX 1024

enum perform_outcome {
	PERFORM_DONE,           /* text: the answer */
	PERFORM_FAILED,         /* surely not done; text: why */
	PERFORM_UNKNOWN,        /* may have happened; text: what was lost */
};

/* Who wants an effect. */
struct perform_caller {
	/* Called once, in a later turn of the loop. text is sanitised. */
	void (*done)(void *data, enum perform_outcome outcome,
		     const char *text);
	/* NULL, or asked at the moment of sending: a turn at a database, a
	 * credential or a connection may have been waited for, and what allowed
	 * the effect be gone. 0, or an error: then nothing is sent. */
	int (*may_send)(void *data, struct error *err);
	void *data;
};

/* Starts. effect is borrowed until the callback or perform_abandon, caller is
 * copied. An error means that nothing was sent. */
int perform_start(struct reach *reach, const struct effect *effect,
		  const struct perform_caller *caller, struct performance **ret,
		  struct error *err);
/* Gives up waiting: no callback comes, the effect may still happen. NULL is
 * allowed. */
void perform_abandon(struct performance *performance);

/* What an error says about the effect. sent: something of it was sent, so that
 * an error of our own (no memory for the answer, an answer too long) leaves open
 * what the other end did. */
enum perform_outcome perform_outcome_of(const struct error *err, bool sent);

#endif
