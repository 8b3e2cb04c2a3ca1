/* See kind.h. */
#include "rehearsal/kind.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/child.h"
#include "rehearsal/ending.h"
#include "rehearsal/logtail.h"

#define VERSION_LIMIT_MS 10000
#define VERSION_POLL_MS 5

const struct kind *kind_find(const char *name)
{
	static const struct kind *const kinds[] = {&kind_mariadb, &kind_mysql};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

/* The program's path in PATH; false: it is not there. */
static bool kind_search(const char *program, char ret[PATH_MAX])
{
	const char *path = getenv("PATH");

	while (path && *path) {
		int len = (int)strcspn(path, ":");

		snprintf(ret, PATH_MAX, "%.*s/%s", len, path, program);
		if (len && !access(ret, X_OK))
			return true;
		path += len;
		path += *path == ':';
	}
	return false;
}

/* The last line of `PROGRAM --version`. */
static int kind_version(const char *program, const char *dir,
			const struct child_user *user, struct ending *ending,
			char ret[LOGTAIL_SIZE], struct error *err)
{
	const char *const argv[] = {program, "--no-defaults", "--version",
				    NULL};
	int64_t deadline = clock_mono_ms() + VERSION_LIMIT_MS;
	char log[PATH_MAX];
	int status = 0, rc;
	pid_t pid;

	snprintf(log, sizeof(log), "%.*s/version.log", PATH_MAX - 16, dir);
	rc = child_start(argv, user, log, &pid, err);
	if (rc)
		return rc;
	while (!rc && !child_ended(&pid, &status)) {
		rc = ending_pause(ending, VERSION_POLL_MS, err);
		if (!rc && clock_mono_ms() > deadline)
			rc = error_set(err, ERR_TIMEOUT, program,
				       "does not tell its version");
	}
	child_end(&pid, SIGKILL, clock_mono_ms());
	logtail_read(log, ret);
	unlink(log);
	return rc;
}

int kind_program(const struct kind *kind, const char *dir,
		 const struct child_user *user, struct ending *ending,
		 char ret[PATH_MAX], struct error *err)
{
	const char *named = getenv(kind->variable);
	char version[LOGTAIL_SIZE];
	int rc;

	if (named && named[0])
		snprintf(ret, PATH_MAX, "%s", named);
	else if (kind->built && !access(kind->built, X_OK))
		snprintf(ret, PATH_MAX, "%s", kind->built);
	else if (!kind_search(kind->program, ret))
		return error_set(err, ERR_NOTFOUND, kind->program, "there is "
				 "no %s server: %s, or name one in %s",
				 kind->title, kind->missing, kind->variable);
	if (access(ret, X_OK))
		return error_set(err, ERR_NOTFOUND, ret, "no program: %s, or "
				 "name another in %s", kind->missing,
				 kind->variable);
	rc = kind_version(ret, dir, user, ending, version, err);
	if (!rc && (strcasestr(version, "mariadb") != NULL) !=
		   kind->is_mariadb)
		rc = error_set(err, ERR_NOTFOUND, ret, "is no %s server but "
			       "\"%.120s\": %s, or name one in %s",
			       kind->title, version, kind->missing,
			       kind->variable);
	return rc;
}
