/*
 * Which questions a prospect has. To the API server: each request of a step, to
 * be tried and not done; for the way back, whose requests fit only once the
 * step is done, and for the Lease: may we? To a database, which tries nothing:
 * what was granted to us.
 */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "conduct/prospect_private.h"
#include "db/rights.h"
#include "kube/client.h"
#include "kube/lease.h"
#include "perform/reach.h"

static struct question *question_add(struct prospect *prospect,
				     enum question_kind kind,
				     struct verdict *answer)
{
	struct question *question =
		&prospect->questions[prospect->question_count++];

	question->kind = kind;
	question->answer = answer;
	if (answer)
		prospect_say(answer, VERDICT_UNKNOWN, "%s",
			     _("not answered"));
	return question;
}

static void question_add_wish(struct prospect *prospect,
			      const struct effect *effect,
			      struct verdict *answer)
{
	struct question *question = question_add(prospect, QUESTION_WISH,
						 answer);

	/* the plan made the path */
	if (kube_wish_of(effect->method, effect->path, &question->wish, NULL))
		prospect->question_count--;
}

const struct db_server *prospect_server(const struct prospect *prospect,
					const char *connection)
{
	const struct facts_database *database =
		facts_database(prospect->found.facts, connection);

	return database && database->seen ? &database->seen->server : NULL;
}

/* A database is asked once. */
static void question_add_grants(struct prospect *prospect,
				const char *connection)
{
	const struct db_server *server = prospect_server(prospect, connection);
	struct question *question;

	for (size_t i = 0; i < prospect->question_count; i++)
		if (prospect->questions[i].connection &&
		    !strcmp(prospect->questions[i].connection, connection))
			return;
	question = question_add(prospect, server &&
				db_rights_roles_sql(server) ? QUESTION_ROLES :
				QUESTION_GRANTS, NULL);
	question->connection = connection;
}

static void question_of_effect(struct prospect *prospect,
			       const struct effect *effect, bool undo,
			       struct prospect_effect *answer)
{
	answer->asked = effect->kind == EFFECT_SQL ||
			effect->kind == EFFECT_KUBE;
	prospect_say(&answer->verdict, VERDICT_UNKNOWN, "%s",
		     effect->kind == EFFECT_MANUAL ?
		     _("done by hand") :
		     effect->kind == EFFECT_HTTP ?
		     _("not tried: trying would be doing it") :
		     _("not answered"));
	if (effect->kind == EFFECT_SQL) {
		question_add_grants(prospect, effect->connection);
	} else if (effect->kind == EFFECT_KUBE &&
		   (undo || strcmp(effect->method, "DELETE") == 0)) {
		/* a DELETE's options stand in its body, and where there is a body
		 * the server does not look for dryRun elsewhere: it is not tried */
		question_add_wish(prospect, effect, &answer->verdict);
	} else if (effect->kind == EFFECT_KUBE) {
		question_add(prospect, QUESTION_TRIAL,
			     &answer->verdict)->effect = effect;
	}
}

static void questions_of_deed(struct prospect *prospect, bool undo,
			      struct prospect_deed *deed)
{
	for (size_t i = 0; i < deed->effects.count; i++)
		question_of_effect(prospect, &deed->effects.items[i], undo,
				   &deed->answers[i]);
}

/* A run on a cluster holds a Lease there, or sends nothing. */
static void questions_of_lease(struct prospect *prospect)
{
	static const char *const verbs[PROSPECT_RIGHTS_MAX] = {
		"get", "create", "update", "get",
	};
	const struct kube_kind_info *lease = kube_kind_info(KUBE_LEASE);
	const struct runbook *runbook = prospect->found.runbook;
	struct kube_client *client = reach_cluster(prospect->reach);
	char name[LEASE_NAME_MAX];

	if (!client || lease_name(runbook->name, runbook->observe.service,
				  name))
		return;
	for (size_t i = 0; i < PROSPECT_RIGHTS_MAX; i++) {
		struct prospect_right *right = &prospect->rights[i];
		struct question *question = question_add(
			prospect, i + 1 < PROSPECT_RIGHTS_MAX ?
			QUESTION_WISH : QUESTION_LEASE, &right->verdict);
		struct kube_wish *wish = &question->wish;

		snprintf(wish->verb, sizeof(wish->verb), "%s", verbs[i]);
		snprintf(wish->group, sizeof(wish->group), "%s", lease->group);
		snprintf(wish->resource, sizeof(wish->resource), "%s",
			 lease->resource);
		snprintf(wish->namespace_, sizeof(wish->namespace_), "%s",
			 kube_client_namespace(client));
		/* what is created has no name yet */
		snprintf(wish->name, sizeof(wish->name), "%s",
			 strcmp(verbs[i], "create") == 0 ? "" : name);
		kube_wish_text(wish, right->text, sizeof(right->text));
	}
	prospect->found.right_count = PROSPECT_RIGHTS_MAX;
}

int prospect_questions(struct prospect *prospect, struct error *err)
{
	size_t room = PROSPECT_RIGHTS_MAX;
	size_t count = prospect->found.runbook->step_count;

	for (size_t i = 0; i < count; i++)
		room += prospect->steps[i].deed.effects.count +
			prospect->steps[i].undo.effects.count;
	prospect->questions = arena_array(&prospect->arena, room,
					  sizeof(*prospect->questions));
	if (!prospect->questions)
		return error_nomem(err);
	for (size_t i = 0; i < count; i++) {
		questions_of_deed(prospect, false, &prospect->steps[i].deed);
		questions_of_deed(prospect, true, &prospect->steps[i].undo);
	}
	questions_of_lease(prospect);
	return 0;
}
