/*
 * libcurl's transfers on the loop. libcurl forbids most of its functions inside
 * its callbacks; so those only mark the transfer, and what is marked is called
 * back here, when libcurl has returned.
 */
#include "base/error.h"
#include "net/http.h"
#include "net/loop_private.h"

int loop_transfer_add(struct loop *loop, struct loop_transfer *transfer,
		      struct error *err)
{
	CURLMcode code;

	if (loop->transfer_count >= HTTP_CALLS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "more than %d HTTP requests at once",
				 HTTP_CALLS_MAX);
	code = curl_multi_add_handle(loop->multi, transfer->easy);
	if (code)
		return error_set(err, code == CURLM_OUT_OF_MEMORY ? ERR_NOMEM :
				 ERR_IO, NULL, "starting a request: %s",
				 curl_multi_strerror(code));
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	transfer->prev = NULL;
	transfer->next = loop->transfers;
	if (transfer->next)
		transfer->next->prev = transfer;
	loop->transfers = transfer;
	loop->transfer_count++;
	return 0;
}

void loop_transfer_remove(struct loop *loop, struct loop_transfer *transfer)
{
	curl_multi_remove_handle(loop->multi, transfer->easy);
	if (transfer->prev)
		transfer->prev->next = transfer->next;
	else
		loop->transfers = transfer->next;
	if (transfer->next)
		transfer->next->prev = transfer->prev;
	loop->transfer_count--;
}

static void transfers_mark_ended(struct loop *loop)
{
	struct loop_transfer *transfer;
	CURLMsg *message;
	char *data;
	int left;

	while ((message = curl_multi_info_read(loop->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		data = NULL;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &data);
		transfer = (struct loop_transfer *)(void *)data;
		transfer->ended = true;
		transfer->result = message->data.result;
	}
}

static struct loop_transfer *transfers_marked(const struct loop *loop)
{
	struct loop_transfer *at = loop->transfers;

	while (at && !at->ready && !at->ended)
		at = at->next;
	return at;
}

/* libcurl looks at each of its sockets whenever it is called, and most turns
 * are a database's or a timer's: it is called when one is ready, or when its
 * own time has come, as it has for a transfer that was just added. */
static CURLMcode transfers_perform(struct loop *loop)
{
	long due_ms = -1;
	CURLMcode code;
	int running;

	if (loop->curl_ready)
		return curl_multi_perform(loop->multi, &running);
	code = curl_multi_timeout(loop->multi, &due_ms);
	if (code || due_ms != 0)
		return code;
	return curl_multi_perform(loop->multi, &running);
}

int loop_transfers_run(struct loop *loop, struct error *err)
{
	struct loop_transfer *transfer;
	CURLMcode code = transfers_perform(loop);

	if (code)
		return error_set(err, ERR_IO, NULL, "HTTP transfers: %s",
				 curl_multi_strerror(code));
	transfers_mark_ended(loop);
	/* A callback may end any transfer, so look afresh after each. */
	while ((transfer = transfers_marked(loop))) {
		if (transfer->ready) {
			transfer->ready = false;
			transfer->on_ready(transfer);
		} else {
			transfer->on_end(transfer);
		}
	}
	return 0;
}

void loop_transfers_close(struct loop *loop)
{
	while (loop->transfers)
		loop->transfers->on_close(loop->transfers);
}
