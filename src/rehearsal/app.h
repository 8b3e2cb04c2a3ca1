/*
 * The application: an HTTP server on an address of its own, as it runs in a
 * pod of the practice cluster.
 *
 *	GET  /healthz   200
 *	GET  /readyz    200 while the database answers, else 503
 *	GET  /read      200 {"id": N, ...} from the database
 *	POST /write     {"write_id": "..."}: 200 once it is committed, else 503
 *	                {"error": "flag-off" | "read-only-mode" | "read-only" | ...}
 *	POST /sentinel  {"token": "..."}: the smoke test's door; passes the flag,
 *	                nothing else
 *
 * Every answer names the pod and its version (X-Pod, X-Version). Requests are
 * served by libmicrohttpd's threads; the functions below are for the one
 * thread that owns the application.
 */
#ifndef CUTOVER_REHEARSAL_APP_H
#define CUTOVER_REHEARSAL_APP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rehearsal/sql.h"
#include "rehearsal/writer.h"

struct app;
struct applog;

#define APP_NAME_MAX 254
#define APP_BODY_MAX 4096       /* bytes of a request */

struct app_config {
	char pod[APP_NAME_MAX];
	char version[APP_NAME_MAX];
	struct writer_rules rules;
	struct sql_login login;
	uint32_t address;               /* host byte order */
	uint16_t port;
	/* What the flag is now; called on any thread, at any time. */
	bool (*flag)(void *data);
	void *flag_data;
	/* While true, a connection keeps what the flag was at its first write;
	 * NULL: never. */
	const atomic_bool *sticky;
	struct applog *log;             /* borrowed until app_close */
};

/* Listens. The config is copied. *ret is owned: app_close. */
int app_open(struct app **ret, const struct app_config *config,
	     struct error *err);
/* Whether the database answers: 0, or why not. What else it notices goes into
 * the log. */
int app_check(struct app *app, struct error *err);
/* From now on every answer also ends its connection, so that users leave
 * without an error. */
void app_drain(struct app *app);
/* Requests in flight are answered, connections closed. Takes NULL. */
void app_close(struct app *app);

#endif
