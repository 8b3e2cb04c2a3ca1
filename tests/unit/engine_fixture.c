/* See engine_fixture.h. */
#include "engine_fixture.h"

#include <stdlib.h>
#include <string.h>

#define ONE(x) {.items = &(x), .count = 1}
#define ALL(x) {.items = (x), .count = sizeof(x) / sizeof((x)[0])}

static struct condition guard = {.kind = CONDITION_FLAG, .why = "why"};
static struct condition check = {
	.kind = CONDITION_FLAG, .why = "", .within_ms = 10000,
};
#define ACTION(what, where) .kind = what, .on = where, .by_hand = ""
static struct action flag_off = {ACTION(ACTION_FLAG, "")};
static struct action flag_on = {ACTION(ACTION_FLAG, ""), .is = true};
static struct action fence_rds = {ACTION(ACTION_FENCE, "rds")};
static struct action unfence_rds = {ACTION(ACTION_UNFENCE, "rds")};
static struct action fence_aurora = {ACTION(ACTION_FENCE, "aurora")};
static struct action promotion[] = {
	{ACTION(ACTION_PROMOTE, "aurora")},
	{ACTION(ACTION_UNFENCE, "aurora")},
};
static struct action patch = {
	ACTION(ACTION_PATCH_DEPLOYMENT, ""), .name = "v2",
};
static struct action post = {ACTION(ACTION_REQUEST, "")};
static struct action posts[] = {
	{ACTION(ACTION_REQUEST, "")}, {ACTION(ACTION_REQUEST, "")},
};

#define STEP(name) .id = name, .title = name, .why = "", .forfeits = ""
#define DEED(acts) .deed = {.guards = ONE(guard), .actions = acts, \
			    .checks = ONE(check)}
#define UNDO(acts) .has_undo = true, .undo = {.actions = acts}

static struct runbook_step steps[FIXTURE_STEPS] = {
	[OFF] = {STEP("off"), .label = "1", .downtime = DOWNTIME_STARTS,
		 DEED(ONE(flag_off)), UNDO(ONE(flag_on))},
	[FENCE] = {STEP("fence"), .label = "2a", DEED(ONE(fence_rds)),
		   UNDO(ONE(unfence_rds))},
	[PROMOTE] = {STEP("promote"), .label = "2b", .confirm = "promote",
		     DEED(ALL(promotion)), UNDO(ONE(fence_aurora))},
	[PATCH] = {STEP("patch"), .label = "3", .hold_ms = FIXTURE_HOLD_MS,
		   DEED(ONE(patch)), UNDO(ONE(patch))},
	[SMOKE] = {STEP("smoke"), .label = "4", DEED(ONE(post))},
	[TWICE] = {STEP("twice"), .label = "5", DEED(ALL(posts))},
	[ON] = {STEP("on"), .label = "6", .downtime = DOWNTIME_ENDS,
		.never_armed = true, DEED(ONE(flag_on)), UNDO(ONE(flag_off))},
};
static size_t rollback[] = {ON, PROMOTE, PATCH, FENCE, OFF};
static struct runbook runbook = {
	.name = "armed", .steps = steps, .step_count = FIXTURE_STEPS,
	.observe = {.source = "rds", .target = "aurora"},
	.rollback = rollback, .rollback_count = 5,
};

int run_setup(void **state)
{
	struct run *run = calloc(1, sizeof(*run));

	engine_init(&run->engine, &runbook);
	run->records = json_array();
	*state = run;
	return 0;
}

int run_teardown(void **state)
{
	struct run *run = *state;

	engine_release(&run->engine);
	json_decref(run->records);
	json_decref(run->effects);
	free(run);
	return 0;
}

/* ---- what is sent --------------------------------------------------------- */

static json_t *effect(size_t action, const char *request, bool once)
{
	return json_pack("{ss ss sI sI sI sb}", "target", "there", "request",
			 request, "within_ms", (json_int_t)100, "transactions",
			 (json_int_t)(once ? 1 : 0), "action",
			 (json_int_t)action, "once", once);
}

json_t *run_effects(size_t step, bool undo, bool now)
{
	json_t *list = json_array();
	json_t *one;

	if (step == PROMOTE && !undo) {
		json_array_append_new(list, effect(0, "STOP", false));
		json_array_append_new(list, effect(0, "RESET", false));
		json_array_append_new(list, effect(1, "UNFENCE", false));
		return list;
	}
	one = effect(0, undo ? "UNDO" : steps[step].id,
		     step == SMOKE || step == TWICE);
	/* the moment of sending fills in what it must find */
	if (step == PATCH && !undo && now) {
		json_object_set_new(one, "request",
				    json_string("patch, at version 7"));
		json_object_set_new(one, "gist", json_string("patch"));
	}
	json_array_append_new(list, one);
	if (step == TWICE)
		json_array_append_new(list, effect(1, "again", true));
	return list;
}

/* ---- inputs --------------------------------------------------------------- */

