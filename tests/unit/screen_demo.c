/*
 * The real full-screen front end on a made-up run, for tests of the terminal:
 * the engine decides as ever, facts are the fixture's, actions are answered
 * at once. Guards are green while the file named by the argument exists, so
 * that a test opens and shuts gates when it likes.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "net/loop.h"
#include "screen_fixture.h"
#include "tui/tui.h"

#define DEMO_BEAT_MS 50
#define DEMO_ACTION_MS 1500    /* time for a key, on a busy machine too */

struct conductor {
	struct loop *loop;
	struct fixture fixture;
	const struct conduct_listener *listener;
	const char *path;               /* the file that makes guards green */
	char acts_path[PATH_MAX];       /* and the one that lets an action last */
	int64_t began_ms;
	bool ended;
};

static struct conductor demo;

/* ---- the engine's outputs ------------------------------------------------ */

static int demo_feed(enum engine_input_kind kind, const char *text,
		     size_t index, struct error *err)
{
	struct fixture *f = &demo.fixture;
	struct engine_outputs outputs;
	struct engine_input input = {.kind = kind, .text = text,
				     .index = index, .mono = f->mono,
				     .verdicts = f->verdicts, .lost = 0};
	int status;

	input.effects = json_pack("[{ss ss si}]", "target", "rds (demo)",
				  "request", "SET GLOBAL read_only = 1",
				  "within_ms", 30000);
	input.positions = json_object();
	status = engine_decide(&f->engine, &input, &outputs, err);
	for (size_t i = 0; !status && i < outputs.count; i++) {
		json_t *record = json_deep_copy(outputs.records[i].fields);

		json_object_set_new(record, "event", json_string(event_name(
					outputs.records[i].event)));
		demo.listener->recorded(demo.listener->data, record);
		fixture_record(f, event_name(outputs.records[i].event), record);
	}
	if (!status)
		engine_outputs_release(&outputs);
	json_decref(input.effects);
	json_decref(input.positions);
	return status;
}

static void demo_judge(void)
{
	const struct engine *engine = &demo.fixture.engine;
	const struct deed *deed = engine_deed(engine);
	bool gate = engine->phase == ENGINE_GATE;
	bool green = !gate || access(demo.path, F_OK) == 0;
	size_t count = gate ? deed->guards.count : deed->checks.count;

	for (size_t i = 0; i < count; i++) {
		struct verdict *verdict = &demo.fixture.verdicts[i];

		verdict->state = green ? VERDICT_GREEN : VERDICT_RED;
		snprintf(verdict->text, sizeof(verdict->text), "condition %zu",
			 i + 1);
	}
	demo_feed(INPUT_VERDICTS, NULL, 0, NULL);
}

static void demo_beat(void *data)
{
	struct engine *engine = &demo.fixture.engine;

	(void)data;
	demo.fixture.mono = clock_mono_ms() - demo.began_ms;
	demo.fixture.facts.now_ms = 100000;
	if (engine->phase == ENGINE_ACTING &&
	    demo.fixture.mono - engine->acting_mono > DEMO_ACTION_MS &&
	    access(demo.acts_path, F_OK) != 0)
		demo_feed(INPUT_DONE, "done", 0, NULL);
	else if (engine->phase == ENGINE_GATE ||
		 engine->phase == ENGINE_CHECKING)
		demo_judge();
	demo.listener->changed(demo.listener->data);
	if (demo.ended || (engine->phase != ENGINE_PARKED &&
			   engine->phase != ENGINE_CLOSED))
		return;
	demo.ended = true;
	demo.listener->ended(demo.listener->data);
}

/* ---- what the front end asks of a conductor ------------------------------- */

static struct view_input demo_input(const struct conductor *c)
{
	struct view_input input;

	fixture_input(&c->fixture, true, &input);
	return input;
}

const struct engine *conduct_engine(const struct conductor *c)
{
	return &c->fixture.engine;
}

const struct facts *conduct_facts(const struct conductor *c)
{
	return &c->fixture.facts;
}

const struct conduct_options *conduct_options(const struct conductor *c)
{
	return &c->fixture.options;
}

int64_t conduct_mono(const struct conductor *c)
{
	return c->fixture.mono;
}

const struct verdict *conduct_verdicts(const struct conductor *c,
				       size_t *ret_count)
{
	*ret_count = demo_input(c).verdict_count;
	return c->fixture.verdicts;
}

const struct effects *conduct_effects(const struct conductor *c)
{
	return &c->fixture.effects;
}

const struct way_back *conduct_way_back(const struct conductor *c)
{
	return &c->fixture.way_back;
}

const struct reality *conduct_reality(const struct conductor *c)
{
	return c->fixture.reality;
}

const struct verdict *conduct_seen(const struct conductor *c)
{
	return &c->fixture.seen_effect;
}

const char *conduct_forbidden(const struct conductor *c)
{
	(void)c;
	return "";
}

