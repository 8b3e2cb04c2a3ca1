/* Questions about the facts; see facts.h. Pure. */
#include "observe/facts.h"

#include <stdio.h>
#include <string.h>

#include "observe/observer.h"

bool stamp_is_fresh(const struct stamp *stamp, int64_t now_ms)
{
	return stamp->at_ms >= 0 && now_ms - stamp->at_ms <= stamp->fresh_ms;
}

bool stamp_is_usable(const struct stamp *stamp, int64_t now_ms)
{
	return stamp_is_fresh(stamp, now_ms) && !stamp->problem[0];
}

int64_t stamp_fresh_ms(int64_t took_ms)
{
	int64_t fresh_ms = OBSERVE_FRESH_DATABASE_MS + 2 * took_ms;

	return fresh_ms < OBSERVE_FRESH_LONGEST_MS ? fresh_ms :
	       OBSERVE_FRESH_LONGEST_MS;
}

void stamp_age(const struct stamp *stamp, int64_t now_ms,
	       char dst[CLOCK_STAMP_MAX])
{
	if (stamp->at_ms < 0)
		snprintf(dst, CLOCK_STAMP_MAX, "never");
	else
		clock_duration((now_ms - stamp->at_ms) / 100 * 100, dst);
}

const struct facts_database *facts_database(const struct facts *facts,
					    const char *name)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		if (strcmp(facts->databases[side].name, name) == 0)
			return &facts->databases[side];
	return NULL;
}

int64_t facts_missing(const struct facts *facts)
{
	const struct db_observation *target = facts->databases[SIDE_TARGET].seen;
	bool replicates = !target || !target->known[DB_PART_REPLICATION];

	for (size_t i = 0; !replicates && i < target->channel_count; i++)
		replicates = target->channels[i].io != DB_THREAD_NO &&
			     target->channels[i].sql != DB_THREAD_NO;
	return replicates || facts->missing < 0 ? facts->missing :
	       facts->missing - facts->missing_heartbeats;
}

int64_t facts_errant(const struct facts *facts)
{
	return facts->errant < 0 ? facts->errant :
	       facts->errant - facts->errant_heartbeats;
}

struct facts_pods facts_pods(const struct facts *facts, const char *text)
{
	const struct facts_cluster *cluster = &facts->cluster;
	struct facts_pods pods = {0};
	struct selector selector;

	if (selector_parse(&selector, text, NULL))
		return pods;
	pods.known = true;
	for (size_t i = 0; i < cluster->pod_count; i++) {
		const struct kube_pod *pod = cluster->pods[i];

		if (!selector_matches(&selector, &pod->meta.labels))
			continue;
		pods.total++;
		pods.ready += pod->ready;
		pods.terminating += pod->meta.terminating;
		pods.restarts += (size_t)pod->restarts;
		if (!pod->ready && !pods.reason && pod->reason[0])
			pods.reason = pod->reason;
	}
	selector_release(&selector);
	return pods;
}

size_t facts_wanted(const struct facts *facts, const char *text)
{
	const struct facts_cluster *cluster = &facts->cluster;
	struct selector selector;
	size_t wanted = 0;

	if (selector_parse(&selector, text, NULL))
		return SIZE_MAX;
	for (size_t i = 0; i < cluster->deployment_count; i++) {
		const struct kube_deployment *deployment =
			cluster->deployments[i];

		if (deployment->replicas > 0 &&
		    selector_matches(&selector, &deployment->template_labels))
			wanted += (size_t)deployment->replicas;
	}
	selector_release(&selector);
	return wanted;
}

static const struct kube_pod *facts_pod(const struct facts *facts,
					const struct kube_endpoint *endpoint)
{
	const struct facts_cluster *cluster = &facts->cluster;

	for (size_t i = 0; i < cluster->pod_count; i++)
		if (strcmp(cluster->pods[i]->meta.uid, endpoint->pod_uid) == 0)
			return cluster->pods[i];
	return NULL;
}

/* A pod stands in several slices where a Service has two address families:
 * was this endpoint's pod met before it? */
static bool facts_endpoint_again(const struct facts *facts, size_t slice,
				 size_t index, const char *service)
{
	const struct facts_cluster *cluster = &facts->cluster;
	const char *uid = cluster->slices[slice]->endpoints[index].pod_uid;

	for (size_t s = 0; s <= slice; s++) {
		const struct kube_slice *other = cluster->slices[s];
		size_t end = s == slice ? index : other->endpoint_count;

		if (strcmp(other->service, service) != 0)
			continue;
		for (size_t i = 0; i < end; i++)
			if (strcmp(other->endpoints[i].pod_uid, uid) == 0)
				return true;
	}
	return false;
}

static void facts_count_endpoint(const struct facts *facts,
				 const struct kube_endpoint *endpoint,
				 const struct selector *selector,
				 struct facts_endpoints *count)
{
	const struct kube_pod *pod = facts_pod(facts, endpoint);

	count->total++;
	count->serving += endpoint->serving;
	count->terminating += endpoint->terminating;
	if (!endpoint->ready)
		return;
	count->ready++;
	if (pod && selector_matches(selector, &pod->meta.labels))
		count->matching++;
}

struct facts_endpoints facts_endpoints(const struct facts *facts,
				       const char *service, const char *text)
{
	const struct facts_cluster *cluster = &facts->cluster;
	struct facts_endpoints count = {0};
	struct selector selector;

	if (selector_parse(&selector, text ? text : "", NULL))
		return count;
	count.known = true;
	for (size_t s = 0; s < cluster->slice_count; s++) {
		const struct kube_slice *slice = cluster->slices[s];

		if (strcmp(slice->service, service) != 0)
			continue;
		for (size_t i = 0; i < slice->endpoint_count; i++)
			if (!facts_endpoint_again(facts, s, i, service))
				facts_count_endpoint(facts,
						     &slice->endpoints[i],
						     &selector, &count);
	}
	selector_release(&selector);
	return count;
}

const struct kube_service *facts_service(const struct facts *facts,
					 const char *name)
{
	for (size_t i = 0; i < facts->cluster.service_count; i++)
		if (strcmp(facts->cluster.services[i]->meta.name, name) == 0)
			return facts->cluster.services[i];
	return NULL;
}

const struct kube_deployment *facts_deployment(const struct facts *facts,
					       const char *name)
{
	for (size_t i = 0; i < facts->cluster.deployment_count; i++)
		if (strcmp(facts->cluster.deployments[i]->meta.name, name) == 0)
			return facts->cluster.deployments[i];
	return NULL;
}
