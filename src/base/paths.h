/*
 * Where this program's own files are: the shipped runbooks, the world program.
 *
 * Asked of the running program's own place, so that it works uninstalled in
 * its build tree, installed, and installed below another root (DESTDIR).
 */
#ifndef CUTOVER_BASE_PATHS_H
#define CUTOVER_BASE_PATHS_H

#include <limits.h>

struct error;

struct paths {
	char runbooks[PATH_MAX];        /* the directory of shipped runbooks */
	char world[PATH_MAX];           /* the program cutover-world */
};

/* Fills *ret for the running program. 0, ERR_IO (/proc is not mounted) or
 * ERR_LIMIT. What it names need not exist: opening it will tell. */
int paths_find(struct paths *ret, struct error *err);

/* The same for a program at the absolute path exe. 0 or ERR_LIMIT. */
int paths_find_for(const char *exe, struct paths *ret, struct error *err);

#endif
