/* See script_server.h. */
#include "script_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCRIPT_CONNECTIONS_MAX 256

struct script_connection {
	struct script_server *server;
	pthread_t thread;
	int fd;
};

struct script_server {
	bool (*serve)(int fd, const char *request, int number, void *data);
	void *data;
	int fd, port;
	pthread_t thread;
	pthread_mutex_t lock;           /* guards what follows */
	struct script_connection connections[SCRIPT_CONNECTIONS_MAX];
	size_t count;
	int requests;
};

static size_t body_length(const char *head)
{
	const char *at = strcasestr(head, "content-length:");

	return at ? (size_t)strtoul(at + 15, NULL, 10) : 0;
}

/* Reads one request whole; false at the end of the connection. */
static bool read_request(int fd, char request[SCRIPT_REQUEST_MAX])
{
	size_t used = 0, want = SCRIPT_REQUEST_MAX - 1;

	request[0] = '\0';
	while (used < want) {
		char *end;
		ssize_t got = recv(fd, request + used, 1, 0);

		if (got <= 0)
			return false;
		request[++used] = '\0';
		end = strstr(request, "\r\n\r\n");
		if (end)
			want = (size_t)(end - request) + 4 +
				body_length(request);
	}
	return true;
}

static void *connection_run(void *data)
{
	struct script_connection *connection = data;
	struct script_server *server = connection->server;
	char *request = malloc(SCRIPT_REQUEST_MAX);
	bool keep = true;
	int number;

	while (request && keep && read_request(connection->fd, request)) {
		pthread_mutex_lock(&server->lock);
		number = server->requests++;
		pthread_mutex_unlock(&server->lock);
		keep = server->serve(connection->fd, request, number,
				     server->data);
	}
	free(request);
	shutdown(connection->fd, SHUT_RDWR);
	return NULL;
}

static void *server_run(void *data)
{
	struct script_server *server = data;
	int fd, one = 1;

	while ((fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct script_connection *connection;

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		pthread_mutex_lock(&server->lock);
		if (server->count == SCRIPT_CONNECTIONS_MAX)
			abort();
		connection = &server->connections[server->count++];
		connection->server = server;
		connection->fd = fd;
		if (pthread_create(&connection->thread, NULL, connection_run,
				   connection))
			abort();
		pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

struct script_server *script_server_start(
	bool (*serve)(int fd, const char *request, int number, void *data),
	void *data)
{
	struct script_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);

	if (!server)
		abort();
	server->serve = serve;
	server->data = data;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->fd < 0 ||
	    bind(server->fd, (struct sockaddr *)&address, len) ||
	    listen(server->fd, 64) ||
	    getsockname(server->fd, (struct sockaddr *)&address, &len))
		abort();
	server->port = ntohs(address.sin_port);
	pthread_mutex_init(&server->lock, NULL);
	if (pthread_create(&server->thread, NULL, server_run, server))
		abort();
	return server;
}

void script_server_stop(struct script_server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	for (size_t i = 0; i < server->count; i++)
		shutdown(server->connections[i].fd, SHUT_RDWR);
	for (size_t i = 0; i < server->count; i++) {
		pthread_join(server->connections[i].thread, NULL);
		close(server->connections[i].fd);
	}
	pthread_mutex_destroy(&server->lock);
	free(server);
}

int script_server_port(const struct script_server *server)
{
	return server->port;
}

int script_server_requests(struct script_server *server)
{
	int requests;

	pthread_mutex_lock(&server->lock);
	requests = server->requests;
	pthread_mutex_unlock(&server->lock);
	return requests;
}

void script_write(int fd, const char *bytes, size_t len, size_t step)
{
	while (len) {
		size_t want = step && step < len ? step : len;
		ssize_t put = send(fd, bytes, want, MSG_NOSIGNAL);

		if (put <= 0)
			return;
		bytes += put;
		len -= (size_t)put;
	}
}

void script_answer(int fd, const char *status, const char *headers,
		   const char *body)
{
	char head[4096];
	int len = snprintf(head, sizeof(head),
			   "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n",
			   status, headers, strlen(body));

	script_write(fd, head, (size_t)len, 0);
	script_write(fd, body, strlen(body), 0);
}

void script_chunked(int fd)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
		"Content-Type: application/json\r\n"
		"Transfer-Encoding: chunked\r\n\r\n";

	script_write(fd, head, sizeof(head) - 1, 0);
}

void script_chunk(int fd, const char *bytes, size_t len)
{
	char size[32];

	snprintf(size, sizeof(size), "%zx\r\n", len);
	script_write(fd, size, strlen(size), 0);
	script_write(fd, bytes, len, 0);
	script_write(fd, "\r\n", 2, 0);
}

void script_wait_closed(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) > 0)
		;
}
