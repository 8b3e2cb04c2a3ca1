/*
 * The practice cluster: a small Kubernetes API server with its controllers,
 * inside this process, on TLS at 127.0.0.1.
 *
 * kubectl and cutover's own client speak to it as to a real cluster. What a
 * node would do (run the application of a pod) is left to the caller, through
 * struct cluster_kubelet. Three kinds of thread: one of libmicrohttpd answers
 * requests, one of the cluster runs the controllers and calls back, and any
 * thread of the caller may call the functions below. Objects are Jansson
 * values in the API's own JSON; one that was handed out is never changed
 * afterwards.
 */
#ifndef CUTOVER_REHEARSAL_CLUSTER_H
#define CUTOVER_REHEARSAL_CLUSTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct cluster;
struct error;
struct trouble;

/*
 * What runs the pods. Each function is called on the cluster's own thread
 * while no lock is held: it may call anything below but cluster_close, and
 * must not block (start a thread, note the work, return). Calls for one pod
 * come in order. `pod` is borrowed for the call; json_incref keeps it.
 */
struct cluster_kubelet {
	void *data;
	/* Run the application: the pod is scheduled, status.podIP is set. When
	 * this returns the container counts as running; it takes traffic once
	 * cluster_pod_ready says so. Called again, for the same pod with a
	 * higher status.containerStatuses[0].restartCount, after the
	 * application has exited by itself and its back-off is over. */
	void (*pod_start)(void *data, const json_t *pod);
	/* End it gently: the pod is deleted and has
	 * metadata.deletionGracePeriodSeconds. cluster_pod_exited must follow;
	 * until then the pod stays, terminating. */
	void (*pod_stop)(void *data, const json_t *pod);
	/* End it at once: the grace is over, or the pod was deleted by force.
	 * cluster_pod_exited must follow (a pod deleted by force is gone from
	 * the API already; saying so does no harm). */
	void (*pod_kill)(void *data, const json_t *pod);
};

struct cluster_options {
	/* A /16 inside 127/8 in host byte order, e.g. 0x7f410000; pods get the
	 * addresses from .0.1 upwards, one after the other. */
	uint32_t pod_network;
	/* An existing directory, private to the caller, for kubeconfig, CA,
	 * certificates and tokens. Borrowed for the call. */
	const char *dir;
	struct cluster_kubelet kubelet;
	int port;               /* 0: any free one */
};

/*
 * Starts it: makes the keys, writes DIR/kubeconfig (mode 0600), listens. The
 * namespaces default, kube-system and kube-public exist. On success *ret is
 * owned by the caller; on failure it is left alone.
 */
int cluster_open(struct cluster **ret, const struct cluster_options *options,
		 struct error *err);
/* Ends connections and threads; no callback runs once it has returned, and
 * none is called for pods that still live. Files stay. Takes NULL. */
void cluster_close(struct cluster *cluster);

/* "https://127.0.0.1:PORT". Lives as long as the cluster. */
const char *cluster_url(const struct cluster *cluster);
/*
 * DIR/kubeconfig: contexts `practice` (the current one; administrator, client
 * certificate), `practice-token` (administrator, bearer token),
 * `practice-reader` (bearer token; may read all but secrets),
 * `practice-deployer` (may change what applications are made of) and
 * `practice-nobody` (known, but may nothing). Lives as long as the cluster.
 */
const char *cluster_kubeconfig(const struct cluster *cluster);

/*
 * As POST, PATCH and DELETE by an administrator whose user agent is
 * "practice-world". The same checks and defaults apply; a refusal is
 * ERR_CONFLICT (409), ERR_NOTFOUND (404) or ERR_INVALID (the rest) with the
 * API's message. Any thread. The object's kind and apiVersion say where it
 * goes; its namespace must exist.
 */
int cluster_create(struct cluster *cluster, const json_t *object,
		   struct error *err);
/* kind as in "Deployment"; ns is NULL for what has no namespace; patch is a
 * JSON merge patch. */
int cluster_patch(struct cluster *cluster, const char *kind, const char *ns,
		  const char *name, const json_t *patch, struct error *err);
int cluster_delete(struct cluster *cluster, const char *kind, const char *ns,
		   const char *name, struct error *err);

/* The object as it is now, a reference that the caller owns and must not
 * change; or NULL. Any thread. */
json_t *cluster_get(struct cluster *cluster, const char *kind, const char *ns,
		    const char *name);
/* A new array (owned) of all objects of a kind, in one namespace or, with
 * ns NULL, in all; NULL when memory is out or the kind unknown. Any thread. */
json_t *cluster_list(struct cluster *cluster, const char *kind,
		     const char *ns);

/* The readiness probe's answer. Unknown and terminating pods: a terminating
 * one may still become unready; an unknown one is ignored. Any thread. */
void cluster_pod_ready(struct cluster *cluster, const char *ns,
		       const char *name, bool ready);
/* The application has ended. A terminating pod is now gone; any other is
 * restarted after its back-off (CrashLoopBackOff: 10 s, doubling to 5
 * minutes, the first restart at once). Any thread. */
void cluster_pod_exited(struct cluster *cluster, const char *ns,
			const char *name, int exit_code);

/* A container of the pod with this uid says a line, which `kubectl logs` shows.
 * Any thread. */
void cluster_pod_says(struct cluster *cluster, const char *uid,
		      const char *line);

/* In place of running it, from within pod_start: its image can't be pulled.
 * pod_start is called again after a back-off. */
void cluster_pod_unpullable(struct cluster *cluster, const char *ns,
			    const char *name);
/* The same where what its container is made of can't be had: message says
 * what, as in "secret \"x\" not found". */
void cluster_pod_unconfigurable(struct cluster *cluster, const char *ns,
				const char *name, const char *message);
/* Its readiness probe fails; an Event says so. Any thread. */
void cluster_pod_unhealthy(struct cluster *cluster, const char *ns,
			   const char *name);

/*
 * Calls fn for every object of a kind: at first "ADDED" for each that exists,
 * then each change, "ADDED", "MODIFIED" or "DELETED" (with its last state), in
 * order, none left out (unless fn blocks for thousands of changes: then it
 * begins anew with "ADDED"). On the cluster's own thread while no lock is held;
 * the rules of struct cluster_kubelet apply. Lasts until cluster_close.
 */
int cluster_subscribe(struct cluster *cluster, const char *kind,
		      void (*fn)(void *data, const char *type,
				 const json_t *object),
		      void *data, struct error *err);

/* As cluster_patch, by whoever `manager` names in managedFields. */
int cluster_patch_as(struct cluster *cluster, const char *manager,
		     const char *kind, const char *ns, const char *name,
		     const json_t *patch, struct error *err);

/* What can be wrong with this API (trouble.h). Lives as long as the cluster. */
struct trouble *cluster_trouble(struct cluster *cluster);
/* Requests that trouble_slow has held back so far are answered now. */
void cluster_hurry(struct cluster *cluster);

/*
 * Takes the API server away: connections break, none is taken, and no
 * controller acts. cluster_come_up brings it back on the same port, and what
 * was kept of earlier changes is forgotten, as when a watch cache begins anew:
 * a watch from before gets a 410 if it has missed anything. Each does nothing
 * when it is so already. One thread at a time; ERR_IO if the port is taken.
 */
void cluster_go_down(struct cluster *cluster);
int cluster_come_up(struct cluster *cluster, struct error *err);

#endif
