/*
 * A GitOps controller that has the Service in its repository, where nobody has
 * written down that it now selects v2. Some seconds after a flip it heals what
 * it takes for drift, each time, until it is cleared (its sync suspended).
 *
 * It looks again and again, as such a controller does; so a flip and a flip
 * back between two looks pass unseen.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/cluster.h"
#include "rehearsal/fault.h"
#include "rehearsal/later.h"
#include "rehearsal/objects.h"
#include "rehearsal/platform.h"

#define MANAGER "argocd-controller"
#define INSTANCE "shop"
#define TRACKING "argocd.argoproj.io/tracking-id"
#define INSTANCE_LABEL "argocd.argoproj.io/instance"
#define HEAL_S 5                /* Argo CD's own self-heal timeout */
#define HEAL_MAX_S 3600
#define LOOK_MS 50

static struct {
	struct later *later;
	struct cluster *cluster;
	int64_t heal_ms;
	int64_t drifted_at;     /* the later's thread's; -1: it has not */
} gitops;

static int gitops_patch(json_t *patch, struct error *err)
{
	int rc = patch ? cluster_patch_as(gitops.cluster, MANAGER, "Service",
					  OBJECTS_NAMESPACE, OBJECTS_SERVICE,
					  patch, err) : error_nomem(err);

	json_decref(patch);
	return rc;
}

/* The marks by which it knows its own. */
static int gitops_mark(struct error *err)
{
	return gitops_patch(json_pack(
		"{s:{s:{s:s},s:{s:s}}}", "metadata", "annotations", TRACKING,
		INSTANCE ":/Service:" OBJECTS_NAMESPACE "/" OBJECTS_SERVICE,
		"labels", INSTANCE_LABEL, INSTANCE), err);
}

/* Whether the Service selects what stands in the repository. */
static bool gitops_as_written(void)
{
	json_t *service = cluster_get(gitops.cluster, "Service",
				      OBJECTS_NAMESPACE, OBJECTS_SERVICE);
	const json_t *selector = json_at(service, "spec/selector");
	bool same = !service ||
		    (json_object_size(selector) == 2 &&
		     !strcmp(json_text(selector, "version", ""), "v1"));

	json_decref(service);
	return same;
}

static int gitops_heal(void)
{
	return gitops_patch(json_pack("{s:{s:{s:s,s:n}}}", "spec", "selector",
				      "version", "v1", "writes"), NULL);
}

static int64_t gitops_look(void *data)
{
	int64_t now = clock_mono_ms();

	(void)data;
	if (gitops_as_written())
		gitops.drifted_at = -1;
	else if (gitops.drifted_at < 0)
		gitops.drifted_at = now;
	else if (now - gitops.drifted_at >= gitops.heal_ms && !gitops_heal())
		gitops.drifted_at = -1;
	return LOOK_MS;
}

static void gitops_clear(struct stage *stage)
{
	(void)stage;
	later_close(&gitops.later);
}

static int gitops_begin(struct stage *stage, const json_t *parameters,
			struct error *err)
{
	int64_t seconds;
	int rc = fault_number(parameters, "seconds", HEAL_S, 0, HEAL_MAX_S,
			      &seconds, err);

	if (rc)
		return rc;
	later_close(&gitops.later);
	gitops.cluster = stage->platform->cluster;
	gitops.heal_ms = seconds * 1000;
	gitops.drifted_at = -1;
	rc = gitops_mark(err);
	return rc ? rc : later_open(&gitops.later, 0, gitops_look, NULL, err);
}

const struct fault faults_gitops[] = {
	{"gitops-revert", "seconds=N",
	 "a GitOps controller puts the Service's selector back after a flip", "5",
	 gitops_begin, gitops_clear, NULL, NULL},
	{.name = NULL},
};
