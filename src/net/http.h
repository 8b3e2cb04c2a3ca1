/*
 * One HTTP request at a time limit, on the loop.
 *
 * The errors tell what may have happened at the other end:
 *   ERR_UNREACHABLE  no connection came about: nothing was sent
 *   ERR_DENIED       TLS: we do not trust them, or they refused our certificate
 *   ERR_TIMEOUT      the time limit passed after something was sent
 *   ERR_LOST         the connection broke after something was sent
 *   ERR_LIMIT        the reply is larger than allowed
 *   ERR_CANCELLED    never reported: a cancelled call does not call back
 * An answer of any status is no error here. err->where is "host:port"; URLs,
 * headers and bodies never stand in an error, since they may hold secrets.
 *
 * Connections are reused; but a request with an effect is never sent twice:
 * where libcurl would repeat it on a second connection, it ends as ERR_LOST.
 * Redirects are not followed. HTTP/1.1 only.
 */
#ifndef CUTOVER_NET_HTTP_H
#define CUTOVER_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct loop;
struct http_call;

#define HTTP_CALLS_MAX 256              /* at once on one loop */
#define HTTP_HEADERS_MAX 64             /* of a request */
#define HTTP_REPLY_HEADERS_MAX 65536    /* bytes kept of a reply's headers */
#define HTTP_REPLY_MAX (64u << 20)      /* bytes of a body, unless less is asked */
#define HTTP_STREAM_MAX (16u << 20)     /* bytes of a stream between two turns */
#define HTTP_CONNECT_TIMEOUT_MS 5000    /* where connect_timeout_ms is 0 */
#define HTTP_TIMEOUT_MS 30000           /* where timeout_ms is 0 */
#define HTTP_TIMEOUT_NONE (-1)          /* for streams */

struct http_tls {
	const char *ca_pem, *ca_file;   /* NULL: the system's authorities */
	const char *cert_pem, *cert_file;
	const char *key_pem, *key_file;
	const char *server_name;        /* name to expect instead of the URL's */
	bool insecure;                  /* trust whatever answers */
};

/* All of it is copied by http_send. */
struct http_request {
	const char *method;             /* NULL: GET */
	const char *url;
	const char *const *headers;     /* "Name: value" */
	size_t header_count;
	const char *token;              /* a secret, or NULL */
	/* The header that says it, with SECRET_MARK (base/secret.h) in its place;
	 * NULL: "Authorization: Bearer {token}". */
	const char *token_header;
	const char *user, *password;    /* basic authentication, or NULL */
	const void *body;
	size_t body_len;
	struct http_tls tls;
	const char *proxy;              /* URL; NULL: the environment's; "": none */
	int64_t connect_timeout_ms;
	int64_t timeout_ms;             /* of the whole call */
	int64_t idle_timeout_ms;        /* no byte came for so long; 0: no limit */
	size_t max_reply;               /* bytes; 0: HTTP_REPLY_MAX */
};

/* Borrowed during the callback. */
struct http_reply {
	int status;             /* 0 if there was no answer */
	const char *body;       /* NUL-terminated; "" for a stream */
	size_t len;
	const char *headers;    /* as received; see http_header */
	bool sent;              /* something of the request was sent */
	bool sent_all;          /* it was sent to its last byte */
	bool reused;            /* on a connection that was open already */
	int64_t connect_ms;     /* since the call began; -1: never came to it */
	int64_t first_byte_ms;
	int64_t total_ms;
};

struct http_callbacks {
	/* Optional. Asked when the connection stands, TLS included, and nothing
	 * of the request was sent yet: not 0, and nothing is; the call ends with
	 * that error. It must not use the loop or another call. */
	int (*may_send)(void *data, struct error *err);
	/* Optional. The status line and headers of the reply are here. */
	void (*on_head)(void *data, int status);
	/* Optional: makes a stream. Gets the body of a 2xx reply as it comes;
	 * other replies are still collected for on_done. */
	void (*on_data)(void *data, const char *bytes, size_t len);
	/* Always called once, unless cancelled. err is NULL if an answer came
	 * whole. The call is gone when it returns. */
	void (*on_done)(void *data, const struct http_reply *reply,
			const struct error *err);
	void *data;
};

/*
 * Starts a call. Its callbacks come in later turns, never from here. *ret (may
 * be NULL) is valid until on_done or http_cancel. ERR_INVALID (bad URL or
 * header), ERR_LIMIT, ERR_NOMEM.
 */
int http_send(struct loop *loop, const struct http_request *request,
	      const struct http_callbacks *callbacks, struct http_call **ret,
	      struct error *err);
/* Ends a call without calling back; takes NULL. */
void http_cancel(struct http_call *call);

/*
 * Copies the value of the first header of that name (any case) into dst, cut to
 * its size, and returns true; false if there is none. For headers that come
 * more than once, nth counts from 0.
 */
bool http_header(const struct http_reply *reply, const char *name, size_t nth,
		 char *dst, size_t size);
/* Retry-After in milliseconds (seconds form only), or -1. */
int64_t http_retry_after(const struct http_reply *reply);

#define HTTP_WHERE_MAX 128
/* "host:port" of a URL, for errors and for showing; 0 or ERR_INVALID. */
int http_where(const char *url, char dst[HTTP_WHERE_MAX], struct error *err);

#endif
