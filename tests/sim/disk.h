/*
 * The journal's disk: what was synced is there after a crash, of the rest any
 * prefix, torn where it pleases. disk.c defines write, fdatasync, fsync and
 * ftruncate for the whole program; only the journal's file is treated so.
 *
 * A process dies by its disk: from then on nothing that it writes arrives.
 */
#ifndef CUTOVER_SIM_DISK_H
#define CUTOVER_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "chance.h"

/* Where, around a record, the process dies. */
enum disk_death {
	DISK_BEFORE_WRITE,
	DISK_TORN,              /* in the middle of the write */
	DISK_BEFORE_SYNC,
	DISK_AFTER_SYNC,
	DISK_DEATHS,
};

/* A disk for the journal at path (borrowed); synced(data) is called when more
 * of it has become safe. */
void disk_open(const char *path, void (*synced)(void *data), void *data);

/* The process dies at the record-th write from now (1: the next). */
void disk_plan_death(int64_t record, enum disk_death death);
/* It dies now. */
void disk_die(void);
bool disk_is_dead(void);
/* The next process: the file becomes what a power loss leaves. */
void disk_restore(struct chance *chance);

/* What is synced from now on is safe only when it is released; a power loss may
 * take all of it, some, or nothing. */
void disk_hold(bool holds);
void disk_release(void);

/* From now on writes and syncs fail in so many of a thousand cases. */
void disk_trouble(int permille, struct chance *chance);

/* Bytes that a power loss cannot take. */
int64_t disk_synced(void);
/* Bytes in the file. */
int64_t disk_size(void);
/* Somebody cut off what had been synced. */
bool disk_was_robbed(void);

#endif
