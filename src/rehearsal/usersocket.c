/* See usersocket.h. */
#include "rehearsal/usersocket.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

bool usersocket_open(struct usersocket *socket_, const struct sockaddr_in *to)
{
	int one = 1;

	socket_->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC |
			     SOCK_NONBLOCK, 0);
	if (socket_->fd < 0)
		return false;
	setsockopt(socket_->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!connect(socket_->fd, (const struct sockaddr *)to, sizeof(*to)) ||
	    errno == EINPROGRESS)
		return true;
	usersocket_close(socket_);
	return false;
}

void usersocket_close(struct usersocket *socket)
{
	if (socket->fd >= 0)
		close(socket->fd);
	socket->fd = -1;
}

bool usersocket_is_stale(const struct usersocket *socket)
{
	char byte;

	return recv(socket->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
	       errno != EAGAIN;
}

void usersocket_ask(struct usersocket *socket, const char *method,
		    const char *path, const char *body)
{
	int len = snprintf(socket->request, sizeof(socket->request),
			   "%s %s HTTP/1.1\r\nHost: my-app-service\r\n"
			   "Content-Type: application/json\r\n"
			   "Content-Length: %zu\r\n\r\n%s", method, path,
			   body ? strlen(body) : 0, body ? body : "");

	socket->request_len = (size_t)len;
	socket->sent = 0;
	socket->reply_len = 0;
	socket->status = 0;
}

/* The value of a header of the reply, or NULL; cut at its line's end. */
static const char *usersocket_header(const struct usersocket *socket,
				     const char *name, char *dst, size_t size)
{
	const char *at = strcasestr(socket->reply, name);

	if (!at)
		return NULL;
	at += strlen(name);
	snprintf(dst, size, "%.*s", (int)strcspn(at, "\r"), at);
	return dst;
}

/* Looks whether the reply is whole. */
static enum usersocket_result usersocket_parse(struct usersocket *socket)
{
	char value[32];
	const char *end = strstr(socket->reply, "\r\n\r\n");
	int64_t length = 0, status;

	if (!end)
		return USERSOCKET_BUSY;
	if (!usersocket_header(socket, "HTTP/1.1 ", value, sizeof(value)))
		return USERSOCKET_BROKEN;
	value[3] = '\0';
	if (text_parse_int(value, 100, 599, &status))
		return USERSOCKET_BROKEN;
	if (usersocket_header(socket, "\r\nContent-Length: ", value,
			      sizeof(value)) &&
	    text_parse_int(value, 0, USERSOCKET_REPLY_MAX, &length))
		return USERSOCKET_BROKEN;
	if (socket->reply_len < (size_t)(end + 4 - socket->reply) +
				(size_t)length)
		return USERSOCKET_BUSY;
	socket->status = (int)status;
	socket->last = usersocket_header(socket, "\r\nConnection: ", value,
					 sizeof(value)) &&
		       !strcasecmp(value, "close");
	return USERSOCKET_ANSWERED;
}

static bool usersocket_later(void)
{
	return errno == EAGAIN || errno == EINTR || errno == EINPROGRESS;
}

enum usersocket_result usersocket_step(struct usersocket *socket)
{
	ssize_t done;

	if (usersocket_writes(socket)) {
		done = send(socket->fd, socket->request + socket->sent,
			    socket->request_len - socket->sent, MSG_NOSIGNAL);
		if (done < 0)
			return usersocket_later() ? USERSOCKET_BUSY :
			       USERSOCKET_BROKEN;
		socket->sent += (size_t)done;
		return USERSOCKET_BUSY;
	}
	done = recv(socket->fd, socket->reply + socket->reply_len,
		    USERSOCKET_REPLY_MAX - socket->reply_len, 0);
	if (done < 0 && usersocket_later())
		return USERSOCKET_BUSY;
	if (done <= 0)
		return USERSOCKET_BROKEN;
	socket->reply_len += (size_t)done;
	socket->reply[socket->reply_len] = '\0';
	return usersocket_parse(socket);
}

bool usersocket_writes(const struct usersocket *socket)
{
	return socket->sent < socket->request_len;
}
