/* See cluster.h. Puts the parts together: store, controllers, front door. */
#include "rehearsal/cluster/cluster.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/access.h"
#include "rehearsal/cluster/api.h"
#include "rehearsal/cluster/control.h"
#include "rehearsal/cluster/http.h"
#include "rehearsal/cluster/kubeconfig.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/podlog.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/tls.h"
#include "rehearsal/cluster/trouble.h"
#include "rehearsal/cluster/watch.h"

#define URL_MAX 64
#define MANAGER "practice-world"

struct cluster {
	struct store *store;
	struct watch_hub *hub;
	struct podlogs *logs;
	struct control *control;
	struct http *http;
	struct trouble *trouble;
	bool down;
	struct access_tokens tokens;
	struct tls_material tls;
	char url[URL_MAX];
	char kubeconfig[PATH_MAX];
};

static const char *const first_namespaces[] = { "default", "kube-public",
						"kube-system" };

static int make_namespaces(struct cluster *cluster, struct error *err)
{
	size_t count = sizeof(first_namespaces) / sizeof(*first_namespaces);
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		json_t *ns = json_pack("{s:s,s:s,s:{s:s}}", "kind",
				       "Namespace", "apiVersion", "v1",
				       "metadata", "name",
				       first_namespaces[i]);

		rc = ns ? cluster_create(cluster, ns, err) : error_nomem(err);
		json_decref(ns);
	}
	return rc;
}

/* Store and controllers; nothing is reachable yet. */
static int open_inside(struct cluster *cluster,
		       const struct cluster_options *options,
		       struct error *err)
{
	cluster->store = store_new();
	cluster->hub = cluster->store ? watch_hub_new(cluster->store) : NULL;
	cluster->logs = podlogs_new();
	cluster->trouble = trouble_new();
	if (!cluster->hub || !cluster->logs || !cluster->trouble)
		return error_nomem(err);
	return control_open(&cluster->control, cluster->store, cluster->hub,
			    cluster->logs, &options->kubelet,
			    options->pod_network, err);
}

static int open_door(struct cluster *cluster,
		     const struct cluster_options *options, struct error *err)
{
	struct http_options http = {
		.store = cluster->store, .hub = cluster->hub,
		.logs = cluster->logs,
		.tokens = &cluster->tokens, .tls = &cluster->tls,
		.trouble = cluster->trouble, .port = options->port,
	};
	int rc = access_make_tokens(&cluster->tokens);

	if (rc)
		return error_set(err, ERR_IO, NULL,
				 "no randomness for the practice cluster");
	rc = tls_make(&cluster->tls, access_name(ACCESS_ADMIN),
		      "system:masters", err);
	if (!rc)
		rc = http_open(&cluster->http, &http, err);
	if (rc)
		return rc;
	snprintf(cluster->url, sizeof(cluster->url), "https://127.0.0.1:%d",
		 http_port(cluster->http));
	snprintf(cluster->kubeconfig, sizeof(cluster->kubeconfig),
		 "%s/kubeconfig", options->dir);
	return practice_kubeconfig_write(cluster->kubeconfig, cluster->url,
					 &cluster->tls, &cluster->tokens, err);
}

int cluster_open(struct cluster **ret, const struct cluster_options *options,
		 struct error *err)
{
	struct cluster *cluster = calloc(1, sizeof(*cluster));
	int rc;

	if (!cluster)
		return error_nomem(err);
	rc = open_inside(cluster, options, err);
	if (!rc)
		rc = make_namespaces(cluster, err);
	if (!rc)
		rc = open_door(cluster, options, err);
	if (rc)
		cluster_close(cluster);
	else
		*ret = cluster;
	return rc;
}

void cluster_close(struct cluster *cluster)
{
	if (!cluster)
		return;
	if (cluster->hub)
		watch_hub_close(cluster->hub, true);
	podlogs_close(cluster->logs, true);
	http_close(cluster->http);
	control_close(cluster->control);
	podlogs_free(cluster->logs);
	watch_hub_free(cluster->hub);
	store_free(cluster->store);
	trouble_free(cluster->trouble);
	tls_release(&cluster->tls);
	free(cluster);
}

const char *cluster_url(const struct cluster *cluster)
{
	return cluster->url;
}

const char *cluster_kubeconfig(const struct cluster *cluster)
{
	return cluster->kubeconfig;
}

/* --- objects ---------------------------------------------------------- */

static int request_for(struct api_request *request, const char *kind,
		       const char *ns, const char *name, struct error *err)
{
	const struct resource *resource = resource_by_kind(kind);

	if (!resource)
		return error_set(err, ERR_INVALID, NULL,
				 "the practice cluster knows no kind \"%s\"",
				 kind);
	*request = (struct api_request){
		.resource = resource, .manager = MANAGER, .grace = -1,
		.validation = API_STRICT,
	};
	snprintf(request->ns, sizeof(request->ns), "%s", ns ? ns : "");
	snprintf(request->name, sizeof(request->name), "%s", name);
	return 0;
}

