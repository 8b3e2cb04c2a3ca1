/* See worldlink.h. */
#include "commands/worldlink.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"

#define WORLDLINK_SOCKET "control"
#define WORLDLINK_GONE_MS 15000 /* from the ledger to the world's end */

static int worldlink_dial(const char *dir, int *ret, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (snprintf(address.sun_path, sizeof(address.sun_path),
		     "%s/" WORLDLINK_SOCKET, dir) >=
	    (int)sizeof(address.sun_path))
		return error_set(err, ERR_LIMIT, NULL, _("path too long"));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&address,
				sizeof(address))) {
		*ret = fd;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return error_set(err, ERR_UNREACHABLE, dir,
			 _("no practice world lives there"));
}

/* Reads what there is until the deadline; 0 at the end of the conversation. */
static ssize_t worldlink_read(int fd, int64_t deadline_ms, char *bytes,
			      size_t size, struct error *err)
{
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left = deadline_ms - clock_mono_ms();
		ssize_t got;

		if (left <= 0 || (poll(&ready, 1, (int)left) == 0))
			return error_set(err, ERR_TIMEOUT, "cutover-world",
					 _("the practice world did not answer in time"));
		got = read(fd, bytes, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != ECONNRESET)
			return error_errno(err, "cutover-world",
					   _("cannot read its answer"));
		return got < 0 ? 0 : got;
	}
}

/* The answer's end: "ok" or "error: TEXT" on a line that begins with no
 * blank. NULL: it has not come yet. */
static const char *worldlink_last(const struct buf *all)
{
	const char *line = all->data;
	const char *end;

	while (*line == ' ' && (end = strchr(line, '\n')))
		line = end + 1;
	return *line != ' ' && strchr(line, '\n') ? line : NULL;
}

/* Splits the whole answer into its lines and what it amounts to. */
static int worldlink_take(const struct buf *all, const char *last,
			  struct buf *answer, struct error *err)
{
	static const char refused[] = "error: ";
	const char *end;

	for (const char *line = all->data; line < last; line = end + 1) {
		end = strchr(line, '\n');
		buf_append(answer, line + 1, (size_t)(end - line));
	}
	if (buf_error(answer))
		return error_nomem(err);
	if (strncmp(last, refused, sizeof(refused) - 1) != 0)
		return 0;
	last += sizeof(refused) - 1;
	return error_set(err, ERR_REMOTE, NULL, "%.*s",
			 (int)strcspn(last, "\n"), last);
}

static int worldlink_hear(int fd, int64_t limit_ms, struct buf *answer,
			  struct error *err)
{
	int64_t deadline = clock_mono_ms() + limit_ms;
	const char *last = NULL;
	char bytes[4096];
	struct buf all;
	int status = 0;

	buf_init(&all, WORLDLINK_ANSWER_MAX);
	while (!status && !(last = worldlink_last(&all))) {
		ssize_t got = worldlink_read(fd, deadline, bytes,
					     sizeof(bytes), err);

		if (got < 0)
			status = (int)got;
		else if (got == 0)
			status = error_set(err, ERR_LOST, "cutover-world",
					   _("the practice world has ended"));
		else
			status = buf_append(&all, bytes, (size_t)got);
	}
	if (!status)
		status = worldlink_take(&all, last, answer, err);
	buf_release(&all);
	return status;
}

/* Waits until the world closes the conversation, which is its last deed. */
static void worldlink_await_end(int fd)
{
	int64_t deadline = clock_mono_ms() + WORLDLINK_GONE_MS;
	char bytes[256];

	while (worldlink_read(fd, deadline, bytes, sizeof(bytes), NULL) > 0)
		;
}

static int worldlink_talk(const char *dir, const char *line, int64_t limit_ms,
			  bool to_the_end, struct buf *answer,
			  struct error *err)
{
	int fd = -1, status = worldlink_dial(dir, &fd, err);
	struct buf request;

	if (status)
		return status;
	buf_init(&request, WORLDLINK_ANSWER_MAX);
	buf_printf(&request, "%s\n", line);
	/* an interruption cannot cut so short a message in two */
	if (buf_error(&request) ||
	    send(fd, request.data, request.len, MSG_NOSIGNAL) !=
	    (ssize_t)request.len)
		status = error_errno(err, dir, _("cannot speak to the practice world"));
	if (!status)
		status = worldlink_hear(fd, limit_ms, answer, err);
	if (!status && to_the_end)
		worldlink_await_end(fd);
	buf_release(&request);
	close(fd);
	return status;
}

int worldlink_ask(const char *dir, const char *line, int64_t limit_ms,
		  struct buf *answer, struct error *err)
{
	return worldlink_talk(dir, line, limit_ms, false, answer, err);
}

int worldlink_finish(const char *dir, int64_t limit_ms, struct buf *answer,
		     struct error *err)
{
	return worldlink_talk(dir, "finish", limit_ms, true, answer, err);
}

bool worldlink_lives(const char *dir)
{
	int fd;

	if (worldlink_dial(dir, &fd, NULL))
		return false;
	close(fd);
	return true;
}

void worldlink_name(const char *dir, char dst[WORLDLINK_NAME_MAX])
{
	char door[PATH_MAX + sizeof(WORLDLINK_SOCKET)];
	struct stat status;

	dst[0] = '\0';
	snprintf(door, sizeof(door), "%s/" WORLDLINK_SOCKET, dir);
	/* the file's number may come again, but not in the same moment */
	if (worldlink_lives(dir) && !lstat(door, &status))
		snprintf(dst, WORLDLINK_NAME_MAX, "%llu.%lld.%09ld",
			 (unsigned long long)status.st_ino,
			 (long long)status.st_ctim.tv_sec,
			 status.st_ctim.tv_nsec);
}

/* Adds the worlds of ours in one directory. */
static void worldlink_look(const char *parent, struct worldlink_worlds *worlds)
{
	DIR *dir = opendir(parent);
	const struct dirent *entry;
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "cutover-world-%ld-",
		 (long)geteuid());
	while (worlds->count < WORLDLINK_WORLDS_MAX && dir &&
	       (entry = readdir(dir))) {
		struct worldlink_world *world = &worlds->list[worlds->count];
		struct stat status;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    snprintf(world->dir, sizeof(world->dir), "%s/%s", parent,
			     entry->d_name) >= (int)sizeof(world->dir) ||
		    lstat(world->dir, &status) ||
		    status.st_uid != geteuid() ||
		    !worldlink_lives(world->dir))
			continue;
		world->since = status.st_ctime;
		worlds->count++;
	}
	if (dir)
		closedir(dir);
}

static int worldlink_compare(const void *a, const void *b)
{
	const struct worldlink_world *left = a, *right = b;

	if (left->since != right->since)
		return left->since < right->since ? 1 : -1;
	return strcmp(left->dir, right->dir);
}

void worldlink_find(struct worldlink_worlds *ret)
{
	const char *own = getenv("TMPDIR");

	ret->count = 0;
	/* where the world puts itself, and where it goes if it may not */
	if (own && own[0] == '/')
		worldlink_look(own, ret);
	if (!ret->count)
		worldlink_look("/tmp", ret);
	qsort(ret->list, ret->count, sizeof(ret->list[0]), worldlink_compare);
}
