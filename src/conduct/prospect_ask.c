/*
 * The questions of a prospect, asked one after the other, and what the answers
 * mean. What is not answered stays unknown.
 */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "conduct/prospect_private.h"
#include "db/connection.h"
#include "db/rights.h"
#include "kube/client.h"
#include "kube/lease.h"
#include "perform/acting.h"
#include "perform/perform.h"
#include "perform/reach.h"

static void question_next(struct prospect *prospect);

static void question_on_trial(void *data, enum perform_outcome outcome,
			      const char *text)
{
	static const enum verdict_state states[] = {
		[PERFORM_DONE] = VERDICT_GREEN,
		[PERFORM_FAILED] = VERDICT_RED,
		[PERFORM_UNKNOWN] = VERDICT_UNKNOWN,
	};
	struct prospect *prospect = data;
	struct question *question = &prospect->questions[prospect->at];

	prospect->performance = NULL;
	prospect_say(question->answer, states[outcome], outcome == PERFORM_DONE ?
		     _("tried, not done: the server takes it") :
		     _("tried, not done: %s"), text);
	prospect->at++;
	question_next(prospect);
}

/* The very request, but that the server is to do all of it except keep it. */
static int question_try(struct prospect *prospect, struct error *err)
{
	const struct question *question = &prospect->questions[prospect->at];
	const struct perform_caller caller = {
		.done = question_on_trial, .data = prospect,
	};
	const char *path = arena_printf(&prospect->arena, "%s&dryRun=All",
					question->effect->path);

	if (!path)
		return error_nomem(err);
	prospect->trial = *question->effect;
	prospect->trial.path = path;
	prospect->trial.within_ms = PROSPECT_ASK_MS;
	return perform_start(prospect->reach, &prospect->trial, &caller,
			     &prospect->performance, err);
}

static void question_on_wish(void *data, const struct kube_reply *reply,
			     const struct error *err)
{
	struct prospect *prospect = data;
	struct question *question = &prospect->questions[prospect->at];
	char wish[VERDICT_TEXT_MAX], reason[KUBE_REVIEW_REASON_MAX];

	kube_wish_text(&question->wish, wish, sizeof(wish));
	prospect->call = NULL;
	if (err)
		prospect_say(question->answer, VERDICT_UNKNOWN, "%s",
			     err->message);
	else if (kube_review_allows(reply->body, reason))
		prospect_say(question->answer, VERDICT_GREEN,
			     _("allowed: %s"), wish);
	else
		prospect_say(question->answer, VERDICT_RED, reason[0] ?
			     _("not allowed: %s (%s)") : _("not allowed: %s"),
			     wish, reason);
	prospect->at++;
	question_next(prospect);
}

static int question_wish(struct prospect *prospect, struct error *err)
{
	const struct question *question = &prospect->questions[prospect->at];
	struct kube_request request = {
		.method = "POST", .timeout_ms = PROSPECT_ASK_MS,
		.on_done = question_on_wish, .data = prospect,
	};
	struct buf path;
	int status;

	json_decref(prospect->body);
	prospect->body = kube_review_body(&question->wish);
	buf_init(&path, KUBE_PATH_MAX);
	if (!prospect->body || kube_path(&path, KUBE_ACCESS_REVIEW, NULL, NULL,
					 NULL)) {
		buf_release(&path);
		return error_nomem(err);
	}
	request.path = path.data;
	request.body = prospect->body;
	status = kube_request(reach_cluster(prospect->reach), &request,
			      &prospect->call, err);
	buf_release(&path);
	return status;
}

/* A Lease that is held is another driver's, or was left by one that died: a run
 * that begins now sends nothing before it is taken over. */
static void question_on_lease(void *data, const struct kube_reply *reply,
			      const struct error *err)
{
	struct prospect *prospect = data;
	struct question *question = &prospect->questions[prospect->at];
	struct lease_record record = {.holder = ""};
	struct error why = {0};

	prospect->call = NULL;
	if (!err)
		lease_read(reply->body, &record, &why);
	else if (err->code != ERR_NOTFOUND)
		why = *err;
	if (why.code)
		prospect_say(question->answer, VERDICT_UNKNOWN, "%s",
			     why.message);
	else if (record.holder[0])
		prospect_say(question->answer, VERDICT_RED,
			     _("driven by %s, whose Lease was renewed at %s"),
			     record.holder, record.renewed);
	else
		prospect_say(question->answer, VERDICT_GREEN, "%s",
			     _("nobody else drives this cutover"));
	prospect->at++;
	question_next(prospect);
}

static int question_lease(struct prospect *prospect, struct error *err)
{
	const struct kube_wish *wish = &prospect->questions[prospect->at].wish;
	struct kube_request request = {
		.timeout_ms = PROSPECT_ASK_MS, .on_done = question_on_lease,
		.data = prospect,
	};
	struct buf path;
	int status;

	buf_init(&path, KUBE_PATH_MAX);
	status = kube_path(&path, KUBE_LEASE, wish->namespace_, wish->name,
			   NULL) ? error_nomem(err) : 0;
	request.path = path.data;
	if (!status)
		status = kube_request(reach_cluster(prospect->reach), &request,
				      &prospect->call, err);
	buf_release(&path);
	return status;
}

