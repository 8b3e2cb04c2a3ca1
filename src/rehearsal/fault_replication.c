/*
 * What goes wrong between rds and aurora. Each is a real one: the applier waits
 * for a lock, fails at a row, or the link's account is refused; what the status
 * then says, the servers say by themselves.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "rehearsal/fault.h"
#include "rehearsal/fault_sql.h"
#include "rehearsal/later.h"
#include "rehearsal/pair.h"
#include "rehearsal/sql.h"

#define SECONDS_MAX 600
#define SPIKE_S 8
#define LOCK_WAIT_S "1"
#define LOCK_WAIT_ERRNO 1205    /* the lock was not to be had so long */
#define LOCK_TRIES 3

/* --- lag-spike --------------------------------------------------------- */

/*
 * An administrator's session on aurora has read rows FOR UPDATE: the applier's
 * next row waits for it. A batch on rds gives it rows to wait with, also when
 * the users write no more; each of its transactions leaves nothing behind.
 */
#define BATCH 5
static struct {
	struct later *end;
	MYSQL *session;
} spike;

static int64_t spike_over(void *data)
{
	(void)data;
	mysql_close(spike.session);
	spike.session = NULL;
	return LATER_OVER;
}

static void spike_clear(struct stage *stage)
{
	(void)stage;
	later_close(&spike.end);
	if (spike.session)
		spike_over(NULL);
}

static int spike_lock(const struct database *aurora, struct error *err)
{
	int rc = fault_sql_reader(aurora, &spike.session, err);

	if (!rc)
		rc = sql_run(spike.session, "SET SESSION "
			     "innodb_lock_wait_timeout = " LOCK_WAIT_S, err);
	if (!rc)
		rc = sql_run(spike.session, "START TRANSACTION", err);
	/* the applier may hold the newest row for a moment */
	for (int i = 0; !rc && i < LOCK_TRIES; i++) {
		rc = sql_run(spike.session, "SELECT id FROM app.orders "
			     "ORDER BY id DESC LIMIT 1 FOR UPDATE", err);
		if (!rc)
			break;
		if (mysql_errno(spike.session) == LOCK_WAIT_ERRNO &&
		    i < LOCK_TRIES - 1)
			rc = 0;
	}
	return rc ? rc : sql_run(spike.session, "SELECT token FROM "
				 "app.sentinel FOR UPDATE", err);
}

static int spike_batch(const struct database *rds, struct error *err)
{
	bool fenced = false;
	MYSQL *sql;
	int rc = fault_sql_open(rds, true, &sql, err);

	if (rc)
		return rc;
	rc = fault_sql_read_only(sql, &fenced, err);
	/* after the fence it would be a second writer */
	for (int i = 0; !rc && !fenced && i < BATCH; i++) {
		rc = sql_run(sql, "START TRANSACTION", err);
		if (!rc)
			rc = sql_run(sql, "INSERT INTO app.sentinel "
				     "(token, pod) VALUES ('batch', 'purge')",
				     err);
		if (!rc)
			rc = sql_run(sql, "DELETE FROM app.sentinel "
				     "WHERE token = 'batch'", err);
		if (!rc)
			rc = sql_run(sql, "COMMIT", err);
	}
	fault_sql_close(sql);
	return rc ? error_wrap(err, "rds") : 0;
}

static int spike_begin(struct stage *stage, const json_t *parameters,
		       struct error *err)
{
	int64_t seconds;
	int rc = fault_number(parameters, "seconds", SPIKE_S, 1, SECONDS_MAX,
			      &seconds, err);

	if (rc)
		return rc;
	spike_clear(stage);
	rc = spike_lock(&stage->pair->aurora, err);
	if (!rc)
		rc = spike_batch(&stage->pair->rds, err);
	if (!rc)
		rc = later_open(&spike.end, seconds * 1000, spike_over, NULL,
				err);
	if (rc)
		spike_clear(stage);
	return rc;
}

static bool spike_ended(const struct stage *stage)
{
	(void)stage;
	return later_ended(spike.end);
}

/* --- replication-stopped thread=io, lag-null --------------------------- */

/* What was done to the account by which aurora reads rds. */
static bool link_password_changed, link_account_locked;

static int link_run(struct stage *stage, const char *statement,
		    bool kill_dumps, struct error *err)
{
	MYSQL *sql;
	int rc = fault_sql_open(&stage->pair->rds, false, &sql, err);

	if (rc)
		return rc;
	rc = sql_run(sql, statement, err);
	if (!rc && kill_dumps)
		rc = fault_sql_kill_dumps(sql, err);
	fault_sql_close(sql);
	return rc ? error_wrap(err, "rds") : 0;
}

static int link_set_password(struct stage *stage, const char *password,
			     bool kill_dumps, struct error *err)
{
	char statement[SQL_TEXT_MAX + 64];

	snprintf(statement, sizeof(statement), "ALTER USER repl@'127.0.0.1' "
		 "IDENTIFIED BY '%s'", password);
	return link_run(stage, statement, kill_dumps, err);
}

