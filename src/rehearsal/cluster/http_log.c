/* GET of a pod's log, once or for as long as it grows. */
#include "rehearsal/cluster/http_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/podlog.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"

/* Numbers in the query, and the least that each may be. */
static const struct {
	const char *name, *why;
	int64_t least;
} numbers[] = {
	{ "tailLines", "must be greater than or equal to 0", 0 },
	{ "sinceSeconds", "must be greater than 0", 1 },
	{ "limitBytes", "must be greater than 0", 1 },
};

static void refuse(struct exchange *x, const char *field, const char *value,
		   const char *why)
{
	answer_set(&x->answer, 422, status_object(
		422, "Invalid",
		json_pack("{s:s,s:s,s:[{s:s,s:o,s:s}]}", "name",
			  x->request.name, "kind", "PodLogOptions", "causes",
			  "reason", "FieldValueInvalid", "message",
			  json_sprintf("Invalid value: %s: %s", value, why),
			  "field", field),
		"PodLogOptions \"%s\" is invalid: %s: Invalid value: %s: %s",
		x->request.name, field, value, why));
}

static bool numbers_hold(struct exchange *x)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		const char *text = http_query(x, numbers[i].name);
		int64_t number;

		if (!text || !*text)
			continue;
		if (text_parse_int(text, INT64_MIN, INT64_MAX, &number)) {
			status_bad_request(&x->answer, "strconv.ParseInt: "
					   "parsing \"%.200s\": invalid syntax",
					   text);
			return false;
		}
		if (number < numbers[i].least) {
			refuse(x, numbers[i].name, text, numbers[i].why);
			return false;
		}
	}
	return true;
}

/* The moment from which lines are asked for; 0: from the first. */
static int64_t since_of(const struct exchange *x)
{
	int64_t seconds = http_query_number(x, "sinceSeconds", INT32_MAX, 0);
	const char *time = http_query(x, "sinceTime");

	if (seconds)
		return clock_wall_ms() - 1000 * seconds;
	return time ? object_time_ms(time) : 0;
}

static bool is_container(const struct exchange *x, const json_t *pod)
{
	const char *wanted = http_query(x, "container");
	const json_t *container;
	size_t i;

	if (!wanted || !*wanted)
		return true;
	json_array_foreach(json_at(pod, "spec/containers"), i, container)
		if (!strcmp(json_text(container, "name", ""), wanted))
			return true;
	return false;
}

static const char *waits_for(const json_t *status)
{
	const char *reason = json_text(status, "state/waiting/reason",
				       "ContainerCreating");

	if (!strcmp(reason, "ErrImagePull"))
		return "image can't be pulled";
	return !strcmp(reason, "ImagePullBackOff") ?
	       "trying and failing to pull image" : reason;
}

/* Whether there is, or was, what is asked for; else false with an answer in the
 * words of a node. */
static bool has_run(struct exchange *x, const json_t *pod, bool previous)
{
	const json_t *status = json_at(pod, "status/containerStatuses/0");
	const char *container = json_text(pod, "spec/containers/0/name", "");
	bool ended = json_at(status, "lastState/terminated");

	if (previous && !ended) {
		status_bad_request(&x->answer, "previous terminated container "
				   "\"%s\" in pod \"%s\" not found", container,
				   object_name(pod));
		return false;
	}
	if (ended || (status && !json_at(status, "state/waiting")))
		return true;
	status_bad_request(&x->answer, "container \"%s\" in pod \"%s\" is "
			   "waiting to start: %s", container, object_name(pod),
			   waits_for(status));
	return false;
}

/* The pod whose log may be read, owned; NULL with an answer. */
static json_t *find_pod(struct exchange *x, bool previous)
{
	struct store *store = x->http->options.store;
	json_t *pod;

	store_lock(store);
	pod = json_incref(store_get(store, x->request.resource, x->request.ns,
				    x->request.name));
	store_unlock(store);
	if (!pod)
		status_not_found(&x->answer, x->request.resource,
				 x->request.name);
	else if (!is_container(x, pod))
		status_bad_request(&x->answer, "container %s is not valid for "
				   "pod %s", http_query(x, "container"),
				   x->request.name);
	else if (has_run(x, pod, previous))
		return pod;
	json_decref(pod);
	return NULL;
}

/* While a container waits for its next start to be due, the last run is the one
 * that has ended. */
static bool is_before_last(const json_t *pod)
{
	const json_t *state = json_at(pod, "status/containerStatuses/0/state");

	return json_at(state, "running") ||
	       !strcmp(json_text(state, "waiting/reason", ""),
		       "ContainerCreating");
}

static ssize_t log_block(void *data, uint64_t position, char *dst, size_t size)
{
	ssize_t count = podlog_read(data, dst, size, http_park);

	(void)position;
	if (count == PODLOG_END)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return count == PODLOG_PARKED ? 0 : count;
}

static void log_done(void *data)
{
	podlog_close(data);
}

enum MHD_Result http_serve_log(struct exchange *x)
{
	struct podlog_query query = {
		.previous = http_query_flag(x, "previous"),
		.follow = http_query_flag(x, "follow"),
		.timestamps = http_query_flag(x, "timestamps"),
		.tail = http_query_number(x, "tailLines", INT32_MAX, -1),
		.since_ms = since_of(x),
		.limit = http_query_number(x, "limitBytes", INT64_MAX, -1),
	};
	struct podlog_reader *reader;
	json_t *pod = numbers_hold(x) ? find_pod(x, query.previous) : NULL;

	if (!pod)
		return http_send_answer(x);
	query.previous = query.previous && is_before_last(pod);
	reader = podlog_open(x->http->options.logs, object_uid(pod), &query,
			     http_unpark, x->connection);
	json_decref(pod);
	return reader ? http_send_stream(x, "text/plain", log_block, log_done,
					 reader) : MHD_NO;
}
