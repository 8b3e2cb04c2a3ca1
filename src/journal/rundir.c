/*
 * See rundir.h. Making a directory is what makes a run's name its own: of two
 * runs begun in one second, one finds the name taken and goes on to "-2".
 */
#include "journal/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "journal/journal.h"
#include "journal/lock.h"

#define RUNDIR_TRIES 100        /* runs of one runbook begun in one second */
#define RUNDIR_WORD_MAX 64      /* of the runbook's name in the run's */

static int rundir_join(char dst[PATH_MAX], const char *dir, const char *name,
		       struct error *err)
{
	int used = snprintf(dst, PATH_MAX, "%s/%s", dir, name);

	if (used < 0 || used >= PATH_MAX)
		return error_set(err, ERR_LIMIT, dir, "path too long");
	return 0;
}

static int rundir_root(char dst[PATH_MAX], struct error *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	/* a relative one is to be ignored, the specification says */
	if (state && state[0] == '/')
		return rundir_join(dst, state, "cutover", err);
	if (home && home[0] == '/')
		return rundir_join(dst, home, ".local/state/cutover", err);
	return error_set(err, ERR_NOTFOUND, NULL,
			 "no place for runs: neither XDG_STATE_HOME nor HOME "
			 "is set (--run-dir names a directory)");
}

/* ---- making -------------------------------------------------------------- */

/* Makes dir and its missing parents. */
static int rundir_make_parents(const char *dir, struct error *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *at = path + 1; ; at++) {
		char kept = *at;

		if (kept && kept != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return error_errno(err, path,
					   "the directory cannot be made");
		*at = kept;
		if (!kept)
			return 0;
	}
}

static bool rundir_is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* "20261123-140320-aurora-cutover", from the try-th on "…-2". The name goes
 * into statements and requests, so it is made of harmless characters only. */
static void rundir_make_name(const char *runbook, time_t now, int try,
			     char dst[RUNDIR_NAME_MAX])
{
	char stamp[32], word[RUNDIR_WORD_MAX];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	snprintf(word, sizeof(word), "%s", runbook);
	for (char *at = word; *at; at++)
		if (!rundir_is_name_char(*at))
			*at = '-';
	if (try > 1)
		snprintf(dst, RUNDIR_NAME_MAX, "%s-%s-%d", stamp, word, try);
	else
		snprintf(dst, RUNDIR_NAME_MAX, "%s-%s", stamp, word);
}

static int rundir_make_new(const char *runbook, time_t now, struct rundir *ret,
			   struct error *err)
{
	char root[PATH_MAX];
	int status = rundir_root(root, err);

	if (!status)
		status = rundir_make_parents(root, err);
	for (int try = 1; !status && try <= RUNDIR_TRIES; try++) {
		rundir_make_name(runbook, now, try, ret->name);
		status = rundir_join(ret->path, root, ret->name, err);
		if (status)
			return status;
		if (!mkdir(ret->path, 0700))
			return file_sync_dir(root, err);
		if (errno != EEXIST)
			return error_errno(err, ret->path,
					   "the run's directory cannot be made");
	}
	if (!status)
		status = error_set(err, ERR_CONFLICT, root,
				   "too many runs begin in this second");
	return status;
}

static int rundir_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool rundir_has_journal(const char *dir)
{
	char path[PATH_MAX];

	return !rundir_join(path, dir, JOURNAL_FILE, NULL) &&
	       access(path, F_OK) == 0;
}

/* A directory that is somebody's: if it is a run's, whose. */
static int rundir_refuse(const char *path, struct error *err)
{
	struct lock_holder holder;
	bool held = false;

	if (!rundir_has_journal(path))
		return error_set(err, ERR_CONFLICT, path,
				 "not empty: a new run needs a directory of its "
				 "own");
	if (!lock_query(path, &held, &holder, NULL) && held)
		return lock_refuse(path, err);
	return error_set(err, ERR_CONFLICT, path,
			 "a run is recorded there: 'cutover resume' goes on "
			 "with it, a new one needs a directory of its own");
}

/* Only an empty directory is made private: never, say, /tmp. */
static int rundir_adopt(const char *path, struct error *err)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, NULL);

	if (count < 0)
		return error_errno(err, path, "the directory cannot be read");
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	if (count > 2)
		return rundir_refuse(path, err);
	if (chmod(path, 0700))
		return error_errno(err, path, "cannot be made private");
	return 0;
}

static int rundir_make(const char *override, const char *runbook,
		       struct rundir *ret, struct error *err)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	int status;

	if (!override)
		return rundir_make_new(runbook, now, ret, err);
	rundir_make_name(runbook, now, 1, ret->name);
	if (!*override || strlen(override) >= sizeof(ret->path))
		return error_set(err, ERR_INVALID, NULL,
				 "'%s' cannot be the path of a directory",
				 override);
	snprintf(ret->path, sizeof(ret->path), "%s", override);
	status = rundir_make_parents(override, err);
	return status ? status : rundir_adopt(override, err);
}

int rundir_create(const char *override, const char *runbook,
		  struct rundir *ret, struct error *err)
{
	int status = rundir_make(override, runbook, ret, err);

