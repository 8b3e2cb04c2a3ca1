/*
 * A disk that fails: the Nth write, read, sync, cut (ftruncate) or rename of
 * the thread that asked for it, in a program that links this: it defines those
 * functions before libc's.
 */
#ifndef CUTOVER_TESTS_FAILING_DISK_H
#define CUTOVER_TESTS_FAILING_DISK_H

#include <stdbool.h>
#include <stddef.h>

enum failing_disk {
	DISK_WRITE,             /* half of it arrives, then ENOSPC */
	DISK_READ,              /* EIO */
	DISK_SYNC,              /* EIO, of fdatasync and fsync */
	DISK_CUT,               /* EIO */
	DISK_RENAME,            /* EIO */
	DISK_KINDS,
};

/* The call-th such call from now fails (1: the next; 0: none). */
void failing_disk_at(enum failing_disk kind, long call);
/* Has it come to that since? */
bool failing_disk_hit(enum failing_disk kind);
/* A read or a write takes this many bytes at most (0: all); interrupted: every
 * other one is EINTR. */
void failing_disk_short(size_t most, bool interrupted);
/* fdatasync, on any thread, does not come back as long as this is so. */
void failing_disk_stall(bool stalls);
/* A sound disk again. */
void failing_disk_reset(void);

#endif
