/*
 * One group of a MySQL option file (my.cnf): the place where operators keep
 * addresses and passwords already.
 *
 * Understood: host, port, socket, user, password, ssl-ca, ssl-cert, ssl-key,
 * ssl-mode, ssl-verify-server-cert, skip-ssl, ssl, connect-timeout; '-' and
 * '_' are the same, "loose-" is taken off, values may be quoted, backslash
 * escapes as MySQL has them. !include and options unknown here are refused
 * with file and line: a mistyped ssl-mode must not become plaintext.
 */
#ifndef CUTOVER_DB_OPTIONFILE_H
#define CUTOVER_DB_OPTIONFILE_H

#include "base/error.h"
#include "db/config.h"

#define DB_OPTIONFILE_MAX (256u << 10) /* bytes */

/*
 * Reads [group] of the file into *ret_config, name being group. The caller
 * wipes it. ERR_NOTFOUND: no file or no such group; ERR_DENIED: the file can't
 * be read, or others can read it too ("chmod 600 FILE"); ERR_SYNTAX and
 * ERR_INVALID with FILE:LINE. No value of password is ever in an error.
 */
int db_optionfile_read(const char *path, const char *group,
		       struct db_config *ret_config, struct error *err);

/* The same from text; path only names it in errors. */
int db_optionfile_parse(const char *text, const char *path, const char *group,
			struct db_config *ret_config, struct error *err);

#endif
