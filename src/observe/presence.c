/* See presence.h. One look a kind of action, in a table; each is a condition
 * held against the facts, made of the action. */
#include "observe/presence.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "db/dialect.h"
#include "observe/judge.h"
#include "runbook/runbook.h"

typedef void presence_fn(const struct action *action, int verb,
			 const struct condition_context *c,
			 struct verdict *ret);

static void presence_flag(const struct action *action, int verb,
			  const struct condition_context *c,
			  struct verdict *ret)
{
	const struct condition flag = {
		.kind = CONDITION_FLAG, .is = action->is,
	};

	(void)verb;
	condition_judge(&flag, c, ret);
}

/* While a session still acts there, what is seen may change at any moment by a
 * statement that was sent before (see db/seat.h). */
static void presence_settled(const struct facts_database *database,
			     struct verdict *ret)
{
	if (database->seen->acting > 0)
		verdict_set(ret, VERDICT_UNKNOWN,
			    _("%s: a statement of session %" PRId64 ", whose answer was lost, is still under way"),
			    database->name, database->seen->acting);
}

static void presence_fence(const struct action *action, int verb,
			   const struct condition_context *c,
			   struct verdict *ret)
{
	const struct condition fenced = {
		.kind = CONDITION_READ_ONLY, .on = action->on,
		.is = action->kind == ACTION_FENCE,
	};

	(void)verb;
	condition_judge(&fenced, c, ret);
	if (ret->state != VERDICT_UNKNOWN)
		presence_settled(facts_database(c->facts, action->on), ret);
}

/* No thread of any channel runs. */
static enum verdict_state presence_stopped(const struct db_observation *seen)
{
	enum verdict_state state = VERDICT_GREEN;

	for (size_t i = 0; i < seen->channel_count; i++) {
		const struct db_channel *channel = &seen->channels[i];

		if (channel->io == DB_THREAD_UNKNOWN ||
		    channel->sql == DB_THREAD_UNKNOWN)
			state = VERDICT_UNKNOWN;
		else if (channel->io != DB_THREAD_NO ||
			 channel->sql != DB_THREAD_NO)
			return VERDICT_RED;
	}
	return state;
}

/* Stopped is: no thread runs. Promoted is: there is no channel any more. */
static void presence_promote(const struct action *action, int verb,
			     const struct condition_context *c,
			     struct verdict *ret)
{
	const struct condition gone = {
		.kind = CONDITION_NOT_REPLICATING, .on = action->on,
	};
	const struct condition runs = {
		.kind = CONDITION_REPLICATING, .on = action->on,
	};

	condition_judge(&gone, c, ret);
	if (verb != DB_VERB_STOP_REPLICATION || ret->state != VERDICT_RED)
		return;
	condition_judge(&runs, c, ret);
	ret->state = presence_stopped(
		facts_database(c->facts, action->on)->seen);
}

static const struct kube_deployment *
presence_deployment(const char *name, const struct condition_context *c,
		    struct verdict *ret)
{
	const struct kube_deployment *deployment;

	if (!fact_usable(&c->facts->cluster.deployments_stamp,
			 _("Deployments"), c, ret))
		return NULL;
	deployment = facts_deployment(c->facts, name);
	if (!deployment)
		verdict_set(ret, VERDICT_RED, _("there is no Deployment %s"),
			    name);
	return deployment;
}

/* Are the pairs among the labels, and those to be removed not? */
static bool presence_has_pairs(const struct kube_labels *labels,
			       const struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const char *is = kube_labels_get(labels, pairs->items[i].key);
		const char *want = pairs->items[i].value;

		if (!is != !want || (is && strcmp(is, want) != 0))
			return false;
	}
	return true;
}

static bool presence_has_env(const struct kube_deployment *deployment,
			     const struct action *action)
{
	for (size_t i = 0; i < action->env.count; i++) {
		const struct kube_env *env = kube_env_find(
			&deployment->containers, action->container,
			action->env.items[i].key);
		const char *is = env ? env->value : NULL;
		const char *want = action->env.items[i].value;

		if (!is != !want || (is && strcmp(is, want) != 0))
			return false;
	}
	return true;
}

