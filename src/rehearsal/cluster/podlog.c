/* See podlog.h. */
#include "rehearsal/cluster/podlog.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "rehearsal/cluster/object.h"

#define LINE_BYTES_MAX 4096     /* of one that is longer, the beginning */
#define PENDING_ENOUGH (32u << 10)
#define PENDING_MAX (PENDING_ENOUGH + 2 * LINE_BYTES_MAX)
#define STAMP_MAX 40

struct line {
	struct timespec at;
	char *text;
};

/* One container, from its start to its end. Whoever reads it keeps it. */
struct run {
	int keepers;
	struct line *lines;     /* the line number n stands at n % LINES_MAX */
	int64_t first, next;    /* numbers of those that are kept */
	bool over;
};

struct log {
	struct log *next_log;
	char uid[OBJECT_UID_MAX];
	struct run *last, *before;      /* or NULL */
};

struct podlog_reader {
	struct podlogs *logs;
	struct podlog_reader *next;
	struct run *run;                /* NULL: nothing was said */
	struct podlog_query query;
	int64_t at;                     /* the next line's number */
	bool parked;
	struct buf pending;
	void (*unpark)(void *);
	void *data;
};

struct podlogs {
	pthread_mutex_t lock;
	struct log *logs;
	struct podlog_reader *readers;
	bool closed;
};

struct podlogs *podlogs_new(void)
{
	struct podlogs *logs = calloc(1, sizeof(*logs));

	if (logs)
		pthread_mutex_init(&logs->lock, NULL);
	return logs;
}

static void run_release(struct run *run)
{
	if (!run || --run->keepers)
		return;
	for (int64_t i = run->first; i < run->next; i++)
		free(run->lines[i % PODLOG_LINES_MAX].text);
	free(run->lines);
	free(run);
}

static void log_free(struct log *log)
{
	run_release(log->last);
	run_release(log->before);
	free(log);
}

void podlogs_free(struct podlogs *logs)
{
	if (!logs)
		return;
	while (logs->logs) {
		struct log *log = logs->logs;

		logs->logs = log->next_log;
		log_free(log);
	}
	pthread_mutex_destroy(&logs->lock);
	free(logs);
}

static void reader_wake(struct podlog_reader *reader)
{
	if (!reader->parked)
		return;
	reader->parked = false;
	reader->unpark(reader->data);
}

/* All readers of that run, or of any. */
static void wake(struct podlogs *logs, const struct run *run)
{
	for (struct podlog_reader *r = logs->readers; r; r = r->next)
		if (!run || r->run == run)
			reader_wake(r);
}

void podlogs_close(struct podlogs *logs, bool closed)
{
	if (!logs)
		return;
	pthread_mutex_lock(&logs->lock);
	logs->closed = closed;
	if (closed)
		wake(logs, NULL);
	pthread_mutex_unlock(&logs->lock);
}

/* ---- what is said -------------------------------------------------------- */

/* Where the pod's log hangs, or where it would. */
static struct log **find(struct podlogs *logs, const char *uid)
{
	struct log **link = &logs->logs;

	while (*link && strcmp((*link)->uid, uid) != 0)
		link = &(*link)->next_log;
	return link;
}

/* The last run's end: its followers learn of it. */
static void run_end(struct podlogs *logs, struct run *run)
{
	if (!run)
		return;
	run->over = true;
	wake(logs, run);
}

static struct log *log_make(struct podlogs *logs, const char *uid)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	snprintf(log->uid, sizeof(log->uid), "%s", uid);
	log->next_log = logs->logs;
	logs->logs = log;
	return log;
}

static struct run *run_make(void)
{
	struct run *run = calloc(1, sizeof(*run));

	if (run)
		run->lines = calloc(PODLOG_LINES_MAX, sizeof(*run->lines));
	if (run && run->lines) {
		run->keepers = 1;
		return run;
	}
	free(run);
	return NULL;
}

int podlogs_begin(struct podlogs *logs, const char *uid)
{
	struct run *run = run_make();
	struct log *log;

	if (!run)
		return -1;
	pthread_mutex_lock(&logs->lock);
	log = *find(logs, uid);
	if (!log)
		log = log_make(logs, uid);
	if (log) {
		run_end(logs, log->last);
		run_release(log->before);
		log->before = log->last;
		log->last = run;
	} else {
		run_release(run);
	}
	pthread_mutex_unlock(&logs->lock);
	return log ? 0 : -1;
}

static void run_add(struct run *run, char *text)
{
	struct line *line = &run->lines[run->next % PODLOG_LINES_MAX];

	if (run->next - run->first == PODLOG_LINES_MAX) {
		free(line->text);
		run->first++;
	}
	clock_gettime(CLOCK_REALTIME, &line->at);
	line->text = text;
	run->next++;
}

