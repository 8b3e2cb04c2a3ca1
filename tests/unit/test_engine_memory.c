/*
 * The engine with every allocation of every decision failing in turn: the
 * outputs are the right ones, or there are none and the error is ERR_NOMEM;
 * the state is as it was; nothing leaks. A record that lacks a field would be
 * worse than an error, so outputs are compared whole. Folding a record takes no
 * memory at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "engine/engine.h"
#include "failing_memory.h"
#include "runbook/runbook.h"

struct world {
	struct runbook *runbook;
	struct engine engine, before;
	struct engine_input input;
	struct engine_outputs out;
	json_t *expected;       /* what the outputs are while nothing fails */
	struct verdict verdicts[RUNBOOK_ITEMS_MAX];
	size_t decided;         /* decisions tried */
};

static int setup(void **state)
{
	static const char *const set[] = {"namespace=shop"};
	const struct runbook_settings settings = {.set = set, .set_count = 1};
	struct runbook_problems problems;
	struct world *w = calloc(1, sizeof(*w));
	struct error err;

	if (!w)
		return -1;
	*state = w;
	runbook_problems_init(&problems);
	if (runbook_load(SOURCE_RUNBOOKDIR "/aurora-cutover.yaml", &settings,
			 &w->runbook, &problems, &err))
		return -1;
	runbook_problems_release(&problems);
	engine_init(&w->engine, w->runbook);
	w->input.lost = 7;
	w->input.opening = json_pack("{ss}", "run", "a-run");
	w->input.effects = json_pack("[{ss ss sI sI}, {ss ss sI sI}]",
		"target", "here", "request", "DO", "within_ms",
		(json_int_t)100, "transactions", (json_int_t)1,
		"target", "there", "request", "DO MORE", "within_ms",
		(json_int_t)200, "transactions", (json_int_t)0);
	w->input.positions = json_pack("{ss ss}", "rds", "1-1-7", "aurora",
				       "1-1-8");
	w->input.verdicts = w->verdicts;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	engine_release(&w->engine);
	runbook_free(w->runbook);
	json_decref(w->input.opening);
	json_decref(w->input.effects);
	json_decref(w->input.positions);
	free(w);
	return 0;
}

/* ---- one decision -------------------------------------------------------- */

static json_t *outputs_json(const struct engine_outputs *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < out->count; i++)
		json_array_append_new(list, json_pack("{ss sO}", "event",
			event_name(out->records[i].event), "fields",
			out->records[i].fields));
	return json_pack("{so si sI}", "records", list, "order",
			 (int)out->order, "effect", (json_int_t)out->effect);
}

static int act(void *data, struct error *err)
{
	struct world *w = data;

	return engine_decide(&w->engine, &w->input, &w->out, err);
}

static void check(void *data, int code)
{
	struct world *w = data;
	json_t *outputs = outputs_json(&w->out);

	assert_memory_equal(&w->engine, &w->before, sizeof(w->engine));
	if (!code && !json_equal(outputs, w->expected))
		fail_msg("decided otherwise: %s",
			 json_dumps(outputs, JSON_COMPACT));
	if (code)
		assert_int_equal(w->out.count, 0);
	json_decref(outputs);
	engine_outputs_release(&w->out);
}

/* Folds what was decided, with no memory to be had. */
static void fold(struct world *w)
{
	const json_t *records = json_object_get(w->expected, "records");

	for (size_t i = 0; i < json_array_size(records); i++) {
		const json_t *one = json_array_get(records, i);
		json_t *record = json_copy(json_object_get(one, "fields"));
		struct error err;
		int code;

		json_object_set(record, "event", json_object_get(one, "event"));
		json_object_set_new(record, "mono",
				    json_integer(w->input.mono));
		failing_memory_begin(1, true);
		code = engine_apply(&w->engine, record, &err);
		assert_false(failing_memory_end());
		assert_int_equal(code, 0);
		json_decref(record);
	}
}

/* Decides with every allocation failing, then goes on. */
static void play(struct world *w, enum engine_input_kind kind,
		 const char *text)
{
	struct failing_case that = {
		.name = "decision", .act = act, .check = check, .data = w,
	};
	struct error err = {0};

	w->input.kind = kind;
	w->input.text = text;
	w->input.mono += 10;
	w->before = w->engine;
	if (act(w, &err))
		fail_msg("input %d: %s", (int)kind, err.message);
	w->expected = outputs_json(&w->out);
	engine_outputs_release(&w->out);
	if (json_array_size(json_object_get(w->expected, "records"))) {
		failing_memory_try(&that);
		w->decided++;
	}
	fold(w);
	json_decref(w->expected);
}

static void judge(struct world *w, enum verdict_state state)
{
	for (size_t i = 0; i < RUNBOOK_ITEMS_MAX; i++) {
		w->verdicts[i].state = state;
		memcpy(w->verdicts[i].text, "seen", 5);
	}
	play(w, INPUT_VERDICTS, NULL);
}

/* ---- runs ---------------------------------------------------------------- */

static void confirm(struct world *w)
{
	judge(w, VERDICT_GREEN);
	play(w, INPUT_CONFIRM,
	     w->runbook->steps[w->engine.step].confirm);
}

static void finish(struct world *w)
{
	while (w->engine.phase == ENGINE_ACTING)
		play(w, INPUT_DONE, "OK");
	judge(w, VERDICT_GREEN);
}

static void test_a_run_to_its_end(void **state)
{
	struct world *w = *state;

	play(w, INPUT_OPEN, NULL);
	while (w->engine.phase != ENGINE_CLOSED) {
		confirm(w);
		finish(w);
	}
	assert_int_equal(w->engine.result, RESULT_COMPLETED);
	assert_true(w->decided > 4 * w->runbook->step_count);
}

/* The first soft guard of the gate at hand, or its count. */
static size_t soft_guard(const struct world *w)
{
	const struct conditions *guards = &engine_deed(&w->engine)->guards;
	size_t i = 0;

	while (i < guards->count && guards->items[i].hard)
		i++;
	assert_true(i < guards->count);
	return i;
}

static void test_everything_else_an_operator_decides(void **state)
{
	struct world *w = *state;

	play(w, INPUT_OPEN, NULL);
	play(w, INPUT_NOTE, "a note");
	judge(w, VERDICT_RED);
	w->input.index = soft_guard(w);
	play(w, INPUT_OVERRIDE, "seen elsewhere");
	confirm(w);
	play(w, INPUT_FAILED, "500");
	play(w, INPUT_RETRY, NULL);
	while (w->engine.phase == ENGINE_ACTING)
		play(w, INPUT_DONE, "OK");
	judge(w, VERDICT_RED);
	play(w, INPUT_GIVE_UP, "too long");
	play(w, INPUT_RETRY, NULL);
	finish(w);
	play(w, INPUT_PARK, "dinner");
	play(w, INPUT_RESUME, "somebody");
	confirm(w);
	play(w, INPUT_LOST, "no answer");
	play(w, INPUT_ROLLBACK, NULL);
	while (w->engine.phase != ENGINE_CLOSED) {
		judge(w, VERDICT_GREEN);
		judge(w, VERDICT_GREEN);
		finish(w);
	}
	assert_int_equal(w->engine.result, RESULT_ROLLED_BACK);
	assert_int_equal(w->engine.undo_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_run_to_its_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_everything_else_an_operator_decides, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
