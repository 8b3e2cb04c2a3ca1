/*
 * What goes wrong with the application's pods: v2's new ones, which may write,
 * while they start; and v1's, which trust what they once knew of the flag.
 */
#include "base/error.h"
#include "rehearsal/fault.h"
#include "rehearsal/kubelet.h"
#include "rehearsal/options.h"
#include "rehearsal/platform.h"

static int fault_pods_ail(struct stage *stage, enum kubelet_ill ill,
			  const json_t *parameters, struct error *err)
{
	int64_t spare;
	int rc = fault_number(parameters, "spare", 0, 0, OPTIONS_PODS_MAX,
			      &spare, err);

	if (!rc)
		kubelet_ail(stage->platform->kubelet, ill, (int)spare);
	return rc;
}

static int fault_crash_loop(struct stage *stage, const json_t *parameters,
			    struct error *err)
{
	return fault_pods_ail(stage, KUBELET_CRASHES, parameters, err);
}

static int fault_image_pull(struct stage *stage, const json_t *parameters,
			    struct error *err)
{
	return fault_pods_ail(stage, KUBELET_NO_IMAGE, parameters, err);
}

static int fault_unready(struct stage *stage, const json_t *parameters,
			 struct error *err)
{
	return fault_pods_ail(stage, KUBELET_UNREADY, parameters, err);
}

static void fault_crash_loop_clear(struct stage *stage)
{
	kubelet_heal(stage->platform->kubelet, KUBELET_CRASHES);
}

static void fault_image_pull_clear(struct stage *stage)
{
	kubelet_heal(stage->platform->kubelet, KUBELET_NO_IMAGE);
}

static void fault_unready_clear(struct stage *stage)
{
	kubelet_heal(stage->platform->kubelet, KUBELET_UNREADY);
}

static int fault_old_connections(struct stage *stage,
				 const json_t *parameters, struct error *err)
{
	(void)parameters;
	(void)err;
	kubelet_set_sticky(stage->platform->kubelet, true);
	return 0;
}

static void fault_old_connections_clear(struct stage *stage)
{
	kubelet_set_sticky(stage->platform->kubelet, false);
}

const struct fault faults_pods[] = {
	{"crash-loop", "spare=N",
	 "v2's read-write pods crash as they start, but N of them", "0",
	 fault_crash_loop, fault_crash_loop_clear, NULL, NULL},
	{"image-pull", "spare=N",
	 "the image of v2's read-write pods can't be pulled, but for N", "0",
	 fault_image_pull, fault_image_pull_clear, NULL, NULL},
	{"pods-unready", "spare=N",
	 "v2's read-write pods run and do not become ready, but N of them", "0",
	 fault_unready, fault_unready_clear, NULL, NULL},
	{"old-connections", "",
	 "v1 keeps the flag as it was on connections that users have open", "",
	 fault_old_connections, fault_old_connections_clear, NULL, NULL},
	{.name = NULL},
};
