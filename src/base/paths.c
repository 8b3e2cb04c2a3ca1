/*
 * Finding the program's own files; see paths.h.
 *
 * Three cases, told apart by the program's own place. Beside it stands the
 * world program as make builds it: a build tree, and the runbooks are those of
 * the source tree. Its directory ends in the configured BINDIR: installed, and
 * whatever stands before BINDIR (DESTDIR, often nothing) stands before the
 * other directories too. Anywhere else: the configured directories. The world
 * program itself stands where it is built, or where it is installed.
 */
#include "base/paths.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

#define BUILT_WORLD "/rehearsal/cutover-world"

/* What stands before BINDIR in dir: its length, 0 if dir ends otherwise. */
static size_t root_length(const char *dir)
{
	size_t length = strlen(dir), tail = strlen(BINDIR);

	if (length < tail || strcmp(dir + length - tail, BINDIR) != 0)
		return 0;
	return length - tail;
}

/* dst = the first length bytes of head, then tail. */
static int join(char dst[PATH_MAX], const char *head, size_t length,
		const char *tail, struct error *err)
{
	int written = snprintf(dst, PATH_MAX, "%.*s%s", (int)length, head, tail);

	if (written < 0 || written >= PATH_MAX)
		return error_set(err, ERR_LIMIT, head, "path too long");
	return 0;
}

/* Does exe end in tail? *ret_root: how much stands before it. */
static bool is_world(const char *exe, const char *tail, size_t *ret_root)
{
	size_t length = strlen(exe), part = strlen(tail);

	*ret_root = length >= part ? length - part : 0;
	return length >= part && strcmp(exe + *ret_root, tail) == 0;
}

/* The world program asks: it knows itself, and reads runbooks too. */
static int paths_for_world(const char *exe, const char *runbooks, size_t root,
			   struct paths *ret, struct error *err)
{
	int code = join(ret->world, exe, strlen(exe), "", err);

	return code ? code : join(ret->runbooks, exe, root, runbooks, err);
}

int paths_find_for(const char *exe, struct paths *ret, struct error *err)
{
	const char *slash = strrchr(exe, '/');
	char dir[PATH_MAX];
	size_t root;
	int code;

	if (is_world(exe, BUILT_WORLD, &root))
		return paths_for_world(exe, SOURCE_RUNBOOKDIR, 0, ret, err);
	if (is_world(exe, WORLD_PROGRAM, &root))
		return paths_for_world(exe, RUNBOOKDIR, root, ret, err);
	code = join(dir, exe, slash == NULL ? 0 : (size_t)(slash - exe), "", err);
	if (code == 0)
		code = join(ret->world, dir, strlen(dir), BUILT_WORLD, err);
	if (code < 0)
		return code;
	if (access(ret->world, X_OK) == 0)
		return join(ret->runbooks, SOURCE_RUNBOOKDIR,
			    strlen(SOURCE_RUNBOOKDIR), "", err);
	root = root_length(dir);
	code = join(ret->world, dir, root, WORLD_PROGRAM, err);
	if (code == 0)
		code = join(ret->runbooks, dir, root, RUNBOOKDIR, err);
	return code;
}

int paths_find(struct paths *ret, struct error *err)
{
	char exe[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (length < 0)
		return error_errno(err, "/proc/self/exe", "cannot be read");
	exe[length] = '\0';
	return paths_find_for(exe, ret, err);
}
