/*
 * The loop's inside, for the files of net/ alone. A transfer is the loop's
 * view of a curl handle: libcurl's callbacks only mark it, and the turn calls
 * back afterwards, when any curl function may be used again.
 */
#ifndef CUTOVER_NET_LOOP_PRIVATE_H
#define CUTOVER_NET_LOOP_PRIVATE_H

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "net/loop.h"

struct loop_post {
	struct loop_post *next;
	void (*fn)(void *data);
	void *data;
};

struct loop_fd {
	struct loop *loop;
	struct loop_fd *prev, *next;
	int fd;
	short events;
	bool dead;
	void (*fn)(void *data, short revents);
	void *data;
};

struct loop_timer {
	struct loop *loop;
	struct loop_timer *prev, *next;
	int64_t due, repeat_ms;
	uint64_t order;                 /* of making, or of its last repetition */
	bool dead;
	void (*fn)(void *data);
	void *data;
};

struct loop_transfer {
	struct loop_transfer *prev, *next;
	CURL *easy;
	bool ready;                     /* something to tell (on_ready) */
	bool ended;                     /* libcurl is done with it (on_end) */
	CURLcode result;
	void (*on_ready)(struct loop_transfer *transfer);
	void (*on_end)(struct loop_transfer *transfer);
	void (*on_close)(struct loop_transfer *transfer);       /* loop_close */
};

struct loop {
	CURLM *multi;
	bool curl_ready;                /* a socket of libcurl's is */
	int64_t now;
	bool stopping;
	struct loop_fd *fds, *dead_fds;
	size_t fd_count;
	struct loop_timer *timers, *dead_timers;        /* in order of due */
	size_t timer_count;
	uint64_t timer_order;
	pthread_mutex_t post_lock;      /* guards the three below */
	struct loop_post *posts, **posts_end;
	size_t post_count;
	struct loop_fd *signal_watch;
	int signal_fd;                  /* -1: none */
	sigset_t old_mask;
	void (*on_signal)(void *data, int signal);
	void *signal_data;
	struct loop_transfer *transfers;
	size_t transfer_count;
};

/* loop_timer.c: runs what is due; how long until the next (or max_ms). */
void loop_timers_run(struct loop *loop);
int64_t loop_timers_wait(const struct loop *loop, int64_t max_ms);
/* Frees what was cancelled; nothing may point at it any more. */
void loop_timers_sweep(struct loop *loop);
void loop_timers_close(struct loop *loop);

/* loop_post.c */
void loop_posts_run(struct loop *loop);
void loop_posts_close(struct loop *loop);

/* loop_signal.c */
void loop_signals_close(struct loop *loop);

/* loop_transfer.c: starts a transfer; 0, ERR_NOMEM or ERR_LIMIT. */
int loop_transfer_add(struct loop *loop, struct loop_transfer *transfer,
		      struct error *err);
void loop_transfer_remove(struct loop *loop, struct loop_transfer *transfer);
/* Lets libcurl work, then calls back. */
int loop_transfers_run(struct loop *loop, struct error *err);
void loop_transfers_close(struct loop *loop);

#endif
