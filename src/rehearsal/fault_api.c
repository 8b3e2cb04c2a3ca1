/*
 * What goes wrong with the cluster's API server. With seconds=N it ends by
 * itself, else when it is cleared.
 */
#include "base/error.h"
#include "rehearsal/cluster/cluster.h"
#include "rehearsal/cluster/trouble.h"
#include "rehearsal/fault.h"
#include "rehearsal/later.h"
#include "rehearsal/objects.h"
#include "rehearsal/options.h"
#include "rehearsal/platform.h"

#define SECONDS_MAX 3600
#define RETRY_AFTER_S 1
#define SLOW_MS 800
#define CONFLICTS_MAX 1000
#define UP_AGAIN_MS 100         /* between two tries to listen */
#define FEW_PODS 1

/* Their ends, each of one fault. */
static struct later *api_down_end, *api_throttled_end;

static struct trouble *api_trouble(const struct stage *stage)
{
	return cluster_trouble(stage->platform->cluster);
}

/* seconds=N into *ret; 0: until cleared. */
static int api_seconds(const json_t *parameters, int64_t *ret,
		       struct error *err)
{
	return fault_number(parameters, "seconds", 0, 0, SECONDS_MAX, ret, err);
}

/* fn ends the fault after so many seconds, if any. */
static int api_end_after(struct later **later, int64_t seconds,
			 int64_t (*fn)(void *), void *data, struct error *err)
{
	later_close(later);
	return seconds ? later_open(later, seconds * 1000, fn, data, err) : 0;
}

static int64_t api_come_up(void *data)
{
	return cluster_come_up(data, NULL) ? UP_AGAIN_MS : LATER_OVER;
}

/* Its port may be taken for a moment. */
static int api_down_mend(struct stage *stage, struct error *err)
{
	later_close(&api_down_end);
	return cluster_come_up(stage->platform->cluster, err);
}

static int api_down(struct stage *stage, const json_t *parameters,
		    struct error *err)
{
	struct cluster *cluster = stage->platform->cluster;
	int64_t seconds;
	int rc = api_seconds(parameters, &seconds, err);

	if (rc)
		return rc;
	later_close(&api_down_end);
	cluster_go_down(cluster);
	rc = api_end_after(&api_down_end, seconds, api_come_up, cluster, err);
	if (rc)
		api_down_mend(stage, NULL);
	return rc;
}

static bool api_down_ended(const struct stage *stage)
{
	(void)stage;
	return later_ended(api_down_end);
}

static int64_t api_unthrottle(void *data)
{
	trouble_throttle(data, 0);
	return LATER_OVER;
}

static void api_throttled_clear(struct stage *stage)
{
	later_close(&api_throttled_end);
	trouble_throttle(api_trouble(stage), 0);
}

static int api_throttled(struct stage *stage, const json_t *parameters,
			 struct error *err)
{
	struct trouble *trouble = api_trouble(stage);
	int64_t seconds, retry_after;
	int rc = api_seconds(parameters, &seconds, err);

	if (!rc)
		rc = fault_number(parameters, "retry-after", RETRY_AFTER_S, 1,
				  TROUBLE_RETRY_MAX_S, &retry_after, err);
	if (rc)
		return rc;
	trouble_throttle(trouble, (int)retry_after);
	rc = api_end_after(&api_throttled_end, seconds, api_unthrottle,
			   trouble, err);
	if (rc)
		api_throttled_clear(stage);
	return rc;
}

static bool api_throttled_ended(const struct stage *stage)
{
	(void)stage;
	return later_ended(api_throttled_end);
}

static int api_slow(struct stage *stage, const json_t *parameters,
		    struct error *err)
{
	int64_t ms;
	int rc = fault_number(parameters, "ms", SLOW_MS, 1,
			      TROUBLE_SLOW_MAX_MS, &ms, err);

	if (!rc)
		trouble_slow(api_trouble(stage), (int)ms);
	return rc;
}

