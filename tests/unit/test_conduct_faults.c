/*
 * A conductor whose memory and journal fail. The run is one of steps done by
 * hand; its databases and its cluster lead nowhere. Whatever allocation of the
 * loop's thread fails, the run comes to the same end, and its journal holds
 * the same records with the same fields; what became of an action in flight is
 * never lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "conduct/conduct.h"
#include "conduct/conductor.h"
#include "failing_disk.h"
#include "failing_memory.h"
#include "journal/journal.h"
#include "journal/lock.h"
#include "net/loop.h"
#include "runbook/runbook.h"

#define TURNS_MAX 400
#define STRIDE 97       /* a run makes thousands of allocations and takes 0.2 s */

static const char yaml[] =
	"runbook: by-hand\ntitle: By hand\n"
	"connections:\n"
	"  rds:     {mysql: {file: my.cnf, group: rds}}\n"
	"  aurora:  {mysql: {file: my.cnf, group: aurora}}\n"
	"  cluster: {kubernetes: {namespace: shop}}\n"
	"  flag:\n    flag:\n      kind: configmap\n"
	"      configmap: {name: app-flags, key: writes}\n"
	"observe:\n  source: rds\n  target: aurora\n  service: shop\n"
	"  versions:\n"
	"    v1: {deployment: v1, match: \"version=v1\", database: rds}\n"
	"steps:\n"
	"  - id: one\n    step: \"1\"\n    title: One\n    guards: []\n"
	"    confirm: one\n    do:\n      - manual: Look at it.\n"
	"    undo: none\n"
	"  - id: two\n    step: \"2\"\n    title: Two\n    guards: []\n"
	"    do:\n      - manual: Turn it on.\n"
	"    undo:\n      do:\n        - manual: Turn it off.\n"
	"rollback: [two]\n";
static const char mycnf[] =
	"[rds]\nhost=127.0.0.1\nport=9\nuser=u\nskip-ssl\n"
	"[aurora]\nhost=127.0.0.1\nport=9\nuser=u\nskip-ssl\n";
struct run {
	char dir[64], journal_dir[80];
	struct runbook *runbook;
	struct loop *loop;
	struct journal *journal;
	struct conductor *conductor;
	size_t recorded;        /* records that the listener heard of */
	bool stuck;             /* an action could not be begun, and was again */
	bool ended;
};

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(path, 0600);
}

static int setup(void **state)
{
	struct run *run = calloc(1, sizeof(*run));
	struct runbook_settings settings = {0};
	struct runbook_problems problems;
	struct error err = {0};
	char path[160];

	snprintf(run->dir, sizeof(run->dir), "/tmp/cutover-conduct.XXXXXX");
	assert_non_null(mkdtemp(run->dir));
	assert_int_equal(chdir(run->dir), 0);   /* where my.cnf is looked for */
	write_file(run->dir, "my.cnf", mycnf);
	write_file(run->dir, "by-hand.yaml", yaml);
	snprintf(path, sizeof(path), "%s/by-hand.yaml", run->dir);
	runbook_problems_init(&problems);
	if (runbook_load(path, &settings, &run->runbook, &problems, &err)) {
		for (size_t i = 0; i < problems.count; i++)
			print_message("%s\n", problems.items[i].message);
		fail_msg("%s", err.message);
	}
	runbook_problems_release(&problems);
	/* only the databases: a cluster's Lease would have to be taken first */
	run->runbook->connection_count = 2;
	snprintf(run->journal_dir, sizeof(run->journal_dir), "%s/run",
		 run->dir);
	*state = run;
	return 0;
}

static void remove_files(const char *dir)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, NULL, NULL);
	char path[400];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		unlink(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	rmdir(dir);
}

static int teardown(void **state)
{
	struct run *run = *state;

	failing_disk_reset();
	runbook_free(run->runbook);
	remove_files(run->journal_dir);
	remove_files(run->dir);
	free(run);
	return 0;
}

