/* See operator.h. */
#include "operator.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "conduct/conduct.h"
#include "disk.h"
#include "sim.h"
#include "trace.h"
#include "vloop.h"

#define OPERATOR_PATIENCE_MS 3000       /* before a shut gate */
#define OPERATOR_TRIES 3

static struct {
	struct chance chance;
	int64_t shut_ms;        /* since when the gate is seen shut; -1 */
	int tries;              /* of what is stuck */
	bool arms;              /* later gates, before the window */
	bool skips;             /* undos that do not go on */
	int64_t home_ms;        /* when all is called off; -1: never */
	uint64_t shown;         /* the way back, as last looked at */
	enum engine_phase seen; /* last */
	size_t step;
} operator;

/* ---- keys ---------------------------------------------------------------- */

static void operator_tell(const char *key, int status, const struct error *err)
{
	trace_say("key", "%s%s%s", key, status ? ": refused: " : "",
		  status ? err->message : "");
}

static void operator_confirm(const char *word)
{
	struct error err = {0};
	char key[64];
	int status;

	snprintf(key, sizeof(key), "confirm '%s'", word ? word : "");
	sim.typing = word;
	sim.confirming = true;
	status = conduct_confirm(sim.conductor, word, &err);
	sim.confirming = sim.confirming && !status;
	operator_tell(key, status, &err);
}

static const struct runbook_step *operator_step(void)
{
	return &sim.runbook->steps[conduct_engine(sim.conductor)->step];
}

static void operator_confirm_right(void)
{
	operator_confirm(operator_step()->confirm);
}

static void operator_override(size_t guard, const char *reason)
{
	struct error err = {0};
	char key[64];

	snprintf(key, sizeof(key), "override guard %zu", guard);
	operator_tell(key, conduct_override(sim.conductor, guard, reason, &err),
		      &err);
}

static void operator_roll_back(const char *word)
{
	struct error err = {0};

	operator_tell("roll back",
		      conduct_rollback(sim.conductor, word, operator.shown,
				       &err), &err);
}

static void operator_retry(void)
{
	struct error err = {0};

	int status;

	sim.retrying = true;
	status = conduct_retry(sim.conductor, &err);
	sim.retrying = sim.retrying && !status;
	operator_tell("retry", status, &err);
}

static void operator_skip(void)
{
	struct error err = {0};

	operator_tell("skip", conduct_skip(sim.conductor, "it is gone", &err),
		      &err);
}

static void operator_park(void)
{
	struct error err = {0};

	operator_tell("park", conduct_park(sim.conductor, "lunch", &err), &err);
}

static void operator_cancel(void)
{
	struct error err = {0};

	operator_tell("cancel", conduct_cancel(sim.conductor, &err), &err);
}

static void operator_resume(void)
{
	struct error err = {0};
	int status;

	sim.resuming = true;
	status = conduct_resume(sim.conductor, operator.shown, &err);
	sim.resuming = sim.resuming && !status;
	operator_tell("go on", status, &err);
}

static void operator_disarm(void)
{
	struct error err = {0};

	operator_tell("disarm",
		      conduct_disarm(sim.conductor, "let me see", &err), &err);
}

/* Reads what a later gate will send, then confirms it ahead. */
static void operator_arm(size_t step, const char *word)
{
	struct error err = {0};
	char key[64];
	int status;

	snprintf(key, sizeof(key), "arm step %zu '%s'", step, word ? word : "");
	if (!conduct_ahead(sim.conductor, step, &err)) {
		operator_tell(key, err.code, &err);
		return;
	}
	sim.typing = word;
	sim.confirming = true;
	status = conduct_arm(sim.conductor, step, word, &err);
	sim.confirming = sim.confirming && !status;
	operator_tell(key, status, &err);
}

static void operator_note(void)
{
	struct error err = {0};

	operator_tell("note", conduct_note(sim.conductor, "so far", &err), &err);
}

/* ---- without sense ------------------------------------------------------- */

static void slip_wrong_word(void)
{
	static const char *const words[] = {"promote", "flip", "", "yes",
					    "rollback", "promote "};

	operator_confirm(words[chance_between(&operator.chance, 0, 5)]);
}

static void slip_no_word(void)
{
	operator_confirm(NULL);
}

/* A guard that is in the way, a hard one first; or any number. */
static size_t slip_guard(void)
{
	size_t count, guard = (size_t)chance_between(&operator.chance, 0, 7);
	const struct verdict *verdicts = conduct_verdicts(sim.conductor, &count);
	const struct engine *engine = conduct_engine(sim.conductor);
	const struct deed *deed = engine_deed(engine);

	for (size_t i = 0; engine->phase == ENGINE_GATE && i < count; i++)
		if (verdicts[i].state != VERDICT_GREEN) {
			guard = i;
			if (deed->guards.items[i].hard)
				break;
		}
	return guard;
}

static void slip_override(void)
{
	static const char *const reasons[] = {"", "ok", "we know why", NULL};

	operator_override(slip_guard(),
			  reasons[chance_between(&operator.chance, 0, 3)]);
}