/* Runs one verb with a body (which may be NULL). */
static int run_verb(struct cluster *cluster, struct api_request *request,
		    void (*verb)(struct store *, const struct api_request *,
				 struct answer *),
		    const json_t *body, struct error *err)
{
	struct answer answer = { 0 };
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	int rc;

	if (body && !text)
		return error_nomem(err);
	request->body = text;
	request->body_len = text ? strlen(text) : 0;
	verb(cluster->store, request, &answer);
	rc = answer_error(&answer, err);
	answer_release(&answer);
	free(text);
	return rc;
}

int cluster_create(struct cluster *cluster, const json_t *object,
		   struct error *err)
{
	struct api_request request;
	int rc = request_for(&request, json_text(object, "kind", ""),
			     object_ns(object), "", err);

	return rc ? rc : run_verb(cluster, &request, api_create, object, err);
}

int cluster_patch_as(struct cluster *cluster, const char *manager,
		     const char *kind, const char *ns, const char *name,
		     const json_t *patch, struct error *err)
{
	struct api_request request;
	int rc = request_for(&request, kind, ns, name, err);

	if (rc)
		return rc;
	request.manager = manager;
	request.patch = API_PATCH_MERGE;
	return run_verb(cluster, &request, api_patch, patch, err);
}

int cluster_patch(struct cluster *cluster, const char *kind, const char *ns,
		  const char *name, const json_t *patch, struct error *err)
{
	return cluster_patch_as(cluster, MANAGER, kind, ns, name, patch, err);
}

int cluster_delete(struct cluster *cluster, const char *kind, const char *ns,
		   const char *name, struct error *err)
{
	struct api_request request;
	int rc = request_for(&request, kind, ns, name, err);

	return rc ? rc : run_verb(cluster, &request, api_delete, NULL, err);
}

json_t *cluster_get(struct cluster *cluster, const char *kind, const char *ns,
		    const char *name)
{
	const struct resource *resource = resource_by_kind(kind);
	json_t *object;

	if (!resource)
		return NULL;
	store_lock(cluster->store);
	object = json_incref(store_get(cluster->store, resource,
				       ns ? ns : "", name));
	store_unlock(cluster->store);
	return object;
}

json_t *cluster_list(struct cluster *cluster, const char *kind,
		     const char *ns)
{
	const struct resource *resource = resource_by_kind(kind);
	json_t *list;

	if (!resource)
		return NULL;
	store_lock(cluster->store);
	list = store_snapshot(cluster->store, resource);
	store_unlock(cluster->store);
	for (size_t i = json_array_size(list); ns && i-- > 0;)
		if (strcmp(object_ns(json_array_get(list, i)), ns))
			json_array_remove(list, i);
	return list;
}

int cluster_subscribe(struct cluster *cluster, const char *kind,
		      void (*fn)(void *data, const char *type,
				 const json_t *object),
		      void *data, struct error *err)
{
	const struct resource *resource = resource_by_kind(kind);

	if (!resource)
		return error_set(err, ERR_INVALID, NULL,
				 "the practice cluster knows no kind \"%s\"",
				 kind);
	return control_subscribe(cluster->control, resource, fn, data, err);
}

void cluster_pod_ready(struct cluster *cluster, const char *ns,
		       const char *name, bool ready)
{
	control_pod_ready(cluster->control, ns, name, ready);
}

void cluster_pod_exited(struct cluster *cluster, const char *ns,
			const char *name, int exit_code)
{
	control_pod_exited(cluster->control, ns, name, exit_code);
}

void cluster_pod_says(struct cluster *cluster, const char *uid,
		      const char *line)
{
	podlogs_say(cluster->logs, uid, line);
}

void cluster_pod_unpullable(struct cluster *cluster, const char *ns,
			    const char *name)
{
	control_pod_unpullable(cluster->control, ns, name);
}

void cluster_pod_unconfigurable(struct cluster *cluster, const char *ns,
				const char *name, const char *message)
{
	control_pod_unconfigurable(cluster->control, ns, name, message);
}

void cluster_pod_unhealthy(struct cluster *cluster, const char *ns,
			   const char *name)
{
	control_pod_unhealthy(cluster->control, ns, name);
}

/* --- trouble ---------------------------------------------------------- */

struct trouble *cluster_trouble(struct cluster *cluster)
{
	return cluster->trouble;
}

void cluster_hurry(struct cluster *cluster)
{
	http_hurry(cluster->http);
}

void cluster_go_down(struct cluster *cluster)
{
	if (cluster->down)
		return;
	cluster->down = true;
	control_hold(cluster->control, true);
	watch_hub_close(cluster->hub, true);
	podlogs_close(cluster->logs, true);
	http_break(cluster->http);
}

int cluster_come_up(struct cluster *cluster, struct error *err)
{
	int rc;

	if (!cluster->down)
		return 0;
	watch_hub_close(cluster->hub, false);
	podlogs_close(cluster->logs, false);
	store_lock(cluster->store);
	store_forget(cluster->store);
	store_unlock(cluster->store);
	rc = http_listen(cluster->http, err);
	if (rc)
		return rc;
	cluster->down = false;
	control_hold(cluster->control, false);
	return 0;
}