static void run_write(struct run *run, const struct engine_record *from)
{
	json_t *record = json_deep_copy(from->fields);

	json_object_set_new(record, "event",
			    json_string(event_name(from->event)));
	json_object_set_new(record, "mono", json_integer(run->mono));
	json_object_set_new(record, "seq", json_integer(
		(json_int_t)json_array_size(run->records) + 1));
	if (engine_apply(&run->engine, record, &run->err))
		fail_msg("%s", run->err.message);
	json_array_append_new(run->records, record);
}

static int run_input(struct run *run, enum engine_input_kind kind,
		     const char *text, size_t index, json_t *effects)
{
	struct engine_input input = {
		.kind = kind, .mono = run->mono, .text = text, .index = index,
		.verdicts = run->verdicts, .seen = &run->seen,
		.problem = run->problem, .opening = json_object(),
		.effects = effects,
		.positions = json_pack("{ss ss}", "rds", "1-1-7", "aurora",
				       "1-1-7"),
	};
	struct engine_outputs out;
	int status;

	memset(&run->err, 0, sizeof(run->err));
	status = engine_decide(&run->engine, &input, &out, &run->err);
	for (size_t i = 0; !status && i < out.count; i++)
		run_write(run, &out.records[i]);
	if (!status) {
		run->order = out.order;
		run->effect = out.effect;
		engine_outputs_release(&out);
	}
	json_decref(input.opening);
	json_decref(input.positions);
	json_decref(effects);
	return status;
}

int run_feed(struct run *run, enum engine_input_kind kind, const char *text,
	     size_t index)
{
	json_t *effects = run->effects ? json_deep_copy(run->effects) :
			  run_effects(run->engine.step,
				      run->engine.rolling_back, true);

	return run_input(run, kind, text, index, effects);
}

static void run_verdicts(struct run *run, enum verdict_state state,
			 bool pending, const char *text)
{
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++) {
		run->verdicts[i].state = state;
		run->verdicts[i].pending = pending;
		snprintf(run->verdicts[i].text, VERDICT_TEXT_MAX, "%s", text);
	}
}

int run_judge(struct run *run, enum verdict_state state)
{
	run_verdicts(run, state, false, state == VERDICT_GREEN ? "it is" :
		     state == VERDICT_RED ? "it is not" : "nobody knows");
	return run_feed(run, INPUT_VERDICTS, NULL, 0);
}

int run_judge_pending(struct run *run)
{
	run_verdicts(run, VERDICT_UNKNOWN, true, "not seen since");
	return run_feed(run, INPUT_VERDICTS, NULL, 0);
}

int run_see(struct run *run, enum verdict_state state)
{
	run->seen.state = state;
	snprintf(run->seen.text, sizeof(run->seen.text), "%s",
		 state == VERDICT_GREEN ? "it is there" : "it is not there");
	return run_feed(run, INPUT_SEEN, NULL, 0);
}

int run_arm(struct run *run, size_t step, const char *word)
{
	return run_input(run, INPUT_ARM, word, step,
			 run_effects(step % FIXTURE_STEPS, false, false));
}

/* ---- ways ----------------------------------------------------------------- */

void run_open_armed(struct run *run)
{
	assert_int_equal(run_feed(run, INPUT_OPEN, NULL, 0), 0);
	for (size_t i = FENCE; i < ON; i++)
		assert_int_equal(run_arm(run, i, steps[i].confirm), 0);
}

void run_finish_effects(struct run *run)
{
	while (run->engine.phase == ENGINE_ACTING) {
		run->mono += 10;
		assert_int_equal(run_feed(run, INPUT_DONE, "OK", 0), 0);
	}
}

void run_pass(struct run *run)
{
	assert_int_equal(run_judge(run, VERDICT_GREEN), 0);
	assert_int_equal(run_feed(run, INPUT_CONFIRM,
				  steps[run->engine.step].confirm, 0), 0);
	run_finish_effects(run);
	assert_int_equal(run_judge(run, VERDICT_GREEN), 0);
}

void run_pass_to(struct run *run, size_t step)
{
	if (run->engine.phase == ENGINE_NEW)
		assert_int_equal(run_feed(run, INPUT_OPEN, NULL, 0), 0);
	while (run->engine.step != step)
		run_pass(run);
	assert_int_equal(run->engine.phase, ENGINE_GATE);
}

/* ---- records -------------------------------------------------------------- */

size_t run_count(const struct run *run, enum event event)
{
	size_t found = 0;

	for (size_t i = 0; i < json_array_size(run->records); i++)
		found += event_parse(json_text(json_array_get(run->records, i),
					       "event", "")) == event;
	return found;
}

const json_t *run_last(const struct run *run, enum event event)
{
	for (size_t i = json_array_size(run->records); i > 0; i--) {
		const json_t *record = json_array_get(run->records, i - 1);

		if (event_parse(json_text(record, "event", "")) == event)
			return record;
	}
	return NULL;
}

void run_refold(const struct run *run, struct engine *ret)
{
	struct error err;

	engine_init(ret, &runbook);
	for (size_t i = 0; i < json_array_size(run->records); i++)
		assert_int_equal(engine_apply(ret, json_array_get(run->records,
								  i), &err), 0);
}
