/* See platform.h. */
#include "rehearsal/platform.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/balancer.h"
#include "rehearsal/cluster/cluster.h"
#include "rehearsal/flag.h"
#include "rehearsal/flagwatch.h"
#include "rehearsal/kubelet.h"
#include "rehearsal/options.h"
#include "rehearsal/pair.h"

#define NETWORKS 254            /* 127.1/16 to 127.254/16 */
#define SERVICE_HOST 0xff01u    /* .255.1 in each */

static bool platform_is_after(const struct platform *platform)
{
	return platform->options->start == START_AFTER;
}

struct sockaddr_in platform_service(const struct platform *platform)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(OBJECTS_PORT),
		.sin_addr.s_addr = htonl(platform->network | SERVICE_HOST)};
}

/* Takes the first 127.x/16 whose Service address nobody listens on; another
 * world on this machine has another one. */
static int platform_take_network(struct platform *platform, struct error *err)
{
	unsigned int first = (unsigned int)getpid() % NETWORKS;
	int rc = ERR_BUSY;

	for (unsigned int i = 0; rc == ERR_BUSY && i < NETWORKS; i++) {
		platform->network = 0x7f000000u |
				    (1 + (first + i) % NETWORKS) << 16;
		rc = balancer_open(&platform->balancer,
				   platform->network | SERVICE_HOST,
				   OBJECTS_PORT, err);
	}
	return rc ? error_wrap(err, "no address for the Service") : 0;
}

static int platform_open_flag(struct platform *platform, struct error *err)
{
	int rc = secret_make(platform->flag_token, err);

	if (!rc && !platform->options->flag_in_configmap)
		rc = flag_open(&platform->flag, true, platform->flag_token,
			       err);
	if (!rc)
		rc = flagwatch_open(&platform->watch,
				    platform->options->flag_poll_ms, err);
	return rc;
}

static void platform_on_slice(void *data, const char *type,
			      const json_t *slice)
{
	static struct sockaddr_in list[ENDPOINTS_MAX]; /* one thread only */
	struct platform *platform = data;

	if (endpoints_event(&platform->endpoints, type, slice))
		balancer_set(platform->balancer, list,
			     endpoints_list(&platform->endpoints, list,
					    ENDPOINTS_MAX));
}

static void platform_on_configmap(void *data, const char *type,
				  const json_t *configmap)
{
	struct platform *platform = data;
	const char *value = json_text(configmap, "data/" FLAG_KEY, NULL);

	/* Deleted, or without the key: unreadable, so pods keep what they
	 * know. */
	if (value && strcmp(type, "DELETED") != 0 &&
	    !strcmp(json_text(configmap, "metadata/name", ""),
		    OBJECTS_CONFIGMAP) &&
	    !strcmp(json_text(configmap, "metadata/namespace", ""),
		    OBJECTS_NAMESPACE))
		flagwatch_configmap(platform->watch, !strcmp(value, "true"));
}

static int platform_open_cluster(struct platform *platform, const char *dir,
				 struct error *err)
{
	struct cluster_options options = {
		.pod_network = platform->network, .dir = dir};
	int rc = kubelet_open(&platform->kubelet,
			      platform->options->start_delay_ms,
			      platform->options->seed, platform->watch, err);

	if (rc)
		return rc;
	options.kubelet = kubelet_callbacks(platform->kubelet);
	rc = cluster_open(&platform->cluster, &options, err);
	if (rc)
		return rc;
	kubelet_serve(platform->kubelet, platform->cluster);
	if (endpoints_init(&platform->endpoints, OBJECTS_NAMESPACE,
			   OBJECTS_SERVICE))
		return error_nomem(err);
	rc = cluster_subscribe(platform->cluster, "EndpointSlice",
			       platform_on_slice, platform, err);
	if (!rc)
		rc = cluster_subscribe(platform->cluster, "ConfigMap",
				       platform_on_configmap, platform, err);
	return rc;
}