/* What the grants say of each statement that goes to that database. */
static void question_judge_deed(struct prospect *prospect,
				const char *connection,
				struct prospect_deed *deed,
				const struct db_rows *grants,
				const struct error *err)
{
	static const enum verdict_state states[] = {
		[DB_RIGHT_UNKNOWN] = VERDICT_UNKNOWN,
		[DB_RIGHT_YES] = VERDICT_GREEN,
		[DB_RIGHT_NO] = VERDICT_RED,
	};
	const struct db_server *server = prospect_server(prospect, connection);

	for (size_t i = 0; i < deed->effects.count; i++) {
		const struct effect *effect = &deed->effects.items[i];
		struct verdict *verdict = &deed->answers[i].verdict;
		char why[DB_RIGHTS_WHY_MAX];
		enum db_right right;

		if (effect->kind != EFFECT_SQL ||
		    strcmp(effect->connection, connection) != 0)
			continue;
		if (err || !server) {
			prospect_say(verdict, VERDICT_UNKNOWN, "%s", err ?
				     err->message : _("not seen yet"));
			continue;
		}
		right = db_rights_judge(server, effect->request, grants, why);
		deed->answers[i].asked = right != DB_RIGHT_UNKNOWN;
		if (right == DB_RIGHT_UNKNOWN)
			prospect_say(verdict, VERDICT_UNKNOWN, "%s",
				     _("not tried: trying would be doing it"));
		else
			prospect_say(verdict, states[right],
				     _("the account %s"), why);
	}
}

static void question_on_grants(void *data, const struct db_result *result,
			       const struct error *err)
{
	static const struct db_rows none;
	struct prospect *prospect = data;
	const char *connection =
		prospect->questions[prospect->at].connection;
	const struct db_rows *grants = result->set_count ? &result->sets[0] :
							   &none;

	for (size_t i = 0; i < prospect->found.runbook->step_count; i++) {
		question_judge_deed(prospect, connection,
				    &prospect->steps[i].deed, grants, err);
		question_judge_deed(prospect, connection,
				    &prospect->steps[i].undo, grants, err);
	}
	prospect->at++;
	question_next(prospect);
}

static int question_query(struct prospect *prospect, const char *sql,
			  db_answer_fn *answer, struct error *err)
{
	const struct acting *acting =
		reach_acting(prospect->reach,
			     prospect->questions[prospect->at].connection);

	return db_query(acting->connection, sql, PROSPECT_ASK_MS, answer,
			prospect, err);
}

static void question_on_roles(void *data, const struct db_result *result,
			      const struct error *err)
{
	struct prospect *prospect = data;
	const struct db_rows *rows = &result->sets[0];
	char sql[DB_RIGHTS_SQL_MAX];
	struct error why = {0};

	if (!err) {
		db_rights_sql(result->set_count && rows->rows && rows->columns ?
			      rows->cells[0] : NULL, sql);
		question_query(prospect, sql, question_on_grants, &why);
		err = why.code ? &why : NULL;
	}
	if (err)
		question_on_grants(data, result, err);
}

static int question_roles(struct prospect *prospect, struct error *err)
{
	const struct db_server *server = prospect_server(
		prospect, prospect->questions[prospect->at].connection);

	return question_query(prospect, db_rights_roles_sql(server),
			      question_on_roles, err);
}

static int question_grants(struct prospect *prospect, struct error *err)
{
	char sql[DB_RIGHTS_SQL_MAX];

	db_rights_sql(NULL, sql);
	return question_query(prospect, sql, question_on_grants, err);
}

/* One that cannot be asked stays unknown, with the reason. */
static void question_next(struct prospect *prospect)
{
	static int (*const kinds[])(struct prospect *, struct error *) = {
		[QUESTION_TRIAL] = question_try,
		[QUESTION_WISH] = question_wish,
		[QUESTION_LEASE] = question_lease,
		[QUESTION_ROLES] = question_roles,
		[QUESTION_GRANTS] = question_grants,
	};

	while (prospect->at < prospect->question_count) {
		struct question *question =
			&prospect->questions[prospect->at];
		struct error err = {0};

		if (!kinds[question->kind](prospect, &err))
			return;
		if (question->answer)
			prospect_say(question->answer, VERDICT_UNKNOWN, "%s",
				     err.message);
		prospect->at++;
	}
	prospect->over(prospect);
}

int prospect_ask(struct prospect *prospect, void (*over)(struct prospect *),
		 struct error *err)
{
	int status = prospect_questions(prospect, err);

	prospect->over = over;
	if (!status)
		question_next(prospect);
	return status;
}

void prospect_hush(struct prospect *prospect)
{
	perform_abandon(prospect->performance);
	kube_cancel(prospect->call);
	json_decref(prospect->body);
}
