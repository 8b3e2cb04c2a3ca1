/*
 * One running pod: a thread that starts the application, asks it whether it is
 * ready, and ends it as Kubernetes would have it: drained first, then closed.
 */
#ifndef CUTOVER_REHEARSAL_POD_H
#define CUTOVER_REHEARSAL_POD_H

#include <stdbool.h>

#include "rehearsal/podspec.h"

struct flagwatch;
struct pod;

/* What a pod tells, from its own thread. */
struct pod_events {
	void *data;
	void (*ready)(void *data, const struct podspec *spec, bool ready);
	/* A line of its log; from any of its threads. */
	void (*says)(void *data, const struct podspec *spec,
		     const char *line);
	/* Whether it is held unready, whatever it says of itself. */
	bool (*held)(void *data);
	/* The last word of this pod. */
	void (*exited)(void *data, const struct podspec *spec, int exit_code);
};

/* How it fares. */
enum pod_fate {
	POD_FARES_WELL,
	POD_CRASHES,            /* exits while it starts */
	POD_MAY_BE_HELD,        /* events.held is asked before it is ready */
};

/* Starts it; it is ready start_delay_ms later at the earliest. The spec is
 * copied. *ret is owned: pod_free. */
int pod_start(struct pod **ret, const struct podspec *spec,
	      int start_delay_ms, enum pod_fate fate, struct flagwatch *watch,
	      const struct pod_events *events, struct error *err);

/* Ends it, gently or at once; returns at once. Any thread. */
void pod_stop(struct pod *pod, bool at_once);

/* Whether it has ended: `exited` is being said, or was. Any thread. */
bool pod_is_over(struct pod *pod);
const struct podspec *pod_spec(const struct pod *pod);

/* Waits for its thread; pod_stop first, or it may take long. */
void pod_free(struct pod *pod);

#endif
