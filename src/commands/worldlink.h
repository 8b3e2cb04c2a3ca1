/*
 * What this program says to a practice world over its control socket,
 * DIR/control: a line, and its answer (rehearsal/ has the other end).
 */
#ifndef CUTOVER_COMMANDS_WORLDLINK_H
#define CUTOVER_COMMANDS_WORLDLINK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/error.h"

#define WORLDLINK_ANSWER_MAX (1 << 20)
#define WORLDLINK_NAME_MAX 64
#define WORLDLINK_WORLDS_MAX 16

struct worldlink_worlds {
	size_t count;           /* what is more than the maximum is left out */
	struct worldlink_world {
		char dir[PATH_MAX];
		time_t since;
	} list[WORLDLINK_WORLDS_MAX];
};

/* Says line to the world in dir; its answer's lines, without the blank that
 * each begins with, are appended to answer. ERR_UNREACHABLE: no world lives
 * there; ERR_REMOTE: it refused, with its words; ERR_TIMEOUT, ERR_LOST. */
int worldlink_ask(const char *dir, const char *line, int64_t limit_ms,
		  struct buf *answer, struct error *err);
/* The same for `finish`: waits, too, until the world is gone. */
int worldlink_finish(const char *dir, int64_t limit_ms, struct buf *answer,
		     struct error *err);

/* Whether a world lives in dir: its door is open. */
bool worldlink_lives(const char *dir);
/* Which world lives in dir, as text that no other that comes to live there has:
 * by its door. "" if none does. */
void worldlink_name(const char *dir, char dst[WORLDLINK_NAME_MAX]);
/* The worlds of our user that live in the usual place, the newest first. */
void worldlink_find(struct worldlink_worlds *ret);

#endif
