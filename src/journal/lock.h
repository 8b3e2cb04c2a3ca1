/*
 * Who writes a journal. The lock is on the journal's own file and ends with
 * the process that holds it, however that dies; a file beside it, LOCK_FILE,
 * only describes the holder, for whoever is turned away.
 */
#ifndef CUTOVER_JOURNAL_LOCK_H
#define CUTOVER_JOURNAL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

#define LOCK_FILE "lock"
#define LOCK_USER_MAX 128
#define LOCK_HOST_MAX 256

struct lock_holder {
	int64_t pid;                    /* 0: not known */
	char user[LOCK_USER_MAX];
	char host[LOCK_HOST_MAX];
	char since[CLOCK_STAMP_MAX];    /* UTC */
};

/* Locks fd, the journal in dir, and describes this process beside it. ERR_BUSY
 * names the holder. */
int lock_take(int fd, const char *dir, struct error *err);
/* Takes the description away; closing fd is what unlocks. */
void lock_drop(const char *dir);

/* ERR_BUSY: the run in dir is held, by whom, from where and since when. */
int lock_refuse(const char *dir, struct error *err);

/* Is the journal in dir locked, and by whom? Takes no lock itself. 0, or an
 * error if the journal cannot be opened. */
int lock_query(const char *dir, bool *ret_held, struct lock_holder *ret_holder,
	       struct error *err);

#endif
