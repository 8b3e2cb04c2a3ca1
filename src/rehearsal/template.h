/*
 * A data directory as a fresh server has it, made once and copied ever after.
 *
 * Kept as $XDG_CACHE_HOME/cutover/database-KEY (~/.cache without it), the key
 * taken from the server program's path, size and time: another server version
 * gets another template. Where nothing can be kept, each start makes its own.
 */
#ifndef CUTOVER_REHEARSAL_TEMPLATE_H
#define CUTOVER_REHEARSAL_TEMPLATE_H

#include <limits.h>

struct child_user;
struct ending;
struct error;
struct kind;

/*
 * Finds the template for the server program, or makes it inside dir (the
 * user's to write) and keeps a copy. *ret_path names it. ERR_REMOTE: it
 * failed, with its last words; ERR_CANCELLED. Main thread.
 */
int template_prepare(const struct kind *kind, const char *server, const char *dir,
		     const struct child_user *user, struct ending *ending,
		     char ret_path[PATH_MAX], struct error *err);

#endif
