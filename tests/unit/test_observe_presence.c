/*
 * Units of observe/presence: is what an action does in place? Each kind of
 * action against a world in which it is, one in which it is not, and facts that
 * cannot be used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/dialect.h"
#include "observe/presence.h"

#define NOW 100000
#define NO_VERB (-1)

/* ---- a world: nothing has been done yet ------------------------------------ */

struct world {
	struct facts facts;
	struct condition_context context;
	struct db_observation aurora;
	struct db_channel channel;
	struct kube_label selector[2], template[2];
	struct kube_env env[1];
	struct kube_container container;
	struct kube_deployment deployment;
	const struct kube_deployment *deployments[1];
	struct kube_service service;
	const struct kube_service *services[1];
};

static const struct stamp fresh = {.at_ms = NOW - 100, .fresh_ms = 2000};

static void setup_cluster(struct world *w)
{
	struct facts_cluster *cluster = &w->facts.cluster;

	w->selector[0] = (struct kube_label){"app", "a"};
	w->selector[1] = (struct kube_label){"version", "v1"};
	w->template[0] = (struct kube_label){"version", "v2"};
	w->template[1] = (struct kube_label){"writes", "enabled"};
	w->env[0] = (struct kube_env){"WRITES", "false"};
	w->container = (struct kube_container){
		.name = "app", .env = w->env, .env_count = 1,
	};
	w->deployment = (struct kube_deployment){
		.meta = {.name = "v2"}, .template_labels = {w->template, 1},
		.containers = {&w->container, 1}, .replicas = 4,
	};
	w->service = (struct kube_service){
		.meta = {.name = "svc"}, .selector = {w->selector, 2},
	};
	w->deployments[0] = &w->deployment;
	w->services[0] = &w->service;
	cluster->deployments = w->deployments;
	cluster->deployment_count = 1;
	cluster->services = w->services;
	cluster->service_count = 1;
	cluster->deployments_stamp = cluster->service_stamp = fresh;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct facts_database *aurora = &w->facts.databases[SIDE_TARGET];

	w->facts.now_ms = NOW;
	w->facts.databases[SIDE_SOURCE].name = "rds";
	aurora->name = "aurora";
	aurora->stamp = fresh;
	aurora->seen = &w->aurora;
	for (int part = 0; part < DB_PART_COUNT; part++) {
		w->aurora.known[part] = true;
		w->aurora.why[part] = "";
	}
	w->aurora.read_only = DB_FLAG_ON;
	w->channel.io = w->channel.sql = DB_THREAD_YES;
	w->channel.name = "";
	w->channel.io_error = w->channel.sql_error = "";
	w->channel.filters = "";
	w->aurora.channels = &w->channel;
	w->aurora.channel_count = 1;
	w->facts.flag.stamp = fresh;
	w->context = (struct condition_context){
		.facts = &w->facts, .now_ms = NOW, .not_before_ms = NOW - 500,
	};
	setup_cluster(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static enum verdict_state look(struct world *w, const struct action *action,
			       int verb)
{
	struct verdict verdict = {.state = VERDICT_GREEN};

	presence_judge(action, verb, &w->context, &verdict);
	/* whatever it is, it says why */
	assert_true(verdict.text[0] != '\0');
	return verdict.state;
}

/* ---- each kind, done and not done ------------------------------------------ */

static struct pair pair_env[] = {{"WRITES", "true"}};
static struct pair pair_label[] = {{"writes", "enabled"}};
static struct pair pair_gone[] = {{"writes", NULL}};
static struct pair pair_selector[] = {{"version", "v2"}};

static const struct action flag_on = {.kind = ACTION_FLAG, .is = true};
static const struct action unfence = {.kind = ACTION_UNFENCE, .on = "aurora"};
static const struct action fence = {.kind = ACTION_FENCE, .on = "aurora"};
static const struct action promote = {.kind = ACTION_PROMOTE, .on = "aurora"};
static const struct action patch = {
	.kind = ACTION_PATCH_DEPLOYMENT, .name = "v2", .container = "app",
	.env = {pair_env, 1}, .labels = {pair_label, 1},
};
static const struct action unlabel = {
	.kind = ACTION_PATCH_DEPLOYMENT, .name = "v2", .container = "",
	.labels = {pair_gone, 1},
};
static const struct action flip = {
	.kind = ACTION_PATCH_SERVICE, .name = "svc",
	.selector = {pair_selector, 1},
};
static const struct action scale = {
	.kind = ACTION_SCALE, .name = "v2", .replicas = 0,
};
static const struct action delete = {.kind = ACTION_DELETE, .name = "v2"};

static void do_flag(struct world *w) { w->facts.flag.on = true; }
static void do_unfence(struct world *w) { w->aurora.read_only = DB_FLAG_OFF; }
static void undo_fence(struct world *w) { w->aurora.read_only = DB_FLAG_OFF; }
static void do_promote(struct world *w) { w->aurora.channel_count = 0; }
static void do_stop(struct world *w)
{
	w->channel.io = w->channel.sql = DB_THREAD_NO;
}
static void do_patch(struct world *w)
{
	w->env[0].value = "true";
	w->deployment.template_labels.count = 2;
}
static void undo_label(struct world *w)
{
	w->deployment.template_labels.count = 2;
}
static void do_flip(struct world *w) { w->selector[1].value = "v2"; }
static void do_scale(struct world *w) { w->deployment.replicas = 0; }
static void do_delete(struct world *w)
{
	w->facts.cluster.deployment_count = 0;
}

static const struct deed_case {
	const char *name;
	const struct action *action;
	int verb;
	enum verdict_state before;
	void (*change)(struct world *w);
	enum verdict_state after;
} cases[] = {
	{"flag", &flag_on, NO_VERB, VERDICT_RED, do_flag, VERDICT_GREEN},
	{"unfence", &unfence, NO_VERB, VERDICT_RED, do_unfence, VERDICT_GREEN},
	{"fence", &fence, NO_VERB, VERDICT_GREEN, undo_fence, VERDICT_RED},
	{"promote", &promote, NO_VERB, VERDICT_RED, do_promote, VERDICT_GREEN},
	{"promote, half", &promote, NO_VERB, VERDICT_RED, do_stop, VERDICT_RED},
	{"stop", &promote, DB_VERB_STOP_REPLICATION, VERDICT_RED, do_stop,
	 VERDICT_GREEN},
	{"stop, and more", &promote, DB_VERB_STOP_REPLICATION, VERDICT_RED,
	 do_promote, VERDICT_GREEN},
	{"reset", &promote, DB_VERB_RESET_REPLICATION, VERDICT_RED, do_stop,
	 VERDICT_RED},
	{"reset, done", &promote, DB_VERB_RESET_REPLICATION, VERDICT_RED,
	 do_promote, VERDICT_GREEN},
	{"patch", &patch, NO_VERB, VERDICT_RED, do_patch, VERDICT_GREEN},
	{"patch, half", &patch, NO_VERB, VERDICT_RED, undo_label, VERDICT_RED},
	{"unlabel", &unlabel, NO_VERB, VERDICT_GREEN, undo_label, VERDICT_RED},
	{"flip", &flip, NO_VERB, VERDICT_RED, do_flip, VERDICT_GREEN},
	{"scale", &scale, NO_VERB, VERDICT_RED, do_scale, VERDICT_GREEN},
	{"scale, gone", &scale, NO_VERB, VERDICT_RED, do_delete, VERDICT_RED},
	{"delete", &delete, NO_VERB, VERDICT_RED, do_delete, VERDICT_GREEN},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static void test_every_kind_done_and_not_done(void **state)
{
	for (size_t i = 0; i < CASES; i++) {
		struct world *w = *state;

		if (look(w, cases[i].action, cases[i].verb) != cases[i].before)
			fail_msg("%s: before", cases[i].name);
		cases[i].change(w);
		if (look(w, cases[i].action, cases[i].verb) != cases[i].after)
			fail_msg("%s: after", cases[i].name);
		teardown(state);
		setup(state);
	}
}

static void age(struct world *w, int64_t at_ms)
{
	w->facts.databases[SIDE_TARGET].stamp.at_ms = at_ms;
	w->facts.flag.stamp.at_ms = at_ms;
	w->facts.cluster.deployments_stamp.at_ms = at_ms;
	w->facts.cluster.service_stamp.at_ms = at_ms;
}

static void test_facts_that_cannot_be_used_say_nothing(void **state)
{
	static const int64_t ages[] = {
		-1,             /* never seen */
		NOW - 2001,     /* too old */
		NOW - 501,      /* from before the act */
	};
	struct world *w = *state;

	for (size_t i = 0; i < CASES; i++)
		for (size_t k = 0; k < 3; k++) {
			age(w, ages[k]);
			if (look(w, cases[i].action, cases[i].verb) !=
			    VERDICT_UNKNOWN)
				fail_msg("%s, age %zu", cases[i].name, k);
		}
}

static void test_parts_that_a_server_does_not_tell_are_unknown(void **state)
{
	struct world *w = *state;

	w->aurora.known[DB_PART_STATE] = false;
	assert_int_equal(look(w, &fence, NO_VERB), VERDICT_UNKNOWN);
	w->aurora.known[DB_PART_STATE] = true;
	assert_int_equal(look(w, &fence, NO_VERB), VERDICT_GREEN);
	/* a statement that nobody waits for may still change it */
	w->aurora.acting = 17;
	assert_int_equal(look(w, &fence, NO_VERB), VERDICT_UNKNOWN);
	assert_int_equal(look(w, &unfence, NO_VERB), VERDICT_UNKNOWN);
	w->aurora.acting = 0;
	w->aurora.known[DB_PART_REPLICATION] = false;
	assert_int_equal(look(w, &promote, NO_VERB), VERDICT_UNKNOWN);
	assert_int_equal(look(w, &promote, DB_VERB_STOP_REPLICATION),
			 VERDICT_UNKNOWN);
	w->aurora.known[DB_PART_REPLICATION] = true;
	w->channel.sql = DB_THREAD_UNKNOWN;
	w->channel.io = DB_THREAD_NO;
	assert_int_equal(look(w, &promote, DB_VERB_STOP_REPLICATION),
			 VERDICT_UNKNOWN);
}

static void test_one_thread_that_runs_is_not_stopped(void **state)
{
	struct world *w = *state;

	w->channel.io = DB_THREAD_NO;
	assert_int_equal(look(w, &promote, DB_VERB_STOP_REPLICATION),
			 VERDICT_RED);
	w->channel.io = DB_THREAD_CONNECTING;
	w->channel.sql = DB_THREAD_NO;
	assert_int_equal(look(w, &promote, DB_VERB_STOP_REPLICATION),
			 VERDICT_RED);
}

static void test_one_channel_of_two_that_runs_is_not_stopped(void **state)
{
	struct world *w = *state;
	struct db_channel two[2] = {w->channel, w->channel};

	two[0].io = two[0].sql = DB_THREAD_NO;
	w->aurora.channels = two;
	w->aurora.channel_count = 2;
	assert_int_equal(look(w, &promote, DB_VERB_STOP_REPLICATION),
			 VERDICT_RED);
}

/* ---- what leaves nothing to be seen ---------------------------------------- */

static void test_what_cannot_be_looked_at_is_unknown(void **state)
{
	static const enum action_kind kinds[] = {
		ACTION_REQUEST, ACTION_SQL, ACTION_MANUAL,
	};

	for (size_t i = 0; i < 3; i++) {
		const struct action action = {.kind = kinds[i], .on = "aurora"};

		assert_false(presence_is_visible(kinds[i]));
		assert_int_equal(look(*state, &action, NO_VERB),
				 VERDICT_UNKNOWN);
	}
	for (size_t i = 0; i < CASES; i++)
		assert_true(presence_is_visible(cases[i].action->kind));
}

static void test_what_was_created_is_named_by_its_manifest(void **state)
{
	struct world *w = *state;
	char path[] = "/tmp/presence-XXXXXX";
	const char text[] = "kind: Deployment\nmetadata:\n  name: v2\n";
	struct action create = {.kind = ACTION_CREATE, .manifest = path};
	int fd = mkstemp(path);

	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	assert_int_equal(look(w, &create, NO_VERB), VERDICT_GREEN);
	do_delete(w);
	assert_int_equal(look(w, &create, NO_VERB), VERDICT_RED);
	unlink(path);
	assert_int_equal(look(w, &create, NO_VERB), VERDICT_UNKNOWN);
}

/* ---- the same thing again -------------------------------------------------- */

static void test_what_changes_the_same_thing(void **state)
{
	static const struct action
		flag_off = {.kind = ACTION_FLAG, .on = "", .name = "",
			    .manifest = ""},
		flag_up = {.kind = ACTION_FLAG, .on = "", .name = "",
			   .manifest = "", .is = true},
		fence_rds = {.kind = ACTION_FENCE, .on = "rds", .name = "",
			     .manifest = ""},
		open_rds = {.kind = ACTION_UNFENCE, .on = "rds", .name = "",
			    .manifest = ""},
		open_aurora = {.kind = ACTION_UNFENCE, .on = "aurora",
			       .name = "", .manifest = ""},
		promote_aurora = {.kind = ACTION_PROMOTE, .on = "aurora",
				  .name = "", .manifest = ""},
		sql = {.kind = ACTION_SQL, .on = "rds", .name = "",
		       .manifest = ""};

	(void)state;
	assert_true(presence_same_subject(&flag_off, &flag_up));
	assert_true(presence_same_subject(&fence_rds, &open_rds));
	assert_false(presence_same_subject(&fence_rds, &open_aurora));
	assert_false(presence_same_subject(&open_aurora, &promote_aurora));
	assert_false(presence_same_subject(&sql, &sql));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_kind_done_and_not_done),
		TEST(test_facts_that_cannot_be_used_say_nothing),
		TEST(test_parts_that_a_server_does_not_tell_are_unknown),
		TEST(test_one_thread_that_runs_is_not_stopped),
		TEST(test_one_channel_of_two_that_runs_is_not_stopped),
		TEST(test_what_cannot_be_looked_at_is_unknown),
		TEST(test_what_was_created_is_named_by_its_manifest),
		TEST(test_what_changes_the_same_thing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
