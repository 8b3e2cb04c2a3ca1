/*
 * The one Lease of the simulated cluster, as an API server keeps it: created
 * once, replaced only by whoever saw its last version. It outlives the
 * processes that hold it. For a while the server may be out of reach: a request
 * is answered with its time-out then, and may have arrived.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "kube/client.h"
#include "net/loop.h"
#include "perform/reach.h"
#include "sim.h"

#define LEASE_ANSWER_MS 3
#define LEASE_ARRIVES_PERMILLE 300

struct kube_call {
	struct kube_request request;
	struct loop_timer *timer;
	int status;             /* 0: nobody answers */
	json_t *answer;
};

static json_t *lease_kept;      /* NULL: nobody created it */
static int lease_version;
static int64_t lease_put_ms;    /* when lease_kept was */

void sim_lease_forget(void)
{
	json_decref(lease_kept);
	lease_kept = NULL;
}

bool sim_lease_holds(void)
{
	int64_t lasts_ms = 1000 * json_number(lease_kept,
		"spec/leaseDurationSeconds", 0);

	return lease_kept &&
	       json_text(lease_kept, "spec/holderIdentity", "")[0] &&
	       loop_now(sim.loop) - lease_put_ms <= lasts_ms * 2 / 3;
}

static int lease_keep(const json_t *body)
{
	char version[16];

	lease_put_ms = loop_now(sim.loop);
	snprintf(version, sizeof(version), "%d", ++lease_version);
	json_decref(lease_kept);
	lease_kept = json_deep_copy(body);
	json_object_set_new(json_object_get(lease_kept, "metadata"),
			    "resourceVersion", json_string(version));
	return 200;
}

static int lease_serve(const struct kube_request *request)
{
	const char *method = request->method ? request->method : "GET";

	if (strcmp(method, "GET") == 0)
		return lease_kept ? 200 : 404;
	if (strcmp(method, "POST") == 0)
		return lease_kept ? 409 : lease_keep(request->body);
	if (!lease_kept)
		return 404;
	return strcmp(json_text(request->body, "metadata/resourceVersion", ""),
		      json_text(lease_kept, "metadata/resourceVersion", "")) ?
	       409 : lease_keep(request->body);
}

static void lease_answer(void *data)
{
	struct kube_call *call = data;
	struct kube_request request = call->request;
	struct kube_reply reply = {.status = call->status,
				   .body = call->answer, .warning = "",
				   .retry_after_ms = -1, .sent = true};
	struct error err = {0};
	int status = call->status ?
		     kube_status_error(call->status, NULL, "the cluster", &err) :
		     error_set(&err, ERR_TIMEOUT, "the cluster", "no answer");
	json_t *answer = call->answer;

	free(call);
	request.on_done(request.data, &reply, status ? &err : NULL);
	json_decref(answer);
}

/* Does nobody answer a request that is sent now? */
static bool lease_is_away(void)
{
	int64_t now = loop_now(sim.loop);

	return now >= sim.weather.away_ms && now < sim.weather.back_ms;
}

int kube_request(struct kube_client *client, const struct kube_request *request,
		 struct kube_call **ret, struct error *err)
{
	struct kube_call *call = calloc(1, sizeof(*call));
	bool away = lease_is_away();

	if (!call)
		return error_nomem(err);
	call->request = *request;
	if (!away || chance_permille(&sim.chance, LEASE_ARRIVES_PERMILLE))
		call->status = lease_serve(request);
	if (away)
		call->status = 0;
	call->answer = call->status == 200 ? json_deep_copy(lease_kept) : NULL;
	if (ret)
		*ret = call;
	return loop_timer(reach_loop((struct reach *)client),
			  away ? request->timeout_ms : LEASE_ANSWER_MS, 0,
			  lease_answer, call, &call->timer, err);
}

void kube_cancel(struct kube_call *call)
{
	if (!call)
		return;
	loop_timer_cancel(call->timer);
	json_decref(call->answer);
	free(call);
}
