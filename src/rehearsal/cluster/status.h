/*
 * What the API answers: a code and a body. Refusals are Status objects in a
 * real API server's own words.
 */
#ifndef CUTOVER_REHEARSAL_STATUS_H
#define CUTOVER_REHEARSAL_STATUS_H

#include <jansson.h>

struct error;
struct resource;

struct answer {
	unsigned int code;      /* of HTTP */
	json_t *body;           /* owned; NULL when memory was out */
	json_t *warnings;       /* texts, each for a Warning header; or NULL */
};

void answer_release(struct answer *answer);
/* Sets the body (taken; NULL becomes a 500) and the code. */
void answer_set(struct answer *answer, unsigned int code, json_t *body);
/* Adds texts (an array of strings) to the warnings. */
void answer_warn(struct answer *answer, const json_t *texts);
/* Turns a refusal into an error: 409 ERR_CONFLICT, 404 ERR_NOTFOUND, 403
 * ERR_DENIED, 500 ERR_NOMEM, else ERR_INVALID. 0 if it is no refusal. */
int answer_error(const struct answer *answer, struct error *err);

/* A Status with these fields; reason and details (taken) may be NULL. NULL
 * when memory is out. */
json_t *status_object(unsigned int code, const char *reason, json_t *details,
		      const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The refusals. name may be NULL where the request names no object. */
void status_bad_request(struct answer *answer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void status_not_found(struct answer *answer, const struct resource *resource,
		      const char *name);
/* A path that leads nowhere. */
void status_no_resource(struct answer *answer);
void status_exists(struct answer *answer, const struct resource *resource,
		   const char *name);
/* A stale resourceVersion. */
void status_modified(struct answer *answer, const struct resource *resource,
		     const char *name);
/* A precondition of a deletion that does not hold. */
void status_precondition(struct answer *answer,
			 const struct resource *resource, const char *name,
			 const char *wanted_uid, const char *uid);
/* A PUT of an object that has another uid than the stored one (uid is "" if
 * there is none). */
void status_other_uid(struct answer *answer, const struct resource *resource,
		      const char *ns, const char *name,
		      const char *wanted_uid, const char *uid);
/* A PUT without the resourceVersion that its resource asks for. */
void status_unversioned(struct answer *answer,
			const struct resource *resource, const char *name);
void status_unauthorized(struct answer *answer);
void status_method(struct answer *answer);
void status_too_large(struct answer *answer, const char *why);
/* 415 for a patch type nobody knows. */
void status_media_type(struct answer *answer);
/* 410 for a position that is no longer kept. */
void status_expired(struct answer *answer, const char *message);

/*
 * 422. causes is an array (taken) made by status_cause; the message is put
 * together from it as Kubernetes does.
 */
void status_invalid(struct answer *answer, const struct resource *resource,
		    const char *name, json_t *causes);
/* Appends {reason, message, field} to causes; shown is the value as it stands
 * in the message ("Invalid value: SHOWN: why"), or NULL for a required or
 * forbidden field, where message stands alone. 0 or -1. */
int status_cause(json_t *causes, const char *reason, const char *field,
		 const char *shown, const char *why);

#endif
