/* What the option file's lines and its options share. */
#ifndef CUTOVER_DB_OPTIONFILE_PRIVATE_H
#define CUTOVER_DB_OPTIONFILE_PRIVATE_H

#include <stdbool.h>

#include "db/optionfile.h"

struct db_optionfile {
	const char *path;
	const char *group;
	int line;
	bool in_group, found;
	bool verify;                    /* ssl-verify-server-cert */
	bool tls_given;
	struct db_config *config;
	struct error *err;
};

/* An error at the present line; name (or "") is shown behind what. */
int db_optionfile_refuse(struct db_optionfile *reading, enum error_code code,
			 const char *what, const char *name);

/* Takes an option: name with dashes, value or NULL. */
int db_optionfile_option(struct db_optionfile *reading, const char *name,
			 const char *value);

#endif
