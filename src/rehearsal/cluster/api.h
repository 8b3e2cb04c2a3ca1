/*
 * The verbs of the API on one resource, from a request that was already
 * routed and allowed to an answer. No HTTP in here. Each takes the store's
 * lock itself.
 */
#ifndef CUTOVER_REHEARSAL_API_H
#define CUTOVER_REHEARSAL_API_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rehearsal/cluster/status.h"

struct resource;
struct selector;
struct store;

#define API_NAME_MAX 256
#define API_BODY_MAX 3145728    /* as a real API server */

enum api_patch { API_PATCH_NONE, API_PATCH_JSON, API_PATCH_MERGE,
		 API_PATCH_STRATEGIC, API_PATCH_APPLY };

/* What fieldValidation says about unknown fields. */
enum api_validation { API_IGNORE, API_WARN, API_STRICT };

struct api_request {
	const struct resource *resource;
	char ns[API_NAME_MAX];          /* "" for all, or for none */
	char name[API_NAME_MAX];        /* "" for a collection */
	char subresource[API_NAME_MAX]; /* "", "status" or "scale" */
	const char *manager;            /* for managedFields */
	const char *body;
	size_t body_len;
	bool dry_run;
	bool manager_given;             /* by fieldManager */
	bool force;                     /* of an apply: take what others hold */
	enum api_patch patch;
	enum api_validation validation;
	/* of lists; NULL or 0 where not asked for */
	const char *label_selector;
	const char *field_selector;
	const char *token;              /* `continue` */
	int64_t limit;
	const char *version;            /* resourceVersion */
	const char *version_match;      /* resourceVersionMatch */
	/* of deletions, unless the body says so */
	int64_t grace;                  /* seconds; -1: the pod's own */
	const char *propagation;
};

void api_get(struct store *store, const struct api_request *request,
	     struct answer *answer);
void api_list(struct store *store, const struct api_request *request,
	      struct answer *answer);
void api_create(struct store *store, const struct api_request *request,
		struct answer *answer);
/* PUT. */
void api_replace(struct store *store, const struct api_request *request,
		 struct answer *answer);
void api_patch(struct store *store, const struct api_request *request,
	       struct answer *answer);
void api_delete(struct store *store, const struct api_request *request,
		struct answer *answer);
/* DELETE of a collection. */
void api_delete_all(struct store *store, const struct api_request *request,
		    struct answer *answer);

/*
 * Parses the selectors of a request and answers 400 if they are wrong. 0 with
 * *ret owned by the caller, or -1.
 */
int api_selector(struct selector **ret, const struct api_request *request,
		 struct answer *answer);
/* Whether an object is in the request's namespace and selected by it. */
bool api_selects(const struct api_request *request,
		 const struct selector *selector, const json_t *object);

/* The body, sent as JSON or as Kubernetes' protobuf, owned; NULL with the
 * reason in why->text if it is neither. */
json_t *api_parse_body(const struct api_request *request, json_error_t *why);

/* The Scale of a Deployment or ReplicaSet; NULL when memory is out. */
json_t *api_scale_of(const json_t *object);

#endif
