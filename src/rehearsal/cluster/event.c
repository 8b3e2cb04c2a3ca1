/* Events, for `kubectl describe`: modest, one object each, none counted up. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/write.h"

#define EVENTS_MAX 5000
#define EVENTS_FORGOTTEN (EVENTS_MAX / 10)      /* at once, when there are more */
#define NAME_TEXT_MAX 320

static json_t *involved(const json_t *about)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}",
			 "kind", json_text(about, "kind", ""),
			 "namespace", object_ns(about),
			 "name", object_name(about), "uid", object_uid(about),
			 "apiVersion", json_text(about, "apiVersion", ""),
			 "resourceVersion",
			 json_text(about, "metadata/resourceVersion", ""));
}

/* "NAME.HEX" with the time in nanoseconds, as Kubernetes names them. */
static void event_name(const json_t *about, char dst[NAME_TEXT_MAX])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(dst, NAME_TEXT_MAX, "%s.%llx", object_name(about),
		 (unsigned long long)now.tv_sec * 1000000000 +
			 (unsigned long long)now.tv_nsec);
}

static int by_version(const void *a, const void *b)
{
	int64_t version_a = object_version(*(json_t *const *)a);
	int64_t version_b = object_version(*(json_t *const *)b);

	return version_a < version_b ? -1 : version_a > version_b;
}

/* The oldest make room: what has just happened is what people look for. */
static void forget_oldest(struct store *store, const struct resource *events)
{
	size_t count = store_count(store, events);
	json_t *all = store_snapshot(store, events);
	json_t **oldest = calloc(count, sizeof(*oldest));

	for (size_t i = 0; oldest && i < count; i++)
		oldest[i] = json_array_get(all, i);
	if (all && oldest) {
		qsort(oldest, count, sizeof(*oldest), by_version);
		for (size_t i = 0; i < EVENTS_FORGOTTEN; i++)
			store_remove(store, events, object_ns(oldest[i]),
				     object_name(oldest[i]));
	}
	free(oldest);
	json_decref(all);
}

void event_record(struct store *store, const json_t *about, const char *type,
		  const char *component, const char *reason,
		  const char *format, ...)
{
	const struct resource *events = resource_at(RESOURCE_EVENTS);
	struct writer writer = { .manager = component,
				 .subresource = "" };
	char name[NAME_TEXT_MAX], *message = NULL;
	json_t *event;
	va_list args;

	if (store_count(store, events) >= EVENTS_MAX)
		forget_oldest(store, events);
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	if (!message)
		return;
	event_name(about, name);
	event = json_pack(
		"{s:{s:s,s:s},s:o,s:s,s:s,s:{s:s},s:o,s:o,s:i,s:s,s:n,s:s,"
		"s:s}", "metadata", "name", name,
		"namespace", object_ns(about),
		"involvedObject", involved(about), "reason", reason,
		"message", message, "source", "component", component,
		"firstTimestamp", object_now(), "lastTimestamp", object_now(),
		"count", 1, "type", type, "eventTime",
		"reportingComponent", component, "reportingInstance", "");
	free(message);
	if (event)
		write_new(store, events, event, &writer);
}