void podlogs_say(struct podlogs *logs, const char *uid, const char *line)
{
	char *text = strndup(line, LINE_BYTES_MAX);
	struct log *log;

	pthread_mutex_lock(&logs->lock);
	log = *find(logs, uid);
	if (log && log->last && text) {
		run_add(log->last, text);
		wake(logs, log->last);
		text = NULL;
	}
	pthread_mutex_unlock(&logs->lock);
	free(text);
}

void podlogs_end(struct podlogs *logs, const char *uid)
{
	struct log *log;

	pthread_mutex_lock(&logs->lock);
	log = *find(logs, uid);
	run_end(logs, log ? log->last : NULL);
	pthread_mutex_unlock(&logs->lock);
}

void podlogs_forget(struct podlogs *logs, const char *uid)
{
	struct log **link, *log;

	pthread_mutex_lock(&logs->lock);
	link = find(logs, uid);
	log = *link;
	if (log) {
		*link = log->next_log;
		run_end(logs, log->last);
		log_free(log);
	}
	pthread_mutex_unlock(&logs->lock);
}

/* ---- readers ------------------------------------------------------------- */

static bool is_since(const struct line *line, int64_t since_ms)
{
	return line->at.tv_sec * (int64_t)1000 + line->at.tv_nsec / 1000000 >=
	       since_ms;
}

/* The first line that was asked for. */
static int64_t first_wanted(const struct run *run,
			    const struct podlog_query *query)
{
	int64_t at = run->first;

	if (query->tail >= 0 && run->next - at > query->tail)
		at = run->next - query->tail;
	while (at < run->next &&
	       !is_since(&run->lines[at % PODLOG_LINES_MAX], query->since_ms))
		at++;
	return at;
}

struct podlog_reader *podlog_open(struct podlogs *logs, const char *uid,
				  const struct podlog_query *query,
				  void (*unpark)(void *data), void *data)
{
	struct podlog_reader *reader = calloc(1, sizeof(*reader));
	const struct log *log;

	if (!reader)
		return NULL;
	reader->logs = logs;
	reader->query = *query;
	reader->unpark = unpark;
	reader->data = data;
	buf_init(&reader->pending, PENDING_MAX);
	pthread_mutex_lock(&logs->lock);
	log = *find(logs, uid);
	if (log)
		reader->run = query->previous ? log->before : log->last;
	if (reader->run) {
		reader->run->keepers++;
		reader->at = first_wanted(reader->run, query);
	}
	reader->next = logs->readers;
	logs->readers = reader;
	pthread_mutex_unlock(&logs->lock);
	return reader;
}

void podlog_close(struct podlog_reader *reader)
{
	struct podlog_reader **link;

	if (!reader)
		return;
	pthread_mutex_lock(&reader->logs->lock);
	link = &reader->logs->readers;
	while (*link != reader)
		link = &(*link)->next;
	*link = reader->next;
	run_release(reader->run);
	pthread_mutex_unlock(&reader->logs->lock);
	buf_release(&reader->pending);
	free(reader);
}

/* "2026-11-24T12:00:00.123456789Z " */
static void put_stamp(struct buf *dst, const struct timespec *at)
{
	char stamp[STAMP_MAX];
	struct tm tm;

	gmtime_r(&at->tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_printf(dst, "%s.%09ldZ ", stamp, at->tv_nsec);
}

/* Lines as bytes, until enough of them wait. */
static void fill(struct podlog_reader *reader)
{
	const struct run *run = reader->run;

	if (reader->pending.len)
		return;
	/* what it was too slow for is gone */
	if (reader->at < run->first)
		reader->at = run->first;
	for (; reader->at < run->next && reader->pending.len < PENDING_ENOUGH;
	     reader->at++) {
		const struct line *line =
			&run->lines[reader->at % PODLOG_LINES_MAX];

		if (reader->query.timestamps)
			put_stamp(&reader->pending, &line->at);
		buf_printf(&reader->pending, "%s\n", line->text);
	}
}

static size_t take(struct podlog_reader *reader, char *dst, size_t size)
{
	size_t count = reader->pending.len < size ? reader->pending.len : size;

	if (reader->query.limit >= 0 && (int64_t)count > reader->query.limit)
		count = (size_t)reader->query.limit;
	memcpy(dst, reader->pending.data, count);
	buf_consume(&reader->pending, count);
	if (reader->query.limit >= 0)
		reader->query.limit -= (int64_t)count;
	return count;
}

ssize_t podlog_read(struct podlog_reader *reader, char *dst, size_t size,
		    void (*park)(void *data))
{
	ssize_t count = PODLOG_END;

	if (!reader->run || !reader->query.limit)
		return PODLOG_END;
	pthread_mutex_lock(&reader->logs->lock);
	fill(reader);
	if (reader->pending.len) {
		count = (ssize_t)take(reader, dst, size);
	} else if (!buf_error(&reader->pending) && reader->query.follow && !reader->run->over &&
		   !reader->logs->closed) {
		reader->parked = true;
		park(reader->data);
		count = PODLOG_PARKED;
	}
	pthread_mutex_unlock(&reader->logs->lock);
	return count;
}
