/*
 * Units of what the window was spent on: each moment of it has one share, so
 * together they are the window, whatever happened to the run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "journal/event.h"
#include "report/debrief_gates.h"
#include "report/debrief_waits.h"

/* One record: so many ms after the one before. number: how many effects a
 * confirmation has, which one an action is, which guard turned; 1: a check
 * was given up. */
struct row {
	int ms;
	enum event event;
	const char *step;
	int number;
	const char *word;       /* a state, or "undo", "again", "void" */
};

static json_t *effects(int count)
{
	json_t *list = json_array();

	while (count-- > 0)
		json_array_append_new(list, json_object());
	return list;
}

static json_t *record_of(const struct row *row, int64_t mono)
{
	const char *word = row->word ? row->word : "";
	json_t *record = json_pack("{sI ss ss ss si si ss sb sb sb sb}",
		"mono", (json_int_t)mono, "event", event_name(row->event),
		"step", row->step ? row->step : "", "label",
		row->step ? row->step : "", "action", row->number, "guard",
		row->number, "state", word, "undo", !strcmp(word, "undo"),
		"given_up", row->number == 1, "retry",
		!strcmp(word, "again"), "void",
		!strcmp(word, "void"));

	assert_non_null(record);
	if (row->event == EVENT_GATE_CONFIRMED)
		json_object_set_new(record, "effects", effects(row->number));
	return record;
}

static json_t *records_of(const struct row *rows, size_t count)
{
	json_t *records = json_array();
	int64_t mono = 0;

	for (size_t i = 0; i < count; i++) {
		mono += rows[i].ms;
		json_array_append_new(records, record_of(&rows[i], mono));
	}
	return records;
}

/* Nothing of it is left out, or counted twice. */
static void adds_up(const struct debrief_waits *waits,
		    const struct debrief_gates *gates)
{
	int64_t shares = 0, kinds = 0;

	for (size_t i = 0; i < DEBRIEF_SHARES; i++)
		shares += waits->shares[i];
	for (size_t i = 0; i < DEBRIEF_WAITS; i++)
		kinds += waits->ms[i];
	assert_int_equal(shares, gates->window_ms);
	assert_int_equal(kinds, gates->window_ms);
}

