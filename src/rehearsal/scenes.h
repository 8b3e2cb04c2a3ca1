/*
 * What happened behind the scenes, and when: which fault began or was cleared,
 * by whom, and what is told about it afterwards. Main thread.
 */
#ifndef CUTOVER_REHEARSAL_SCENES_H
#define CUTOVER_REHEARSAL_SCENES_H

#include <jansson.h>
#include <stdbool.h>

struct error;
struct fault;
struct stage;

#define SCENES_MAX 1000         /* later ones are left out */

enum scene_kind {
	SCENE_BEGUN,
	SCENE_CLEARED,
	SCENE_TOLD,             /* no fault: something worth knowing */
	SCENE_FAILED,           /* it could not be begun; the text says why */
};

enum scene_by {
	SCENE_BY_SCENARIO,
	SCENE_BY_INSTRUCTOR,
};

struct scenes {
	json_t *list;           /* [{"at", "kind", "fault", "text", "by"}] */
	json_t *begun;          /* {NAME: "at"}: those that have not ended */
};

/* 0 or ERR_NOMEM. */
int scenes_init(struct scenes *scenes, struct error *err);
/* Takes all zeroes. */
void scenes_release(struct scenes *scenes);

/* It happens now. fault and text may be NULL. */
void scenes_add(struct scenes *scenes, enum scene_kind kind, enum scene_by by,
		const char *fault, const char *text);
/* That fault has begun; it is on until it is cleared, unless it is a deed that
 * is over at once. text may be NULL: what the fault's table says, with the
 * parameters that it was given (NULL: none). */
void scenes_begin(struct scenes *scenes, enum scene_by by,
		  const struct fault *fault, const json_t *parameters,
		  const char *text);
/* Notes which faults have ended by themselves meanwhile. */
void scenes_look(struct scenes *scenes, const struct stage *stage);
/* Whether that fault has begun and not ended. */
bool scenes_is_on(const struct scenes *scenes, const char *fault);

#endif
