/* What the documents of OpenAPI are put together from. */
#ifndef CUTOVER_REHEARSAL_OPENAPI_PRIVATE_H
#define CUTOVER_REHEARSAL_OPENAPI_PRIVATE_H

#include "rehearsal/cluster/openapi.h"

enum openapi_form { OPENAPI_V2, OPENAPI_V3 };

/* All structures, by their published names; owned, NULL when memory is out. */
json_t *openapi_definitions(enum openapi_form form);
/* The paths of one group ("" is the core's; NULL: all) with their operations;
 * owned, NULL when memory is out. */
json_t *openapi_paths(enum openapi_form form, const char *group);

#endif
