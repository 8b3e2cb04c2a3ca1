/* The inside of one HTTP call, for the files of net/ alone. */
#ifndef CUTOVER_NET_HTTP_PRIVATE_H
#define CUTOVER_NET_HTTP_PRIVATE_H

#include "base/buf.h"
#include "net/http.h"
#include "net/loop_private.h"

struct http_call {
	struct loop *loop;
	struct loop_transfer transfer;
	struct http_callbacks callbacks;
	struct curl_slist *headers;     /* sent; hold secrets */
	struct curl_slist *connect_to;
	char where[HTTP_WHERE_MAX];
	struct buf head;                /* of the reply */
	struct buf body;
	struct buf stream;              /* not yet told */
	bool head_whole, head_told;
	int stop;                       /* why one of ours stopped it, or 0 */
	struct error refusal;           /* why nothing was sent */
	bool effect;                    /* not a read: never send it twice */
	unsigned char *upload;
	size_t upload_len, upload_at;
	int64_t began, last_byte;
	int64_t timeout_ms, idle_ms;
	struct loop_timer *idle_timer;
	char curl_error[CURL_ERROR_SIZE];
};

/* http_setup.c: makes the call's easy handle. */
int http_setup(struct http_call *call, const struct http_request *request,
	       struct error *err);
/* Wipes and frees what http_setup made. */
void http_setup_release(struct http_call *call);

/* http_error.c: the error of an ended transfer; 0 if an answer came whole. */
int http_call_error(const struct http_call *call,
		    const struct http_reply *reply, struct error *err);

/* http.c: libcurl's callbacks, set by http_setup. */
size_t http_on_header(char *bytes, size_t size, size_t count, void *data);
size_t http_on_body(char *bytes, size_t size, size_t count, void *data);
size_t http_on_upload(char *bytes, size_t size, size_t count, void *data);
int http_on_rewind(void *data, curl_off_t offset, int origin);
int http_on_connected(void *data, char *to, char *from, int to_port,
		      int from_port);

#endif
