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

#endif
