/*
 * A Lease of coordination.k8s.io/v1 as this program uses it: who drives a
 * cutover. Its name, its holder's identity, and the object to and from JSON.
 * Pure; lease_claim.h says what follows from what is read.
 */
#ifndef CUTOVER_KUBE_LEASE_H
#define CUTOVER_KUBE_LEASE_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

#define LEASE_NAME_MAX 64               /* a DNS label, and a NUL */
#define LEASE_HOLDER_MAX 512
#define LEASE_STAMP_MAX 40
#define LEASE_PLACE_MAX 1024
#define LEASE_VERSION_MAX 64
#define LEASE_SECONDS_MAX 3600          /* a longer one counts as this long */

/*
 * "cutover-RUNBOOK-SERVICE" as a DNS label: small letters, digits and '-'. One
 * that had to be changed or cut ends with a part of its hash, so that two
 * names that are not the same do not become so. 0 or ERR_NOMEM.
 */
int lease_name(const char *runbook, const char *service,
	       char dst[LEASE_NAME_MAX]);

/* Who holds it: "alice@bastion/20261123-140320-aurora-cutover/4242". */
struct lease_identity {
	char who[LEASE_HOLDER_MAX];     /* user@host */
	char run[LEASE_HOLDER_MAX];     /* "" where the text is not of that form */
	int64_t pid;                    /* 0 likewise */
};

/* Writes one; cut if it is too long. */
void lease_identity_text(const struct lease_identity *identity,
			 char dst[LEASE_HOLDER_MAX]);
/* Reads one, or takes the whole text (of another program) as `who`. */
void lease_identity_read(const char *text, struct lease_identity *ret);

/* What counts in a Lease. Texts are sanitised; "" where there is none. */
struct lease_record {
	char holder[LEASE_HOLDER_MAX];  /* "": nobody */
	char acquired[LEASE_STAMP_MAX]; /* as the holder's clock had it */
	char renewed[LEASE_STAMP_MAX];
	int64_t seconds;                /* it lasts without a renewal; at least 1 */
	int64_t transitions;            /* how often it changed hands */
	char version[LEASE_VERSION_MAX];        /* resourceVersion */
	char place[LEASE_PLACE_MAX];    /* host:path of the holder's journal */
};

/* Reads the answer to a GET, POST or PUT. ERR_INVALID: it is no Lease. */
int lease_read(const json_t *object, struct lease_record *ret,
	       struct error *err);

/* "2026-11-23T14:03:20.123000Z": Kubernetes' MicroTime. */
void lease_stamp(int64_t wall_ms, char dst[LEASE_STAMP_MAX]);

/*
 * The object to POST (before is NULL) or to PUT: `before` as it was read, with
 * the record's holder, times, length, transitions and place in it; its
 * resourceVersion makes the PUT fail if somebody was faster. A holder "" gives
 * the Lease up: the field is left out, which every server takes. A new
 * value, or NULL when memory is out.
 */
json_t *lease_object(const json_t *before, const char *name,
		     const struct lease_record *record);

#endif
