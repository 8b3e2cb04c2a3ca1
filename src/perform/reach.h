/*
 * The far ends of a run: one acting connection to each database, one client of
 * the cluster, the flag's address. Opened once from the runbook's connections;
 * performers act through it, observers borrow what they can share.
 */
#ifndef CUTOVER_PERFORM_REACH_H
#define CUTOVER_PERFORM_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "db/config.h"
#include "runbook/model.h"

struct acting;
struct kube_client;
struct loop;
struct reach;

#define REACH_TARGET_MAX 256

/* Reads option files and kubeconfig (errors name file and line) and begins to
 * connect; waits for nothing. loop and runbook are borrowed. */
int reach_open(struct loop *loop, const struct runbook *runbook,
	       struct reach **ret, struct error *err);
/* Takes NULL. */
void reach_close(struct reach *reach);

struct loop *reach_loop(const struct reach *reach);
/* How to reach the database of that connection; NULL: there is none. */
const struct db_config *reach_database(const struct reach *reach,
				       const char *name);
/* The connection to act through (perform/acting.h); NULL: there is none. */
struct acting *reach_acting(struct reach *reach, const char *name);
/* Is that the session of that connection, and has it answered everything that
 * was ever sent in it? */
bool reach_has_answered(struct reach *reach, const char *name, int64_t session);
/* acting_settle, of every database. */
void reach_settle_all(struct reach *reach);
/* NULL: the runbook has no cluster. */
struct kube_client *reach_cluster(const struct reach *reach);
/* The runbook's name for it; NULL: none. */
const char *reach_cluster_name(const struct reach *reach);
/* The flag's connection, or NULL. */
const struct runbook_connection *reach_flag(const struct reach *reach);

/* "aurora (127.0.0.1:3307)": what people are told of a connection. */
void reach_target(const struct reach *reach, const char *name,
		  char dst[REACH_TARGET_MAX]);
/* The same of a connection that is not opened: reads its option file, or its
 * kubeconfig, and connects to nothing. */
int reach_foresee(const struct runbook_connection *connection,
		  char dst[REACH_TARGET_MAX], struct error *err);

#endif
