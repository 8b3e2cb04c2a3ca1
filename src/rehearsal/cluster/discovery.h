/* What the API says about itself: groups, versions, resources, health. */
#ifndef CUTOVER_REHEARSAL_DISCOVERY_H
#define CUTOVER_REHEARSAL_DISCOVERY_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The document at a path ("/api", "/apis", "/apis/apps", "/apis/apps/v1",
 * "/version" …), owned; NULL if there is none or memory is out. aggregated is
 * the kind of the Accept header for "/api" and "/apis".
 */
json_t *discovery_document(const char *path, bool aggregated);

/* The text of /readyz, /livez and /healthz with ?verbose. */
const char *discovery_health_text(void);

#endif
