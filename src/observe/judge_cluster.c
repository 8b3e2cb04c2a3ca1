/* Conditions on pods, endpoints, Services, Deployments; see judge.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "kube/client.h"
#include "observe/judge.h"

void judge_pods(const struct condition *condition,
		       const struct condition_context *c, struct verdict *ret)
{
	struct facts_pods pods;

	if (!fact_usable(&c->facts->cluster.pods_stamp, _("pods"), c, ret))
		return;
	pods = facts_pods(c->facts, condition->match);
	if (!pods.known) {
		verdict_set(ret, VERDICT_UNKNOWN,
			    _("pods %s: cannot be counted: out of memory"),
			    condition->match);
		return;
	}
	if (condition->has_total)
		verdict_set(ret,
			    verdict_of(compare_holds(&condition->total,
						     (int64_t)pods.total)),
			    _("pods %s: %zu (wanted %s %" PRId64 ")"),
			    condition->match, pods.total,
			    compare_sign(condition->total.op),
			    condition->total.value);
	if (condition->has_ready && (!condition->has_total ||
				     ret->state == VERDICT_GREEN))
		verdict_set(ret,
			    verdict_of(compare_holds(&condition->ready,
						     (int64_t)pods.ready)),
			    _("pods %s: %zu of %zu ready (wanted %s %" PRId64 ")%s%s"),
			    condition->match, pods.ready, pods.total,
			    compare_sign(condition->ready.op),
			    condition->ready.value, pods.reason ? ", " : "",
			    pods.reason ? pods.reason : "");
}

/*
 * The Service's name, and whoever else than we has set its selector last: a
 * GitOps controller that puts it back is to be talked to, not to be raced.
 */
static void condition_service_text(const struct facts *facts, const char *name,
				   char *dst, size_t size)
{
	const struct kube_service *service = facts_service(facts, name);
	const struct kube_manager *last = service ?
		kube_manager_last(&service->managers, KUBE_OWNS_SELECTOR) :
		NULL;

	if (last && strcmp(last->name, KUBE_MANAGER))
		snprintf(dst, size, _("%s (selector set by %s)"), name,
			 last->name);
	else
		snprintf(dst, size, "%s", name);
}

void judge_endpoints(const struct condition *condition,
			    const struct condition_context *c,
			    struct verdict *ret)
{
	struct facts_endpoints seen;
	char name[VERDICT_TEXT_MAX];
	bool good;

	if (!fact_usable(&c->facts->cluster.slices_stamp, _("endpoint slices"),
			 c, ret) ||
	    !fact_usable(&c->facts->cluster.pods_stamp, _("pods"), c, ret))
		return;
	seen = facts_endpoints(c->facts, condition->name, condition->match);
	if (!seen.known) {
		verdict_set(ret, VERDICT_UNKNOWN,
			    _("%s: its endpoints cannot be counted: out of memory"),
			    condition->name);
		return;
	}
	good = seen.ready == seen.matching &&
	       compare_holds(&condition->ready, (int64_t)seen.matching);
	if (good)
		snprintf(name, sizeof(name), "%s", condition->name);
	else
		condition_service_text(c->facts, condition->name, name,
				       sizeof(name));
	verdict_set(ret, verdict_of(good),
		    _("%s: %zu of %zu ready endpoints are %s (wanted all, %s %" PRId64 ")"),
		    name, seen.matching, seen.ready,
		    condition->match, compare_sign(condition->ready.op),
		    condition->ready.value);
}

static void condition_labels_text(const struct kube_labels *labels, char *dst,
				  size_t size)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < labels->count && used < size; i++)
		used += (size_t)snprintf(dst + used, size - used, "%s%s=%s",
					 i ? "," : "", labels->list[i].key,
					 labels->list[i].value);
}

static void condition_pairs_text(const struct pairs *pairs, char *dst,
				 size_t size)
{
	size_t used = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < pairs->count && used < size; i++)
		used += (size_t)snprintf(dst + used, size - used, "%s%s=%s",
					 i ? "," : "", pairs->items[i].key,
					 pairs->items[i].value ?
					 pairs->items[i].value : "");
}

void judge_selector(const struct condition *condition,
			   const struct condition_context *c,
			   struct verdict *ret)
{
	const struct kube_service *service;
	bool same;
	char text[VERDICT_TEXT_MAX], wanted[VERDICT_TEXT_MAX];
	char name[VERDICT_TEXT_MAX];

	if (!fact_usable(&c->facts->cluster.service_stamp, _("Service"), c,
			 ret))
		return;
	service = facts_service(c->facts, condition->name);
	if (!service) {
		verdict_set(ret, VERDICT_RED, _("there is no Service %s"),
			    condition->name);
		return;
	}
	same = service->selector.count == condition->selector.count;
	for (size_t i = 0; same && i < condition->selector.count; i++) {
		const struct pair *pair = &condition->selector.items[i];
		const char *value = kube_labels_get(&service->selector,
						    pair->key);

		same = value && pair->value && strcmp(value, pair->value) == 0;
	}
	condition_labels_text(&service->selector, text, sizeof(text));
	if (same) {
		/* who may put back what is flipped */
		verdict_set(ret, VERDICT_GREEN, service->kept_by ?
			    _("%s selects %s (kept so by %s)") :
			    _("%s selects %s"), condition->name, text,
			    service->kept_by);
		return;
	}
	condition_pairs_text(&condition->selector, wanted, sizeof(wanted));
	condition_service_text(c->facts, condition->name, name, sizeof(name));
	verdict_set(ret, VERDICT_RED, _("%s selects %s (wanted %s)"), name,
		    text, wanted);
}

void judge_deployment_gone(const struct condition *condition,
				  const struct condition_context *c,
				  struct verdict *ret)
{
	const struct kube_deployment *deployment;

	if (!fact_usable(&c->facts->cluster.deployments_stamp,
			 _("Deployments"), c, ret))
		return;
	deployment = facts_deployment(c->facts, condition->name);
	verdict_set(ret, verdict_of(!deployment),
		    deployment ? _("Deployment %s is there") :
				 _("Deployment %s is gone"), condition->name);
}
