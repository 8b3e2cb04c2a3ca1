/*
 * Behind the scenes of a world: what can go wrong in it, what did, and the
 * door through which an instructor makes it so. Main thread.
 */
#ifndef CUTOVER_REHEARSAL_BACKSTAGE_H
#define CUTOVER_REHEARSAL_BACKSTAGE_H

#include "rehearsal/fault.h"
#include "rehearsal/instructor.h"
#include "rehearsal/scenes.h"

struct door;
struct ending;
struct error;

struct backstage {
	struct stage stage;
	struct scenes scenes;
	struct instructor instructor;
	struct door *door;
	struct ending *ending;
};

/* Opens DIR/control, which wakes ending_wait from now on. The stage is copied;
 * *ret stays at its address until backstage_close, which is needed also after
 * an error. */
int backstage_open(struct backstage *ret, const char *dir,
		   const struct stage *stage, struct ending *ending,
		   struct error *err);
/* Does what is due. */
void backstage_serve(struct backstage *backstage);
/* Ends everything that has begun: before any part of the stage is closed.
 * Takes all zeroes. */
void backstage_close(struct backstage *backstage);

#endif
