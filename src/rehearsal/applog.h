/*
 * What the application writes to its log: one line at a time, stamped and with
 * a level. What each of many requests would say is said once a second, with the
 * number of those left out.
 */
#ifndef CUTOVER_REHEARSAL_APPLOG_H
#define CUTOVER_REHEARSAL_APPLOG_H

#include <pthread.h>
#include <stdint.h>

#define APPLOG_TEXT_MAX 512
#define APPLOG_REPEATED_MAX 8

struct applog {
	void (*say)(void *data, const char *line);      /* any thread */
	void *data;
	pthread_mutex_t lock;           /* guards all below */
	struct applog_repeated {
		char text[APPLOG_TEXT_MAX];     /* "": free */
		int64_t said_ms;
		unsigned int left_out;
	} repeated[APPLOG_REPEATED_MAX];
};

/* say NULL: nothing is written. applog_release afterwards. */
void applog_init(struct applog *log, void (*say)(void *data, const char *line),
		 void *data);
void applog_release(struct applog *log);

/* Levels as one reads them: "INFO", "WARN", "ERROR", "FATAL". Any thread. */
void applog_say(struct applog *log, const char *level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void applog_repeat(struct applog *log, const char *level, const char *format,
		   ...) __attribute__((format(printf, 3, 4)));

#endif
