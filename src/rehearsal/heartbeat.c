/* See heartbeat.h. */
#include "rehearsal/heartbeat.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/database.h"
#include "rehearsal/sql.h"

#define HEARTBEAT_LIMIT_S 2u    /* one statement; closing waits no longer */

struct heartbeat {
	struct sql_login login;
	int every_ms;
	pthread_t thread;
	pthread_mutex_t lock;           /* guards over */
	pthread_cond_t changed;
	bool over;
};

/* Waits for the next beat; whether there is to be one. */
static bool heartbeat_wait(struct heartbeat *heartbeat)
{
	struct timespec until;
	bool over;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += heartbeat->every_ms % 1000 * 1000000L;
	until.tv_sec += heartbeat->every_ms / 1000 +
			until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&heartbeat->lock);
	while (!heartbeat->over &&
	       !pthread_cond_timedwait(&heartbeat->changed, &heartbeat->lock,
				       &until))
		;
	over = heartbeat->over;
	pthread_mutex_unlock(&heartbeat->lock);
	return !over;
}

static void *heartbeat_main(void *data)
{
	struct heartbeat *heartbeat = data;
	MYSQL *sql = NULL;

	while (heartbeat_wait(heartbeat)) {
		int64_t now = clock_wall_ms();

		if (!sql && sql_connect(&heartbeat->login, HEARTBEAT_LIMIT_S,
					&sql, NULL))
			continue;
		if (sql_runf(sql, NULL, "INSERT INTO mysql.rds_heartbeat2"
			     "(id, value) VALUES (1, %" PRId64 ") ON DUPLICATE "
			     "KEY UPDATE value = %" PRId64, now, now)) {
			mysql_close(sql);
			sql = NULL;
		}
	}
	if (sql)
		mysql_close(sql);
	mysql_thread_end();
	return NULL;
}

static int heartbeat_start(struct heartbeat *heartbeat, struct error *err)
{
	pthread_condattr_t attributes;
	int number;

	pthread_mutex_init(&heartbeat->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&heartbeat->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	number = pthread_create(&heartbeat->thread, NULL, heartbeat_main,
				heartbeat);
	return number ? error_set(err, ERR_IO, NULL, "no thread for the "
				  "heartbeat could be started") : 0;
}

static void heartbeat_free(struct heartbeat *heartbeat)
{
	pthread_cond_destroy(&heartbeat->changed);
	pthread_mutex_destroy(&heartbeat->lock);
	free(heartbeat);
}

int heartbeat_open(struct heartbeat **ret, const struct database *database,
		   int every_ms, struct error *err)
{
	struct heartbeat *heartbeat = calloc(1, sizeof(*heartbeat));
	int rc;

	if (!heartbeat)
		return error_nomem(err);
	heartbeat->every_ms = every_ms;
	database_login(database, "rdsadmin", &heartbeat->login);
	rc = heartbeat_start(heartbeat, err);
	if (rc)
		heartbeat_free(heartbeat);
	else
		*ret = heartbeat;
	return rc;
}

void heartbeat_close(struct heartbeat *heartbeat)
{
	if (!heartbeat)
		return;
	pthread_mutex_lock(&heartbeat->lock);
	heartbeat->over = true;
	pthread_cond_signal(&heartbeat->changed);
	pthread_mutex_unlock(&heartbeat->lock);
	pthread_join(heartbeat->thread, NULL);
	heartbeat_free(heartbeat);
}