static const struct row had_it_all[] = {
	{5, EVENT_RUN_OPENED, NULL, 0, NULL},
	{0, EVENT_GATE_OPENED, "1", 0, NULL},
	{1000, EVENT_GATE_CONFIRMED, "1", 1, NULL},
	{0, EVENT_WINDOW_OPENED, "1", 0, NULL},
	{0, EVENT_ACTION_INTENDED, "1", 0, NULL},
	{30, EVENT_ACTION_FAILED, "1", 0, NULL},
	{0, EVENT_WINDOW_CLOSED, "1", 0, "void"},
	{5000, EVENT_GATE_CONFIRMED, "1", 1, "again"},
	{0, EVENT_WINDOW_OPENED, "1", 0, NULL},
	{0, EVENT_ACTION_INTENDED, "1", 0, NULL},
	{20, EVENT_ACTION_DONE, "1", 0, NULL},
	{10, EVENT_STEP_DONE, "1", 0, NULL},            /* acts 30 */
	/* parked at a gate; shut, and it cleared; died there */
	{0, EVENT_GATE_OPENED, "2", 0, NULL},
	{2000, EVENT_RUN_PARKED, "2", 0, NULL},
	{7000, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{0, EVENT_GUARD_CHANGED, "2", 0, "red"},
	{3000, EVENT_GUARD_CHANGED, "2", 0, "green"},
	{1000, EVENT_NOTE, "2", 0, NULL},
	{9000, EVENT_RUN_RESUMED, NULL, 0, NULL},
	/* died with nothing sent: its gate is there again */
	{500, EVENT_GATE_CONFIRMED, "2", 3, NULL},
	{4000, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{600, EVENT_GATE_CONFIRMED, "2", 3, NULL},      /* gates 7100 */
	{0, EVENT_ACTION_INTENDED, "2", 0, NULL},
	{40, EVENT_ACTION_DONE, "2", 0, NULL},
	{0, EVENT_ACTION_INTENDED, "2", 1, NULL},
	{50, EVENT_ACTION_FAILED, "2", 1, NULL},        /* acts 90 */
	/* in place after all, but there is one more to be sent */
	{10000, EVENT_ACTION_OBSERVED, "2", 1, "absent"},
	{2000, EVENT_RUN_PARKED, "2", 0, NULL},
	{5000, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{1000, EVENT_ACTION_OBSERVED, "2", 1, "done"},
	{3000, EVENT_GATE_CONFIRMED, "2", 3, "again"},  /* STUCK 16000 */
	/* died with its request under way */
	{0, EVENT_ACTION_INTENDED, "2", 2, NULL},
	{6000, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{700, EVENT_GATE_CONFIRMED, "2", 3, "again"},   /* STUCK 700 */
	{0, EVENT_ACTION_INTENDED, "2", 2, NULL},
	{30, EVENT_ACTION_DONE, "2", 2, NULL},
	/* parked while it checks */
	{2500, EVENT_RUN_PARKED, "2", 0, NULL},
	{1500, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{4000, EVENT_ROLLBACK_BEGUN, "2", 0, NULL},     /* acts 6530 */
	/* STUCK, parked and gone on the way back, too */
	{0, EVENT_GATE_OPENED, "2", 0, "undo"},
	{300, EVENT_GATE_CONFIRMED, "2", 1, "undo"},
	{0, EVENT_ACTION_INTENDED, "2", 0, "undo"},
	{60, EVENT_ACTION_FAILED, "2", 0, "undo"},
	{900, EVENT_RUN_PARKED, "2", 0, NULL},
	{2000, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{400, EVENT_STEP_SKIPPED, "2", 0, "undo"},      /* back 1660 */
	{800, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{0, EVENT_GATE_OPENED, "1", 0, "undo"},
	{100, EVENT_GATE_CONFIRMED, "1", 1, "undo"},
	{0, EVENT_ACTION_INTENDED, "1", 0, "undo"},
	{8000, EVENT_RUN_RESUMED, NULL, 0, NULL},
	{200, EVENT_GATE_CONFIRMED, "1", 1, "again"},
	{0, EVENT_ACTION_INTENDED, "1", 0, "undo"},
	{50, EVENT_ACTION_DONE, "1", 0, "undo"},
	{50, EVENT_STEP_UNDONE, "1", 0, "undo"},        /* back 400 */
	{0, EVENT_WINDOW_CLOSED, "1", 0, NULL},
	{70, EVENT_RUN_CLOSED, NULL, 0, NULL},
};

static void test_a_run_that_had_it_all(void **state)
{
	static const int64_t shares[DEBRIEF_SHARES] = {
		[DEBRIEF_SHARE_GATES] = 7100,
		[DEBRIEF_SHARE_ACTS] = 30 + 90 + 6530,
		[DEBRIEF_SHARE_STUCK] = 16000 + 700,
		[DEBRIEF_SHARE_PARKED] = 7000 + 5000 + 1500 + 2000,
		[DEBRIEF_SHARE_GONE] = 9000 + 4000 + 6000 + 800 + 8000,
		[DEBRIEF_SHARE_BACK] = 1660 + 400,
	};
	json_t *records = records_of(had_it_all, sizeof(had_it_all) /
						 sizeof(had_it_all[0]));
	struct debrief_waits waits;
	struct debrief_gates gates;

	(void)state;
	debrief_waits_fold(&waits, records);
	debrief_gates_fold(&gates, &waits, records);
	adds_up(&waits, &gates);
	for (size_t i = 0; i < DEBRIEF_SHARES; i++)
		assert_int_equal(waits.shares[i], shares[i]);
	assert_int_equal(waits.own_ms, 4100);
	/* only steps that came to their end, or were undone */
	assert_int_equal(waits.ended_ms, 30 + 100);
	/* the table: at the gate it was parked as well, and died */
	assert_int_equal(gates.count, 2);
	assert_int_equal(gates.gates[1].stood_ms, 7100 + 7000 + 9000);
	assert_int_equal(gates.gates[1].own_ms, 4100 + 7000 + 9000);
	json_decref(records);
}

/* The outage of a way back that began when the window had closed comes on top;
 * what lies between them is nobody's outage. */
static void test_a_second_window(void **state)
{
	static const struct row rows[] = {
		{5, EVENT_RUN_OPENED, NULL, 0, NULL},
		{0, EVENT_GATE_OPENED, "1", 0, NULL},
		{1000, EVENT_GATE_CONFIRMED, "1", 0, NULL},
		{0, EVENT_WINDOW_OPENED, "1", 0, NULL},
		{200, EVENT_STEP_DONE, "1", 0, NULL},
		{0, EVENT_WINDOW_CLOSED, "1", 0, NULL},
		{0, EVENT_GATE_OPENED, "2", 0, NULL},
		{5000, EVENT_ROLLBACK_BEGUN, "2", 0, NULL},
		{0, EVENT_WINDOW_OPENED, "2", 0, NULL},
		{0, EVENT_GATE_OPENED, "1", 0, "undo"},
		{300, EVENT_GATE_CONFIRMED, "1", 0, "undo"},
		{400, EVENT_STEP_UNDONE, "1", 0, "undo"},
		{0, EVENT_WINDOW_CLOSED, "1", 0, NULL},
	};
	size_t last = sizeof(rows) / sizeof(rows[0]) - 1;
	json_t *records = records_of(rows, last + 1);
	struct debrief_waits waits;
	struct debrief_gates gates;

	(void)state;
	json_object_set_new(json_array_get(records, last), "outage_ms",
			    json_integer(900));
	debrief_waits_fold(&waits, records);
	debrief_gates_fold(&gates, &waits, records);
	adds_up(&waits, &gates);
	assert_int_equal(waits.shares[DEBRIEF_SHARE_ACTS], 200);
	assert_int_equal(waits.shares[DEBRIEF_SHARE_BACK], 700);
	json_decref(records);
}

/* Whatever comes in whatever order, as a torn or a made-up journal may have it:
 * the shares are the time between the window's ends. */
static void test_any_order(void **state)
{
	static const enum event events[] = {
		EVENT_GATE_OPENED, EVENT_GUARD_CHANGED, EVENT_GATE_OVERRIDDEN,
		EVENT_GATE_CONFIRMED, EVENT_ACTION_INTENDED, EVENT_ACTION_DONE,
		EVENT_ACTION_FAILED, EVENT_ACTION_OBSERVED, EVENT_CHECK_PASSED,
		EVENT_CHECK_TIMED_OUT, EVENT_STEP_DONE, EVENT_STEP_UNDONE,
		EVENT_STEP_SKIPPED, EVENT_ROLLBACK_BEGUN, EVENT_RUN_PARKED,
		EVENT_RUN_RESUMED, EVENT_NOTE, EVENT_TRIPWIRE,
	};
	static const char *const words[] = {
		"red", "green", "done", "undo", "again", "unknown",
	};
	struct row rows[60];

	(void)state;
	for (unsigned int seed = 0; seed < 2000; seed++) {
		unsigned int next = seed;
		size_t count = sizeof(rows) / sizeof(rows[0]);
		struct debrief_waits waits;
		struct debrief_gates gates;
		json_t *records;

		for (size_t i = 0; i < count; i++) {
			next = next * 1664525u + 1013904223u;
			rows[i] = (struct row){
				(int)(next >> 8) % 1000,
				events[(next >> 18) % 18], next & 512 ?
				"1" : "2", (int)(next >> 10) % 3,
				words[(next >> 13) % 6],
			};
		}
		rows[10] = (struct row){50, EVENT_WINDOW_OPENED, "1", 0, NULL};
		rows[50] = (struct row){50, EVENT_WINDOW_CLOSED, "2", 0, NULL};
		records = records_of(rows, count);
		debrief_waits_fold(&waits, records);
		debrief_gates_fold(&gates, &waits, records);
		adds_up(&waits, &gates);
		json_decref(records);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_run_that_had_it_all),
		cmocka_unit_test(test_a_second_window),
		cmocka_unit_test(test_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
