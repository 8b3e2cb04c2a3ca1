/* See applog.h. */
#include "rehearsal/applog.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define REPEAT_MS 1000
#define LINE_MAX_BYTES (APPLOG_TEXT_MAX + 96)

void applog_init(struct applog *log, void (*say)(void *data, const char *line),
		 void *data)
{
	memset(log, 0, sizeof(*log));
	log->say = say;
	log->data = data;
	pthread_mutex_init(&log->lock, NULL);
}

void applog_release(struct applog *log)
{
	pthread_mutex_destroy(&log->lock);
}

static void put(struct applog *log, const char *level, const char *text)
{
	char line[LINE_MAX_BYTES], stamp[CLOCK_STAMP_MAX];

	if (!log->say)
		return;
	clock_stamp(clock_wall_ms(), stamp);
	snprintf(line, sizeof(line), "%s %-5s %s", stamp, level, text);
	log->say(log->data, line);
}

void applog_say(struct applog *log, const char *level, const char *format, ...)
{
	char text[APPLOG_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(log, level, text);
}

/* The text's own place, else the one that was used the longest time ago. */
static struct applog_repeated *place_of(struct applog *log, const char *text)
{
	struct applog_repeated *oldest = &log->repeated[0];

	for (int i = 0; i < APPLOG_REPEATED_MAX; i++) {
		struct applog_repeated *one = &log->repeated[i];

		if (!strcmp(one->text, text))
			return one;
		if (one->said_ms < oldest->said_ms)
			oldest = one;
	}
	*oldest = (struct applog_repeated){.said_ms = INT64_MIN};
	snprintf(oldest->text, sizeof(oldest->text), "%s", text);
	return oldest;
}

void applog_repeat(struct applog *log, const char *level, const char *format,
		   ...)
{
	char text[APPLOG_TEXT_MAX], more[APPLOG_TEXT_MAX + 32];
	int64_t now_ms = clock_mono_ms();
	struct applog_repeated *place;
	va_list args;
	bool due;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(more, sizeof(more), "%s", text);
	pthread_mutex_lock(&log->lock);
	place = place_of(log, text);
	due = place->said_ms == INT64_MIN ||
	      now_ms - place->said_ms >= REPEAT_MS;
	if (due && place->left_out)
		snprintf(more, sizeof(more), "%s (%u more)", text,
			 place->left_out);
	place->left_out = due ? 0 : place->left_out + 1;
	if (due)
		place->said_ms = now_ms;
	pthread_mutex_unlock(&log->lock);
	if (due)
		put(log, level, more);
}
