/* See appdb.h. */
#include "rehearsal/appdb.h"

#include <stdbool.h>
#include <string.h>

#define LIMIT_S 3u

void appdb_init(struct appdb *db, const struct sql_login *login)
{
	*db = (struct appdb){.login = *login};
	pthread_mutex_init(&db->lock, NULL);
}

void appdb_release(struct appdb *db)
{
	for (int i = 0; i < db->idle_count; i++)
		mysql_close(db->idle[i]);
	pthread_mutex_destroy(&db->lock);
	explicit_bzero(&db->login, sizeof(db->login));
}

static int appdb_take(struct appdb *db, MYSQL **ret, struct error *err)
{
	*ret = NULL;
	pthread_mutex_lock(&db->lock);
	if (db->idle_count)
		*ret = db->idle[--db->idle_count];
	pthread_mutex_unlock(&db->lock);
	return *ret ? 0 : sql_connect(&db->login, LIMIT_S, ret, err);
}

/* Back into the pool, unless the server's last answer was no answer. */
static void appdb_give(struct appdb *db, MYSQL *sql)
{
	unsigned int number = mysql_errno(sql);
	bool kept = false;

	pthread_mutex_lock(&db->lock);
	if ((!number || number == SQL_READ_ONLY_ERRNO) &&
	    db->idle_count < APPDB_CONNECTIONS) {
		db->idle[db->idle_count++] = sql;
		kept = true;
	}
	pthread_mutex_unlock(&db->lock);
	if (!kept)
		mysql_close(sql);
}

/* Runs "INSERT INTO TABLE (COLUMN, pod) VALUES (...)TAIL" as one transaction. */
static int appdb_insert(struct appdb *db, const char *table, const char *column,
			const char *value, const char *pod, const char *tail,
			struct error *err)
{
	char safe_value[2 * SQL_TEXT_MAX + 1], safe_pod[2 * SQL_TEXT_MAX + 1];
	MYSQL *sql;
	int rc;

	if (strlen(value) >= SQL_TEXT_MAX || strlen(pod) >= SQL_TEXT_MAX)
		return error_set(err, ERR_LIMIT, NULL, "%s too long", column);
	rc = appdb_take(db, &sql, err);
	if (rc)
		return rc;
	mysql_real_escape_string(sql, safe_value, value, strlen(value));
	mysql_real_escape_string(sql, safe_pod, pod, strlen(pod));
	rc = sql_runf(sql, err,
		      "INSERT INTO %s (%s, pod) VALUES ('%s', '%s')%s", table,
		      column, safe_value, safe_pod, tail);
	if (rc && mysql_errno(sql) == SQL_READ_ONLY_ERRNO)
		rc = error_set(err, ERR_DENIED, NULL, "the database is "
			       "read-only");
	appdb_give(db, sql);
	return rc;
}

int appdb_write(struct appdb *db, const char *write_id, const char *pod,
		struct error *err)
{
	return appdb_insert(db, "orders", "write_id", write_id, pod, "",
			    err);
}

int appdb_sentinel(struct appdb *db, const char *token, const char *pod,
		   struct error *err)
{
	/* A smoke test may be repeated: its token is there then, once. */
	return appdb_insert(db, "sentinel", "token", token, pod,
			    " ON DUPLICATE KEY UPDATE pod = VALUES(pod), "
			    "at = CURRENT_TIMESTAMP(3)", err);
}

static int appdb_ask(struct appdb *db, const char *statement, char *dst,
		     size_t size, struct error *err)
{
	MYSQL *sql;
	int rc = appdb_take(db, &sql, err);

	if (rc)
		return rc;
	rc = sql_text(sql, statement, dst, size, err);
	appdb_give(db, sql);
	return rc;
}

int appdb_read(struct appdb *db, char *dst, size_t size, struct error *err)
{
	return appdb_ask(db, "SELECT IFNULL(MAX(id), 0) FROM orders", dst, size,
			 err);
}

int appdb_ping(struct appdb *db, struct error *err)
{
	char answer[8];

	return appdb_ask(db, "SELECT 1", answer, sizeof(answer), err);
}
