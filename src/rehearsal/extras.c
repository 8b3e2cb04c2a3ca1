/* See extras.h. */
#include "rehearsal/extras.h"

#include <stdlib.h>

#include "base/error.h"
#include "rehearsal/pair.h"
#include "rehearsal/sql.h"

#define EXTRAS_LIMIT_S 30u      /* one statement */

struct extras_console {
	MYSQL *sql;
};

static int extras_connect(const struct pair *pair, MYSQL **ret,
			  struct error *err)
{
	struct sql_login login;

	database_login(&pair->rds, "admin", &login);
	return sql_connect(&login, EXTRAS_LIMIT_S, ret, err);
}

/* Each statement in turn, up to NULL, on rds. */
static int extras_say(const struct pair *pair, const char *const *statements,
		      struct error *err)
{
	MYSQL *sql;
	int rc = extras_connect(pair, &sql, err);

	if (rc)
		return error_wrap(err, "%s", pair->rds.name);
	for (; !rc && *statements; statements++)
		rc = sql_run(sql, *statements, err);
	mysql_close(sql);
	return rc ? error_wrap(err, "%s", pair->rds.name) : 0;
}

/* MariaDB's scheduler is off at first; RDS's parameter has it on. */
static int extras_scheduler_on(const struct pair *pair, struct error *err)
{
	struct sql_login login;
	MYSQL *sql;
	int rc;

	database_root_login(&pair->rds, &login);
	rc = sql_connect(&login, EXTRAS_LIMIT_S, &sql, err);
	if (rc)
		return error_wrap(err, "%s", pair->rds.name);
	rc = sql_run(sql, "SET GLOBAL event_scheduler = ON", err);
	mysql_close(sql);
	return rc ? error_wrap(err, "%s", pair->rds.name) : 0;
}

int extras_event_begin(const struct pair *pair, struct error *err)
{
	static const char *const statements[] = {
		"CREATE EVENT IF NOT EXISTS app.nightly "
		"ON SCHEDULE EVERY 1 SECOND DO "
		"INSERT INTO app.orders (write_id, pod) "
		"VALUES ('nightly', 'event')", NULL};
	int rc = extras_scheduler_on(pair, err);

	return rc ? rc : extras_say(pair, statements, err);
}

int extras_event_end(const struct pair *pair, struct error *err)
{
	static const char *const statements[] = {
		"DROP EVENT IF EXISTS app.nightly", NULL};

	return extras_say(pair, statements, err);
}

int extras_console_open(struct extras_console **ret, const struct pair *pair,
			enum extras_hold hold, struct error *err)
{
	static const char *const statements[][2] = {
		[EXTRAS_TRANSACTION] = {
			"START TRANSACTION",
			"INSERT INTO app.orders (write_id, pod) "
			"VALUES ('by hand', 'console')"},
		/* Of a table that no user waits for. */
		[EXTRAS_LOCK] = {
			"CREATE TABLE IF NOT EXISTS app.report (total BIGINT)",
			"LOCK TABLES app.report WRITE"},
	};
	struct extras_console *console = calloc(1, sizeof(*console));
	int rc;

	if (!console)
		return error_nomem(err);
	rc = extras_connect(pair, &console->sql, err);
	for (int i = 0; !rc && i < 2; i++)
		rc = sql_run(console->sql, statements[hold][i], err);
	if (rc) {
		extras_console_close(console);
		return error_wrap(err, "%s", pair->rds.name);
	}
	*ret = console;
	return 0;
}

void extras_console_close(struct extras_console *console)
{
	if (!console)
		return;
	if (console->sql)
		mysql_close(console->sql);
	free(console);
}

int extras_audit_begin(const struct pair *pair, int rows, struct error *err)
{
	MYSQL *sql;
	int rc = extras_connect(pair, &sql, err);

	if (rc)
		return error_wrap(err, "%s", pair->rds.name);
	rc = sql_run(sql, "CREATE TABLE app.audit ("
		     "what VARCHAR(64) NOT NULL, amount BIGINT NOT NULL"
		     ") ENGINE=InnoDB", err);
	if (!rc && rows > 0)
		rc = sql_run(sql, "INSERT INTO app.audit VALUES ('order', 1)",
			     err);
	/* Doubled as long as that is not too many. */
	for (int done = 1; !rc && done < rows; done *= 2)
		rc = sql_runf(sql, err, "INSERT INTO app.audit "
			      "SELECT what, amount + %d FROM app.audit "
			      "LIMIT %d", done,
			      rows - done < done ? rows - done : done);
	mysql_close(sql);
	return rc ? error_wrap(err, "%s", pair->rds.name) : 0;
}

int extras_audit_end(const struct pair *pair, struct error *err)
{
	static const char *const statements[] = {
		"DROP TABLE IF EXISTS app.audit", NULL};

	return extras_say(pair, statements, err);
}

int extras_audit_change(const struct pair *pair, struct error *err)
{
	static const char *const statements[] = {
		"UPDATE app.audit SET amount = amount + 1", NULL};

	return extras_say(pair, statements, err);
}
