/* Units of observe/observe_pair: what two databases tell only together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "observe/condition.h"
#include "observe/observe_pair.h"

#define NOW 100000

struct fixture {
	struct facts facts;
	struct db_observation rds, aurora;
};

static void fixture_database(struct facts_database *database,
			     struct db_observation *seen, const char *name)
{
	database->name = name;
	database->stamp = (struct stamp){.at_ms = NOW - 100, .fresh_ms = 2000};
	database->seen = seen;
	for (int part = 0; part < DB_PART_COUNT; part++)
		seen->known[part] = true;
	seen->reached = true;
	seen->gtid_known = gtid_parse("1-1-100", &seen->executed, NULL) == 0;
	assert_int_equal(gtid_parse("1-1-100", &seen->applied, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->facts.now_ms = NOW;
	f->facts.missing_stamp.at_ms = f->facts.errant_stamp.at_ms = -1;
	fixture_database(&f->facts.databases[SIDE_SOURCE], &f->rds, "rds");
	fixture_database(&f->facts.databases[SIDE_TARGET], &f->aurora,
			 "aurora");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	gtid_release(&f->rds.executed);
	gtid_release(&f->rds.applied);
	gtid_release(&f->aurora.executed);
	gtid_release(&f->aurora.applied);
	free(f);
	return 0;
}

static struct verdict judge(struct fixture *f, const struct condition *condition)
{
	const struct condition_context context = {
		.facts = &f->facts, .now_ms = NOW,
	};
	struct verdict verdict;

	condition_judge(condition, &context, &verdict);
	return verdict;
}

/* A long way to both: what they say together is old when it comes. */
static void test_what_both_tell_may_be_as_old_as_it_must_be(void **state)
{
	static const struct {
		int64_t took_ms, fresh_ms;
		enum verdict_state state;
	} rows[] = {
		{0, 2000, VERDICT_UNKNOWN}, {300, 3200, VERDICT_GREEN},
		{60000, 5000, VERDICT_GREEN},
	};
	struct fixture *f = *state;
	const struct condition c = {.kind = CONDITION_ERRANT, .on = "aurora",
				    .count = {COMPARE_EQ, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->rds.took_ms = f->aurora.took_ms = rows[i].took_ms;
		f->aurora.at_ms = NOW - 3000;
		f->rds.at_ms = f->aurora.at_ms + f->aurora.took_ms;
		f->facts.databases[SIDE_TARGET].stamp.at_ms = NOW - 3000;
		observe_pair(&f->facts);
		assert_int_equal(f->facts.errant_stamp.fresh_ms,
				 rows[i].fresh_ms);
		assert_int_equal(f->facts.missing_stamp.fresh_ms,
				 rows[i].fresh_ms);
		assert_int_equal(judge(f, &c).state, rows[i].state);
	}
}

/* Nothing can go on without GTIDs, and each that waits for them says why; none
 * takes a set that is not known for an empty one. */
static void test_without_gtids_it_is_said_why(void **state)
{
	const struct condition conditions[] = {
		{.kind = CONDITION_ERRANT, .on = "aurora",
		 .count = {COMPARE_EQ, 0}},
		{.kind = CONDITION_MISSING, .on = "aurora",
		 .count = {COMPARE_LE, 1000}},
		{.kind = CONDITION_QUIET, .on = "aurora", .for_ms = 1},
	};
	struct fixture *f = *state;

	f->aurora.gtid_known = false;
	f->aurora.gtid_why = "gtid_mode is OFF";
	gtid_release(&f->aurora.executed);
	f->rds.at_ms = NOW;
	observe_pair(&f->facts);
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		const struct verdict verdict = judge(f, &conditions[i]);

		assert_int_equal(verdict.state, VERDICT_UNKNOWN);
		if (!strstr(verdict.text, "gtid_mode is OFF"))
			fail_msg("%s", verdict.text);
	}
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_what_both_tell_may_be_as_old_as_it_must_be),
		UNIT(test_without_gtids_it_is_said_why),
	};

	return cmocka_run_group_tests_name("observe pair", tests, NULL, NULL);
}
