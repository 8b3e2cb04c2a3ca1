/*
 * A user's connection: one HTTP request at a time on a socket that never
 * blocks. It speaks only as much HTTP as the application answers with.
 */
#ifndef CUTOVER_REHEARSAL_USERSOCKET_H
#define CUTOVER_REHEARSAL_USERSOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define USERSOCKET_REQUEST_MAX 512
#define USERSOCKET_REPLY_MAX 4096

enum usersocket_result {
	USERSOCKET_BUSY,        /* the answer is not whole yet */
	USERSOCKET_ANSWERED,    /* status is set */
	USERSOCKET_BROKEN,      /* the connection is gone */
};

struct usersocket {
	int fd;                 /* -1: not connected */
	char request[USERSOCKET_REQUEST_MAX];
	size_t request_len, sent;
	char reply[USERSOCKET_REPLY_MAX + 1];
	size_t reply_len;
	int status;
	bool last;              /* the server closes after this answer */
};

/* Begins to connect; false: no socket. */
bool usersocket_open(struct usersocket *socket, const struct sockaddr_in *to);
void usersocket_close(struct usersocket *socket);

/* Whether the server has closed it since the last answer. */
bool usersocket_is_stale(const struct usersocket *socket);

/* Sets a request (method, path, a JSON body or NULL) to be sent by step. */
void usersocket_ask(struct usersocket *socket, const char *method,
		    const char *path, const char *body);
/* Goes on with the request. */
enum usersocket_result usersocket_step(struct usersocket *socket);
/* Whether it waits to write (else: to read). */
bool usersocket_writes(const struct usersocket *socket);

#endif
