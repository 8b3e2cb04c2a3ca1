/*
 * May this account say that? The rights that the statements of dialect.h need,
 * held against what SHOW GRANTS tells. Sources: "SHOW GRANTS" and the pages of
 * the statements in the manuals of MySQL 8.4 and MariaDB 10.11. No I/O.
 */
#ifndef CUTOVER_DB_RIGHTS_H
#define CUTOVER_DB_RIGHTS_H

#include <stddef.h>

struct db_rows;
struct db_server;

enum db_right {
	DB_RIGHT_UNKNOWN,       /* a statement of the runbook's own */
	DB_RIGHT_YES,
	DB_RIGHT_NO,
};

#define DB_RIGHTS_WHY_MAX 192
#define DB_RIGHTS_SQL_MAX 1200
#define DB_RIGHTS_ROLES_MAX 1024

/* The roles in force, one cell; to be asked first where the answer of SHOW
 * GRANTS leaves out what they bring. NULL: that server tells it all at once. */
const char *db_rights_roles_sql(const struct db_server *server);
/* Asks for the grants, with those of the roles; roles: the cell, or NULL.
 * Quoted as the server quoted them. */
void db_rights_sql(const char *roles, char dst[DB_RIGHTS_SQL_MAX]);
/* grants: what that answered, one column. why: what is lacking, or which right
 * it is that suffices. */
enum db_right db_rights_judge(const struct db_server *server,
			      const char *statement,
			      const struct db_rows *grants,
			      char why[DB_RIGHTS_WHY_MAX]);

#endif
