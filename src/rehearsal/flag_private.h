/* What flag.c (answers) and flag_held.c (requests that wait) share. */
#ifndef CUTOVER_REHEARSAL_FLAG_PRIVATE_H
#define CUTOVER_REHEARSAL_FLAG_PRIVATE_H

#include <microhttpd.h>
#include <pthread.h>

#include "base/buf.h"
#include "rehearsal/flag.h"
#include "rehearsal/secret.h"

/* A request: its body, and whether it has been held back once for a change,
 * and once because the service is slow. */
struct flag_request {
	struct flag_request *next;      /* in flag->held */
	struct MHD_Connection *connection;
	struct buf body;
	bool was_held, was_delayed;
	int64_t due_ms;                 /* delayed until then; 0: held */
};

struct flag {
	struct MHD_Daemon *daemon;
	pthread_t releaser;
	bool has_releaser;
	pthread_mutex_t lock;           /* guards all below */
	pthread_cond_t changed;
	bool enabled;
	int64_t number;
	bool closing;
	enum flag_mood mood;
	int64_t delay_ms;
	struct flag_request *held;      /* delayed ones too */
	char authorization[SECRET_SIZE + 8];
	char url[FLAG_URL_MAX];
};

/* A thread's body, data the service: requests that wait go on after a change,
 * when their time has come, or after a few seconds, until it closes. */
void *flag_releaser(void *data);

/* Whether the request waits now, because the service is slow: it is answered
 * again later. */
bool flag_delay(struct flag *flag, struct flag_request *request);
/* The same for a GET that waits for a change which has not come. */
bool flag_hold(struct flag *flag, struct flag_request *request);

#endif
