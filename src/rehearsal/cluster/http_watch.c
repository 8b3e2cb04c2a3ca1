/* A watch, as a stream of its events. */
#include "rehearsal/cluster/http_private.h"

#include "rehearsal/cluster/watch.h"

#define TIMEOUT_SECONDS_MAX 86400

static ssize_t watch_block(void *data, uint64_t position, char *dst,
			   size_t size)
{
	ssize_t count = watch_read(data, dst, size, http_park);

	(void)position;
	if (count == WATCH_END)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return count == WATCH_PARKED ? 0 : count;
}

static void watch_done(void *data)
{
	watch_close(data);
}

enum MHD_Result http_serve_watch(struct exchange *x)
{
	static const enum watch_form forms[] = {
		[MEDIA_TABLE] = WATCH_TABLE,
		[MEDIA_METADATA] = WATCH_METADATA,
		[MEDIA_NONE] = WATCH_PLAIN,
	};
	struct watch_options options = {
		.request = x->request,
		.form = forms[x->media],
		.include = http_include(x),
		.bookmarks = http_query_flag(x, "allowWatchBookmarks"),
		.initial_events = http_query_flag(x, "sendInitialEvents"),
		.timeout_ms = 1000 * http_query_number(x, "timeoutSeconds",
						  TIMEOUT_SECONDS_MAX, 0),
	};
	struct watch *watch = watch_open(x->http->options.hub, &options,
					 http_unpark, x->connection,
					 &x->answer);

	return watch ? http_send_stream(x, NULL, watch_block, watch_done, watch) :
		       http_send_answer(x);
}
