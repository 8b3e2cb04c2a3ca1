/*
 * Never two writers (promise 4). Whatever the runbook and its guards say,
 * every act that could open a way for users' writes passes here last: letting
 * a database take them, promoting, raising the flag, and whatever brings users
 * or writing pods to a database. Each needs a fact, newer than the last act
 * that could have changed it, that says one side is shut: the database itself
 * refuses writes, or no pod that could write to it is there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "conduct/conductor.h"
#include "observe/condition.h"

#define SHUT_WHY_MAX 192

/* May an effect that nobody waits for any more still open that database? */
static bool shut_is_in_doubt(const struct conductor *c, const char *name)
{
	for (size_t i = 0; i < c->runbook->step_count; i++) {
		const struct runbook_step *step = &c->runbook->steps[i];
		const struct actions *lists[] = {&step->deed.actions,
						 &step->undo.actions};

		for (size_t k = 0; c->engine.steps[i].doubt && k < 2; k++)
			for (size_t a = 0; a < lists[k]->count; a++)
				if (lists[k]->items[a].kind == ACTION_UNFENCE &&
				    strcmp(lists[k]->items[a].on, name) == 0)
					return true;
	}
	return false;
}

static bool shut_by_database(const struct conductor *c, enum facts_side side,
			     char why[SHUT_WHY_MAX])
{
	const struct condition read_only = {
		.kind = CONDITION_READ_ONLY, .is = true,
		.on = c->facts->databases[side].name,
	};
	const struct condition_context context = {
		.facts = c->facts, .now_ms = c->facts->now_ms,
		.not_before_ms = c->opened_ms[side],
	};
	struct verdict verdict;

	condition_judge(&read_only, &context, &verdict);
	snprintf(why, SHUT_WHY_MAX, "%.*s", SHUT_WHY_MAX - 1, verdict.text);
	if (verdict.state != VERDICT_GREEN)
		return false;
	if (!shut_is_in_doubt(c, read_only.on))
		return true;
	snprintf(why, SHUT_WHY_MAX,
		 _("%s: a statement that lets it take writes may still be under way"),
		 read_only.on);
	return false;
}

/* No pod is there that could write to it for users. */
static bool shut_by_pods(const struct conductor *c, enum facts_side side,
			 char why[SHUT_WHY_MAX])
{
	const struct facts_cluster *cluster = &c->facts->cluster;
	const char *name = c->facts->databases[side].name;
	size_t versions = 0, pods = 0;
	char match[VERDICT_TEXT_MAX];

	why[0] = '\0';
	for (size_t i = 0; i < c->runbook->observe.version_count; i++) {
		const struct runbook_version *version =
			&c->runbook->observe.versions[i];

		if (strcmp(version->database, name) != 0)
			continue;
		snprintf(match, sizeof(match), "%s%s%s", version->match,
			 version->writable ? "," : "",
			 version->writable ? version->writable : "");
		pods += facts_pods(c->facts, match).total;
		versions++;
	}
	if (!versions)
		return false;
	if (!stamp_is_fresh(&cluster->pods_stamp, c->facts->now_ms) ||
	    cluster->pods_stamp.at_ms < c->opened_ms[side]) {
		snprintf(why, SHUT_WHY_MAX, "%s",
			 _("its pods were not seen lately"));
		return false;
	}
	snprintf(why, SHUT_WHY_MAX,
		 ngettext("%zu pod can write to it", "%zu pods can write to it",
			  pods), pods);
	return pods == 0;
}

/* 0, or ERR_INVALID: by no fact does that side surely refuse users' writes. */
static int shut_side(const struct conductor *c, enum facts_side side,
		     struct error *err)
{
	char database[SHUT_WHY_MAX], pods[SHUT_WHY_MAX];

	if (shut_by_database(c, side, database) || shut_by_pods(c, side, pods))
		return 0;
	return error_set(err, ERR_INVALID, c->facts->databases[side].host,
			 "%s%s%s", database, pods[0] ? "; " : "", pods);
}

static int shut_either(const struct conductor *c, struct error *err)
{
	struct error source = {0}, target = {0};

	if (!shut_side(c, SIDE_SOURCE, &source) ||
	    !shut_side(c, SIDE_TARGET, &target))
		return 0;
	return error_set(err, ERR_INVALID, NULL, "%s; %s", source.message,
			 target.message);
}

/* Does the action open a way for writes, if nothing else is shut? */
static bool shut_is_wanted(const struct action *action)
{
	switch (action->kind) {
	case ACTION_FLAG:
		return action->is;
	case ACTION_SCALE:
		return action->replicas > 0;
	case ACTION_PATCH_DEPLOYMENT:
	case ACTION_PATCH_SERVICE:
	case ACTION_CREATE:
		return true;
	default:
		return false;
	}
}

static int shut_judge(const struct conductor *c, const struct action *action,
		      struct error *err)
{
	if (action->kind == ACTION_UNFENCE || action->kind == ACTION_PROMOTE)
		return shut_side(c, conduct_side(c, action->on) == SIDE_SOURCE ?
				 SIDE_TARGET : SIDE_SOURCE, err);
	return shut_is_wanted(action) ? shut_either(c, err) : 0;
}

enum facts_side conduct_side(const struct conductor *c, const char *name)
{
	return strcmp(name, c->runbook->observe.source) == 0 ? SIDE_SOURCE :
							       SIDE_TARGET;
}

int conduct_two_writers(const struct conductor *c, const struct action *action,
			struct error *err)
{
	const struct runbook_observe *observe = &c->runbook->observe;
	int status;

	if (!observe->source[0] || !observe->target[0])
		return 0;
	if (action->kind == ACTION_FLAG && action->is && c->engine.tripped > 0 &&
	    !c->engine.rolling_back && engine_fenced_at(&c->engine) >= 0)
		return error_set(err, ERR_INVALID, NULL,
				 _("the flag is locked: %s took %" PRId64 " transactions after its fence; roll back"),
				 observe->source, c->engine.tripped);
	status = shut_judge(c, action, err);
	if (status)
		error_wrap(err, _("refused, since two databases could take users' writes at once"));
	return status;
}
