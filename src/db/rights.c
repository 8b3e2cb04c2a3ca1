/* See rights.h. */
#include "db/rights.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "db/dialect.h"
#include "db/result.h"

#define MARIADB_APART 101100    /* from here on SUPER brings none of these */

const char *db_rights_roles_sql(const struct db_server *server)
{
	return server->family == DB_FAMILY_MYSQL && server->version >= 80000 ?
	       "SELECT CURRENT_ROLE()" : NULL;
}

void db_rights_sql(const char *roles, char dst[DB_RIGHTS_SQL_MAX])
{
	bool some = roles && roles[0] && strcasecmp(roles, "NONE") != 0 &&
		    strlen(roles) < DB_RIGHTS_ROLES_MAX;

	snprintf(dst, DB_RIGHTS_SQL_MAX, some ?
		 "SHOW GRANTS FOR CURRENT_USER() USING %s" : "SHOW GRANTS",
		 roles);
}

/* ---- what was granted ---------------------------------------------------- */

/* Is it in the list of privileges that ends at `end`? "SELECT (a, b)" is no
 * SELECT, and no statement here needs what is granted by columns. */
static bool rights_lists(const char *list, const char *end, const char *wanted)
{
	size_t len = strlen(wanted);

	while (list < end) {
		const char *comma = memchr(list, ',', (size_t)(end - list));
		const char *stop = comma ? comma : end;

		while (list < stop && *list == ' ')
			list++;
		if ((size_t)(stop - list) == len &&
		    strncasecmp(list, wanted, len) == 0)
			return true;
		list = stop + 1;
	}
	return false;
}

/* "GRANT A, B ON *.* TO `u`@`h` ...": does it name that right there? MySQL's
 * partial revokes are lines that begin with REVOKE. */
static bool rights_line_says(const char *line, const char *verb,
			     const char *right, const char *scope)
{
	const char *list = line + strlen(verb);
	const char *on = strstr(line, " ON ");
	size_t len = strlen(scope);

	if (strncasecmp(line, verb, strlen(verb)) != 0 || !on)
		return false;
	if (strncasecmp(on + strlen(" ON "), scope, len) != 0 ||
	    on[strlen(" ON ") + len] != ' ')
		return false;
	return rights_lists(list, on, right) ||
	       rights_lists(list, on, "ALL PRIVILEGES") ||
	       rights_lists(list, on, "ALL");
}

static bool rights_any(const struct db_rows *grants, const char *verb,
		       const char *right, const char *scope)
{
	for (size_t i = 0; i < grants->rows && grants->columns; i++) {
		const char *line = grants->cells[i * grants->columns];

		if (line && rights_line_says(line, verb, right, scope))
			return true;
	}
	return false;
}

static bool rights_has(const struct db_rows *grants, const char *right,
		       const char *scope)
{
	return rights_any(grants, "GRANT ", right, scope);
}

/* ---- what a statement needs ---------------------------------------------- */

struct need {
	const char *begins;             /* the statement */
	enum db_family family;
	const char *right;              /* global */
};

static const struct need needs[] = {
	{"SET GLOBAL read_only ", DB_FAMILY_MYSQL, "SYSTEM_VARIABLES_ADMIN"},
	{"SET GLOBAL super_read_only ", DB_FAMILY_MYSQL,
	 "SYSTEM_VARIABLES_ADMIN"},
	{"STOP REPLICA", DB_FAMILY_MYSQL, "REPLICATION_SLAVE_ADMIN"},
	{"STOP SLAVE", DB_FAMILY_MYSQL, "REPLICATION_SLAVE_ADMIN"},
	{"START REPLICA", DB_FAMILY_MYSQL, "REPLICATION_SLAVE_ADMIN"},
	{"START SLAVE", DB_FAMILY_MYSQL, "REPLICATION_SLAVE_ADMIN"},
	{"RESET REPLICA", DB_FAMILY_MYSQL, "RELOAD"},
	{"RESET SLAVE", DB_FAMILY_MYSQL, "RELOAD"},
	{"SET GLOBAL read_only ", DB_FAMILY_MARIADB, "READ_ONLY ADMIN"},
	{"STOP SLAVE", DB_FAMILY_MARIADB, "REPLICATION SLAVE ADMIN"},
	{"START SLAVE", DB_FAMILY_MARIADB, "REPLICATION SLAVE ADMIN"},
	{"RESET SLAVE", DB_FAMILY_MARIADB, "RELOAD"},
};

static bool rights_super_suffices(const struct db_server *server,
				  const char *right)
{
	return strcmp(right, "RELOAD") != 0 &&
	       (server->family == DB_FAMILY_MYSQL ||
		server->version < MARIADB_APART);
}

static enum db_right rights_told(bool has, const char *right,
				 char why[DB_RIGHTS_WHY_MAX])
{
	snprintf(why, DB_RIGHTS_WHY_MAX, has ? "has %s" : "lacks %s", right);
	return has ? DB_RIGHT_YES : DB_RIGHT_NO;
}

/* A routine of the schema mysql. */
static enum db_right rights_to_call(const char *routine,
				    const struct db_rows *grants,
				    char why[DB_RIGHTS_WHY_MAX])
{
	char scope[128], right[160];
	int len = (int)strcspn(routine, " (;");
	bool has;

	snprintf(scope, sizeof(scope), "PROCEDURE `mysql`.`%.*s`", len,
		 routine);
	snprintf(right, sizeof(right), "EXECUTE ON mysql.%.*s", len, routine);
	has = (rights_has(grants, "EXECUTE", "*.*") &&
	       !rights_any(grants, "REVOKE ", "EXECUTE", "`mysql`.*")) ||
	      rights_has(grants, "EXECUTE", "`mysql`.*") ||
	      rights_has(grants, "EXECUTE", scope);
	return rights_told(has, right, why);
}

enum db_right db_rights_judge(const struct db_server *server,
			      const char *statement,
			      const struct db_rows *grants,
			      char why[DB_RIGHTS_WHY_MAX])
{
	static const char call[] = "CALL mysql.";

	if (strncasecmp(statement, call, strlen(call)) == 0)
		return rights_to_call(statement + strlen(call), grants, why);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct need *need = &needs[i];

		if (need->family != server->family ||
		    strncasecmp(statement, need->begins,
				strlen(need->begins)) != 0)
			continue;
		return rights_told(rights_has(grants, need->right, "*.*") ||
				   (rights_super_suffices(server, need->right) &&
				    rights_has(grants, "SUPER", "*.*")),
				   need->right, why);
	}
	snprintf(why, DB_RIGHTS_WHY_MAX,
		 "which right it needs is not known here");
	return DB_RIGHT_UNKNOWN;
}
