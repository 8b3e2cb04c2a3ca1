/*
 * See http.h. libcurl's callbacks collect into buffers and mark the call; the
 * loop's turn then calls http_ready and http_end, outside of libcurl.
 */
#include "net/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/http_private.h"

#define HTTP_RETRY_AFTER_MAX_S 86400

static struct http_call *http_of(struct loop_transfer *transfer)
{
	return (struct http_call *)(void *)((char *)transfer -
		offsetof(struct http_call, transfer));
}

static int http_status(const struct http_call *call)
{
	long status = 0;

	curl_easy_getinfo(call->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static bool http_streams(const struct http_call *call)
{
	int status = http_status(call);

	return call->callbacks.on_data && status >= 200 && status < 300;
}

/* Stops the transfer from inside a libcurl callback. */
static size_t http_stop(struct http_call *call, int why)
{
	call->stop = why;
	return 0;
}

size_t http_on_header(char *bytes, size_t size, size_t count, void *data)
{
	struct http_call *call = data;
	size_t len = size * count;
	int status;

	call->last_byte = clock_mono_ms();
	if (call->head_whole && http_status(call) < 200) {
		buf_clear(&call->head);         /* that was "100 Continue" */
		call->head_whole = false;
	}
	status = buf_append(&call->head, bytes, len);
	if (status)
		return http_stop(call, status);
	if (len <= 2 && bytes[len - 1] == '\n' && http_status(call) >= 100) {
		call->head_whole = true;
		call->transfer.ready = http_status(call) >= 200;
	}
	return len;
}

size_t http_on_body(char *bytes, size_t size, size_t count, void *data)
{
	struct http_call *call = data;
	size_t len = size * count;
	struct buf *to = http_streams(call) ? &call->stream : &call->body;
	int status = buf_append(to, bytes, len);

	call->last_byte = clock_mono_ms();
	if (status)
		return http_stop(call, status);
	call->transfer.ready = true;
	return len;
}

size_t http_on_upload(char *bytes, size_t size, size_t count, void *data)
{
	struct http_call *call = data;
	size_t len = call->upload_len - call->upload_at;

	if (len > size * count)
		len = size * count;
	memcpy(bytes, call->upload + call->upload_at, len);
	call->upload_at += len;
	return len;
}

int http_on_rewind(void *data, curl_off_t offset, int origin)
{
	struct http_call *call = data;

	if (call->effect && call->upload_at)
		return CURL_SEEKFUNC_FAIL;
	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_FAIL;
	call->upload_at = 0;
	return CURL_SEEKFUNC_OK;
}

/* A connection may have taken its time: may it still be sent? */
int http_on_connected(void *data, char *to, char *from, int to_port,
		      int from_port)
{
	struct http_call *call = data;
	const struct http_callbacks *callbacks = &call->callbacks;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	/* a second try of what was sent already ends in http_on_rewind */
	if (call->upload_at || !callbacks->may_send(callbacks->data,
						    &call->refusal))
		return CURL_PREREQFUNC_OK;
	return CURL_PREREQFUNC_ABORT;
}

static void http_free(struct http_call *call)
{
	loop_timer_cancel(call->idle_timer);
	http_setup_release(call);
	buf_release(&call->head);
	buf_release(&call->body);
	buf_release(&call->stream);
	free(call);
}

static int64_t http_info_ms(const struct http_call *call, CURLINFO info)
{
	curl_off_t us = 0;

	curl_easy_getinfo(call->transfer.easy, info, &us);
	return us > 0 ? us / 1000 : -1;
}

static void http_fill_reply(const struct http_call *call,
			    struct http_reply *reply)
{
	CURL *easy = call->transfer.easy;
	long request_bytes = 0, connects = 0;
	curl_off_t uploaded = 0;

	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
	curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
	curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	*reply = (struct http_reply){
		.status = call->head_whole ? http_status(call) : 0,
		.body = call->body.data,
		.len = call->body.len,
		.headers = call->head.data,
		.connect_ms = http_info_ms(call, CURLINFO_PRETRANSFER_TIME_T),
		.first_byte_ms = http_info_ms(call,
					      CURLINFO_STARTTRANSFER_TIME_T),
		.total_ms = clock_mono_ms() - call->began,
	};
	/* Talk with a proxy counts as request bytes, but comes before the
	 * transfer. */
	reply->sent = reply->connect_ms >= 0 && request_bytes > 0 &&
		      !call->refusal.code;
	reply->sent_all = reply->sent &&
		uploaded >= (curl_off_t)call->upload_len;
	reply->reused = reply->sent && connects == 0;
}

static void http_end(struct loop_transfer *transfer)
{
	struct http_call *call = http_of(transfer);
	struct http_reply reply;
	struct error err = {0};

	http_fill_reply(call, &reply);
	http_call_error(call, &reply, &err);
	loop_transfer_remove(call->loop, transfer);
	call->callbacks.on_done(call->callbacks.data, &reply,
				err.code ? &err : NULL);
	http_free(call);
}

/* Ends a call that went silent, as libcurl would end it. */
static void http_idle(void *data)
{
	struct http_call *call = data;

	if (call->transfer.ended ||
	    loop_now(call->loop) - call->last_byte < call->idle_ms)
		return;
	call->stop = ERR_TIMEOUT;
	http_end(&call->transfer);
}

static void http_ready(struct loop_transfer *transfer)
{
	struct http_call *call = http_of(transfer);
	struct buf stream = call->stream;

	if (!call->head_told && call->head_whole) {
		call->head_told = true;
		if (call->callbacks.on_head) {
			/* It may cancel: look at the call again next time. */
			transfer->ready = true;
			call->callbacks.on_head(call->callbacks.data,
						http_status(call));
			return;
		}
	}
	if (!stream.len)
		return;
	/* The bytes leave the call first, so that it may be cancelled. */
	buf_init(&call->stream, stream.max);
	call->callbacks.on_data(call->callbacks.data, stream.data, stream.len);
	buf_release(&stream);
}

void http_cancel(struct http_call *call)
{
	if (!call)
		return;
	loop_transfer_remove(call->loop, &call->transfer);
	http_free(call);
}

static void http_close(struct loop_transfer *transfer)
{
	http_cancel(http_of(transfer));
}

static struct http_call *http_new(struct loop *loop,
				  const struct http_request *request,
				  const struct http_callbacks *callbacks)
{
	struct http_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->loop = loop;
	call->callbacks = *callbacks;
	call->transfer.on_ready = http_ready;
	call->transfer.on_end = http_end;
	call->transfer.on_close = http_close;
	call->began = call->last_byte = clock_mono_ms();
	buf_init(&call->head, HTTP_REPLY_HEADERS_MAX);
	buf_init(&call->body, request->max_reply ? request->max_reply :
		 HTTP_REPLY_MAX);
	buf_init(&call->stream, HTTP_STREAM_MAX);
	return call;
}

int http_send(struct loop *loop, const struct http_request *request,
	      const struct http_callbacks *callbacks, struct http_call **ret,
	      struct error *err)
{
	struct http_call *call = http_new(loop, request, callbacks);
	int status;

	if (!call)
		return error_nomem(err);
	status = http_setup(call, request, err);
	if (!status && call->idle_ms > 0)
		status = loop_timer(loop, call->idle_ms,
				    (call->idle_ms + 3) / 4, http_idle, call,
				    &call->idle_timer, err);
	if (!status)
		status = loop_transfer_add(loop, &call->transfer, err);
	if (status) {
		http_free(call);
		return status;
	}
	if (ret)
		*ret = call;
	return 0;
}

/* The value of a header line of that name, and its length; or NULL. */
static const char *http_line_value(const char *line, size_t len,
				   const char *name, size_t *ret_len)
{
	size_t name_len = strlen(name);
	const char *value;

	if (len <= name_len || line[name_len] != ':' ||
	    strncasecmp(line, name, name_len))
		return NULL;
	value = line + name_len + 1;
	len -= name_len + 1;
	while (len && (*value == ' ' || *value == '\t')) {
		value++;
		len--;
	}
	*ret_len = len;
	return value;
}

bool http_header(const struct http_reply *reply, const char *name, size_t nth,
		 char *dst, size_t size)
{
	const char *line = reply->headers, *value;
	size_t len, value_len;

	for (; *line; line += len + strspn(line + len, "\r\n")) {
		len = strcspn(line, "\r\n");
		value = http_line_value(line, len, name, &value_len);
		if (!value || nth--)
			continue;
		if (value_len >= size)
			value_len = size - 1;
		memcpy(dst, value, value_len);
		dst[value_len] = '\0';
		return true;
	}
	return false;
}

int64_t http_retry_after(const struct http_reply *reply)
{
	char text[32];
	int64_t seconds;

	if (!http_header(reply, "Retry-After", 0, text, sizeof(text)) ||
	    text_parse_int(text, 0, HTTP_RETRY_AFTER_MAX_S, &seconds))
		return -1;
	return seconds * 1000;
}
