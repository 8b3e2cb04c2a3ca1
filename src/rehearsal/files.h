/*
 * Trees of files: copied, given away, removed. The world runs as root at
 * times, in a directory below /tmp: nothing here ever follows a symbolic link.
 */
#ifndef CUTOVER_REHEARSAL_FILES_H
#define CUTOVER_REHEARSAL_FILES_H

#include <stdbool.h>
#include <sys/types.h>

struct error;

#define FILES_DEPTH_MAX 32      /* directories below one another */
#define FILES_TEXT_MAX (1u << 20) /* bytes of a file that is written whole */

/* Creates or replaces a file with the text. 0, ERR_IO, ERR_DENIED. */
int files_write(const char *path, const char *text, mode_t mode,
		struct error *err);

/* Whether every user may pass through the directory and all above it. */
bool files_all_may_pass(const char *path);

/* Copies the directory `from` (regular files and directories) to `to`, which
 * must not exist; all of it belongs to uid and gid then, where we may say so.
 * 0, ERR_IO, ERR_INVALID for anything else inside, ERR_LIMIT. */
int files_copy_tree(const char *from, const char *to, uid_t uid, gid_t gid,
		    struct error *err);

/* Removes the directory and all in it; one that does not exist is fine. */
int files_remove_tree(const char *path, struct error *err);
/* Removes all in the directory but leaves it. */
int files_empty_tree(const char *path, struct error *err);

#endif
