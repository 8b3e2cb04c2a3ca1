/* See users.h. */
#include "rehearsal/users.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "rehearsal/chance.h"
#include "rehearsal/usersocket.h"

#define USERS_ALL (USERS_WRITERS + USERS_READERS)
#define EVENTS_MAX 64
#define RETRY_MIN_US 20000      /* after an error: 20 to 50 ms */
#define RETRY_SPREAD_US 30000
#define RENEW_EVERY 10          /* requests on one connection of a renewer */
#define RENEWER_EVERY 3         /* each third user is one */

enum user_state {
	USER_RESTING,           /* asks at due_us */
	USER_ASKING,            /* gives up at due_us */
};

struct user {
	bool writes, renews;
	enum user_state state;
	int64_t due_us;
	int64_t pace_us;        /* when the next request is due by the pace */
	int64_t begun_us;
	uint64_t write;         /* its number in the ledger */
	int used;               /* requests on this connection */
	uint64_t errors;        /* that he met */
	struct usersocket socket;
};

struct users {
	struct user all[USERS_ALL];
	struct sockaddr_in service;
	struct ledger *ledger;
	pthread_mutex_t lock;           /* guards the record */
	struct users_record record;
	uint64_t seed;
	int epoll, wake;
	pthread_t thread;
	bool has_thread;
	atomic_bool stopping;
	uint64_t last_writes;           /* set before stopping, as users_stop says */
	int64_t last_from_us, last_until_us;
	uint64_t written_last;          /* acknowledged between them */
};

static int64_t users_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void user_drop(struct user *user)
{
	usersocket_close(&user->socket);        /* epoll forgets it with it */
	user->used = 0;
}

static void user_rest(struct user *user, int64_t due_us)
{
	user->state = USER_RESTING;
	user->due_us = due_us;
}

static void user_failed(struct users *users, struct user *user)
{
	struct outage *outage = user->writes ? &users->record.writes :
				&users->record.reads;
	int64_t now = users_now_us();

	pthread_mutex_lock(&users->lock);
	outage_failure(outage, user->begun_us, now);
	pthread_mutex_unlock(&users->lock);
	user_drop(user);
	user_rest(user, now + RETRY_MIN_US +
		  chance(users->seed, CHANCE_USERS +
			 (uint64_t)(user - users->all), user->errors++,
			 RETRY_SPREAD_US));
}

/* The next time of its own pace. Whatever held it up, it falls back into step:
 * if all went on from where an outage had left them, they would ask at once,
 * then none for long, and the next outage's begin would be noticed late. */
static void user_keep_pace(struct user *user, int64_t now)
{
	const int64_t pace = USERS_PACE_MS * 1000;

	user->pace_us += pace;
	if (user->pace_us < now)
		user->pace_us += (now - user->pace_us + pace - 1) / pace * pace;
}

static void user_succeeded(struct users *users, struct user *user)
{
	int64_t now = users_now_us();

	if (user->writes)
		ledger_acknowledge(users->ledger, user->write);
	if (user->writes && atomic_load(&users->stopping) &&
	    now >= users->last_from_us)
		users->written_last++;
	pthread_mutex_lock(&users->lock);
	outage_success(user->writes ? &users->record.writes :
		       &users->record.reads, now);
	pthread_mutex_unlock(&users->lock);
	if (user->socket.last || (user->renews && user->used >= RENEW_EVERY))
		user_drop(user);
	user_keep_pace(user, now);
	user_rest(user, user->pace_us);
}

/* Waits for what the socket waits for. */
static bool user_watch(struct users *users, struct user *user, int operation)
{
	struct epoll_event event = {
		.events = usersocket_writes(&user->socket) ? EPOLLOUT : EPOLLIN,
		.data.ptr = user};

	return !epoll_ctl(users->epoll, operation, user->socket.fd, &event);
}

static bool user_connect(struct users *users, struct user *user)
{
	return usersocket_open(&user->socket, &users->service) &&
	       user_watch(users, user, EPOLL_CTL_ADD);
}

static bool user_fill_request(struct users *users, struct user *user)
{
	char id[LEDGER_ID_SIZE], body[LEDGER_ID_SIZE + 32];

	if (!user->writes) {
		usersocket_ask(&user->socket, "GET", "/read", NULL);
		return true;
	}
	if (ledger_issue(users->ledger, &user->write, id, NULL))
		return false;
	snprintf(body, sizeof(body), "{\"write_id\":\"%s\"}", id);
	usersocket_ask(&user->socket, "POST", "/write", body);
	return true;
}

static void user_ask(struct users *users, struct user *user)
{
	user->begun_us = users_now_us();
	user->state = USER_ASKING;
	user->due_us = user->begun_us + USERS_TIMEOUT_MS * 1000;
	if (user->socket.fd >= 0 && usersocket_is_stale(&user->socket))
		user_drop(user);
	user->used++;
	if (!user_fill_request(users, user) ||
	    (user->socket.fd < 0 && !user_connect(users, user)) ||
	    !user_watch(users, user, EPOLL_CTL_MOD))
		user_failed(users, user);
}

