/*
 * People and jobs beside the users: a cron job that writes to rds as the
 * application and does not ask the flag; the operator whose terminal goes.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"
#include "journal/lock.h"
#include "rehearsal/fault.h"
#include "rehearsal/fault_sql.h"
#include "rehearsal/fault_users.h"
#include "rehearsal/later.h"
#include "rehearsal/pair.h"
#include "rehearsal/sql.h"

#define EVERY_MS 200
#define EVERY_MAX_MS 60000

/* ---- the cron job --------------------------------------------------------- */

static struct {
	struct later *later;
	const struct database *database;
	int64_t every_ms;
} cron;

/* Connects anew for each write, as a job does that is started anew; refused,
 * it tries again at the next. */
static int64_t cron_write(void *data)
{
	MYSQL *sql = NULL;

	(void)data;
	if (fault_sql_login(cron.database, "app", &sql, NULL))
		return cron.every_ms;
	sql_run(sql, "INSERT INTO orders (write_id, pod) "
		"VALUES (CONCAT('cron-', UUID()), 'nightly-import')", NULL);
	mysql_close(sql);
	return cron.every_ms;
}

static void cron_clear(struct stage *stage)
{
	(void)stage;
	later_close(&cron.later);
}

static int cron_begin(struct stage *stage, const json_t *parameters,
		      struct error *err)
{
	int64_t every;
	int rc = fault_number(parameters, "every_ms", EVERY_MS, 10,
			      EVERY_MAX_MS, &every, err);

	if (rc)
		return rc;
	cron_clear(stage);
	cron.database = &stage->pair->rds;
	cron.every_ms = every;
	return later_open(&cron.later, 0, cron_write, NULL, err);
}

/* ---- the operator's terminal ----------------------------------------------- */

static char followed[PATH_MAX];

void fault_users_follow(const char *run_dir)
{
	snprintf(followed, sizeof(followed), "%s", run_dir);
}

/* Whoever drives the run gets what a terminal that goes away sends. */
static int terminal_killed(struct stage *stage, const json_t *parameters,
			   struct error *err)
{
	struct lock_holder holder;
	bool held = false;
	int rc;

	(void)stage;
	(void)parameters;
	if (!followed[0])
		return error_set(err, ERR_NOTFOUND, NULL,
				 "no run is followed: whose terminal is it?");
	rc = lock_query(followed, &held, &holder, err);
	if (rc)
		return rc;
	if (!held || holder.pid <= 1)
		return error_set(err, ERR_NOTFOUND, followed,
				 "nobody drives that run");
	if (kill((pid_t)holder.pid, SIGHUP))
		return error_errno(err, followed, "hanging up");
	return 0;
}

const struct fault faults_users[] = {
	{"cron-writer", "every_ms=N",
	 "a cron job writes to rds as the application, whatever the flag", "200",
	 cron_begin, cron_clear, NULL, NULL},
	{"terminal-killed", "",
	 "the terminal of whoever drives the run goes away", "",
	 terminal_killed, NULL, NULL, NULL},
	{.name = NULL},
};
