/*
 * A database server that is gone for a while: aurora fails over, rds has
 * crashed. It is killed, and started again when the fault is cleared, by the
 * words that it was started with. What it had committed is there then; its
 * connections are not. read_only is as it was, as a provider keeps it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "rehearsal/child.h"
#include "rehearsal/fault.h"
#include "rehearsal/fault_sql.h"
#include "rehearsal/pair.h"

#define WORDS_MAX 96
#define COMMAND_MAX (64u << 10)
#define INIT_FILE "--init-file="        /* its passwords are long set */
#define UP_LIMIT_MS 3000
#define UP_POLL_MS 20

struct killed {
	struct buf command;             /* words, each ended by a zero */
	bool read_only;
	bool down;
};

static struct killed killed_rds, killed_aurora;

/* How it runs, before it does no longer. */
static int killed_note(struct killed *killed, const struct database *database,
		       struct error *err)
{
	char path[64];
	MYSQL *sql;
	int rc = fault_sql_reader(database, &sql, err);

	if (rc)
		return rc;
	rc = fault_sql_read_only(sql, &killed->read_only, err);
	mysql_close(sql);
	if (rc)
		return rc;
	buf_init(&killed->command, COMMAND_MAX);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)database->pid);
	rc = file_read(path, &killed->command, err);
	if (rc)
		buf_release(&killed->command);
	return rc;
}

static int killed_begin(struct killed *killed, struct database *database,
			struct error *err)
{
	int rc;

	if (killed->down)
		return 0;
	rc = killed_note(killed, database, err);
	if (rc)
		return rc;
	killed->down = true;
	database_kill(database);
	return 0;
}

/* Its words again; the last ones say what has changed. */
static int killed_start(struct killed *killed, struct database *database,
			const struct child_user *user, struct error *err)
{
	const char *words[WORDS_MAX + 1];
	const char *at = killed->command.data;
	const char *end = at + killed->command.len;
	char log[PATH_MAX];
	size_t count = 0;

	for (; at < end && count < WORDS_MAX - 1; at += strlen(at) + 1)
		if (strncmp(at, INIT_FILE, strlen(INIT_FILE)))
			words[count++] = at;
	words[count++] = killed->read_only ? "--read-only=ON" :
			 "--read-only=OFF";
	words[count] = NULL;
	snprintf(log, sizeof(log), "%.*s.log", PATH_MAX - 8, database->dir);
	return child_start(words, user, log, &database->pid, err);
}

/* Until it answers, or for as long as one can be kept waiting. */
static void killed_await(const struct database *database)
{
	const struct timespec pause = {.tv_nsec = UP_POLL_MS * 1000000L};
	int64_t deadline = clock_mono_ms() + UP_LIMIT_MS;
	MYSQL *sql;

	while (clock_mono_ms() < deadline) {
		if (!fault_sql_reader(database, &sql, NULL)) {
			mysql_close(sql);
			return;
		}
		nanosleep(&pause, NULL);
	}
}

static int killed_mend(struct killed *killed, struct database *database,
		       const struct child_user *user, struct error *err)
{
	int rc = killed->down ? killed_start(killed, database, user, err) : 0;

	if (rc || !killed->down)
		return rc;
	killed_await(database);
	if (database_died(database))
		return error_set(err, ERR_IO, NULL,
				 "its server ended as it came up; see %s.log",
				 database->dir);
	killed->down = false;
	buf_release(&killed->command);
	return 0;
}

static int aurora_failover(struct stage *stage, const json_t *parameters,
			   struct error *err)
{
	(void)parameters;
	return killed_begin(&killed_aurora, &stage->pair->aurora, err);
}

static int aurora_failover_mend(struct stage *stage, struct error *err)
{
	return killed_mend(&killed_aurora, &stage->pair->aurora,
			   &stage->pair->user, err);
}

static int rds_down(struct stage *stage, const json_t *parameters,
		    struct error *err)
{
	(void)parameters;
	return killed_begin(&killed_rds, &stage->pair->rds, err);
}

static int rds_down_mend(struct stage *stage, struct error *err)
{
	return killed_mend(&killed_rds, &stage->pair->rds, &stage->pair->user,
			   err);
}

const struct fault faults_failover[] = {
	{"aurora-failover", "",
	 "aurora's server is gone until cleared, and all its connections", "",
	 aurora_failover, NULL, aurora_failover_mend, NULL},
	{"rds-down", "",
	 "rds's server has crashed; it is back when cleared", "",
	 rds_down, NULL, rds_down_mend, NULL},
	{.name = NULL},
};
