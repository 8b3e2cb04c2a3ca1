/*
 * How faults speak to a database: what MariaDB and MySQL want said differently
 * is in here. Any thread, one session each.
 */
#ifndef CUTOVER_REHEARSAL_FAULT_SQL_H
#define CUTOVER_REHEARSAL_FAULT_SQL_H

#include <mysql.h>
#include <stdbool.h>

struct database;
struct error;

/*
 * A session of the server's own administrator. Unless it is to be seen, what
 * it writes goes into no binlog and so is no transaction of that server. It
 * writes whatever read_only says. *ret is owned: fault_sql_close. The errors
 * of sql_connect and sql_run.
 */
int fault_sql_open(const struct database *database, bool seen, MYSQL **ret,
		   struct error *err);
void fault_sql_close(MYSQL *sql);
/* One that only reads and locks; end it with mysql_close, as the next. */
int fault_sql_reader(const struct database *database, MYSQL **ret,
		     struct error *err);
/* A session of one of the database's accounts, in the application's schema. */
int fault_sql_login(const struct database *database, const char *user,
		    MYSQL **ret, struct error *err);

/* Whether read_only is on. */
int fault_sql_read_only(MYSQL *sql, bool *ret, struct error *err);
/* Whether the replica's applier runs; false also when it can't be asked. */
bool fault_sql_applier_runs(MYSQL *sql);
/* Ends the sessions in which replicas read this server's binlog. */
int fault_sql_kill_dumps(MYSQL *sql, struct error *err);

#endif
