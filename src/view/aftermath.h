/*
 * Whether the world is as a run was to leave it.
 *
 * What a way back does not bring back: how the world differs, as it is seen
 * now, from what users write in. What the gates up to the window ask of the
 * flag and of Services is that; and a source that is fenced takes no writes.
 * Pure.
 */
#ifndef CUTOVER_VIEW_AFTERMATH_H
#define CUTOVER_VIEW_AFTERMATH_H

#include "observe/condition.h"

struct view_input;

#define AFTERMATH_MAX 8

struct aftermath {
	struct verdict items[AFTERMATH_MAX];    /* none is green */
	size_t count;
};

/* Is any of it unknown, as what will be seen again in a moment is? */
bool aftermath_is_pending(const struct aftermath *aftermath);

/* Before it is walked: what of that is not so, and none of its undos touches. */
void aftermath_untouched(const struct view_input *input,
			 struct aftermath *ret);
/* Once it has come to its end: what is not so, or not known. */
void aftermath_left(const struct view_input *input, struct aftermath *ret);
/* After a cutover: what the gate and the checks with which the window closed
 * asked, if it holds on beyond them, and is not so. */
void aftermath_undone(const struct view_input *input, struct aftermath *ret);

#endif
