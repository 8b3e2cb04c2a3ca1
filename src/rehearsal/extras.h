/*
 * What else lives in a production database and gets into the way of moving it:
 * an event that writes by itself, a console that holds a transaction or a lock
 * open, a table without a primary key. None is there unless a scenario asks.
 *
 * All are admin's, who is bound by read_only on rds. Any one thread.
 */
#ifndef CUTOVER_REHEARSAL_EXTRAS_H
#define CUTOVER_REHEARSAL_EXTRAS_H

struct error;
struct pair;

/* The event app.nightly on rds writes one row a second into app.orders, which
 * no user has asked for: the flag does not stop it, the fence does. It lands
 * disabled on aurora and stays so after a promotion. */
int extras_event_begin(const struct pair *pair, struct error *err);
int extras_event_end(const struct pair *pair, struct error *err);

/* A console on rds that does not go away. */
struct extras_console;

enum extras_hold {
	EXTRAS_TRANSACTION,     /* one row in app.orders, never committed */
	EXTRAS_LOCK,            /* LOCK TABLES: setting read_only waits for it */
};

/* *ret is owned: extras_console_close, which rolls back and unlocks. */
int extras_console_open(struct extras_console **ret, const struct pair *pair,
			enum extras_hold hold, struct error *err);
/* Takes NULL; a console whose connection was killed too. */
void extras_console_close(struct extras_console *console);

/* The table app.audit, without a primary key, with that many rows (at most
 * 1000000), made on rds and replicated. */
#define EXTRAS_AUDIT_MAX 1000000
int extras_audit_begin(const struct pair *pair, int rows, struct error *err);
int extras_audit_end(const struct pair *pair, struct error *err);
/* Changes every row of it: one transaction whose replay looks each row up in
 * the whole table. */
int extras_audit_change(const struct pair *pair, struct error *err);

#endif