/* ---- one run ------------------------------------------------------------- */

static void on_recorded(void *data, const json_t *record)
{
	(void)record;
	((struct run *)data)->recorded++;
}

static void on_ended(void *data)
{
	((struct run *)data)->ended = true;
}

static void begin(struct run *run)
{
	const struct conduct_options options = {
		.run = "a-run", .version = "1", .operator_name = "me@here",
	};
	const struct conduct_listener listener = {
		.data = run, .recorded = on_recorded, .ended = on_ended,
	};
	struct error err = {0};

	run->recorded = 0;
	run->ended = run->stuck = false;
	remove_files(run->journal_dir);
	assert_int_equal(mkdir(run->journal_dir, 0700), 0);
	assert_int_equal(journal_create(run->journal_dir, &run->journal, &err),
			 0);
	assert_int_equal(loop_open(&run->loop, &err), 0);
	if (conduct_open(run->loop, run->runbook, run->journal, &options,
			 &listener, &run->conductor, &err))
		fail_msg("%s: %s", err.where, err.message);
}

static void end(struct run *run)
{
	conduct_close(run->conductor);
	journal_close(run->journal);
	loop_close(run->loop);
}

static void turn(struct run *run)
{
	struct error err;

	(void)loop_turn(run->loop, 50, &err);
}

static void turn_until(struct run *run, enum engine_phase phase, size_t step)
{
	const struct engine *engine = conduct_engine(run->conductor);

	for (int i = 0; i < TURNS_MAX; i++) {
		if (engine->phase == phase && engine->step == step)
			return;
		turn(run);
	}
	fail_msg("the run stays in phase %d of step %zu", (int)engine->phase,
		 engine->step);
}

/* To the end of a step, as an operator: an action that surely did not happen
 * for want of memory is tried again. */
static void finish(struct run *run, enum engine_phase phase, size_t step)
{
	const struct engine *engine = conduct_engine(run->conductor);
	struct error err;

	for (int i = 0; i < TURNS_MAX && engine->phase != phase &&
	     engine->phase != ENGINE_GATE; i++) {
		if (engine->phase == ENGINE_STUCK) {
			run->stuck = true;
			assert_false(engine->unknown);
			(void)conduct_retry(run->conductor, &err);
		}
		turn(run);
	}
	turn_until(run, phase, step);
}

/* As an operator: again where it did not succeed. */
static void confirm(struct run *run, size_t step, const char *word)
{
	const struct engine *engine = conduct_engine(run->conductor);
	struct error err;

	turn_until(run, ENGINE_GATE, step);
	for (int i = 0; i < TURNS_MAX && engine->phase == ENGINE_GATE &&
	     engine->step == step; i++)
		if (conduct_confirm(run->conductor, word, &err))
			turn(run);
}

static void walk(struct run *run)
{
	confirm(run, 0, "one");
	finish(run, ENGINE_GATE, 1);
	confirm(run, 1, NULL);
	finish(run, ENGINE_CLOSED, 1);
	for (int i = 0; i < TURNS_MAX && !run->ended; i++)
		turn(run);
	assert_true(run->ended);
}

/* The records, without what differs from run to run. */
static json_t *records_of(const struct run *run)
{
	static const char *const varying[] = {
		"at", "mono", "prev", "took_ms", "outage_ms",
	};
	json_t *records, *record;
	struct error err;
	size_t torn, i;

	if (journal_read(run->journal_dir, &records, &torn, &err))
		fail_msg("%s: %s", err.where, err.message);
	assert_int_equal(torn, 0);
	json_array_foreach(records, i, record)
		for (size_t k = 0; k < sizeof(varying) / sizeof(varying[0]);
		     k++)
			json_object_del(record, varying[k]);
	return records;
}

