/* The thread that runs the controllers, calls the kubelet and feeds the
 * subscribers. */
#ifndef CUTOVER_REHEARSAL_CONTROL_H
#define CUTOVER_REHEARSAL_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "rehearsal/cluster/cluster.h"

struct control;
struct podlogs;
struct resource;
struct store;
struct watch_hub;

/* The store, the hub and the logs are borrowed. *ret is owned by the caller. */
int control_open(struct control **ret, struct store *store,
		 struct watch_hub *hub, struct podlogs *logs,
		 const struct cluster_kubelet *kubelet, uint32_t pod_network,
		 struct error *err);
/* Ends the thread; queued calls are dropped. Takes NULL. */
void control_close(struct control *control);

/* While held, no controller acts: without an API server none can. */
void control_hold(struct control *control, bool held);

/* See cluster.h. */
int control_subscribe(struct control *control,
		      const struct resource *resource,
		      void (*fn)(void *data, const char *type,
				 const json_t *object),
		      void *data, struct error *err);
void control_pod_ready(struct control *control, const char *ns,
		       const char *name, bool ready);
void control_pod_exited(struct control *control, const char *ns,
			const char *name, int exit_code);
void control_pod_unpullable(struct control *control, const char *ns,
			    const char *name);
void control_pod_unconfigurable(struct control *control, const char *ns,
				const char *name, const char *message);
void control_pod_unhealthy(struct control *control, const char *ns,
			   const char *name);

#endif
