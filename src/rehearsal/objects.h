/*
 * What stands in the practice cluster before anybody touches it: namespace,
 * secrets, Deployments, Service, ConfigMap. New Jansson values, owned by the
 * caller; NULL when memory is out.
 */
#ifndef CUTOVER_REHEARSAL_OBJECTS_H
#define CUTOVER_REHEARSAL_OBJECTS_H

#include <jansson.h>
#include <stdbool.h>

struct database;

#define OBJECTS_NAMESPACE "shop"
#define OBJECTS_SERVICE "my-app-service"
#define OBJECTS_APP "myapp"
#define OBJECTS_CONTAINER "app"
#define OBJECTS_V1 "my-app-v1"
#define OBJECTS_V2 "my-app-v2"
#define OBJECTS_CONFIGMAP "app-flags"
#define OBJECTS_PORT 8080

struct objects_app {
	const char *version;            /* v1, v2 */
	const struct database *database;
	const char *flag;               /* env FLAG */
	int replicas;
	bool writes_enabled;            /* v2 after a cutover */
	bool rolls_carefully;           /* no pod goes before another is ready */
};

json_t *objects_namespace(void);
/* Secret my-app-VERSION: the database's password and the flag's token. */
json_t *objects_secret(const struct objects_app *app, const char *flag_token);
json_t *objects_deployment(const struct objects_app *app);
/* Selects v1; or, after a cutover, v2's read-write pods. */
json_t *objects_service(const char *cluster_ip, bool after);
json_t *objects_configmap(bool enabled);

#endif
