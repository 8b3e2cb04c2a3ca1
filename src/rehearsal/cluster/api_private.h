/* What the verbs share. */
#ifndef CUTOVER_REHEARSAL_API_PRIVATE_H
#define CUTOVER_REHEARSAL_API_PRIVATE_H

#include "rehearsal/cluster/api.h"

/*
 * Unknown fields and wrong types in object. patched says that it is what a
 * patch came to, which a refusal quotes. 0 (perhaps with a warning, and without
 * the unknown fields), or -1 with an answer.
 */
int api_check_schema(const struct api_request *request, json_t *object,
		     bool patched, struct answer *answer);

/* A stored object on its way to be another one. */
struct api_change {
	json_t *object;         /* as it shall be; taken */
	json_t *before;         /* as it is */
	const char *wanted;     /* the resourceVersion it must have, or NULL */
	bool patched;           /* a patch came to this */
	const json_t *applied;  /* the set of fields if it was applied */
};

/* The last steps of a change, and of a new object (taken). With the store
 * locked. */
void api_change(struct store *store, const struct api_request *request,
		const struct api_change *change, struct answer *answer);
void api_add(struct store *store, const struct api_request *request,
	     json_t *object, const json_t *applied, struct answer *answer);

/* A list of objects (borrowed, an array) as the API answers it; NULL when memory
 * is out. */
json_t *api_list_of(const struct resource *resource, const json_t *objects,
		    int64_t version);
/* The resourceVersion in an object, borrowed; NULL if there is none. */
const char *api_version_in(const json_t *object);
/* A body that is a whole object of the right kind; owned, or NULL with an
 * answer. */
json_t *api_parse_object(const struct api_request *request,
			 struct answer *answer);
/* A patch makes no other object of one. 0, or -1 with an answer. */
int api_check_identity(const struct api_request *request,
		       const json_t *object, struct answer *answer);
/* Why a body is no JSON: Go's words for the commonest mistake, Jansson's for
 * the others. */
const char *api_parse_error(const json_error_t *why);

/* Whether the options of a patch suit its kind; else -1 with an answer. */
int api_patch_options(const struct api_request *request,
		      struct answer *answer);
/* PATCH by server-side apply, which makes what is not there. */
void api_apply(struct store *store, const struct api_request *request,
	       struct answer *answer);

#endif
