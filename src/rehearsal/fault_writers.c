/*
 * A batch job on rds that has one open write transaction and goes on adding to
 * it. It does not ask the flag. Killed, or refused by the fence, it is gone and
 * does not come back; nothing of it was ever committed.
 */
#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/fault.h"
#include "rehearsal/fault_sql.h"
#include "rehearsal/later.h"
#include "rehearsal/pair.h"
#include "rehearsal/sql.h"

#define ROW_MS 1000
#define SECONDS_MAX 3600

static struct {
	struct later *later;
	MYSQL *sql;
	int64_t until_ms;       /* it gives up by itself; INT64_MAX: never */
} batch;

static int batch_add(struct error *err)
{
	return sql_run(batch.sql, "INSERT INTO orders (write_id, pod) "
		       "VALUES (CONCAT('batch-', UUID()), 'monthly-close')",
		       err);
}

static int64_t batch_go_on(void *data)
{
	(void)data;
	if (clock_mono_ms() < batch.until_ms && !batch_add(NULL))
		return ROW_MS;
	mysql_close(batch.sql);
	batch.sql = NULL;
	return LATER_OVER;
}

static void batch_clear(struct stage *stage)
{
	(void)stage;
	later_close(&batch.later);
	if (batch.sql)
		mysql_close(batch.sql);
	batch.sql = NULL;
}

static int batch_begin(struct stage *stage, const json_t *parameters,
		       struct error *err)
{
	int64_t seconds;
	int rc = fault_number(parameters, "seconds", 0, 0, SECONDS_MAX,
			      &seconds, err);

	if (rc)
		return rc;
	batch_clear(stage);
	batch.until_ms = seconds ? clock_mono_ms() + seconds * 1000 :
			 INT64_MAX;
	rc = fault_sql_login(&stage->pair->rds, "app", &batch.sql, err);
	if (!rc)
		rc = sql_run(batch.sql, "START TRANSACTION", err);
	if (!rc)
		rc = batch_add(err);
	if (!rc)
		rc = later_open(&batch.later, ROW_MS, batch_go_on, NULL, err);
	if (rc)
		batch_clear(stage);
	return rc;
}

static bool batch_ended(const struct stage *stage)
{
	(void)stage;
	return later_ended(batch.later);
}

const struct fault faults_writers[] = {
	{"long-transaction", "seconds=N",
	 "a batch job on rds has an open write transaction that does not end", "",
	 batch_begin, batch_clear, NULL, batch_ended},
	{.name = NULL},
};
