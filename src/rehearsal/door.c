/* See door.h. */
#include "rehearsal/door.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#define FLUSH_POLL_MS 5

/* One who talks to us. While an answer waits to be taken, nothing more of his
 * is read. */
struct door_client {
	int fd;                 /* -1: the seat is free */
	uint64_t heard;         /* in which turn he said something last */
	bool ends;              /* closed once the answer was taken */
	char in[DOOR_LINE_MAX];
	size_t used;
	struct buf out;
};

struct door {
	int listener, epoll;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint64_t turn;
	door_answer answer;
	void *data;
	struct door_client clients[DOOR_CLIENTS_MAX];
};

static void client_drop(struct door_client *client)
{
	close(client->fd);      /* epoll forgets it with it */
	client->fd = -1;
	buf_release(&client->out);
}

static void client_refuse(struct door_client *client, const char *why)
{
	buf_printf(&client->out, "error: %s\n", why);
	client->used = 0;
	client->ends = true;
}

/* Waits for what comes next: that the answer can go on, or a request. */
static void client_watch(struct door *door,
			 struct door_client *client)
{
	struct epoll_event event = {
		.events = client->out.len ? EPOLLOUT : EPOLLIN,
		.data.ptr = client};

	epoll_ctl(door->epoll, EPOLL_CTL_MOD, client->fd, &event);
}

/* Sends what can be sent; false: he is gone. */
static bool client_send(struct door_client *client)
{
	while (client->out.len) {
		ssize_t sent = send(client->fd, client->out.data,
				    client->out.len,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN;
		buf_consume(&client->out, (size_t)sent);
	}
	return true;
}

static void client_answer(struct door *door,
			  struct door_client *client, const char *line)
{
	char clean[DOOR_LINE_MAX], text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];
	struct error err = {0};
	int rc;

	text_sanitise(clean, sizeof(clean), line);
	buf_clear(&client->out);
	rc = door->answer(door->data, clean, &client->out, &err);
	if (!rc && buf_error(&client->out))
		rc = error_set(&err, ERR_LIMIT, NULL,
			       "the answer would be too long");
	if (buf_error(&client->out))
		buf_clear(&client->out);
	error_text(&err, text, sizeof(text));
	if (rc)
		buf_printf(&client->out, "error: %s\n", text);
	else
		buf_puts(&client->out, "ok\n");
}

/* Answers the first whole request that was read; whether there was one. */
static bool client_next(struct door *door, struct door_client *client)
{
	char *end = memchr(client->in, '\n', client->used);
	char line[DOOR_LINE_MAX];
	size_t len;

	if (!end) {
		if (client->used == sizeof(client->in))
			client_refuse(client, "that line is too long");
		return false;
	}
	len = (size_t)(end - client->in);
	/* A NUL would hide what follows it. */
	for (size_t i = 0; i < len; i++)
		line[i] = client->in[i] ? client->in[i] : '?';
	line[len] = '\0';
	client->used -= len + 1;
	memmove(client->in, end + 1, client->used);
	client_answer(door, client, line);
	return true;
}

