/* What is kept for pods beside the pods themselves: the calls that the kubelet
 * has not had yet, the timers, and the addresses given out. */
#ifndef CUTOVER_REHEARSAL_POD_PRIVATE_H
#define CUTOVER_REHEARSAL_POD_PRIVATE_H

#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/pod.h"

struct call;

/* Something that will be due for one pod. */
struct timer {
	char uid[OBJECT_UID_MAX];
	enum pod_call call;     /* POD_KILL: grace over; POD_START: restart */
	int64_t at;             /* monotonic ms */
	bool done;
	int64_t wait_ms;        /* the last wait for an image */
	struct timer *next;
};

#define POD_HOSTS 65534         /* of a /16 */

struct pods {
	uint32_t network;
	uint32_t last_host;
	unsigned char taken[POD_HOSTS / 8 + 1];         /* a bit a host */
	unsigned int last_node;
	struct call *calls, **calls_end;
	struct timer *timers;
};

/* Puts a call at the end of the queue. 0 or -1. */
int pods_queue(struct pods *pods, enum pod_call call, json_t *pod);
/* The timer of a pod; NULL if it has none. */
struct timer *pods_timer(struct pods *pods, const json_t *pod);
/* Sets or replaces it, to be due in ms. 0 or -1. */
int pods_set_timer(struct pods *pods, const json_t *pod, enum pod_call call,
		   int64_t ms);
void pods_drop_timer(struct pods *pods, const json_t *pod);

/* Whether its container could not be made; its timer is due then: what comes
 * next (0 or -1). pod_making.c. */
bool pods_waits_to_be_made(const json_t *pod);
int pods_retry_making(struct pods *pods, struct store *store, json_t *pod);

#endif
