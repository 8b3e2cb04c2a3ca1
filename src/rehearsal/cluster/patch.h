/*
 * The four kinds of patch that the API takes. Each returns a new object and
 * leaves its arguments alone.
 */
#ifndef CUTOVER_REHEARSAL_PATCH_H
#define CUTOVER_REHEARSAL_PATCH_H

#include <jansson.h>

struct error;

#define PATCH_DEPTH_MAX 64
#define PATCH_OPERATIONS_MAX 10000
#define PATCH_COPY_MAX (3u << 20)       /* bytes of JSON that a JSON patch copies */

/*
 * RFC 6902. ERR_SYNTAX if patch is no JSON patch, ERR_INVALID if an operation
 * cannot be carried out, a `test` does not hold or too much is copied, ERR_LIMIT
 * (too many operations), ERR_NOMEM. *ret is owned by the caller.
 */
int patch_json(json_t **ret, const json_t *object, const json_t *patch,
	       struct error *err);

/* RFC 7386: null deletes. ERR_LIMIT (too deep) or ERR_NOMEM. */
int patch_merge(json_t **ret, const json_t *object, const json_t *patch,
		struct error *err);

/*
 * Kubernetes' strategic merge patch: lists with a merge key (containers by
 * name, env by name, ports, conditions, owner references …) are merged by it,
 * `$patch: delete` and `$patch: replace`, `$retainKeys`, `$setElementOrder/…`
 * (read over) and `$deleteFromPrimitiveList/…` are understood. ERR_INVALID
 * for an element without its merge key, ERR_LIMIT, ERR_NOMEM.
 */
int patch_strategic(json_t **ret, const json_t *object, const json_t *patch,
		    struct error *err);

/*
 * Server-side apply: config, which holds what somebody asks for and nothing
 * else, merged into object; lists by all their keys. ERR_INVALID for an element
 * without its key, ERR_LIMIT, ERR_NOMEM.
 */
int patch_apply(json_t **ret, const json_t *object, const json_t *config,
		struct error *err);

/* Takes out of object, in place, the fields of the set gone (fields_set.h) that
 * the set kept does not hold. */
void patch_prune(json_t *object, const json_t *gone, const json_t *kept);

#endif
