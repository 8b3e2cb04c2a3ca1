/*
 * A little HTTP server that does exactly as its script says: a thread takes
 * connections, one more serves each. For tests of net/ and kube/.
 */
#ifndef CUTOVER_TESTS_SCRIPT_SERVER_H
#define CUTOVER_TESTS_SCRIPT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct script_server;

#define SCRIPT_REQUEST_MAX 65536

/*
 * Serves one request (its bytes, head and body, NUL-terminated), in the
 * connection's thread; number counts the server's requests from 0. Returns
 * true to keep the connection.
 */
struct script_server *script_server_start(
	bool (*serve)(int fd, const char *request, int number, void *data),
	void *data);
/* Breaks all connections and joins all threads. */
void script_server_stop(struct script_server *server);
int script_server_port(const struct script_server *server);
/* How many requests have come. */
int script_server_requests(struct script_server *server);

/* Writes all bytes, at most step at once (0: all at once). */
void script_write(int fd, const char *bytes, size_t len, size_t step);
/* A whole answer with a Content-Length. */
void script_answer(int fd, const char *status, const char *headers,
		   const char *body);
/* The head of a chunked answer; a chunk (len 0: the last). */
void script_chunked(int fd);
void script_chunk(int fd, const char *bytes, size_t len);
/* Waits until the other end closes, or the server stops. */
void script_wait_closed(int fd);

#endif
