/* See outlet.h. */
#include "net/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/loop.h"

#define OUTLET_KEPT_MAX ((size_t)256 * 1024 * 1024)

struct outlet {
	struct loop *loop;
	int fd;
	bool own;                       /* opened here, never waits */
	bool socket;
	bool gone;                      /* nobody reads */
	struct buf kept;
	struct loop_fd *watch;          /* while something is kept */
	void (*drained)(void *data);
	void *data;
};

/* A second way in, which does not wait; or -1. By /dev/tty where the terminal
 * is another user's (su), which is then still the one that controls us. */
static int outlet_reopen(int fd)
{
	const int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat info;
	char path[64];
	int again;

	if (fstat(fd, &info) || (!S_ISCHR(info.st_mode) &&
				 !S_ISFIFO(info.st_mode)))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, flags);
	if (again < 0 && tcgetpgrp(fd) >= 0)
		again = open("/dev/tty", flags);
	return again;
}

static bool outlet_is_socket(int fd)
{
	struct stat info;

	return fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode);
}

int outlet_open(struct loop *loop, int fd, void (*drained)(void *data),
		void *data, struct outlet **ret, struct error *err)
{
	struct outlet *outlet = calloc(1, sizeof(*outlet));
	int again;

	if (!outlet)
		return error_nomem(err);
	again = outlet_reopen(fd);
	outlet->loop = loop;
	outlet->own = again >= 0;
	outlet->fd = again >= 0 ? again : fd;
	outlet->socket = outlet_is_socket(fd);
	outlet->drained = drained;
	outlet->data = data;
	buf_init(&outlet->kept, OUTLET_KEPT_MAX);
	*ret = outlet;
	return 0;
}

/* How many were taken. */
static size_t outlet_write(struct outlet *outlet, const char *bytes, size_t len)
{
	size_t done = 0;

	while (done < len && !outlet->gone) {
		ssize_t wrote = outlet->socket ?
			send(outlet->fd, bytes + done, len - done,
			     MSG_DONTWAIT | MSG_NOSIGNAL) :
			write(outlet->fd, bytes + done, len - done);

		if (wrote >= 0)
			done += (size_t)wrote;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			outlet->gone = true;
	}
	return outlet->gone ? len : done;
}

static void outlet_send(struct outlet *outlet)
{
	buf_consume(&outlet->kept, outlet_write(outlet, outlet->kept.data,
						outlet->kept.len));
	if (outlet->kept.len)
		return;
	loop_unwatch_fd(outlet->watch);
	outlet->watch = NULL;
}

static void outlet_ready(void *data, short revents)
{
	struct outlet *outlet = data;

	(void)revents;
	outlet_send(outlet);
	if (!outlet->kept.len && outlet->drained)
		outlet->drained(outlet->data);
}

int outlet_put(struct outlet *outlet, const void *bytes, size_t len)
{
	size_t done = outlet->kept.len ? 0 : outlet_write(outlet, bytes, len);

	if (outlet->gone)
		return ERR_IO;
	if (done < len && buf_append(&outlet->kept, (const char *)bytes + done,
				     len - done)) {
		outlet->kept.error = 0;         /* what comes later is kept again */
		return ERR_NOMEM;
	}
	/* without a watch it is tried again at the next put */
	if (outlet->kept.len && !outlet->watch)
		(void)loop_watch_fd(outlet->loop, outlet->fd, POLLOUT,
				    outlet_ready, outlet, &outlet->watch, NULL);
	return 0;
}

bool outlet_is_drained(struct outlet *outlet)
{
	if (outlet->kept.len)
		outlet_send(outlet);
	return outlet->kept.len == 0;
}

/* ---- as a stream ---------------------------------------------------------- */

static ssize_t outlet_stream_write(void *cookie, const char *bytes, size_t len)
{
	return outlet_put(cookie, bytes, len) ? 0 : (ssize_t)len;
}

FILE *outlet_stream(struct outlet *outlet)
{
	const cookie_io_functions_t functions = {.write = outlet_stream_write};

	return fopencookie(outlet, "w", functions);
}

/* ---- the rest ------------------------------------------------------------- */

static bool outlet_wait(const struct outlet *outlet, int patience_ms)
{
	struct pollfd ready = {.fd = outlet->fd, .events = POLLOUT};
	const struct timespec patience = {patience_ms / 1000,
					  patience_ms % 1000 * 1000000L};
	sigset_t none;

	sigemptyset(&none);
	return patience_ms == OUTLET_ALL ? ppoll(&ready, 1, NULL, &none) >= 0 :
					   ppoll(&ready, 1, &patience, NULL) > 0;
}

bool outlet_settle(struct outlet *outlet, int patience_ms)
{
	bool all = true;

	while (all && !outlet_is_drained(outlet))
		all = outlet_wait(outlet, patience_ms);
	buf_clear(&outlet->kept);
	loop_unwatch_fd(outlet->watch);
	outlet->watch = NULL;
	return all;
}

void outlet_close(struct outlet *outlet)
{
	if (!outlet)
		return;
	loop_unwatch_fd(outlet->watch);
	if (outlet->own)
		close(outlet->fd);
	buf_release(&outlet->kept);
	free(outlet);
}
