/*
 * What stands in the practice databases: accounts, RDS's procedures, the
 * application's schema, replication from rds to aurora.
 */
#ifndef CUTOVER_REHEARSAL_DATABASE_SETUP_H
#define CUTOVER_REHEARSAL_DATABASE_SETUP_H

struct database;
struct error;

/* Sets up two servers that have just started, aurora replicating and holding
 * all that rds has. ca is the certificate's file. */
int database_setup_pair(struct database *rds, struct database *aurora,
			const char *ca, struct error *err);

/* As after a cutover: aurora promoted and writable, rds read-only. */
int database_setup_after(struct database *rds, struct database *aurora,
			 struct error *err);

/*
 * Writes the option file for operators (mode 0600) with the account `cutover`:
 * groups [rds] and [aurora] for cutover, and the same as [clientrds] and
 * [clientaurora] for `mysql --defaults-file=FILE --defaults-group-suffix=rds`;
 * [clientrds-admin] and [clientaurora-admin] with `admin`.
 */
int database_setup_option_file(const char *path, const struct database *rds,
			       const struct database *aurora, const char *ca,
			       struct error *err);

#endif
