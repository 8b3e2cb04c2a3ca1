/*
 * The provider's heartbeat: RDS's own account rdsadmin writes the time into
 * mysql.rds_heartbeat2, again and again, into the binlog, and read_only does
 * not stop it. Only rds has one here; what aurora gets of it is replicated.
 *
 * A thread of its own, which needs nobody: a server that does not answer is
 * tried again at the next beat.
 */
#ifndef CUTOVER_REHEARSAL_HEARTBEAT_H
#define CUTOVER_REHEARSAL_HEARTBEAT_H

struct database;
struct error;
struct heartbeat;

/* Beats every every_ms until heartbeat_close. The database is borrowed. *ret is
 * owned. ERR_NOMEM, ERR_IO. */
int heartbeat_open(struct heartbeat **ret, const struct database *database,
		   int every_ms, struct error *err);
/* Takes NULL. Before the database is closed. */
void heartbeat_close(struct heartbeat *heartbeat);

#endif
