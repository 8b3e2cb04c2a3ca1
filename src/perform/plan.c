/*
 * See plan.h. One planner a kind of action, in a table; each adds one effect
 * or several to the list.
 */
#include "perform/plan.h"

#include <string.h>

#include "base/i18n.h"
#include "db/dialect.h"
#include "kube/client.h"
#include "perform/planning.h"
#include "perform/reach.h"

int plan_problem(struct planning *plan, const char *text)
{
	plan->effects->problem = text;
	return text ? 0 : error_nomem(plan->err);
}

struct effect *plan_add(struct planning *plan, enum effect_kind kind,
			       const char *connection)
{
	struct effects *effects = plan->effects;
	char target[REACH_TARGET_MAX];
	struct effect *effect;

	if (effects->count == plan->room)
		return NULL;
	effect = &effects->items[effects->count];
	reach_target(plan->reach, connection, target);
	effect->kind = kind;
	effect->action = plan->index;
	effect->verb = -1;
	effect->connection = connection;
	effect->target = arena_strdup(plan->arena, target);
	effect->within_ms = plan->action->within_ms;
	if (!effect->target)
		return NULL;
	effects->count++;
	return effect;
}

/* ---- databases ----------------------------------------------------------- */

static int plan_statement(struct planning *plan, const char *statement,
			  int verb)
{
	struct effect *effect = plan_add(plan, EFFECT_SQL, plan->action->on);

	if (!effect)
		return error_nomem(plan->err);
	effect->verb = verb;
	effect->request = statement;
	return 0;
}

static int plan_verb(struct planning *plan, enum db_verb verb)
{
	const struct db_server *server =
		plan->world->server(plan->world->data, plan->action->on);
	const char *const *statements;
	struct error why = {0};
	size_t count;
	int status = 0;

	if (!server)
		return plan_problem(plan, arena_printf(plan->arena,
			_("%s has not been seen yet: its dialect is unknown"),
			plan->action->on));
	if (db_dialect_statements(server, verb, &statements, &count, &why))
		return plan_problem(plan, arena_printf(plan->arena, "%s: %s",
						       plan->action->on,
						       why.message));
	for (size_t i = 0; i < count && !status; i++)
		status = plan_statement(plan, statements[i], (int)verb);
	return status;
}

static int plan_by_hand(struct planning *plan, const char *text)
{
	struct effect *effect = plan_add(plan, EFFECT_MANUAL, _("by hand"));

	if (!effect)
		return error_nomem(plan->err);
	effect->request = text;
	return 0;
}

static int plan_fence(struct planning *plan)
{
	if (plan->action->by_hand[0])
		return plan_by_hand(plan, plan->action->by_hand);
	return plan_verb(plan, DB_VERB_READ_ONLY_ON);
}

static int plan_unfence(struct planning *plan)
{
	if (plan->action->by_hand[0])
		return plan_by_hand(plan, plan->action->by_hand);
	return plan_verb(plan, DB_VERB_READ_ONLY_OFF);
}

static int plan_promote(struct planning *plan)
{
	int status;

	if (plan->action->by_hand[0])
		return plan_by_hand(plan, plan->action->by_hand);
	status = plan_verb(plan, DB_VERB_STOP_REPLICATION);
	if (status || plan->effects->problem)
		return status;
	return plan_verb(plan, DB_VERB_RESET_REPLICATION);
}

static int plan_sql(struct planning *plan)
{
	int status = plan_statement(plan, plan->action->statement, -1);

	if (!status)
		plan->effects->items[plan->effects->count - 1].once =
			action_is_once(plan->action);
	return status;
}

/* ---- flag, HTTP, people -------------------------------------------------- */

static int plan_http(struct planning *plan, const char *connection,
		     const char *method, const char *url,
		     const char *content_type, const char *body)
{
	bool usual = strcmp(content_type, KUBE_JSON) == 0;
	struct effect *effect = plan_add(plan, EFFECT_HTTP, connection);

	if (!effect)
		return error_nomem(plan->err);
	effect->method = method;
	effect->path = url;
	effect->content_type = content_type;
	effect->body = body;
	effect->request = arena_printf(plan->arena, "%s %s%s%s%s%s", method,
				       url, usual ? "" : "\nContent-Type: ",
				       usual ? "" : content_type,
				       body[0] ? "\n" : "", body);
	return effect->request ? 0 : error_nomem(plan->err);
}

static int plan_flag(struct planning *plan)
{
	const struct runbook_connection *flag = reach_flag(plan->reach);
	const struct flag_http *http = &flag->flag.http;
	const char *url = plan->action->is ? http->on_url : http->off_url;
	struct effect *effect;
	int status;

	if (flag->flag.kind == FLAG_CONFIGMAP)
		return plan_flag_configmap(plan, flag);
	status = plan_http(plan, flag->name, http->method, url && url[0] ? url :
			   http->url, http->content_type,
			   plan->action->is ? http->on : http->off);
	if (status)
		return status;
	effect = &plan->effects->items[plan->effects->count - 1];
	effect->token_file = http->token_file;
	effect->token_header = http->token_header;
	return 0;
}

static int plan_request(struct planning *plan)
{
	const struct action *action = plan->action;
	struct effect *effect;
	int status = plan_http(plan, "http", action->method, action->url,
			       KUBE_JSON, action->body ? action->body : "");

	if (status)
		return status;
	effect = &plan->effects->items[plan->effects->count - 1];
	effect->once = action_is_once(action);
	effect->expect = action->expect;
	effect->transactions = action->transactions;
	return 0;
}

static int plan_manual(struct planning *plan)
{
	return plan_by_hand(plan, plan->action->text);
}

static plan_fn *const plan_kinds[] = {
	[ACTION_FLAG] = plan_flag,
	[ACTION_FENCE] = plan_fence,
	[ACTION_UNFENCE] = plan_unfence,
	[ACTION_PROMOTE] = plan_promote,
	[ACTION_PATCH_DEPLOYMENT] = plan_patch_deployment,
	[ACTION_PATCH_SERVICE] = plan_patch_service,
	[ACTION_SCALE] = plan_scale,
	[ACTION_DELETE] = plan_delete,
	[ACTION_CREATE] = plan_create,
	[ACTION_REQUEST] = plan_request,
	[ACTION_SQL] = plan_sql,
	[ACTION_MANUAL] = plan_manual,
};

int plan_actions(const struct reach *reach, const struct plan_world *world,
		 const struct actions *actions, enum plan_mood mood,
		 struct arena *arena, struct effects *ret, struct error *err)
{
	struct planning plan = {
		.reach = reach, .world = world, .mood = mood, .arena = arena,
		.effects = ret, .err = err,
	};
	int status = 0;

	memset(ret, 0, sizeof(*ret));
	plan.room = actions->count * PLAN_EACH_MAX;
	ret->items = arena_array(arena, plan.room + 1, sizeof(*ret->items));
	if (!ret->items)
		return error_nomem(err);
	for (size_t i = 0; i < actions->count && !status && !ret->problem; i++) {
		plan.action = &actions->items[i];
		plan.index = i;
		status = plan_kinds[plan.action->kind](&plan);
	}
	return status;
}