static int link_change_password(struct stage *stage, struct error *err)
{
	int rc = link_set_password(stage, "rotated-this-morning-0", true, err);

	if (!rc)
		link_password_changed = true;
	return rc;
}

static int lag_null_begin(struct stage *stage, const json_t *parameters,
			  struct error *err)
{
	int rc = link_run(stage, "ALTER USER repl@'127.0.0.1' ACCOUNT LOCK",
			  true, err);

	(void)parameters;
	if (!rc)
		link_account_locked = true;
	return rc;
}

static int lag_null_mend(struct stage *stage, struct error *err)
{
	int rc = link_account_locked ?
		 link_run(stage, "ALTER USER repl@'127.0.0.1' ACCOUNT UNLOCK",
			  false, err) : 0;

	if (!rc)
		link_account_locked = false;
	return rc;
}

/* --- replication-stopped thread=sql ------------------------------------ */

#define LOST_ROW "(token, pod) VALUES ('applier-test', 'somebody')"

static bool applier_stopped;

/*
 * A row that rds has and aurora has not; deleting it then is a change that
 * aurora's applier fails at. Both databases end with the same rows.
 */
static int applier_stop(struct stage *stage, struct error *err)
{
	bool fenced = false;
	MYSQL *sql;
	int rc = fault_sql_open(&stage->pair->rds, false, &sql, err);

	if (rc)
		return rc;
	rc = fault_sql_read_only(sql, &fenced, err);
	if (!rc && fenced)
		rc = error_set(err, ERR_INVALID, NULL, "rds is fenced: nothing "
			       "comes any more that the applier could fail at");
	if (!rc)
		rc = sql_run(sql, "REPLACE INTO app.sentinel " LOST_ROW, err);
	if (!rc)
		rc = sql_run(sql, "SET SESSION sql_log_bin = 1", err);
	if (!rc)
		rc = sql_run(sql, "DELETE FROM app.sentinel "
			     "WHERE token = 'applier-test'", err);
	fault_sql_close(sql);
	applier_stopped = applier_stopped || !rc;
	return rc ? error_wrap(err, "rds") : 0;
}

/* As a DBA mends it: the row is put where the applier looks for it. If it runs
 * already, somebody has. */
static int applier_mend(struct stage *stage, struct error *err)
{
	MYSQL *sql;
	int rc;

	if (!applier_stopped)
		return 0;
	rc = fault_sql_open(&stage->pair->aurora, false, &sql, err);
	if (rc)
		return rc;
	/* one that runs may not have come to it yet */
	rc = sql_run(sql, "INSERT IGNORE INTO app.sentinel " LOST_ROW, err);
	if (!rc && !fault_sql_applier_runs(sql))
		rc = sql_run(sql, "START REPLICA", err);
	fault_sql_close(sql);
	applier_stopped = rc != 0;
	return rc;
}

static int stopped_begin(struct stage *stage, const json_t *parameters,
			 struct error *err)
{
	char thread[8];
	int rc = fault_text(parameters, "thread", "sql", thread,
			    sizeof(thread), err);

	if (rc)
		return rc;
	if (!strcmp(thread, "sql"))
		return applier_stop(stage, err);
	if (!strcmp(thread, "io"))
		return link_change_password(stage, err);
	return error_set(err, ERR_INVALID, NULL, "'thread' is sql or io, not "
			 "%s", thread);
}

static int stopped_mend(struct stage *stage, struct error *err)
{
	int rc = applier_mend(stage, err);

	if (!rc && link_password_changed)
		rc = link_set_password(stage, stage->pair->rds.repl_password,
				       false, err);
	if (!rc)
		link_password_changed = false;
	return rc;
}

/* --- errant-transaction ------------------------------------------------ */

/* Somebody refreshes the statistics of a table on aurora: it changes no row,
 * read_only lets it pass, and it is a transaction that rds will never have. */
static int errant_begin(struct stage *stage, const json_t *parameters,
			struct error *err)
{
	MYSQL *sql;
	int rc = fault_sql_open(&stage->pair->aurora, true, &sql, err);

	(void)parameters;
	if (rc)
		return rc;
	rc = sql_run(sql, "ANALYZE TABLE app.sentinel", err);
	fault_sql_close(sql);
	return rc ? error_wrap(err, "aurora") : 0;
}

const struct fault faults_replication[] = {
	{"lag-spike", "seconds=N",
	 "aurora's applier waits so long for a lock that a session holds", "8",
	 spike_begin, spike_clear, NULL, spike_ended},
	{"replication-stopped", "thread=sql|io",
	 "the applier fails at a row (sql), or rds refuses the password (io)", "",
	 stopped_begin, NULL, stopped_mend, NULL},
	{"lag-null", "",
	 "rds refuses the link's account: seconds behind is NULL", "",
	 lag_null_begin, NULL, lag_null_mend, NULL},
	{"errant-transaction", "",
	 "ANALYZE TABLE on aurora: a transaction that rds lacks", "",
	 errant_begin, NULL, NULL, NULL},
	{.name = NULL},
};
