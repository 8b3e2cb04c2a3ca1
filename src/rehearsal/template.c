/* See template.h. */
#include "rehearsal/template.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "rehearsal/child.h"
#include "rehearsal/ending.h"
#include "rehearsal/files.h"
#include "rehearsal/kind.h"
#include "rehearsal/logtail.h"

/* Counted up when a kind's options change what a template holds. */
#define TEMPLATE_REVISION 2
#define INSTALL_LIMIT_MS 60000
#define INSTALL_POLL_MS 50
#define INSTALL_ARGUMENTS 24

/* Where kept templates are; false where there is no such place. */
static bool template_cache(char dst[PATH_MAX])
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (cache && cache[0] == '/')
		snprintf(dst, PATH_MAX, "%.*s", PATH_MAX / 2, cache);
	else if (home && home[0] == '/')
		snprintf(dst, PATH_MAX, "%.*s/.cache", PATH_MAX / 2, home);
	else
		return false;
	mkdir(dst, 0700);
	snprintf(dst + strlen(dst), PATH_MAX - strlen(dst), "/cutover");
	mkdir(dst, 0700);
	return access(dst, W_OK | X_OK) == 0;
}

/* The kept template's path for this server; false: nothing can be kept. */
static bool template_name(const char *server, char dst[PATH_MAX])
{
	char text[PATH_MAX + 96], key[HASH_HEX_SIZE];
	struct stat st;
	int len;

	if (stat(server, &st) || !template_cache(dst))
		return false;
	len = snprintf(text, sizeof(text), "%d %jd %jd %.*s", TEMPLATE_REVISION,
		       (intmax_t)st.st_size, (intmax_t)st.st_mtime,
		       PATH_MAX - 1, server);
	if (hash_sha256(text, (size_t)len, key))
		return false;
	snprintf(dst + strlen(dst), PATH_MAX - strlen(dst), "/database-%.16s",
		 key);
	return true;
}

/* Only what is ours is trusted: the server will run what stands in it. */
static bool template_is_kept(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}

/* Copies the new template to its kept place, whole or not at all. A failure
 * only makes the next start slower. */
static void template_keep(const char *made, const char *kept)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%.*s.%ld", PATH_MAX - 24, kept,
		 (long)getpid());
	if (files_copy_tree(made, part, geteuid(), getegid(), NULL) ||
	    rename(part, kept))
		files_remove_tree(part, NULL);
}

static int template_wait(pid_t *pid, const char *installer,
			 struct ending *ending, int *ret_status,
			 struct error *err)
{
	int64_t deadline = clock_mono_ms() + INSTALL_LIMIT_MS;
	int rc = 0;

	while (!rc && !child_ended(pid, ret_status)) {
		rc = ending_pause(ending, INSTALL_POLL_MS, err);
		if (!rc && clock_mono_ms() > deadline)
			rc = error_set(err, ERR_TIMEOUT, installer,
				       "not done after %d s",
				       INSTALL_LIMIT_MS / 1000);
	}
	child_end(pid, SIGTERM, clock_mono_ms() + 500);
	return rc;
}

static int template_make(const struct kind *kind, const char *server,
			 const char *dir, const char *path,
			 const struct child_user *user,
			 struct ending *ending, struct error *err)
{
	const char *installer = kind->installer ? kind->installer : server;
	const char *argv[INSTALL_ARGUMENTS + 4] = {installer};
	char datadir[PATH_MAX + 16], tmpdir[PATH_MAX + 16];
	char log[PATH_MAX + 16], last[LOGTAIL_SIZE];
	int status = 0, count = 1, rc;
	pid_t pid;

	/* TMPDIR may be root's alone; the databases' user can write in dir. */
	snprintf(datadir, sizeof(datadir), "--datadir=%s", path);
	snprintf(tmpdir, sizeof(tmpdir), "--tmpdir=%.*s", PATH_MAX - 1, dir);
	snprintf(log, sizeof(log), "%.*s/install.log", PATH_MAX - 1, dir);
	for (const char *const *arg = kind->install_arguments;
	     *arg && count <= INSTALL_ARGUMENTS; arg++)
		argv[count++] = *arg;
	argv[count++] = datadir;
	argv[count++] = tmpdir;
	rc = child_start(argv, user, log, &pid, err);
	if (rc || (rc = template_wait(&pid, installer, ending, &status, err)))
		return rc;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	logtail_read(log, last);
	return error_set(err, ERR_REMOTE, installer,
			 "a database can't be made: %s", last);
}

int template_prepare(const struct kind *kind, const char *server,
		     const char *dir, const struct child_user *user,
		     struct ending *ending, char ret_path[PATH_MAX],
		     struct error *err)
{
	char kept[PATH_MAX];
	bool keep = template_name(server, kept);
	int rc;

	if (keep && template_is_kept(kept)) {
		snprintf(ret_path, PATH_MAX, "%s", kept);
		return 0;
	}
	snprintf(ret_path, PATH_MAX, "%.*s/template", PATH_MAX - 16, dir);
	rc = template_make(kind, server, dir, ret_path, user, ending, err);
	if (!rc && keep)
		template_keep(ret_path, kept);
	return rc;
}