static void slip_roll_back(void)
{
	operator_roll_back(chance_permille(&operator.chance, 500) ? "rollback" :
								    "flip");
}

static void slip_arm(void)
{
	static const char *const words[] = {"promote", "flip", NULL, "arm"};

	operator_arm((size_t)chance_between(&operator.chance, 0, 7),
		     words[chance_between(&operator.chance, 0, 3)]);
}

static void operator_slip(void)
{
	static void (*const slips[])(void) = {
		slip_wrong_word, slip_wrong_word, slip_no_word, slip_override,
		slip_override, slip_override, slip_roll_back, operator_retry, operator_park,
		operator_cancel, operator_note, operator_confirm_right,
		operator_disarm, slip_arm, slip_arm, operator_resume,
		operator_skip,
	};

	slips[chance_between(&operator.chance, 0,
			     (int64_t)(sizeof(slips) / sizeof(slips[0])) - 1)]();
}

/* ---- with sense ---------------------------------------------------------- */

/* A hard guard that stays shut: there is no way on but back. */
static void operator_face_guards(const struct engine *engine)
{
	const struct deed *deed = engine_deed(engine);
	size_t count;
	const struct verdict *verdicts = conduct_verdicts(sim.conductor, &count);
	bool hard = false;

	for (size_t i = 0; i < count; i++)
		hard = hard || (deed->guards.items[i].hard &&
				verdicts[i].state != VERDICT_GREEN);
	if (hard && !engine->rolling_back) {
		operator_roll_back(CONDUCT_ROLLBACK_WORD);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!deed->guards.items[i].hard && !engine->guards[i].overridden &&
		    verdicts[i].state != VERDICT_GREEN)
			operator_override(i, "it has been looked into");
	if (hard && operator.skips)
		operator_skip();
	/* shut for want of a plan */
	if (!engine->rolling_back && !engine_shut_guards(engine) &&
	    conduct_effects(sim.conductor)->problem)
		operator_roll_back(CONDUCT_ROLLBACK_WORD);
}

static void operator_at_gate(const struct engine *engine)
{
	int64_t now = loop_now(sim.loop);
	size_t next;

	if (operator.arms && conduct_may(sim.conductor, DECIDE_ARM)) {
		next = conduct_armable(sim.conductor, 0);
		operator_arm(next, sim.runbook->steps[next].confirm);
		return;
	}
	if (conduct_may(sim.conductor, DECIDE_CONFIRM)) {
		operator_confirm_right();
		return;
	}
	if (operator.shut_ms < 0)
		operator.shut_ms = now;
	else if (now - operator.shut_ms >= OPERATOR_PATIENCE_MS)
		operator_face_guards(engine);
}

static void operator_when_stuck(const struct engine *engine)
{
	if (engine->rolling_back && operator.skips)
		operator_skip();
	else if (operator.tries++ < OPERATOR_TRIES || engine->rolling_back)
		operator_retry();
	else
		operator_roll_back(CONDUCT_ROLLBACK_WORD);
}

static void operator_act(const struct engine *engine)
{
	if (conduct_reality(sim.conductor)) {
		if (conduct_may(sim.conductor, DECIDE_RESUME))
			operator_resume();
		return;
	}
	if (engine->phase != operator.seen || engine->step != operator.step)
		operator.shut_ms = -1;
	if (engine->step != operator.step)
		operator.tries = 0;
	operator.seen = engine->phase;
	operator.step = engine->step;
	if (operator.home_ms >= 0 && loop_now(sim.loop) >= operator.home_ms &&
	    conduct_may(sim.conductor, DECIDE_ROLLBACK))
		operator_roll_back(CONDUCT_ROLLBACK_WORD);
	else if (engine->phase == ENGINE_GATE)
		operator_at_gate(engine);
	else if (engine->phase == ENGINE_STUCK)
		operator_when_stuck(engine);
}

static void operator_key(void *data)
{
	int64_t think = chance_between(&operator.chance, 60, 700);

	(void)data;
	/* a key while another waits for the disk is refused, and tells nothing */
	if (sim.conductor && !sim.ended && !disk_is_dead() &&
	    !sim.confirming && !sim.retrying && !sim.resuming) {
		if (sim_is_stormy() && chance_permille(&operator.chance,
						       sim.weather.slip_permille))
			operator_slip();
		else
			operator_act(conduct_engine(sim.conductor));
	}
	/* what is on the screen while it is thought about */
	if (sim.conductor)
		operator.shown = conduct_way_back(sim.conductor)->version;
	vloop_after(sim.loop, think, operator_key, NULL);
}

void operator_begin(void)
{
	memset(&operator, 0, sizeof(operator));
	chance_init(&operator.chance, sim.seed ^ 0x09e7a704);
	operator.home_ms = chance_permille(&operator.chance, 250) ?
			   chance_between(&operator.chance, 1000, 20000) : -1;
	operator.skips = chance_permille(&operator.chance, 300);
	operator.arms = chance_permille(&operator.chance, 400);
	operator.shut_ms = -1;
	vloop_after(sim.loop, 300, operator_key, NULL);
}
