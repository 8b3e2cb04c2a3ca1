/*
 * What goes wrong with the promotion itself. The procedure that it calls is
 * replaced by one of the same name, which fails, or calls the true one and then
 * waits for its connection to be cut; the true one comes back in the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rehearsal/fault.h"
#include "rehearsal/fault_sql.h"
#include "rehearsal/later.h"
#include "rehearsal/pair.h"
#include "rehearsal/sql.h"

#define ROUTINE_MAX 64
#define KEPT "practice_true_promotion"
/* Both are looked for in the server's list of sessions. */
#define WAIT "DO SLEEP(613)"
#define LOOK_MS 20

/* As RDS refuses where it manages the replica itself. */
#define REFUSAL "Permission Denied: This instance is a RDS Read Replica."

static struct {
	const struct database *aurora;
	char name[ROUTINE_MAX];           /* of what is replaced; "": nothing */
	char *text;                     /* its CREATE PROCEDURE; owned */
	struct later *cutter;
} promotion;

/* The procedure's name at this server: stop, or reset by its old or its new
 * name. */
static int promotion_find(MYSQL *sql, const char *at, char dst[ROUTINE_MAX],
			  struct error *err)
{
	char statement[256];

	snprintf(statement, sizeof(statement),
		 "SELECT ROUTINE_NAME FROM information_schema.ROUTINES "
		 "WHERE ROUTINE_SCHEMA = 'mysql' AND ROUTINE_NAME LIKE '%s' "
		 "ORDER BY ROUTINE_NAME LIMIT 1", !strcmp(at, "stop") ?
		 "rds\\_stop\\_replication" : "rds\\_reset\\_external\\_%");
	return sql_text(sql, statement, dst, ROUTINE_MAX, err);
}

/* Its CREATE PROCEDURE, owned by the caller. */
static int promotion_read(MYSQL *sql, const char *name, char **ret,
			  struct error *err)
{
	char statement[128];
	MYSQL_RES *rows;
	MYSQL_ROW row;

	snprintf(statement, sizeof(statement), "SHOW CREATE PROCEDURE mysql.%s",
		 name);
	if (mysql_query(sql, statement))
		return error_set(err, ERR_REMOTE, NULL, "%s", mysql_error(sql));
	rows = mysql_store_result(sql);
	row = rows ? mysql_fetch_row(rows) : NULL;
	*ret = row && mysql_num_fields(rows) > 2 && row[2] ? strdup(row[2]) :
	       NULL;
	mysql_free_result(rows);
	return *ret ? 0 : error_set(err, ERR_NOTFOUND, NULL,
				    "mysql.%s has no text", name);
}

/* Creates it in place of what has that name. Dropping took the rights with
 * it. */
static int promotion_put(MYSQL *sql, const char *name, const char *text,
			 struct error *err)
{
	int rc = sql_runf(sql, err, "DROP PROCEDURE IF EXISTS mysql.%s", name);

	if (!rc)
		rc = sql_run(sql, text, err);
	return rc ? rc : sql_runf(sql, err, "GRANT EXECUTE ON PROCEDURE "
				  "mysql.%s TO cutover@'127.0.0.1'", name);
}

/* The text with another name in it; owned, NULL when memory is out. */
static char *promotion_renamed(const char *text, const char *name,
			       const char *other)
{
	const char *at = strstr(text, name);
	char *made = NULL;

	if (!at || asprintf(&made, "%.*s%s%s", (int)(at - text), text, other,
			    at + strlen(name)) < 0)
		return NULL;
	return made;
}

static int promotion_session(MYSQL **ret, struct error *err)
{
	MYSQL *sql;
	int rc = fault_sql_open(promotion.aurora, false, &sql, err);

	if (rc)
		return rc;
	rc = sql_run(sql, "USE mysql", err);
	if (rc)
		fault_sql_close(sql);
	else
		*ret = sql;
	return rc;
}

/* The true one is back. */
static int promotion_restore(struct error *err)
{
	MYSQL *sql;
	int rc;

	if (!promotion.name[0])
		return 0;
	rc = promotion_session(&sql, err);
	if (rc)
		return rc;
	rc = promotion_put(sql, promotion.name, promotion.text, err);
	if (!rc)
		rc = sql_run(sql, "DROP PROCEDURE IF EXISTS mysql." KEPT, err);
	fault_sql_close(sql);
	if (rc)
		return rc;
	free(promotion.text);
	promotion.text = NULL;
	promotion.name[0] = '\0';
	return 0;
}

