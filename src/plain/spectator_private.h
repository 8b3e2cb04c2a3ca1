/* What spectator.c and spectator_tell.c share; nobody else includes this. */
#ifndef CUTOVER_PLAIN_SPECTATOR_PRIVATE_H
#define CUTOVER_PLAIN_SPECTATOR_PRIVATE_H

#include <jansson.h>
#include <stdbool.h>

#include "journal/lock.h"
#include "plain/alarms.h"
#include "plain/print.h"
#include "plain/spectator.h"
#include "report/fold.h"
#include "view/words.h"

struct journal_follow;
struct loop;
struct loop_timer;

/* Who drives the run, by the lock on its journal. */
struct spectator_driver {
	bool held;
	struct lock_holder holder;
};

struct spectator {
	struct spectator_options options;
	struct printer printer;
	struct loop *loop;
	struct loop_timer *tick;
	unsigned int ticks;
	struct journal_follow *follow;
	struct engine engine;           /* the run, folded */
	struct report_run run;          /* the same at a glance; borrows records */
	size_t folded;                  /* how many records are in both */
	int64_t last_wall_ms;           /* of the last of them */
	bool headed;                    /* the heading was printed */
	bool driver_changed;            /* and that was not told yet */
	bool moved;                     /* it was seen neither parked nor closed */
	struct spectator_driver driver;
	struct alarms alarms;
	char now[WORDS_MAX];            /* where the run stands, as told last */
	int status;                     /* of the watching */
	struct error *err;              /* the caller's */
};

/* What the panes need of a run that is only watched: there are no facts. */
void spectator_input(const struct spectator *spectator,
		     struct view_input *input);
/* What is run, by whom, where it stands, its steps. */
void spectator_tell_heading(const struct spectator *spectator);
void spectator_tell_driver(const struct spectator *spectator);
void spectator_tell_record(const struct spectator *spectator,
			   const json_t *record);
/* Where the run stands, if that is not what was told last. True: it was told. */
bool spectator_tell_now(struct spectator *spectator);

#endif
