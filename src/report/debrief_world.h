/*
 * What the practice world says at a rehearsal's end: the scenario and its par,
 * the scenes behind it, the ledger of the users. It comes from a note of the
 * run; whatever is missing there, or is of another type, is unknown here.
 */
#ifndef CUTOVER_REPORT_DEBRIEF_WORLD_H
#define CUTOVER_REPORT_DEBRIEF_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define DEBRIEF_NUMBER_MAX 1000000000000        /* what is more is nonsense */

/* Borrowed from the records; text is "" and a number -1 where it is unknown. */
struct debrief_world {
	const char *scenario, *title, *speed, *database;
	const char *flag;               /* where it lives: http, configmap */
	int64_t seed, pods, heartbeat_ms;
	const char *par_result;         /* completed, rolled-back, either */
	int64_t par_outage_ms;
	int64_t par_overrides;          /* 0 if it is unknown */
	bool instructed;                /* an instructor began or cleared a fault:
					   then no par was made for it */
	int64_t faults;                 /* that its scenario has */
	const json_t *good;             /* what a good operator does: texts */
	const json_t *scenes;
	int64_t acknowledged, present, lost, duplicated;
	int64_t writes_ms, reads_ms;    /* the users' outage */
	bool writes_open;               /* it had not ended when they stopped */
	int64_t write_errors, read_errors;
};

/* Reads the last note that tells of an end; false: there is none. */
bool debrief_world_read(struct debrief_world *world, const json_t *records);

/* A record's moment on the run's clock, in ms; nonsense is 0. */
int64_t debrief_mono(const json_t *record);
/* A scene's moment on the run's clock, in ms; -1: it has none. opened: the
 * run's first record. */
int64_t debrief_scene_mono(const json_t *scene, const json_t *opened);
/* When the first fault began, on the run's clock; -1: none did. */
int64_t debrief_first_begun(const struct debrief_world *world,
			    const json_t *opened);
/* Did a fault that writes to the source begin by then? */
bool debrief_writer_begun(const struct debrief_world *world,
			  const json_t *opened, int64_t mono);
/* How long after mono the first of the faults was over that were there then,
 * in ms; -1: none was there, or none was over. */
int64_t debrief_over_after(const struct debrief_world *world,
			   const json_t *opened, int64_t mono);

#endif
