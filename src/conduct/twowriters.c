/*
 * Never two writers (promise 4). Whatever the runbook and its guards say,
 * every act that could open a way for users' writes passes here last: letting
 * a database take them, promoting, raising the flag, and whatever brings users
 * or writing pods to a database. Each needs a fact, newer than the last act
 * that could have changed it, that says one side is shut: the database itself
 * refuses writes, or no pod that could write to it is there or on its way. What
 * brings pods to a side is not excused by there being none yet.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "conduct/conductor.h"
#include "observe/condition.h"
#include "perform/reach.h"

#define SHUT_WHY_MAX 192
#define SHUT_MATCH_MAX 1024
#define SHUT_WATCH_MS 1000      /* by then a watch has told of what was done */

/* May a statement that nobody waits for any more still open that database? None
 * of a session that is gone, or is ours and has answered everything. */
static bool shut_is_in_doubt(const struct conductor *c,
			     const struct facts_database *database,
			     char why[SHUT_WHY_MAX])
{
	int64_t acting = database->seen->acting;

	if (acting == 0 ||
	    (acting > 0 && reach_has_answered(c->reach, database->name, acting)))
		return false;
	if (acting > 0)
		snprintf(why, SHUT_WHY_MAX,
			 _("%s: a statement of session %" PRId64 ", whose answer was lost, may still let it take writes"),
			 database->name, acting);
	else
		snprintf(why, SHUT_WHY_MAX,
			 _("%s: it is not known whether an earlier statement is still under way"),
			 database->name);
	return true;
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
	return verdict.state == VERDICT_GREEN &&
	       !shut_is_in_doubt(c, &c->facts->databases[side], why);
}

/* The labels of the pods of that version that write for users; false: too many
 * to be asked for. */
static bool shut_match(const struct runbook_version *version,
		       char match[SHUT_MATCH_MAX])
{
	const char *writable = version->writable ? version->writable : "";
	int len = snprintf(match, SHUT_MATCH_MAX, "%s%s%s", version->match,
			   *writable ? "," : "", writable);

	return len >= 0 && len < SHUT_MATCH_MAX;
}

/* Are the pods seen since the last act that could have brought some? */
static bool shut_pods_are_seen(const struct conductor *c, enum facts_side side)
{
	const struct facts_cluster *cluster = &c->facts->cluster;
	int64_t now = c->facts->now_ms;
	int64_t since = c->brought_ms + SHUT_WATCH_MS;

	if (since < c->opened_ms[side])
		since = c->opened_ms[side];
	return stamp_is_usable(&cluster->pods_stamp, now) &&
	       stamp_is_usable(&cluster->deployments_stamp, now) &&
	       cluster->pods_stamp.at_ms >= since &&
	       cluster->deployments_stamp.at_ms >= since;
}

/* No pod is there, or wanted, that could write to it for users. */
static bool shut_by_pods(const struct conductor *c, enum facts_side side,
			 char why[SHUT_WHY_MAX])
{
	const char *name = c->facts->databases[side].name;
	size_t versions = 0, pods = 0;
	char match[SHUT_MATCH_MAX];

	why[0] = '\0';
	for (size_t i = 0; i < c->runbook->observe.version_count; i++) {
		const struct runbook_version *version =
			&c->runbook->observe.versions[i];
		struct facts_pods there;
		size_t wanted;

		if (strcmp(version->database, name) != 0)
			continue;
		if (!shut_match(version, match))
			return false;
		there = facts_pods(c->facts, match);
		wanted = facts_wanted(c->facts, match);
		if (!there.known || wanted == SIZE_MAX)
			return false;
		pods += there.total > wanted ? there.total : wanted;
		versions++;
	}
	if (!versions)
		return false;
	if (!shut_pods_are_seen(c, side)) {
		snprintf(why, SHUT_WHY_MAX, "%s",
			 _("its pods were not seen lately"));
		return false;
	}
	snprintf(why, SHUT_WHY_MAX,
		 ngettext("%zu pod can write to it", "%zu pods can write to it",
			  pods), pods);
	return pods == 0;
}

