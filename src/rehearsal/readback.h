/* Reads the users' writes back from the database that serves them now. */
#ifndef CUTOVER_REHEARSAL_READBACK_H
#define CUTOVER_REHEARSAL_READBACK_H

#include <stdint.h>

struct error;
struct ledger;
struct sql_login;

/* Tells the ledger of every row in app.orders, until deadline_ms
 * (clock_mono_ms). ERR_TIMEOUT: not all was read, the count means nothing. */
int readback_orders(const struct sql_login *login, int64_t deadline_ms,
		    struct ledger *ledger, struct error *err);

#endif
