/*
 * Keeps the Lease of a run: one driver for one cutover, whatever machine they
 * sit at. The claim (kube/lease_claim.h) says what is due, this sends it, one
 * request at a time, and says in words what that means. Loop thread only.
 *
 * What one must know: an effect in flight cannot be called back. It may run on
 * while the Lease expires behind it; the last third of the Lease's time, in
 * which nothing is begun, is there for that, and whoever takes over is told to
 * make sure first.
 */
#ifndef CUTOVER_CONDUCT_LEASE_H
#define CUTOVER_CONDUCT_LEASE_H

#include "conduct/conduct.h"

struct conduct_lease;
struct kube_client;

struct conduct_lease_options {
	struct kube_client *client;     /* borrowed */
	const struct runbook *runbook;
	const char *operator_name;      /* user@host */
	const char *run;
	const char *journal;            /* its path */
	bool resumes;
	void (*changed)(void *data);    /* an answer came */
	void *data;
};

/* Sends nothing yet. ERR_NOMEM. */
int conduct_lease_open(const struct conduct_lease_options *options,
		       struct conduct_lease **ret, struct error *err);
/* Leaves the Lease as it is; takes NULL, as all of these do: a run without a
 * cluster needs no Lease. */
void conduct_lease_close(struct conduct_lease *lease);

/* Sends what is due; to be called several times a second. */
void conduct_lease_beat(struct conduct_lease *lease);
/* 0 while it is ours, by the clock of this very moment; else ERR_BUSY, and why
 * nothing may be sent. */
int conduct_lease_check(struct conduct_lease *lease, struct error *err);
/* NULL while it is ours; else why nothing may be sent. Valid until the loop's
 * next turn. */
const char *conduct_lease_problem(struct conduct_lease *lease);
/* May the operator's word take it? ERR_INVALID: why not. */
int conduct_lease_can_take(const struct conduct_lease *lease,
			   struct error *err);
void conduct_lease_take(struct conduct_lease *lease);
/* For the record: {name, holder, since, renewed, taken} of the last other
 * holder ("" where there was none). A new value; NULL when memory is out. */
json_t *conduct_lease_record(const struct conduct_lease *lease, bool taken);
/* Gives it up, if it is ours. True once that is done, or has taken too long;
 * to be called until then. */
bool conduct_lease_give_up(struct conduct_lease *lease);

/* For front ends; NULL: none is needed. Valid until the loop's next turn. */
const struct conduct_lease_view *conduct_lease_look(struct conduct_lease *lease);

#endif
