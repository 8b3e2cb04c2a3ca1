/*
 * Units of conduct/twowriters: every kind of action against every state of two
 * databases and their pods. No network: the conductor is filled in by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "conduct/conductor.h"
#include "perform/reach.h"

#define NOW 100000

/* ---- a world -------------------------------------------------------------- */

enum door { SHUT, OPEN, UNKNOWN };

static struct kube_label v1_labels[] = {{"app", "a"}, {"version", "v1"}};
static struct kube_label v2_labels[] = {
	{"app", "a"}, {"version", "v2"}, {"writes", "enabled"},
};
static struct kube_pod v1_pod = {
	.meta = {.name = "v1", .labels = {v1_labels, 2}}, .reason = "",
};
static struct kube_pod v2_pod = {
	.meta = {.name = "v2", .labels = {v2_labels, 3}}, .reason = "",
};
static struct runbook_version versions[] = {
	{.name = "v1", .deployment = "d1", .match = "app=a,version=v1",
	 .database = "rds"},
	{.name = "v2", .deployment = "d2", .match = "app=a,version=v2",
	 .writable = "writes=enabled", .database = "aurora"},
};
static struct runbook_step steps[] = {{.id = "some", .label = "1"}};
static struct runbook runbook = {
	.observe = {.source = "rds", .target = "aurora", .versions = versions,
		    .version_count = 2},
	.steps = steps, .step_count = 1,
};

struct fixture {
	struct conductor c;
	struct facts facts;
	struct db_observation seen[SIDE_COUNT];
	const struct kube_pod *pods[2];
	struct kube_deployment d1, d2;
	const struct kube_deployment *deployments[2];
	struct error err;
};

static const struct stamp fresh = {.at_ms = NOW - 100, .fresh_ms = 2000};

static void put_door(struct fixture *f, enum facts_side side, enum door door)
{
	f->seen[side].read_only = door == SHUT ? DB_FLAG_ON :
				  door == OPEN ? DB_FLAG_OFF : DB_FLAG_UNKNOWN;
}