struct objects_app platform_app(const struct platform *platform,
				const char *version)
{
	bool v2 = !strcmp(version, "v2");

	return (struct objects_app){
		.version = version,
		.database = v2 ? &platform->pair->aurora :
			    &platform->pair->rds,
		.flag = platform->flag ? flag_url(platform->flag) :
			FLAGWATCH_CONFIGMAP OBJECTS_CONFIGMAP,
		.replicas = platform->options->pods,
		.writes_enabled = v2 && platform_is_after(platform),
		.rolls_carefully = v2 && platform->options->rollout_ms,
	};
}

/* Creates the object (taken; NULL: memory is out). */
static int platform_create(struct platform *platform, json_t *object,
			   struct error *err)
{
	int rc = object ? cluster_create(platform->cluster, object, err) :
		 error_nomem(err);

	if (rc && object)
		error_wrap(err, "creating %s %s", json_text(object, "kind", ""),
			   json_text(object, "metadata/name", ""));
	json_decref(object);
	return rc;
}

static int platform_fill(struct platform *platform, struct error *err)
{
	const struct options *options = platform->options;
	struct objects_app v1 = platform_app(platform, "v1");
	struct objects_app v2 = platform_app(platform, "v2");
	struct sockaddr_in service = platform_service(platform);
	char ip[INET_ADDRSTRLEN];
	json_t *objects[8] = {NULL};
	size_t count = 0;
	int rc = 0;

	inet_ntop(AF_INET, &service.sin_addr, ip, sizeof(ip));
	objects[count++] = objects_namespace();
	objects[count++] = objects_secret(&v1, platform->flag_token);
	objects[count++] = objects_secret(&v2, platform->flag_token);
	if (options->flag_in_configmap)
		objects[count++] = objects_configmap(true);
	objects[count++] = objects_service(ip, platform_is_after(platform));
	objects[count++] = objects_deployment(&v1);
	if (options->start != START_BARE)
		objects[count++] = objects_deployment(&v2);
	for (size_t i = 0; i < count; i++) {
		if (!rc)
			rc = platform_create(platform, objects[i], err);
		else
			json_decref(objects[i]);
	}
	return rc;
}

int platform_open(struct platform *platform, const struct options *options,
		  const struct pair *pair, const char *dir, struct error *err)
{
	int rc;

	*platform = (struct platform){.options = options, .pair = pair};
	rc = platform_take_network(platform, err);
	if (!rc)
		rc = platform_open_flag(platform, err);
	if (!rc)
		rc = platform_open_cluster(platform, dir, err);
	return rc ? rc : platform_fill(platform, err);
}

void platform_close(struct platform *platform)
{
	if (platform->kubelet)
		kubelet_stop(platform->kubelet);
	cluster_close(platform->cluster);
	kubelet_close(platform->kubelet);
	flagwatch_close(platform->watch);
	flag_close(platform->flag);
	balancer_close(platform->balancer);
	endpoints_release(&platform->endpoints);
	explicit_bzero(platform, sizeof(*platform));
}

int platform_wanted_pods(const struct platform *platform)
{
	return platform->options->pods *
	       (platform->options->start == START_BARE ? 1 : 2);
}

int platform_ready_pods(const struct platform *platform)
{
	json_t *list = cluster_list(platform->cluster, "Deployment",
				    OBJECTS_NAMESPACE);
	const json_t *deployment;
	int64_t ready = 0;
	size_t i;

	json_array_foreach(list, i, deployment)
		ready += json_number(deployment, "status/readyReplicas", 0);
	json_decref(list);
	return (int)ready;
}

bool platform_serves_v2(const struct platform *platform)
{
	json_t *service = cluster_get(platform->cluster, "Service",
				      OBJECTS_NAMESPACE, OBJECTS_SERVICE);
	bool v2 = !strcmp(json_text(service, "spec/selector/version", "v1"),
			  "v2");

	json_decref(service);
	return v2;
}
