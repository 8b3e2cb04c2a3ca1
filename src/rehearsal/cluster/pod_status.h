/* What a pod's status says at each turn of its life. Each changes a copy of
 * the pod in place: 0, or -1 when memory is out. */
#ifndef CUTOVER_REHEARSAL_POD_STATUS_H
#define CUTOVER_REHEARSAL_POD_STATUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Bound to a node. */
int pod_set_scheduled(json_t *pod, const char *node);
/* On its node, with an address; the container is being made. */
int pod_set_creating(json_t *pod, const char *ip);
/* It waits: "ErrImagePull", "ContainerCreating"; message may be NULL. */
int pod_set_waiting(json_t *pod, const char *reason, const char *message);
/* The container runs. */
int pod_set_running(json_t *pod);
int pod_set_ready(json_t *pod, bool ready);
/* It has exited and will not run again. */
int pod_set_finished(json_t *pod, int exit_code);
/* It has exited by itself; wait_ms until it is run again (0: at once). */
int pod_set_crashed(json_t *pod, int exit_code, int64_t wait_ms);
/* It is made once more: restartCount counts up. */
int pod_set_restarting(json_t *pod);

/* "waiting", "running", "terminated", or "" before there is any container. */
const char *pod_state(const json_t *pod);
int64_t pod_restarts(const json_t *pod);

#endif