static void put_pods(struct fixture *f, bool v1, bool v2)
{
	struct facts_cluster *cluster = &f->facts.cluster;

	cluster->pod_count = 0;
	if (v1)
		f->pods[cluster->pod_count++] = &v1_pod;
	if (v2)
		f->pods[cluster->pod_count++] = &v2_pod;
	f->d1.replicas = v1;
	f->d2.replicas = v2;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct facts_cluster *cluster = &f->facts.cluster;

	f->c.runbook = &runbook;
	f->c.facts = &f->facts;
	engine_init(&f->c.engine, &runbook);
	f->facts.now_ms = NOW;
	for (int side = 0; side < SIDE_COUNT; side++) {
		struct facts_database *database = &f->facts.databases[side];

		database->name = side == SIDE_SOURCE ? "rds" : "aurora";
		database->stamp = fresh;
		database->seen = &f->seen[side];
		f->seen[side].known[DB_PART_STATE] = true;
	}
	f->d1 = (struct kube_deployment){.meta = {.name = "d1"},
					 .template_labels = {v1_labels, 2}};
	f->d2 = (struct kube_deployment){.meta = {.name = "d2"},
					 .template_labels = {v2_labels, 3}};
	f->deployments[0] = &f->d1;
	f->deployments[1] = &f->d2;
	cluster->pods = f->pods;
	cluster->deployments = f->deployments;
	cluster->deployment_count = 2;
	cluster->pods_stamp = cluster->deployments_stamp = fresh;
	assert_int_equal(reach_open(NULL, &runbook, &f->c.reach, &f->err),
			 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	reach_close(f->c.reach);
	engine_release(&f->c.engine);
	free(f);
	return 0;
}

/* ---- actions -------------------------------------------------------------- */

enum brings { NO_PODS, TO_RDS, TO_AURORA, ANYWHERE };

static const struct kind {
	struct action action;
	enum brings brings;
	bool harmless;          /* opens nothing, whatever is open */
	int opens;              /* the side that it opens; -1: none of its own */
} kinds[] = {
	{{.kind = ACTION_FLAG, .on = "", .is = true}, NO_PODS, false, -1},
	{{.kind = ACTION_FLAG, .on = ""}, NO_PODS, true, -1},
	{{.kind = ACTION_FENCE, .on = "rds"}, NO_PODS, true, -1},
	{{.kind = ACTION_FENCE, .on = "aurora"}, NO_PODS, true, -1},
	{{.kind = ACTION_UNFENCE, .on = "rds"}, NO_PODS, false, SIDE_SOURCE},
	{{.kind = ACTION_UNFENCE, .on = "aurora"}, NO_PODS, false, SIDE_TARGET},
	{{.kind = ACTION_PROMOTE, .on = "aurora"}, NO_PODS, false, SIDE_TARGET},
	{{.kind = ACTION_PATCH_DEPLOYMENT, .on = "", .name = "d1"}, TO_RDS,
	 false, -1},
	{{.kind = ACTION_PATCH_DEPLOYMENT, .on = "", .name = "d2"}, TO_AURORA,
	 false, -1},
	{{.kind = ACTION_PATCH_DEPLOYMENT, .on = "", .name = "other"}, ANYWHERE,
	 false, -1},
	{{.kind = ACTION_PATCH_SERVICE, .on = "", .name = "s"}, NO_PODS, false,
	 -1},
	{{.kind = ACTION_SCALE, .on = "", .name = "d1", .replicas = 1}, TO_RDS,
	 false, -1},
	{{.kind = ACTION_SCALE, .on = "", .name = "d2", .replicas = 1},
	 TO_AURORA, false, -1},
	{{.kind = ACTION_SCALE, .on = "", .name = "d1", .replicas = 0}, TO_RDS,
	 true, -1},
	{{.kind = ACTION_DELETE, .on = "", .name = "d1"}, NO_PODS, true, -1},
	{{.kind = ACTION_CREATE, .on = "", .manifest = "m"}, ANYWHERE, false,
	 -1},
	{{.kind = ACTION_REQUEST, .on = ""}, NO_PODS, true, -1},
	{{.kind = ACTION_SQL, .on = "rds"}, NO_PODS, true, -1},
	{{.kind = ACTION_MANUAL, .on = ""}, NO_PODS, true, -1},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool allowed(struct fixture *f, const struct action *action)
{
	memset(&f->err, 0, sizeof(f->err));
	return conduct_two_writers(&f->c, action, &f->err) == 0;
}

static bool brings(const struct kind *kind, int side)
{
	return kind->brings == ANYWHERE ||
	       kind->brings == (side == SIDE_SOURCE ? TO_RDS : TO_AURORA);
}

/* The rule, said another way: afterwards one side must be shut for sure. */
static bool expected(const struct kind *kind, const enum door doors[2],
		     const bool pods[2])
{
	bool shut[2];

	for (int side = 0; side < 2; side++)
		shut[side] = doors[side] == SHUT ||
			     (!pods[side] && !brings(kind, side));
	if (kind->harmless)
		return true;
	if (kind->opens >= 0)
		return shut[!kind->opens];
	return shut[0] || shut[1];
}

static void test_every_action_in_every_world(void **state)
{
	struct fixture *f = *state;

	for (int world = 0; world < 3 * 3 * 2 * 2; world++) {
		const enum door doors[2] = {(enum door)(world % 3),
					    (enum door)(world / 3 % 3)};
		const bool pods[2] = {world / 9 % 2, world / 18 % 2};

		put_door(f, SIDE_SOURCE, doors[0]);
		put_door(f, SIDE_TARGET, doors[1]);
		put_pods(f, pods[0], pods[1]);
		for (size_t i = 0; i < KINDS; i++)
			if (allowed(f, &kinds[i].action) !=
			    expected(&kinds[i], doors, pods))
				fail_msg("kind %zu, rds %d, aurora %d, v1 %d, v2 %d: %s",
					 i, doors[0], doors[1], pods[0],
					 pods[1], f->err.message);
	}
}

/* ---- facts that do not count ---------------------------------------------- */

static const struct action open_rds = {.kind = ACTION_UNFENCE, .on = "rds"};
static const struct action open_aurora = {
	.kind = ACTION_UNFENCE, .on = "aurora",
};
static const struct action flag_on = {
	.kind = ACTION_FLAG, .on = "", .is = true,
};

static void both_live(struct fixture *f, enum door rds, enum door aurora)
{
	put_door(f, SIDE_SOURCE, rds);
	put_door(f, SIDE_TARGET, aurora);
	put_pods(f, true, true);
}

static void test_the_refusal_names_the_fact(void **state)
{
	struct fixture *f = *state;

	both_live(f, OPEN, OPEN);
	assert_false(allowed(f, &open_rds));
	assert_non_null(strstr(f->err.message, "aurora takes writes"));
	assert_non_null(strstr(f->err.message, "1 pod can write to it"));
	assert_false(allowed(f, &flag_on));
	assert_non_null(strstr(f->err.message, "rds takes writes"));
	assert_non_null(strstr(f->err.message, "aurora takes writes"));
}

static void test_facts_from_before_the_last_unfence_do_not_count(void **state)
{
	struct fixture *f = *state;

	both_live(f, OPEN, SHUT);
	assert_true(allowed(f, &open_rds));
	f->c.opened_ms[SIDE_TARGET] = fresh.at_ms + 1;
	assert_false(allowed(f, &open_rds));
	assert_non_null(strstr(f->err.message, "aurora"));
	/* the other side was not touched */
	both_live(f, SHUT, OPEN);
	assert_true(allowed(f, &open_aurora));
	f->facts.databases[SIDE_TARGET].stamp.at_ms = fresh.at_ms + 1;
	both_live(f, OPEN, SHUT);
	assert_true(allowed(f, &open_rds));
}

static void test_old_and_missing_facts_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct facts_database *aurora = &f->facts.databases[SIDE_TARGET];

	both_live(f, OPEN, SHUT);
	aurora->stamp.at_ms = NOW - 2001;
	assert_false(allowed(f, &open_rds));
	aurora->stamp = fresh;
	aurora->stamp.at_ms = -1;
	aurora->seen = NULL;
	assert_false(allowed(f, &open_rds));
	aurora->stamp = fresh;
	aurora->seen = &f->seen[SIDE_TARGET];
	f->seen[SIDE_TARGET].known[DB_PART_STATE] = false;
	assert_false(allowed(f, &open_rds));
}

static void test_pods_that_are_not_seen_do_not_count_as_none(void **state)
{
	struct fixture *f = *state;
	struct facts_cluster *cluster = &f->facts.cluster;

	put_door(f, SIDE_SOURCE, OPEN);
	put_door(f, SIDE_TARGET, OPEN);
	put_pods(f, true, false);
	assert_true(allowed(f, &open_rds));
	cluster->pods_stamp.at_ms = NOW - 2001;
	assert_false(allowed(f, &open_rds));
	cluster->pods_stamp = fresh;
	cluster->deployments_stamp.at_ms = -1;
	assert_false(allowed(f, &open_rds));
	cluster->deployments_stamp = fresh;
	f->c.opened_ms[SIDE_TARGET] = fresh.at_ms + 1;
	assert_false(allowed(f, &open_rds));
}

static void test_pods_on_their_way_count(void **state)
{
	struct fixture *f = *state;

	put_door(f, SIDE_SOURCE, OPEN);
	put_door(f, SIDE_TARGET, OPEN);
	put_pods(f, true, false);
	f->d2.replicas = 3;
	assert_false(allowed(f, &open_rds));
	assert_non_null(strstr(f->err.message, "3 pods can write to it"));
	/* what is wanted read-only does not */
	f->d2.template_labels.count = 2;
	assert_true(allowed(f, &open_rds));
	/* a watch may not have told yet of what was just asked for */
	f->c.brought_ms = fresh.at_ms - 10;
	assert_false(allowed(f, &open_rds));
	f->c.brought_ms = fresh.at_ms - 1000;
	assert_true(allowed(f, &open_rds));
}

static void test_an_unfence_in_doubt_keeps_its_database_open(void **state)
{
	struct fixture *f = *state;

	both_live(f, OPEN, SHUT);
	f->seen[SIDE_TARGET].acting = 17;
	assert_false(allowed(f, &open_rds));
	assert_non_null(strstr(f->err.message, "session 17"));
	assert_false(allowed(f, &flag_on));
	f->seen[SIDE_TARGET].acting = -1;
	assert_false(allowed(f, &open_rds));
	assert_non_null(strstr(f->err.message, "not known"));
	/* no pod of its own is there: it may open as it likes */
	put_pods(f, true, false);
	assert_true(allowed(f, &open_rds));
	both_live(f, SHUT, SHUT);
	assert_true(allowed(f, &open_aurora));
}

static void test_both_shut_one_may_be_opened(void **state)
{
	struct fixture *f = *state;

	both_live(f, SHUT, SHUT);
	assert_true(allowed(f, &open_rds));
	assert_true(allowed(f, &open_aurora));
}

/* ---- the tripwire's lock -------------------------------------------------- */

static void test_the_tripwire_locks_the_flag_on_the_way_forward(void **state)
{
	struct fixture *f = *state;
	struct action fence = {.kind = ACTION_FENCE, .on = "rds"};
	json_t *after = json_object();

	steps[0].deed.actions = (struct actions){&fence, 1};
	both_live(f, SHUT, OPEN);
	f->c.engine.steps[0].state = STEP_DONE;
	f->c.engine.steps[0].after = after;
	assert_true(allowed(f, &flag_on));
	f->c.engine.tripped = 3;
	assert_false(allowed(f, &flag_on));
	assert_non_null(strstr(f->err.message, "rds took 3 transactions"));
	/* the way back raises it last, when rds serves again */
	f->c.engine.rolling_back = true;
	assert_true(allowed(f, &flag_on));
	f->c.engine.rolling_back = false;
	f->c.engine.steps[0].state = STEP_UNDONE;
	assert_true(allowed(f, &flag_on));
	steps[0].deed.actions = (struct actions){0};
}

/* What is seen locks it before that is on record, too. */
static void test_what_is_seen_past_the_fence_locks_the_flag(void **state)
{
	struct fixture *f = *state;
	struct action fence = {.kind = ACTION_FENCE, .on = "rds"};
	struct db_observation *seen = &f->seen[SIDE_SOURCE];
	json_t *after = json_pack("{ss}", "rds", "0-1-100");

	steps[0].deed.actions = (struct actions){&fence, 1};
	both_live(f, SHUT, OPEN);
	f->c.engine.steps[0].state = STEP_DONE;
	f->c.engine.steps[0].after = after;
	seen->server.family = DB_FAMILY_MARIADB;
	seen->gtid_known = true;
	assert_int_equal(gtid_parse("0-1-100", &seen->executed, NULL), 0);
	assert_true(allowed(f, &flag_on));
	gtid_release(&seen->executed);
	assert_int_equal(gtid_parse("0-1-102", &seen->executed, NULL), 0);
	assert_false(allowed(f, &flag_on));
	assert_non_null(strstr(f->err.message, "rds took 2 transactions"));
	f->c.engine.rolling_back = true;
	assert_true(allowed(f, &flag_on));
	gtid_release(&seen->executed);
	steps[0].deed.actions = (struct actions){0};
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* What could not be planned when a way back was confirmed opens no gate of it by
 * itself later, when it can. */
static void test_what_was_not_shown_waits(void **state)
{
	struct fixture *f = *state;
	struct conductor *c = &f->c;
	struct effect one = {.request = "SET GLOBAL read_only = ON"};
	struct effects *shown = &c->rollback[0];

	c->begun = true;
	c->engine.phase = ENGINE_GATE;
	c->plan.effects = (struct effects){&one, 1, NULL};
	assert_true(conduct_was_shown(c));      /* the way forward */
	c->engine.rolling_back = true;
	*shown = (struct effects){&one, 0, "aurora has not been seen yet"};
	assert_false(conduct_was_shown(c));
	*shown = (struct effects){&one, 1, NULL};
	assert_true(conduct_was_shown(c));
	/* nothing to be sent: nothing to be shown */
	*shown = (struct effects){NULL, 0, NULL};
	c->plan.effects.count = 0;
	assert_true(conduct_was_shown(c));
	c->plan.effects = (struct effects){NULL, 0, NULL};
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_action_in_every_world),
		TEST(test_the_refusal_names_the_fact),
		TEST(test_facts_from_before_the_last_unfence_do_not_count),
		TEST(test_old_and_missing_facts_do_not_count),
		TEST(test_pods_that_are_not_seen_do_not_count_as_none),
		TEST(test_pods_on_their_way_count),
		TEST(test_an_unfence_in_doubt_keeps_its_database_open),
		TEST(test_both_shut_one_may_be_opened),
		TEST(test_the_tripwire_locks_the_flag_on_the_way_forward),
		TEST(test_what_is_seen_past_the_fence_locks_the_flag),
		TEST(test_what_was_not_shown_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
