/* The checks of workloads: each appends to causes what is wrong with object,
 * and with what it was before (NULL for a new one). */
#ifndef CUTOVER_REHEARSAL_ADMIT_PRIVATE_H
#define CUTOVER_REHEARSAL_ADMIT_PRIVATE_H

#include <jansson.h>

void admit_check_deployment(json_t *causes, const json_t *object,
			    const json_t *before);
void admit_check_replicaset(json_t *causes, const json_t *object,
			    const json_t *before);
void admit_check_pod(json_t *causes, const json_t *object,
		     const json_t *before);

#endif