static void presence_patch_deployment(const struct action *action, int verb,
				      const struct condition_context *c,
				      struct verdict *ret)
{
	const struct kube_deployment *deployment =
		presence_deployment(action->name, c, ret);
	bool patched;

	(void)verb;
	if (!deployment)
		return;
	patched = presence_has_env(deployment, action) &&
		  presence_has_pairs(&deployment->template_labels,
				     &action->labels);
	verdict_set(ret, verdict_of(patched),
		    patched ? _("Deployment %s carries the patch") :
			      _("Deployment %s does not carry the patch"),
		    action->name);
}

static void presence_patch_service(const struct action *action, int verb,
				   const struct condition_context *c,
				   struct verdict *ret)
{
	const struct kube_service *service;
	bool patched;

	(void)verb;
	if (!fact_usable(&c->facts->cluster.service_stamp, _("Service"), c, ret))
		return;
	service = facts_service(c->facts, action->name);
	patched = service && presence_has_pairs(&service->selector,
						&action->selector);
	verdict_set(ret, verdict_of(patched),
		    patched ? _("Service %s carries the patch") :
			      _("Service %s does not carry the patch"),
		    action->name);
}

static void presence_scale(const struct action *action, int verb,
			   const struct condition_context *c,
			   struct verdict *ret)
{
	const struct kube_deployment *deployment =
		presence_deployment(action->name, c, ret);

	(void)verb;
	if (deployment)
		verdict_set(ret, verdict_of(deployment->replicas ==
					    action->replicas),
			    _("Deployment %s wants %d pods"), action->name,
			    (int)deployment->replicas);
}

static void presence_delete(const struct action *action, int verb,
			    const struct condition_context *c,
			    struct verdict *ret)
{
	const struct condition gone = {
		.kind = CONDITION_DEPLOYMENT_GONE, .name = action->name,
	};

	(void)verb;
	condition_judge(&gone, c, ret);
}

static void presence_create(const struct action *action, int verb,
			    const struct condition_context *c,
			    struct verdict *ret)
{
	json_t *manifest = NULL;
	const char *name;

	(void)verb;
	if (runbook_yaml_json(action->manifest, &manifest, NULL))
		return;
	name = json_text(manifest, "metadata/name", "");
	if (presence_deployment(name, c, ret))
		verdict_set(ret, VERDICT_GREEN, _("Deployment %s is there"),
			    name);
	json_decref(manifest);
}

static presence_fn *const presence_kinds[] = {
	[ACTION_FLAG] = presence_flag,
	[ACTION_FENCE] = presence_fence,
	[ACTION_UNFENCE] = presence_fence,
	[ACTION_PROMOTE] = presence_promote,
	[ACTION_PATCH_DEPLOYMENT] = presence_patch_deployment,
	[ACTION_PATCH_SERVICE] = presence_patch_service,
	[ACTION_SCALE] = presence_scale,
	[ACTION_DELETE] = presence_delete,
	[ACTION_CREATE] = presence_create,
	[ACTION_REQUEST] = NULL,
	[ACTION_SQL] = NULL,
	[ACTION_MANUAL] = NULL,
};

bool presence_is_visible(enum action_kind kind)
{
	return presence_kinds[kind] != NULL;
}

void presence_judge(const struct action *action, int verb,
		    const struct condition_context *context,
		    struct verdict *ret)
{
	verdict_set(ret, VERDICT_UNKNOWN, "%s",
		    _("nothing shows whether it has happened"));
	if (presence_kinds[action->kind])
		presence_kinds[action->kind](action, verb, context, ret);
}

/* What an action changes: the flag, a database's writes, its replication, a
 * Deployment, a Service. */
static int presence_subject(enum action_kind kind)
{
	switch (kind) {
	case ACTION_UNFENCE:
		return ACTION_FENCE;
	case ACTION_SCALE:
	case ACTION_DELETE:
	case ACTION_CREATE:
		return ACTION_PATCH_DEPLOYMENT;
	default:
		return (int)kind;
	}
}

bool presence_same_subject(const struct action *a, const struct action *b)
{
	return presence_is_visible(a->kind) &&
	       presence_subject(a->kind) == presence_subject(b->kind) &&
	       strcmp(a->on, b->on) == 0 && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->manifest, b->manifest) == 0;
}
