/*
 * The objects that tell a Service's endpoints: its slices, and the one
 * Endpoints object that older clients read. With the store locked; 0, or -1
 * when memory was out.
 */
#ifndef CUTOVER_REHEARSAL_ENDPOINTS_PRIVATE_H
#define CUTOVER_REHEARSAL_ENDPOINTS_PRIVATE_H

#include <jansson.h>

struct store;

/* groups: all endpoints there should be, as {"ports", "endpoints"} for those
 * that have the same ports, as they stand in a slice; what is put into slices
 * is taken out of it. */
int endpoints_put_slices(struct store *store, const json_t *service,
			 json_t *groups);
/* The same, borrowed. */
int endpoints_put_object(struct store *store, const json_t *service,
			 const json_t *groups);

#endif
