/*
 * See lock.h. The lock belongs to the open file (OFD): unlike a process's
 * lock, it is not lost when another descriptor of the same file is closed, and
 * asking for it does not take it.
 */
#include "journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "journal/journal.h"

#define LOCK_TEXT_MAX 1024

static int lock_path(const char *dir, const char *name, char dst[PATH_MAX],
		     struct error *err)
{
	int used = snprintf(dst, PATH_MAX, "%s/%s", dir, name);

	if (used < 0 || used >= PATH_MAX)
		return error_set(err, ERR_LIMIT, dir, "path too long");
	return 0;
}

/* Reads the description; a holder with pid 0 where there is none. */
static void lock_describe(const char *dir, struct lock_holder *ret)
{
	char path[PATH_MAX];
	struct buf text;
	json_t *holder = NULL;

	memset(ret, 0, sizeof(*ret));
	buf_init(&text, LOCK_TEXT_MAX);
	if (!lock_path(dir, LOCK_FILE, path, NULL) &&
	    !file_read(path, &text, NULL))
		(void)json_parse(text.data, text.len, 0, &holder, NULL);
	ret->pid = json_number(holder, "pid", 0);
	text_sanitise(ret->user, sizeof(ret->user),
		      json_text(holder, "user", "?"));
	text_sanitise(ret->host, sizeof(ret->host),
		      json_text(holder, "host", "?"));
	text_sanitise(ret->since, sizeof(ret->since),
		      json_text(holder, "since", "?"));
	json_decref(holder);
	buf_release(&text);
}

static void lock_user(char dst[LOCK_USER_MAX])
{
	struct passwd entry, *found = NULL;
	char memory[4096];

	getpwuid_r(getuid(), &entry, memory, sizeof(memory), &found);
	if (found)
		snprintf(dst, LOCK_USER_MAX, "%s", found->pw_name);
	else
		snprintf(dst, LOCK_USER_MAX, "%ju", (uintmax_t)getuid());
}

static char *lock_description(void)
{
	char user[LOCK_USER_MAX], host[LOCK_HOST_MAX], since[CLOCK_STAMP_MAX];
	json_t *holder;
	char *text;

	lock_user(user);
	if (gethostname(host, sizeof(host)))
		snprintf(host, sizeof(host), "?");
	host[sizeof(host) - 1] = '\0';
	clock_stamp(clock_wall_ms(), since);
	holder = json_pack("{ss sI ss ss}", "user", user, "pid",
			   (json_int_t)getpid(), "host", host, "since", since);
	text = holder ? json_dumps(holder, JSON_COMPACT) : NULL;
	json_decref(holder);
	return text;
}

/* The lock stands without its description: one that cannot be written (a full
 * disk) is no reason to refuse the journal. */
static void lock_announce(const char *dir)
{
	char path[PATH_MAX], *text = lock_description();

	if (text && !lock_path(dir, LOCK_FILE, path, NULL))
		(void)file_replace(path, 0600, text, strlen(text), NULL);
	free(text);
}

int lock_refuse(const char *dir, struct error *err)
{
	struct lock_holder holder;

	lock_describe(dir, &holder);
	if (!holder.pid)
		return error_set(err, ERR_BUSY, dir,
				 "the run is held by another process");
	return error_set(err, ERR_BUSY, dir,
			 "the run is held by %s, process %" PRId64
			 " on %s since %s", holder.user, holder.pid,
			 holder.host, holder.since);
}

int lock_take(int fd, const char *dir, struct error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_SETLK, &lock)) {
		if (errno == EAGAIN || errno == EACCES)
			return lock_refuse(dir, err);
		return error_errno(err, dir, "the journal cannot be locked");
	}
	lock_announce(dir);
	return 0;
}

void lock_drop(const char *dir)
{
	char path[PATH_MAX];

	if (!lock_path(dir, LOCK_FILE, path, NULL))
		unlink(path);
}

int lock_query(const char *dir, bool *ret_held, struct lock_holder *ret_holder,
	       struct error *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[PATH_MAX];
	int fd, status;

	status = lock_path(dir, JOURNAL_FILE, path, err);
	if (status)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, path, "cannot be opened");
	if (fcntl(fd, F_OFD_GETLK, &lock))
		status = error_errno(err, path, "its lock cannot be asked for");
	close(fd);
	if (status)
		return status;
	*ret_held = lock.l_type != F_UNLCK;
	lock_describe(dir, ret_holder);
	return 0;
}