static void compare(const struct run *run, const json_t *expected, long call)
{
	json_t *records = records_of(run);

	for (size_t i = 0; i < json_array_size(expected); i++) {
		json_t *one = json_array_get(records, i);

		if (!json_equal(one, json_array_get(expected, i)))
			fail_msg("allocation %ld: record %zu is %s", call, i + 1,
				 json_dumps(one, JSON_COMPACT | JSON_ENCODE_ANY));
	}
	assert_int_equal(json_array_size(records), json_array_size(expected));
	json_decref(records);
}

static void test_whatever_allocation_fails_the_run_is_the_same(void **state)
{
	struct run *run = *state;
	json_t *expected;
	bool hit = true;
	long call;

	begin(run);
	walk(run);
	end(run);
	expected = records_of(run);
	assert_int_equal(run->recorded, json_array_size(expected));
	for (call = 1; hit; call += STRIDE) {
		begin(run);
		failing_memory_begin(call, false);
		walk(run);
		hit = failing_memory_end();
		end(run);
		if (!run->stuck)
			compare(run, expected, call);
	}
	assert_true(call > 5 * STRIDE);
	json_decref(expected);
}

/* ---- a journal that cannot be written ------------------------------------ */

static size_t count_records(const struct run *run, enum event event)
{
	json_t *records = records_of(run), *record;
	size_t found = 0, i;

	json_array_foreach(records, i, record)
		found += !strcmp(json_text(record, "event", ""),
				 event_name(event));
	json_decref(records);
	return found;
}

/* An action is in flight and a note waits for the journal. */
static void act_with_a_broken_journal(struct run *run)
{
	struct error err;

	begin(run);
	turn_until(run, ENGINE_GATE, 0);
	if (conduct_confirm(run->conductor, "one", &err))
		fail_msg("%s", err.message);
	assert_int_equal(conduct_engine(run->conductor)->phase, ENGINE_ACTING);
	failing_disk_at(DISK_WRITE, 1);
	assert_int_equal(conduct_note(run->conductor, "a note", &err), 0);
	assert_true(failing_disk_hit(DISK_WRITE));
	assert_int_equal(count_records(run, EVENT_NOTE), 0);
}

static void test_an_outcome_waits_for_the_journal(void **state)
{
	struct run *run = *state;

	act_with_a_broken_journal(run);
	turn_until(run, ENGINE_GATE, 1);
	assert_int_equal(count_records(run, EVENT_NOTE), 1);
	assert_int_equal(count_records(run, EVENT_ACTION_DONE), 1);
	end(run);
}

/* The gate's guards were green; the step's checks are looked at anew. */
static void test_an_outcome_is_judged_by_what_is_seen_after_it(void **state)
{
	static struct condition check = {
		.kind = CONDITION_READ_ONLY, .on = "rds", .is = true,
		.within_ms = 60000,
	};
	struct run *run = *state;

	run->runbook->steps[0].deed.checks = (struct conditions){&check, 1};
	act_with_a_broken_journal(run);
	run->conductor->verdicts[0].state = VERDICT_GREEN;
	turn_until(run, ENGINE_CHECKING, 0);
	for (int i = 0; i < 3; i++)
		turn(run);
	assert_int_equal(count_records(run, EVENT_CHECK_PASSED), 0);
	end(run);
}

static void test_giving_up_waits_for_the_journal(void **state)
{
	struct run *run = *state;
	struct error err;

	act_with_a_broken_journal(run);
	assert_int_equal(conduct_cancel(run->conductor, &err), 0);
	turn_until(run, ENGINE_STUCK, 0);
	assert_true(conduct_engine(run->conductor)->unknown);
	assert_int_equal(count_records(run, EVENT_NOTE), 1);
	assert_int_equal(count_records(run, EVENT_ACTION_FAILED), 1);
	end(run);
}

int main(void)
{
#define UNIT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		UNIT(test_an_outcome_waits_for_the_journal),
		UNIT(test_an_outcome_is_judged_by_what_is_seen_after_it),
		UNIT(test_giving_up_waits_for_the_journal),
		UNIT(test_whatever_allocation_fails_the_run_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