static void api_slow_clear(struct stage *stage)
{
	trouble_slow(api_trouble(stage), 0);
	cluster_hurry(stage->platform->cluster);
}

static int api_forbidden(struct stage *stage, const json_t *parameters,
			 struct error *err)
{
	char verb[TROUBLE_WORD_MAX], resource[TROUBLE_WORD_MAX];
	int rc = fault_text(parameters, "verb", "patch", verb, sizeof(verb),
			    err);

	if (!rc)
		rc = fault_text(parameters, "resource", "services", resource,
				sizeof(resource), err);
	return rc ? rc : trouble_forbid(api_trouble(stage), verb, resource,
					err);
}

static void api_forbidden_clear(struct stage *stage)
{
	trouble_forbid(api_trouble(stage), NULL, NULL, NULL);
}

static int api_conflict(struct stage *stage, const json_t *parameters,
			struct error *err)
{
	char resource[TROUBLE_WORD_MAX];
	int64_t count;
	int rc = fault_number(parameters, "count", 1, 1, CONFLICTS_MAX, &count,
			      err);

	if (!rc)
		rc = fault_text(parameters, "resource", "deployments",
				resource, sizeof(resource), err);
	return rc ? rc : trouble_conflict(api_trouble(stage), resource,
					  (int)count, err);
}

static void api_conflict_clear(struct stage *stage)
{
	trouble_conflict(api_trouble(stage), "", 0, NULL);
}

static bool api_conflict_ended(const struct stage *stage)
{
	return !trouble_conflicts(api_trouble(stage));
}

/* The autoscaler writes through the scale, as the controller manager. */
static int api_scale(struct stage *stage, int64_t pods, struct error *err)
{
	json_t *patch = json_pack("{s:{s:I}}", "spec", "replicas",
				  (json_int_t)pods);
	int rc = patch ? cluster_patch_as(stage->platform->cluster,
					  "kube-controller-manager",
					  "Deployment", OBJECTS_NAMESPACE,
					  OBJECTS_V2, patch, err) :
		 error_nomem(err);

	json_decref(patch);
	return rc;
}

static bool api_shrunk;

static int api_hpa_shrunk(struct stage *stage, const json_t *parameters,
			  struct error *err)
{
	int64_t pods;
	int rc = fault_number(parameters, "pods", FEW_PODS, 0,
			      OPTIONS_PODS_MAX, &pods, err);

	if (!rc)
		rc = api_scale(stage, pods, err);
	if (!rc)
		api_shrunk = true;
	return rc;
}

static int api_hpa_shrunk_mend(struct stage *stage, struct error *err)
{
	int rc = api_shrunk ? api_scale(stage, stage->options->pods, err) : 0;

	if (!rc)
		api_shrunk = false;
	return rc;
}

const struct fault faults_api[] = {
	{"api-down", "seconds=N",
	 "the API server restarts: refuses connections, drops watches", "",
	 api_down, NULL, api_down_mend, api_down_ended},
	{"api-throttled", "seconds=N retry-after=N",
	 "the API server turns requests away with 429", "",
	 api_throttled, api_throttled_clear, NULL, api_throttled_ended},
	{"api-slow", "ms=N",
	 "the API server takes so long over a request", "800",
	 api_slow, api_slow_clear, NULL, NULL},
	{"api-forbidden", "verb=V resource=R",
	 "a role was changed: nobody may do that", "patch services",
	 api_forbidden, api_forbidden_clear, NULL, NULL},
	{"api-conflict", "count=N resource=R",
	 "somebody else changes the object before a write", "1, deployments",
	 api_conflict, api_conflict_clear, NULL, api_conflict_ended},
	{"hpa-shrunk", "pods=N",
	 "the autoscaler has shrunk v2, which was idle", "1",
	 api_hpa_shrunk, NULL, api_hpa_shrunk_mend, NULL},
	{.name = NULL},
};