	/* what was not made here may be another's run: nobody may discard it */
	if (status)
		ret->path[0] = '\0';
	return status;
}

void rundir_discard(const struct rundir *dir)
{
	static const char *const files[] = {RUNDIR_RUNBOOK, RUNDIR_VARS,
					    JOURNAL_FILE, LOCK_FILE};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!rundir_join(path, dir->path, files[i], NULL))
			unlink(path);
	rmdir(dir->path);
}

int rundir_save(const struct rundir *dir, const char *file, const char *text,
		struct error *err)
{
	char path[PATH_MAX];
	int status = rundir_join(path, dir->path, file, err);

	if (status)
		return status;
	return file_replace(path, 0600, text, strlen(text), err);
}

/* ---- finding ------------------------------------------------------------- */

static int rundir_newest_first(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*b)->d_name, (*a)->d_name);
}

/* Keeps the newest entries that are runs; frees the entries. */
static int rundir_collect(const char *root, struct dirent **entries,
			  size_t count, struct rundir **ret, size_t *ret_count,
			  struct error *err)
{
	size_t most = count < RUNDIR_RUNS_MAX ? count : RUNDIR_RUNS_MAX;
	struct rundir *runs = calloc(most + 1, sizeof(*runs));
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		struct rundir *run = runs + found;

		if (runs && i < most && strlen(name) < sizeof(run->name) &&
		    !rundir_join(run->path, root, name, NULL) &&
		    rundir_has_journal(run->path)) {
			snprintf(run->name, sizeof(run->name), "%s", name);
			found++;
		}
		free(entries[i]);
	}
	free(entries);
	if (!runs)
		return error_nomem(err);
	*ret = runs;
	*ret_count = found;
	return 0;
}

int rundir_list(struct rundir **ret, size_t *ret_count, struct error *err)
{
	struct dirent **entries = NULL;
	char root[PATH_MAX];
	int count, status = rundir_root(root, err);

	if (status)
		return status;
	count = scandir(root, &entries, rundir_visible, rundir_newest_first);
	if (count < 0 && errno != ENOENT)
		return error_errno(err, root, "the runs cannot be listed");
	return rundir_collect(root, entries, count < 0 ? 0 : (size_t)count,
			      ret, ret_count, err);
}

/* The directory at path, or the one that holds the journal at path. */
static int rundir_find_path(const char *path, struct rundir *ret,
			    struct error *err)
{
	size_t len = strlen(path), tail = strlen("/" JOURNAL_FILE);
	const char *slash;

	if (len > tail && strcmp(path + len - tail, "/" JOURNAL_FILE) == 0)
		len -= tail;
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len >= sizeof(ret->path))
		return error_set(err, ERR_LIMIT, NULL, "path too long");
	memcpy(ret->path, path, len);
	ret->path[len] = '\0';
	slash = strrchr(ret->path, '/');
	snprintf(ret->name, sizeof(ret->name), "%.*s", RUNDIR_NAME_MAX - 1,
		 slash && slash[1] ? slash + 1 : ret->path);
	if (!rundir_has_journal(ret->path))
		return error_set(err, ERR_NOTFOUND, ret->path,
				 "no run is recorded there (no " JOURNAL_FILE
				 ")");
	return 0;
}

/* The run of that name, or the only one that begins so. */
static int rundir_match(const struct rundir *runs, size_t count,
			const char *run, struct rundir *ret, struct error *err)
{
	const struct rundir *found = NULL, *other = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(runs[i].name, run) == 0) {
			*ret = runs[i];
			return 0;
		}
		if (strncmp(runs[i].name, run, strlen(run)) != 0)
			continue;
		other = found;
		found = &runs[i];
	}
	if (!found)
		return error_set(err, ERR_NOTFOUND, NULL,
				 "no run is named '%s' (cutover runs lists them)",
				 run);
	if (other)
		return error_set(err, ERR_INVALID, NULL,
				 "several runs begin with '%s': %s, %s", run,
				 other->name, found->name);
	*ret = *found;
	return 0;
}

int rundir_find(const char *run, struct rundir *ret, struct error *err)
{
	struct rundir *runs;
	size_t count;
	int status;

	if (run && (strchr(run, '/') || strcmp(run, ".") == 0 ||
		    strcmp(run, "..") == 0))
		return rundir_find_path(run, ret, err);
	status = rundir_list(&runs, &count, err);
	if (status)
		return status;
	if (run)
		status = rundir_match(runs, count, run, ret, err);
	else if (count)
		*ret = runs[0];
	else
		status = error_set(err, ERR_NOTFOUND, NULL,
				   "there are no runs yet");
	free(runs);
	return status;
}

void rundir_argument(const struct rundir *dir, char dst[PATH_MAX])
{
	struct rundir found;

	if (!rundir_find(dir->name, &found, NULL) &&
	    strcmp(found.path, dir->path) == 0)
		snprintf(dst, PATH_MAX, "%s", dir->name);
	else if (!realpath(dir->path, dst))
		snprintf(dst, PATH_MAX, "%s", dir->path);
}
