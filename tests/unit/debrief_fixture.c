/* See debrief_fixture.h. */
#include "debrief_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#define FIXTURE_BEGAN_MS 1764057600000  /* 2025-11-25T08:00:00.000Z */

static void fixture_times(json_t *record, int64_t mono)
{
	char stamp[CLOCK_STAMP_MAX];

	clock_stamp(FIXTURE_BEGAN_MS + mono, stamp);
	json_object_set_new(record, "at", json_string(stamp));
	json_object_set_new(record, "mono", json_integer(mono));
}

static json_t *fixture_add(json_t *records, int64_t mono, enum event event,
			   json_t *fields)
{
	assert_non_null(fields);
	json_object_set_new(fields, "event", json_string(event_name(event)));
	fixture_times(fields, mono);
	assert_int_equal(json_array_append_new(records, fields), 0);
	return fields;
}

/* A gate that opens then: its end is 1.5 s later. */
static int64_t fixture_gate(json_t *records, int64_t mono, const char *label)
{
	fixture_add(records, mono, EVENT_GATE_OPENED,
		    json_pack("{ss ss ss sb}", "step", label, "label", label,
			      "title", "a step", "undo", 0));
	fixture_add(records, mono, EVENT_GUARD_CHANGED,
		    json_pack("{ss sb si ss ss}", "step", label, "undo", 0,
			      "guard", 0, "state", "green", "text", "it is"));
	fixture_add(records, mono + 1000, EVENT_GATE_CONFIRMED,
		    json_pack("{ss sb sb s[{ss ss sb}]}", "step", label, "undo",
			      0, "retry", 0, "guards", "state", "green",
			      "text", "it is", "overridden", 0));
	if (strcmp(label, "1") == 0)
		fixture_add(records, mono + 1000, EVENT_WINDOW_OPENED,
			    json_pack("{ss}", "step", label));
	fixture_add(records, mono + 1500, EVENT_STEP_DONE,
		    json_pack("{ss}", "step", label));
	return mono + 1500;
}

static json_t *fixture_note(void)
{
	return json_pack("{ss ss si ss ss si ss si s{ss si si} s[s] s[]"
			 " s{si si si si} s{si si} s{si si}}",
			 "scenario", "lag", "title", "It lags", "seed", 7,
			 "speed", "fast", "database", "mariadb", "pods", 4,
			 "flag", "http", "heartbeat_ms", 20000,
			 "par", "result", "completed", "outage_ms", 5000,
			 "overrides", 0, "good", "waits", "scenes",
			 "ledger", "acknowledged", 90, "present", 90, "lost",
			 0, "duplicated", 0,
			 "outage", "writes_ms", 3400, "reads_ms", 0,
			 "errors", "writes", 12, "reads", 0);
}

json_t *rehearsal(void)
{
	json_t *records = json_array();
	int64_t mono = 10;

	fixture_add(records, mono, EVENT_RUN_OPENED,
		    json_pack("{sb sb ss s{ss} si}", "rehearsal", 1,
			      "autopilot", 0, "operator", "me", "runbook",
			      "name", "small", "budget_ms", 60000));
	mono = fixture_gate(records, mono, "1");
	mono = fixture_gate(records, mono, "2");
	mono = fixture_gate(records, mono, "3");
	fixture_add(records, mono, EVENT_WINDOW_CLOSED,
		    json_pack("{ss}", "step", "3"));
	fixture_add(records, mono, EVENT_RUN_CLOSED,
		    json_pack("{ss si}", "result", "completed", "outage_ms",
			      3500));
	fixture_add(records, mono + 900, EVENT_NOTE,
		    json_pack("{ss so}", "text", "ledger of the rehearsal",
			      "rehearsal", fixture_note()));
	return records;
}

size_t rehearsal_find(const json_t *records, enum event event, size_t nth)
{
	size_t i;
	json_t *record;

	json_array_foreach(records, i, record)
		if (event_parse(json_text(record, "event", "")) == event &&
		    nth-- == 0)
			return i;
	fail_msg("no such %s", event_name(event));
	return 0;
}

json_t *rehearsal_record(const json_t *records, enum event event, size_t nth)
{
	return json_array_get(records, rehearsal_find(records, event, nth));
}

size_t rehearsal_insert(json_t *records, size_t behind, int64_t ms,
			enum event event, json_t *fields)
{
	int64_t mono = json_number(json_array_get(records, behind), "mono", 0);

	assert_non_null(fields);
	json_object_set_new(fields, "event", json_string(event_name(event)));
	assert_int_equal(json_array_insert_new(records, behind + 1, fields),
			 0);
	fixture_times(fields, mono + ms);
	for (size_t i = behind + 2; i < json_array_size(records); i++) {
		json_t *later = json_array_get(records, i);

		fixture_times(later, json_number(later, "mono", 0) + ms);
	}
	return behind + 1;
}

json_t *rehearsal_note(const json_t *records)
{
	json_t *note = json_at(json_array_get(records,
					      json_array_size(records) - 1),
			       "rehearsal");

	assert_non_null(note);
	return note;
}

void rehearsal_roll_back(json_t *records, size_t behind, int64_t ms)
{
	rehearsal_insert(records, behind, ms, EVENT_ROLLBACK_BEGUN,
			 json_pack("{ss}", "step", "2"));
	json_object_set_new(rehearsal_record(records, EVENT_RUN_CLOSED, 0),
			    "result", json_string("rolled-back"));
}

const struct debrief *rehearsal_only(const json_t *records,
				     enum debrief_criterion criterion,
				     int points)
{
	static struct debrief debrief;

	assert_true(debrief_fold(&debrief, records));
	for (enum debrief_criterion i = 0; i < DEBRIEF_CRITERIA; i++) {
		const struct debrief_mark *mark = &debrief.marks[i];

		if (i != criterion && debrief_missing(&debrief, i))
			fail_msg("%s: %d: %s", debrief_rules[i].id,
				 mark->points, mark->why);
		assert_true(!debrief_missing(&debrief, i) == !*mark->better);
		assert_true((mark->points < 0) == !*mark->why);
	}
	if (debrief.marks[criterion].points != points)
		fail_msg("%s: %d instead of %d: %s", debrief_rules[criterion].id,
			 debrief.marks[criterion].points, points,
			 debrief.marks[criterion].why);
	return &debrief;
}

int rehearsal_lone(json_t *records, enum debrief_criterion criterion,
		   int points)
{
	int score = rehearsal_only(records, criterion, points)->score;

	json_decref(records);
	return score;
}

void rehearsal_set(json_t *records, const char *object, const char *name,
		   json_t *value)
{
	json_object_set_new(json_at(rehearsal_note(records), object), name,
			    value);
}

void rehearsal_scene(json_t *records, const char *fault, const char *at)
{
	json_array_append_new(json_at(rehearsal_note(records), "scenes"),
		json_pack("{ss ss ss ss ss}", "at", at, "kind", "begun",
			  "fault", fault, "text", "It writes.", "by",
			  "scenario"));
}

size_t rehearsal_fail(json_t *records, size_t gate)
{
	return rehearsal_insert(records,
		rehearsal_find(records, EVENT_GATE_CONFIRMED, gate), 10,
		EVENT_ACTION_FAILED, json_pack("{ss ss ss}", "step", "2",
					       "outcome", "failed", "error",
					       "no"));
}