static void user_event(struct users *users, struct user *user)
{
	if (user->state == USER_RESTING) {
		/* Closed between two requests, which no user notices. */
		user_drop(user);
		return;
	}
	switch (usersocket_step(&user->socket)) {
	case USERSOCKET_BUSY:
		if (!user_watch(users, user, EPOLL_CTL_MOD))
			user_failed(users, user);
		break;
	case USERSOCKET_ANSWERED:
		if (user->socket.status == 200)
			user_succeeded(users, user);
		else
			user_failed(users, user);
		break;
	case USERSOCKET_BROKEN:
		user_failed(users, user);
		break;
	}
}

/* Asked to stop, and the last writes are in, or late? */
static bool users_shall_stop(const struct users *users, int64_t now)
{
	return atomic_load(&users->stopping) &&
	       (users->written_last >= users->last_writes ||
		now >= users->last_until_us);
}

/* Does what is due; returns when the next thing will be, or -1: nothing is
 * left to do. */
static int64_t users_tend(struct users *users)
{
	int64_t next = -1, now = users_now_us();
	bool stopping = users_shall_stop(users, now);

	for (int i = 0; i < USERS_ALL; i++) {
		struct user *user = &users->all[i];

		if (user->state == USER_ASKING && user->due_us <= now)
			user_failed(users, user);
		if (user->state == USER_RESTING && stopping)
			continue;
		if (user->state == USER_RESTING && user->due_us <= now)
			user_ask(users, user);
		if (next < 0 || user->due_us < next)
			next = user->due_us;
	}
	return next;
}

static void *users_run(void *data)
{
	struct users *users = data;
	struct epoll_event events[EVENTS_MAX];
	int64_t next;

	while ((next = users_tend(users)) >= 0) {
		int64_t wait_us = next - users_now_us();
		int count = epoll_wait(users->epoll, events, EVENTS_MAX,
				       wait_us > 0 ? (int)(wait_us / 1000) + 1 :
				       0);

		for (int i = 0; i < count; i++) {
			eventfd_t ignored;

			if (events[i].data.ptr)
				user_event(users, events[i].data.ptr);
			else
				eventfd_read(users->wake, &ignored);
		}
	}
	pthread_mutex_lock(&users->lock);
	users->record.end_us = users_now_us();
	users->record.late = users->written_last < users->last_writes;
	pthread_mutex_unlock(&users->lock);
	return NULL;
}

static void users_seat(struct users *users)
{
	int64_t now = users_now_us();

	for (int i = 0; i < USERS_ALL; i++) {
		struct user *user = &users->all[i];

		user->socket.fd = -1;
		user->writes = i < USERS_WRITERS;
		user->renews = i % RENEWER_EVERY == 0;
		/* Each kind spread over one pace, so that an outage's begin
		 * and end are noticed soon. */
		user->pace_us = now + USERS_PACE_MS * 1000 *
				(user->writes ? i : i - USERS_WRITERS) /
				(user->writes ? USERS_WRITERS : USERS_READERS);
		user_rest(user, user->pace_us);
	}
}

int users_open(struct users **ret, const struct sockaddr_in *service,
	       struct ledger *ledger, uint64_t seed, struct error *err)
{
	struct users *users = calloc(1, sizeof(*users));
	struct epoll_event event = {.events = EPOLLIN};

	if (!users)
		return error_nomem(err);
	pthread_mutex_init(&users->lock, NULL);
	users->service = *service;
	users->ledger = ledger;
	users->seed = seed;
	users_seat(users);
	users->epoll = epoll_create1(EPOLL_CLOEXEC);
	users->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (users->epoll >= 0 && users->wake >= 0 &&
	    !epoll_ctl(users->epoll, EPOLL_CTL_ADD, users->wake, &event))
		users->has_thread = !pthread_create(&users->thread, NULL,
						    users_run, users);
	if (!users->has_thread) {
		users_close(users);
		return error_set(err, ERR_IO, NULL, "the users can't start");
	}
	*ret = users;
	return 0;
}

void users_stop(struct users *users, uint64_t writes, int64_t settle_ms,
		int64_t limit_ms, struct users_record *ret)
{
	if (users->has_thread) {
		users->last_writes = writes;
		users->last_from_us = users_now_us() + settle_ms * 1000;
		users->last_until_us = users->last_from_us + limit_ms * 1000;
		atomic_store(&users->stopping, true);
		eventfd_write(users->wake, 1);
		pthread_join(users->thread, NULL);
		users->has_thread = false;
	}
	*ret = users->record;
}

void users_look(struct users *users, struct users_record *ret)
{
	pthread_mutex_lock(&users->lock);
	*ret = users->record;
	pthread_mutex_unlock(&users->lock);
	ret->end_us = users_now_us();
}

void users_close(struct users *users)
{
	struct users_record record;

	if (!users)
		return;
	users_stop(users, 0, 0, 0, &record);
	for (int i = 0; i < USERS_ALL; i++)
		usersocket_close(&users->all[i].socket);
	if (users->epoll >= 0)
		close(users->epoll);
	if (users->wake >= 0)
		close(users->wake);
	pthread_mutex_destroy(&users->lock);
	free(users);
}