enum conduct_unwritten conduct_unwritten(const struct conductor *c)
{
	return c->fixture.unwritten;
}

/* With "expired" as the second argument somebody else has the Lease at first. */
static struct conduct_lease_view demo_lease = {
	.name = "cutover-demo", .takeable = true,
	.text = "EXPIRED, HELD BY alice@bastion"};

const struct conduct_lease_view *conduct_lease(const struct conductor *c)
{
	return c->fixture.lease;
}

int conduct_take_over(struct conductor *c, const char *word, struct error *err)
{
	(void)c;
	if (strcmp(word, CONDUCT_TAKE_OVER_WORD) != 0)
		return error_set(err, ERR_INVALID, NULL, "not the word");
	demo_lease = (struct conduct_lease_view){.held = true, .text = ""};
	return 0;
}

size_t conduct_armable(const struct conductor *c, size_t from)
{
	while (from < c->fixture.runbook->step_count &&
	       !engine_may_arm(&c->fixture.engine, from, NULL))
		from++;
	return from;
}

const struct effects *conduct_ahead(struct conductor *c, size_t step,
				    struct error *err)
{
	(void)step;
	(void)err;
	return &c->fixture.effects;
}

int conduct_arm(struct conductor *c, size_t step, const char *word,
		struct error *err)
{
	(void)c;
	return demo_feed(INPUT_ARM, word, step, err);
}

int conduct_disarm(struct conductor *c, const char *reason, struct error *err)
{
	(void)c;
	return demo_feed(INPUT_DISARM, reason, 0, err);
}

int conduct_skip(struct conductor *c, const char *reason, struct error *err)
{
	(void)c;
	return demo_feed(INPUT_SKIP, reason, 0, err);
}

int conduct_resume(struct conductor *c, uint64_t shown, struct error *err)
{
	(void)c;
	(void)shown;
	return demo_feed(INPUT_RESUME, "demo", 0, err);
}

bool conduct_may(const struct conductor *c, enum decision decision)
{
	return demo_input(c).may[decision];
}

int conduct_confirm(struct conductor *c, const char *word, struct error *err)
{
	(void)c;
	return demo_feed(INPUT_CONFIRM, word, 0, err);
}

int conduct_override(struct conductor *c, size_t guard, const char *reason,
		     struct error *err)
{
	(void)c;
	return demo_feed(INPUT_OVERRIDE, reason, guard, err);
}

int conduct_rollback(struct conductor *c, const char *word, uint64_t shown,
		     struct error *err)
{
	if (shown != conduct_way_back(c)->version)
		return error_set(err, ERR_INVALID, NULL, "not what was shown");
	if (strcmp(word, CONDUCT_ROLLBACK_WORD) != 0)
		return error_set(err, ERR_INVALID, NULL, "not the word");
	return demo_feed(INPUT_ROLLBACK, NULL, 0, err);
}

int conduct_retry(struct conductor *c, struct error *err)
{
	(void)c;
	return demo_feed(INPUT_RETRY, NULL, 0, err);
}

int conduct_note(struct conductor *c, const char *text, struct error *err)
{
	(void)c;
	return demo_feed(INPUT_NOTE, text, 0, err);
}

int conduct_park(struct conductor *c, const char *reason, struct error *err)
{
	(void)c;
	return demo_feed(INPUT_PARK, reason, 0, err);
}

int conduct_cancel(struct conductor *c, struct error *err)
{
	if (c->fixture.engine.phase == ENGINE_ACTING)
		return demo_feed(INPUT_LOST, "the operator gave up", 0, err);
	return demo_feed(INPUT_GIVE_UP, "the operator gave up", 0, err);
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct tui *tui = NULL;
	int status;

	i18n_open();
	demo.path = argc > 1 ? argv[1] : "/nonexistent";
	snprintf(demo.acts_path, sizeof(demo.acts_path), "%s.acts", demo.path);
	fixture_open(&demo.fixture);
	if (argc > 2 && strcmp(argv[2], "expired") == 0)
		demo.fixture.lease = &demo_lease;
	demo.began_ms = clock_mono_ms();
	status = loop_open(&demo.loop, &err);
	if (!status)
		status = tui_open(demo.loop, &tui, &err);
	if (!status) {
		demo.listener = tui_listener(tui);
		tui_attach(tui, &demo, NULL);
		loop_timer(demo.loop, 0, DEMO_BEAT_MS, demo_beat, NULL, NULL,
			   &err);
		status = loop_run(demo.loop, &err);
	}
	tui_close(tui);
	printf("%s, gates confirmed until step %zu\n",
	       status ? err.message :
	       demo.fixture.engine.phase == ENGINE_PARKED ? "parked" : "ended",
	       demo.fixture.engine.step);
	loop_close(demo.loop);
	fixture_close(&demo.fixture);
	return status ? 2 : 0;
}
