/*
 * Kubernetes objects cut down to what is used. Each holds copies of its texts
 * (one allocation an object), so the JSON may go. Absent texts are "", absent
 * numbers their Kubernetes default. Pure.
 *
 * Each X_read makes an object from JSON: ERR_INVALID if it has no name,
 * ERR_LIMIT, ERR_NOMEM. Each X_free takes NULL.
 */
#ifndef CUTOVER_KUBE_OBJECT_H
#define CUTOVER_KUBE_OBJECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kube/selector.h"

struct error;

#define KUBE_LABELS_MAX 256             /* of one object */
#define KUBE_CONTAINERS_MAX 64
#define KUBE_ENV_MAX 1024               /* of one container */
#define KUBE_MANAGERS_MAX 128
#define KUBE_ENDPOINTS_MAX 1000         /* of one slice */
#define KUBE_PORTS_MAX 250
#define KUBE_DATA_MAX 1024              /* keys of a config map */
#define KUBE_OBJECT_TEXT_MAX (2u << 20) /* bytes kept of one object */

/* What every object has. */
struct kube_meta {
	const char *name, *namespace_, *uid;
	const char *resource_version;
	int64_t generation;
	const char *created;            /* RFC 3339 */
	bool terminating;               /* deletionTimestamp is set */
	struct kube_labels labels;
};

struct kube_env {
	const char *name;
	const char *value;              /* NULL: comes from elsewhere (valueFrom) */
};

struct kube_container {
	const char *name, *image;
	const struct kube_env *env;
	size_t env_count;
};

struct kube_containers {
	const struct kube_container *list;
	size_t count;
};

/* The variable of the container of that name (NULL: the first), or NULL. */
const struct kube_env *kube_env_find(const struct kube_containers *containers,
				     const char *container, const char *name);
/* The container of that name, or NULL. */
const struct kube_container *kube_container_find(
	const struct kube_containers *containers, const char *name);

struct kube_pod {
	struct kube_meta meta;
	const char *ip, *node;
	const char *phase;              /* Pending, Running, Succeeded, Failed */
	const char *owner;              /* the ReplicaSet's name */
	const char *template_hash;      /* label pod-template-hash */
	const char *reason;             /* why it is not well: CrashLoopBackOff,
					   ImagePullBackOff, Unschedulable … */
	bool ready;                     /* condition Ready, and not terminating */
	int64_t restarts;               /* of all containers */
	struct kube_containers containers;
};

/* Who has set fields, from managedFields: who can undo what we do. */
enum kube_owned {
	KUBE_OWNS_SELECTOR = 1,         /* spec.selector */
	KUBE_OWNS_REPLICAS = 2,         /* spec.replicas */
	KUBE_OWNS_TEMPLATE = 4,         /* anything in spec.template */
	KUBE_OWNS_DATA = 8,             /* a config map's data */
	KUBE_OWNS_STATUS = 16,
};

struct kube_manager {
	const char *name;               /* "argocd-controller" */
	const char *operation;          /* "Update" or "Apply" */
	const char *time;               /* RFC 3339 */
	unsigned owns;                  /* enum kube_owned, or-ed */
};

struct kube_managers {
	const struct kube_manager *list;
	size_t count;
};

/* The manager that set such a field last, or NULL. */
const struct kube_manager *kube_manager_last(
	const struct kube_managers *managers, unsigned owns);

struct kube_deployment {
	struct kube_meta meta;
	struct kube_labels annotations; /* values cut to 256 bytes */
	struct kube_labels selector;    /* spec.selector.matchLabels */
	struct kube_labels template_labels;
	struct kube_containers containers;      /* of the template */
	struct kube_managers managers;
	int64_t observed_generation;
	int64_t replicas;               /* wanted: spec.replicas */
	int64_t status_replicas, updated, ready, available, unavailable;
	bool paused;
	const char *progressing;        /* reason of condition Progressing */
	const char *progress_message;
	const char *strategy;           /* RollingUpdate or Recreate */
	const char *max_surge, *max_unavailable;        /* "25%", "1" */
	const char *revision;           /* deployment.kubernetes.io/revision */
};

/* As kubectl rollout status decides; pods of old templates are not seen here. */
bool kube_deployment_rolled_out(const struct kube_deployment *deployment);

struct kube_replicaset {
	struct kube_meta meta;
	const char *owner;              /* the Deployment's name */
	const char *template_hash;
	const char *revision;
	int64_t replicas, status_replicas, ready, available;
};

struct kube_port {
	const char *name, *protocol;
	int64_t port;
	const char *target;             /* "http" or "8080" */
};

struct kube_service {
	struct kube_meta meta;
	struct kube_labels selector;
	const char *cluster_ip;
	const struct kube_port *ports;
	size_t port_count;
	struct kube_managers managers;
	/* Who keeps it as a repository has it, by the mark that they leave:
	 * "Argo CD" (annotation argocd.argoproj.io/tracking-id), "Flux" (label
	 * kustomize.toolkit.fluxcd.io/name); NULL: nobody who says so. */
	const char *kept_by;
};

struct kube_endpoint {
	const char *address;            /* the first */
	const char *pod, *pod_uid, *node;
	bool ready, serving, terminating;       /* absent: true, true, false */
};

struct kube_slice {
	struct kube_meta meta;
	const char *service;            /* label kubernetes.io/service-name */
	const struct kube_endpoint *endpoints;
	size_t endpoint_count;
	const struct kube_port *ports;
	size_t port_count;
};

struct kube_configmap {
	struct kube_meta meta;
	struct kube_labels data;
	struct kube_managers managers;
};

int kube_pod_read(struct kube_pod **ret, const json_t *json, struct error *err);
void kube_pod_free(struct kube_pod *pod);

int kube_deployment_read(struct kube_deployment **ret, const json_t *json,
			 struct error *err);
void kube_deployment_free(struct kube_deployment *deployment);

int kube_replicaset_read(struct kube_replicaset **ret, const json_t *json,
			 struct error *err);
void kube_replicaset_free(struct kube_replicaset *set);

int kube_service_read(struct kube_service **ret, const json_t *json,
		      struct error *err);
void kube_service_free(struct kube_service *service);

int kube_slice_read(struct kube_slice **ret, const json_t *json,
		    struct error *err);
void kube_slice_free(struct kube_slice *slice);

int kube_configmap_read(struct kube_configmap **ret, const json_t *json,
			struct error *err);
void kube_configmap_free(struct kube_configmap *map);

#endif
