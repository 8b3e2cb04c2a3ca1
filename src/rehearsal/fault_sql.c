/* See fault_sql.h. */
#include "rehearsal/fault_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rehearsal/database.h"
#include "rehearsal/sql.h"

#define LIMIT_S 2u              /* one statement: a fault begins in a second */
#define KILLS_MAX 16            /* sessions that read the binlog */

static bool fault_sql_is_mysql(MYSQL *sql)
{
	return !strstr(mysql_get_server_info(sql), "MariaDB");
}

int fault_sql_reader(const struct database *database, MYSQL **ret,
		     struct error *err)
{
	struct sql_login login;
	int rc;

	database_root_login(database, &login);
	rc = sql_connect(&login, LIMIT_S, ret, err);
	return rc ? error_wrap(err, "%s", database->name) : 0;
}

int fault_sql_open(const struct database *database, bool seen, MYSQL **ret,
		   struct error *err)
{
	MYSQL *sql;
	int rc = fault_sql_reader(database, &sql, err);

	if (rc)
		return rc;
	if (!seen)
		rc = sql_run(sql, "SET SESSION sql_log_bin = 0", err);
	/* MySQL alone can bind an administrator too. */
	if (!rc && fault_sql_is_mysql(sql))
		rc = sql_run(sql, "SET @super = @@GLOBAL.super_read_only", err);
	if (!rc && fault_sql_is_mysql(sql))
		rc = sql_run(sql, "SET GLOBAL super_read_only = OFF", err);
	if (rc) {
		mysql_close(sql);
		return error_wrap(err, "%s", database->name);
	}
	*ret = sql;
	return 0;
}

void fault_sql_close(MYSQL *sql)
{
	if (!sql)
		return;
	if (fault_sql_is_mysql(sql))
		sql_run(sql, "SET GLOBAL super_read_only = IFNULL(@super, 0)",
			NULL);
	mysql_close(sql);
}

int fault_sql_login(const struct database *database, const char *user,
		    MYSQL **ret, struct error *err)
{
	struct sql_login login;
	int rc;

	database_login(database, user, &login);
	snprintf(login.database, sizeof(login.database), "app");
	rc = sql_connect(&login, LIMIT_S, ret, err);
	return rc ? error_wrap(err, "%s", database->name) : 0;
}

int fault_sql_read_only(MYSQL *sql, bool *ret, struct error *err)
{
	char text[8];
	int rc = sql_text(sql, "SELECT @@GLOBAL.read_only + 0", text,
			  sizeof(text), err);

	if (!rc)
		*ret = strcmp(text, "0") != 0;
	return rc;
}

bool fault_sql_applier_runs(MYSQL *sql)
{
	const char *state = NULL;
	bool runs;
	MYSQL_RES *rows;
	MYSQL_ROW row;

	if (mysql_query(sql, "SHOW REPLICA STATUS"))
		return false;
	rows = mysql_store_result(sql);
	row = rows ? mysql_fetch_row(rows) : NULL;
	for (unsigned int i = 0; row && i < mysql_num_fields(rows); i++) {
		const char *name = mysql_fetch_field_direct(rows, i)->name;

		if (!strcmp(name, "Slave_SQL_Running") ||
		    !strcmp(name, "Replica_SQL_Running"))
			state = row[i];
	}
	runs = state && !strcmp(state, "Yes");
	mysql_free_result(rows);
	return runs;
}

int fault_sql_kill_dumps(MYSQL *sql, struct error *err)
{
	char ids[KILLS_MAX * 21], *at = ids;
	int rc = sql_text(sql, "SELECT IFNULL(GROUP_CONCAT(ID "
			  "SEPARATOR ' '), '') FROM "
			  "information_schema.PROCESSLIST "
			  "WHERE COMMAND LIKE 'Binlog Dump%'", ids,
			  sizeof(ids), err);

	while (!rc && *at) {
		/* one that has gone meanwhile is as good as killed */
		sql_runf(sql, NULL, "KILL %lu", strtoul(at, &at, 10));
		at += strspn(at, " ");
	}
	return rc;
}