/* Could the action bring pods that write to that side? Only of a Deployment
 * that is a version of the other side is it known that it does not. */
static bool shut_brings_pods(const struct conductor *c, enum facts_side side,
			     const struct action *action)
{
	const char *name = c->facts->databases[side].name;
	bool known = false;

	if (action->kind == ACTION_CREATE)
		return true;
	if (action->kind != ACTION_SCALE &&
	    action->kind != ACTION_PATCH_DEPLOYMENT)
		return false;
	for (size_t i = 0; i < c->runbook->observe.version_count; i++) {
		const struct runbook_version *version =
			&c->runbook->observe.versions[i];

		if (strcmp(version->deployment, action->name) != 0)
			continue;
		if (strcmp(version->database, name) == 0)
			return true;
		known = true;
	}
	return !known;
}

/* 0, or ERR_INVALID: by no fact does that side surely refuse users' writes,
 * after the action as well. */
static int shut_side(const struct conductor *c, enum facts_side side,
		     const struct action *action, struct error *err)
{
	char database[SHUT_WHY_MAX], pods[SHUT_WHY_MAX];

	if (shut_by_database(c, side, database))
		return 0;
	if (shut_brings_pods(c, side, action))
		snprintf(pods, sizeof(pods), "%s",
			 _("this may bring pods that write to it"));
	else if (shut_by_pods(c, side, pods))
		return 0;
	return error_set(err, ERR_INVALID, c->facts->databases[side].host,
			 "%s%s%s", database, pods[0] ? "; " : "", pods);
}

static int shut_either(const struct conductor *c, const struct action *action,
		       struct error *err)
{
	struct error source = {0}, target = {0};

	if (!shut_side(c, SIDE_SOURCE, action, &source) ||
	    !shut_side(c, SIDE_TARGET, action, &target))
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
				 SIDE_TARGET : SIDE_SOURCE, action, err);
	return shut_is_wanted(action) ? shut_either(c, action, err) : 0;
}

enum facts_side conduct_side(const struct conductor *c, const char *name)
{
	return strcmp(name, c->runbook->observe.source) == 0 ? SIDE_SOURCE :
							       SIDE_TARGET;
}

struct facts_intruders conduct_intruders(const struct conductor *c)
{
	const struct facts_database *source = &c->facts->databases[SIDE_SOURCE];
	int fenced = engine_fenced_at(&c->engine);

	return fenced < 0 ? (struct facts_intruders){0} :
	       facts_intruders(source, engine_position(
			&c->engine, c->runbook->steps[fenced].id, source->name),
			c->facts->now_ms);
}

/* The flag is not for the way forward any more: by the record, or by what is
 * seen and not on record yet. */
static int shut_flag(const struct conductor *c, const struct action *action,
		     struct error *err)
{
	int64_t tripped = c->engine.tripped, seen;

	if (action->kind != ACTION_FLAG || !action->is ||
	    c->engine.rolling_back || engine_fenced_at(&c->engine) < 0)
		return 0;
	seen = conduct_intruders(c).count;
	if (seen > tripped)
		tripped = seen;
	if (tripped <= 0)
		return 0;
	return error_set(err, ERR_INVALID, NULL,
			 _("the flag is locked: %s took %" PRId64 " transactions after its fence; roll back"),
			 c->runbook->observe.source, tripped);
}

int conduct_two_writers(const struct conductor *c, const struct action *action,
			struct error *err)
{
	const struct runbook_observe *observe = &c->runbook->observe;
	int status;

	if (!observe->source[0] || !observe->target[0])
		return 0;
	status = shut_flag(c, action, err);
	if (status)
		return status;
	status = shut_judge(c, action, err);
	if (status)
		error_wrap(err, _("refused, since two databases could take users' writes at once"));
	return status;
}