static int promotion_mend(struct stage *stage, struct error *err)
{
	(void)stage;
	later_close(&promotion.cutter);
	return promotion_restore(err);
}

/* Remembers the procedure named by at=stop|reset, then puts `body` in its
 * place, which may call KEPT. */
static int promotion_replace(MYSQL *sql, const char *at, const char *body,
			     struct error *err)
{
	char statement[512];
	char *kept = NULL;
	int rc = promotion_find(sql, at, promotion.name, err);

	if (!rc)
		rc = promotion_read(sql, promotion.name, &promotion.text, err);
	if (rc) {
		promotion.name[0] = '\0';
		return rc;
	}
	kept = promotion_renamed(promotion.text, promotion.name, KEPT);
	rc = kept ? promotion_put(sql, KEPT, kept, err) : error_nomem(err);
	free(kept);
	if (rc)
		return rc;
	snprintf(statement, sizeof(statement), "CREATE PROCEDURE mysql.%s() "
		 "SQL SECURITY DEFINER BEGIN %s END", promotion.name, body);
	return promotion_put(sql, promotion.name, statement, err);
}

static int promotion_spoil(struct stage *stage, const json_t *parameters,
			   const char *usual, const char *body,
			   struct error *err)
{
	char at[8];
	MYSQL *sql;
	int rc = fault_text(parameters, "at", usual, at, sizeof(at), err);

	if (!rc && strcmp(at, "stop") && strcmp(at, "reset"))
		rc = error_set(err, ERR_INVALID, NULL,
			       "'at' is stop or reset, not %s", at);
	if (rc)
		return rc;
	rc = promotion_mend(stage, err);
	promotion.aurora = &stage->pair->aurora;
	if (!rc)
		rc = promotion_session(&sql, err);
	if (rc)
		return rc;
	rc = promotion_replace(sql, at, body, err);
	fault_sql_close(sql);
	if (rc)
		promotion_mend(stage, NULL);
	return rc;
}

static int promotion_fails(struct stage *stage, const json_t *parameters,
			   struct error *err)
{
	return promotion_spoil(stage, parameters, "stop",
			       "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '"
			       REFUSAL "';", err);
}

/* Cuts the connection that waits, once; the true procedure is back then. */
static int64_t promotion_cut(void *data)
{
	char id[24] = "";
	MYSQL *sql;
	bool cut;

	(void)data;
	if (fault_sql_reader(promotion.aurora, &sql, NULL))
		return LOOK_MS;
	cut = !sql_text(sql, "SELECT ID FROM information_schema.PROCESSLIST "
			"WHERE INFO LIKE '" WAIT "%' LIMIT 1", id, sizeof(id),
			NULL) && !sql_runf(sql, NULL, "KILL %s", id);
	mysql_close(sql);
	return cut && !promotion_restore(NULL) ? LATER_OVER : LOOK_MS;
}

static int promotion_answer_lost(struct stage *stage,
				 const json_t *parameters, struct error *err)
{
	int rc = promotion_spoil(stage, parameters, "reset",
				 "CALL mysql." KEPT "(); " WAIT ";", err);

	if (!rc)
		rc = later_open(&promotion.cutter, LOOK_MS, promotion_cut,
				NULL, err);
	if (rc)
		promotion_mend(stage, NULL);
	return rc;
}

static bool promotion_answer_lost_ended(const struct stage *stage)
{
	(void)stage;
	return later_ended(promotion.cutter);
}

const struct fault faults_promotion[] = {
	{"promotion-fails", "at=stop|reset",
	 "aurora refuses to stop replicating (stop), or to forget rds (reset)", "",
	 promotion_fails, NULL, promotion_mend, NULL},
	{"promotion-answer-lost", "at=stop|reset",
	 "aurora does as told; the connection breaks before it says so", "reset",
	 promotion_answer_lost, NULL, promotion_mend,
	 promotion_answer_lost_ended},
	{.name = NULL},
};