/* Reads once; false: nobody will say more. */
static bool client_read(struct door *door, struct door_client *client)
{
	ssize_t got = recv(client->fd, client->in + client->used,
			   sizeof(client->in) - client->used, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	client->used += (size_t)got;
	client->heard = ++door->turn;
	return got > 0;
}

static void client_serve(struct door *door,
			 struct door_client *client)
{
	if (!client->out.len && !client_read(door, client))
		client->ends = true;    /* what he has asked is still answered */
	do {
		if (!client_send(client)) {
			client_drop(client);
			return;
		}
	} while (!client->out.len && client_next(door, client));
	if (client->out.len || !client->ends)
		client_watch(door, client);
	else
		client_drop(client);
}

/* A seat, if need be that of whoever has been silent longest: he may be a
 * program that has forgotten us. He is told. */
static struct door_client *door_seat(struct door *door)
{
	struct door_client *silent = door->clients;

	for (int i = 0; i < DOOR_CLIENTS_MAX; i++) {
		struct door_client *client = &door->clients[i];

		if (client->fd < 0)
			return client;
		if (client->heard < silent->heard)
			silent = client;
	}
	client_refuse(silent, "too many speak to this world");
	client_send(silent);
	client_drop(silent);
	return silent;
}

/* Takes whoever knocks. */
static void door_welcome(struct door *door)
{
	struct door_client *client;
	struct epoll_event event = {.events = EPOLLIN};
	int fd = accept4(door->listener, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	client = door_seat(door);
	event.data.ptr = client;
	if (epoll_ctl(door->epoll, EPOLL_CTL_ADD, fd, &event)) {
		close(fd);
		return;
	}
	*client = (struct door_client){.fd = fd, .heard = ++door->turn};
	buf_init(&client->out, DOOR_ANSWER_MAX);
}

static int door_listen(struct door *door, const char *dir,
			  struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct epoll_event event = {.events = EPOLLIN};

	if (snprintf(address.sun_path, sizeof(address.sun_path),
		     "%s/" DOOR_NAME, dir) >=
	    (int)sizeof(address.sun_path))
		return error_set(err, ERR_LIMIT, dir, "too long a path");
	door->epoll = epoll_create1(EPOLL_CLOEXEC);
	door->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
				   SOCK_NONBLOCK, 0);
	/* Before bind: nobody else is let in even for a moment. */
	if (door->epoll < 0 || door->listener < 0 ||
	    fchmod(door->listener, 0600) ||
	    bind(door->listener, (struct sockaddr *)&address,
		 sizeof(address)) ||
	    listen(door->listener, DOOR_CLIENTS_MAX) ||
	    epoll_ctl(door->epoll, EPOLL_CTL_ADD, door->listener,
		      &event))
		return error_errno(err, address.sun_path, "listening there");
	snprintf(door->path, sizeof(door->path), "%s", address.sun_path);
	return 0;
}

int door_open(struct door **ret, const char *dir, door_answer answer,
		 void *data, struct error *err)
{
	struct door *door = calloc(1, sizeof(*door));
	int rc;

	if (!door)
		return error_nomem(err);
	door->listener = door->epoll = -1;
	door->answer = answer;
	door->data = data;
	for (int i = 0; i < DOOR_CLIENTS_MAX; i++)
		door->clients[i].fd = -1;
	rc = door_listen(door, dir, err);
	if (rc)
		door_close(door);
	else
		*ret = door;
	return rc;
}

int door_fd(const struct door *door)
{
	return door->epoll;
}

void door_serve(struct door *door)
{
	struct epoll_event events[DOOR_CLIENTS_MAX + 1];
	int count = epoll_wait(door->epoll, events,
			       DOOR_CLIENTS_MAX + 1, 0);

	for (int i = 0; i < count; i++) {
		if (events[i].data.ptr)
			client_serve(door, events[i].data.ptr);
		else
			door_welcome(door);
	}
}

void door_flush(struct door *door, int limit_ms)
{
	int64_t deadline = clock_mono_ms() + limit_ms;
	bool waiting = true;

	while (waiting && clock_mono_ms() < deadline) {
		struct pollfd nothing = {.fd = -1};

		waiting = false;
		for (int i = 0; i < DOOR_CLIENTS_MAX; i++) {
			struct door_client *client = &door->clients[i];

			if (client->fd >= 0 && client->out.len) {
				if (!client_send(client))
					client_drop(client);
				else
					waiting |= client->out.len > 0;
			}
		}
		if (waiting)
			poll(&nothing, 1, FLUSH_POLL_MS);
	}
}

void door_close(struct door *door)
{
	if (!door)
		return;
	for (int i = 0; i < DOOR_CLIENTS_MAX; i++)
		if (door->clients[i].fd >= 0)
			client_drop(&door->clients[i]);
	if (door->listener >= 0)
		close(door->listener);
	if (door->epoll >= 0)
		close(door->epoll);
	if (door->path[0])
		unlink(door->path);
	free(door);
}
