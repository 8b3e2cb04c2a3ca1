/*
 * The API's front door: TLS, who is there, routing, and answers as bytes. One
 * thread of libmicrohttpd.
 */
#ifndef CUTOVER_REHEARSAL_HTTP_H
#define CUTOVER_REHEARSAL_HTTP_H

struct access_tokens;
struct error;
struct http;
struct store;
struct tls_material;
struct watch_hub;

struct http_options {
	struct store *store;            /* all borrowed until http_close */
	struct watch_hub *hub;
	const struct access_tokens *tokens;
	const struct tls_material *tls;
	int port;                       /* 0: any free one */
};

/* Listens on 127.0.0.1. *ret is owned by the caller. */
int http_open(struct http **ret, const struct http_options *options,
	      struct error *err);
int http_port(const struct http *http);
/* The hub must have been closed. Takes NULL. */
void http_close(struct http *http);

#endif
