/*
 * The API's front door: TLS, who is there, routing, and answers as bytes. One
 * thread of libmicrohttpd.
 */
#ifndef CUTOVER_REHEARSAL_HTTP_H
#define CUTOVER_REHEARSAL_HTTP_H

struct access_tokens;
struct error;
struct http;
struct podlogs;
struct store;
struct tls_material;
struct trouble;
struct watch_hub;

struct http_options {
	struct store *store;            /* all borrowed until http_close */
	struct watch_hub *hub;
	struct podlogs *logs;
	const struct access_tokens *tokens;
	const struct tls_material *tls;
	struct trouble *trouble;
	int port;                       /* 0: any free one */
};

/* Listens on 127.0.0.1. *ret is owned by the caller. */
int http_open(struct http **ret, const struct http_options *options,
	      struct error *err);
int http_port(const struct http *http);
/* The hub and the logs must have been closed. Takes NULL. */
void http_close(struct http *http);

/* Stops listening and breaks off all connections, hub and logs being closed, as an
 * API server that restarts; http_listen begins anew, on the same port. One
 * thread at a time, not the callers' of requests. ERR_IO. */
void http_break(struct http *http);
/* What is held back (delay.h) goes on now. */
void http_hurry(struct http *http);
int http_listen(struct http *http, struct error *err);

#endif
