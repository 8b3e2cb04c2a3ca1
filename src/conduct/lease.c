/* See lease.h. */
#include "conduct/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/text.h"
#include "conduct/leasewords.h"
#include "kube/client.h"
#include "kube/lease_claim.h"

#define KEEP_GIVE_UP_MS 2000    /* nobody waits longer at the end of a run */

struct conduct_lease {
	struct conduct_lease_options options;
	struct lease_claim claim;
	struct kube_call *call;         /* in flight */
	enum lease_request request;
	int64_t sent_ms;
	int64_t ending_ms;              /* since when it is given up; -1 */
	struct conduct_lease_view view;
	char text[LEASE_WORDS_MAX], other[LEASE_WORDS_MAX];
};

/* ---- opening ------------------------------------------------------------- */

/* "bastion:/home/alice/.local/state/cutover/RUN/journal.jsonl", or "". */
static void keep_place(const struct conduct_lease_options *options,
		       char dst[LEASE_PLACE_MAX])
{
	const char *host = strrchr(options->operator_name, '@');
	char *path = realpath(options->journal, NULL);
	char place[LEASE_PLACE_MAX];
	int used = path ? snprintf(place, sizeof(place), "%s:%s",
				   host ? host + 1 : "", path) : -1;

	dst[0] = '\0';
	if (used > 0 && (size_t)used < sizeof(place))
		text_sanitise(dst, LEASE_PLACE_MAX, place);
	free(path);
}

int conduct_lease_open(const struct conduct_lease_options *options,
		       struct conduct_lease **ret, struct error *err)
{
	const struct runbook *runbook = options->runbook;
	struct conduct_lease *lease = calloc(1, sizeof(*lease));
	struct lease_terms terms = {.resumes = options->resumes};

	if (!lease || lease_name(runbook->name, runbook->observe.service,
				 terms.name)) {
		free(lease);
		return error_nomem(err);
	}
	text_sanitise(terms.me.who, sizeof(terms.me.who),
		      options->operator_name);
	text_sanitise(terms.me.run, sizeof(terms.me.run), options->run);
	terms.me.pid = getpid();
	keep_place(options, terms.place);
	terms.lasts_ms = runbook_find_kind(runbook, CONNECTION_KUBERNETES)
				 ->kubernetes.lease_ms;
	lease->options = *options;
	lease->ending_ms = -1;
	lease_claim_init(&lease->claim, &terms, clock_mono_ms());
	*ret = lease;
	return 0;
}

void conduct_lease_close(struct conduct_lease *lease)
{
	if (!lease)
		return;
	kube_cancel(lease->call);
	lease_claim_release(&lease->claim);
	free(lease);
}

/* ---- requests ------------------------------------------------------------ */

static void keep_answered(void *data, const struct kube_reply *reply,
			  const struct error *err)
{
	struct conduct_lease *lease = data;

	lease->call = NULL;
	lease_claim_answered(&lease->claim, lease->request, lease->sent_ms,
			     clock_mono_ms(), reply->body, err);
	lease->options.changed(lease->options.data);
}

static int keep_send(struct conduct_lease *lease, struct error *err)
{
	static const char *const methods[] = {
		[LEASE_GET] = "GET", [LEASE_POST] = "POST",
		[LEASE_PUT] = "PUT",
	};
	const struct lease_claim *claim = &lease->claim;
	struct kube_request request = {
		.method = methods[lease->request],
		.timeout_ms = lease_claim_patience_ms(claim),
		.on_done = keep_answered, .data = lease,
	};
	json_t *body = NULL;
	struct buf path;
	int status;

	buf_init(&path, KUBE_PATH_MAX);
	status = kube_path(&path, KUBE_LEASE,
			   kube_client_namespace(lease->options.client),
			   lease->request == LEASE_POST ? NULL :
			   claim->terms.name, NULL);
	if (!status && lease->request != LEASE_GET) {
		body = lease_claim_object(claim, clock_wall_ms());
		status = body ? 0 : ERR_NOMEM;
	}
	request.path = path.data;
	request.body = body;
	status = status ? error_nomem(err) :
		 kube_request(lease->options.client, &request, &lease->call,
			      err);
	json_decref(body);
	buf_release(&path);
	return status;
}

void conduct_lease_beat(struct conduct_lease *lease)
{
	struct error err = {0};

	int64_t now_ms = clock_mono_ms();

	if (lease)
		lease_claim_pass(&lease->claim, now_ms);
	if (!lease || lease->call)
		return;
	lease->sent_ms = now_ms;
	lease->request = lease_claim_next(&lease->claim, lease->sent_ms);
	if (lease->request != LEASE_REST && keep_send(lease, &err))
		lease_claim_answered(&lease->claim, lease->request,
				     lease->sent_ms, lease->sent_ms, NULL,
				     &err);
}

/* ---- what is true -------------------------------------------------------- */

const struct conduct_lease_view *conduct_lease_look(struct conduct_lease *lease)
{
	struct lease_claim *claim;

	if (!lease)
		return NULL;
	claim = &lease->claim;
	lease_claim_pass(claim, clock_mono_ms());
	lease->view = (struct conduct_lease_view){
		.name = claim->terms.name,
		.held = lease_claim_is_held(claim, clock_mono_ms()),
		.coming = claim->state == LEASE_ACQUIRING &&
			  !claim->trouble.code,
		.takeable = lease_claim_can_take(claim),
		.version = claim->version,
		.text = lease->text,
		.other = lease->other,
	};
	lease_words_elsewhere(claim, lease->other);
	lease_words(claim, kube_client_namespace(lease->options.client),
		    lease->text);
	return &lease->view;
}

const char *conduct_lease_problem(struct conduct_lease *lease)
{
	const struct conduct_lease_view *view = conduct_lease_look(lease);

	return !view || view->held ? NULL : view->text;
}

int conduct_lease_check(struct conduct_lease *lease, struct error *err)
{
	const char *problem = conduct_lease_problem(lease);

	return problem ? error_set(err, ERR_BUSY, NULL, _("not sent: %s"),
				   problem) : 0;
}

/* ---- taking and giving --------------------------------------------------- */

int conduct_lease_can_take(const struct conduct_lease *lease, struct error *err)
{
	if (lease && lease_claim_can_take(&lease->claim))
		return 0;
	return error_set(err, ERR_INVALID, NULL, "%s", lease &&
			 lease->claim.state == LEASE_HELD_BY_OTHER ?
			 _("the Lease has not expired: whoever holds it still renews it") :
			 _("there is nothing to take over"));
}

void conduct_lease_take(struct conduct_lease *lease)
{
	lease_claim_take(&lease->claim, clock_mono_ms());
}

json_t *conduct_lease_record(const struct conduct_lease *lease, bool taken)
{
	const struct lease_record *other = &lease->claim.other;

	return json_pack("{ss ss ss ss sb}", "name", lease->claim.terms.name,
			 "holder", other->holder, "since", other->acquired,
			 "renewed", other->renewed, "taken", taken);
}

bool conduct_lease_give_up(struct conduct_lease *lease)
{
	int64_t now_ms = clock_mono_ms();

	if (!lease)
		return true;
	if (lease->ending_ms < 0) {
		lease->ending_ms = now_ms;
		lease_claim_end(&lease->claim, now_ms);
		conduct_lease_beat(lease);
	}
	return lease->claim.state == LEASE_RELEASED ||
	       now_ms - lease->ending_ms > KEEP_GIVE_UP_MS;
}
