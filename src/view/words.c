/* See words.h. */
#include "view/words.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

void words_clock(int64_t ms, bool tenths, char dst[CLOCK_STAMP_MAX])
{
	long long minutes = ms / 60000, seconds = ms / 1000 % 60;

	if (tenths)
		snprintf(dst, CLOCK_STAMP_MAX, "%02lld:%02lld.%lld", minutes,
			 seconds, (long long)(ms / 100 % 10));
	else
		snprintf(dst, CLOCK_STAMP_MAX, "%02lld:%02lld", minutes,
			 seconds);
}

const struct runbook_step *words_step(const struct engine *engine)
{
	if (engine->phase == ENGINE_NEW || engine->phase == ENGINE_CLOSED)
		return NULL;
	return &engine->runbook->steps[engine->step];
}

const char *words_step_state(const struct engine *engine, size_t step)
{
	switch (engine->steps[step].state) {
	case STEP_WAITING:
		return engine->steps[step].armed ? _("armed") : "";
	case STEP_AT_GATE:
		return _("GATE");
	case STEP_RUNNING:
		return engine->phase == ENGINE_CHECKING ? _("checking") :
							  _("acting");
	case STEP_STUCK:
		return _("STUCK");
	case STEP_DONE:
		return _("done");
	case STEP_SKIPPED:
		return _("skipped");
	case STEP_UNDOING:
		return engine->phase == ENGINE_STUCK ? _("STUCK") :
						       _("undoing");
	case STEP_UNDONE:
		return _("undone");
	}
	return "";
}

void words_place(const struct runbook *runbook, char dst[WORDS_MAX])
{
	const char *namespace_ = "";

	for (size_t i = 0; i < runbook->connection_count; i++)
		if (runbook->connections[i].kind == CONNECTION_KUBERNETES)
			namespace_ =
				runbook->connections[i].kubernetes.namespace;
	snprintf(dst, WORDS_MAX, "%s%s%s", namespace_,
		 namespace_[0] ? "/" : "", runbook->observe.service);
}

int64_t words_since_fence(const struct view_input *input)
{
	const struct facts_database *source =
		&input->facts->databases[SIDE_SOURCE];
	int fence = engine_fenced_at(input->engine);
	const char *since = fence < 0 ? NULL : engine_position(
		input->engine, input->engine->runbook->steps[fence].id,
		source->name);

	return facts_intruders(source, since, input->facts->now_ms).count;
}

enum db_flag words_refuses(const struct facts_database *database)
{
	const struct db_observation *seen = database ? database->seen : NULL;

	return !seen ? DB_FLAG_UNKNOWN :
	       seen->innodb_read_only == DB_FLAG_ON ? DB_FLAG_ON :
						      seen->read_only;
}

const char *words_flag(enum db_flag flag)
{
	return flag == DB_FLAG_ON ? _("read-only") :
	       flag == DB_FLAG_OFF ? _("read-write") : _("unknown");
}

static bool words_takes_writes(const struct facts_database *database,
			       int64_t now_ms)
{
	return stamp_is_fresh(&database->stamp, now_ms) &&
	       words_refuses(database) == DB_FLAG_OFF;
}

bool words_two_writers(const struct view_input *input, char dst[WORDS_MAX])
{
	const struct facts_database *databases = input->facts->databases;
	int64_t now_ms = input->facts->now_ms;
	int64_t added = words_since_fence(input);

	if (added < engine_tripped(input->engine))
		added = engine_tripped(input->engine);
	if (added > 0)
		snprintf(dst, WORDS_MAX,
			 ngettext("TWO WRITERS: %s took %lld transaction after the fence",
				  "TWO WRITERS: %s took %lld transactions after the fence",
				  (unsigned long)added),
			 databases[SIDE_SOURCE].name, (long long)added);
	else if (words_takes_writes(&databases[SIDE_SOURCE], now_ms) &&
		 words_takes_writes(&databases[SIDE_TARGET], now_ms))
		snprintf(dst, WORDS_MAX, _("TWO WRITERS: %s and %s both take writes"),
			 databases[SIDE_SOURCE].name,
			 databases[SIDE_TARGET].name);
	else
		return false;
	return true;
}

const char *words_gap(bool fresh)
{
	return fresh ? " " : "?";
}

void words_age(const struct stamp *stamp, int64_t now_ms, char dst[WORDS_MAX])
{
	char age[CLOCK_STAMP_MAX];

	stamp_age(stamp, now_ms, age);
	if (stamp_is_fresh(stamp, now_ms))
		dst[0] = '\0';
	else if (stamp->at_ms < 0)
		snprintf(dst, WORDS_MAX, "%s", _("unknown"));
	else
		snprintf(dst, WORDS_MAX, _("STALE %s"), age);
}

void words_stale(const struct stamp *stamp, int64_t now_ms, char dst[WORDS_MAX])
{
	size_t used;

	words_age(stamp, now_ms, dst);
	used = strlen(dst);
	if (used && stamp->problem[0])
		snprintf(dst + used, WORDS_MAX - used, ": %s", stamp->problem);
}

static void words_shut(const struct view_input *input, char dst[WORDS_MAX])
{
	size_t unknown = 0, shut = engine_shut_guards(input->engine), red;
	const struct deed *deed = engine_deed(input->engine);

	for (size_t i = 0; i < deed->guards.count; i++)
		unknown += engine_guard_binds(input->engine, i) &&
			   input->engine->guards[i].verdict.state ==
				   VERDICT_UNKNOWN;
	red = shut - unknown;
	if (input->engine->phase == ENGINE_STUCK)
		snprintf(dst, WORDS_MAX, ngettext("No other try while %zu guard is not green.",
						  "No other try while %zu guards are not green.",
						  shut), shut);
	else if (input->engine->rolling_back && engine_asks(input->engine))
		snprintf(dst, WORDS_MAX, ngettext("The way back waits for %zu guard.",
						  "The way back waits for %zu guards.",
						  shut), shut);
	else if (input->engine->rolling_back)
		snprintf(dst, WORDS_MAX, ngettext("The way back waits for %zu guard and goes on by itself.",
						  "The way back waits for %zu guards and goes on by itself.",
						  shut), shut);
	else if (red && unknown)
		snprintf(dst, WORDS_MAX, _("The gate is shut: %zu red, %zu unknown."),
			 red, unknown);
	else if (words_two_writers(input, dst))
		snprintf(dst, WORDS_MAX, _("The gate is shut. Stop whoever writes to %s; r rolls back."),
			 input->engine->runbook->observe.source);
	else if (red)
		snprintf(dst, WORDS_MAX, ngettext("The gate is shut: %zu guard is red.",
						  "The gate is shut: %zu guards are red.",
						  red), red);
	else
		snprintf(dst, WORDS_MAX, ngettext("The gate is shut: %zu guard is unknown.",
						  "The gate is shut: %zu guards are unknown.",
						  unknown), unknown);
}

void words_stuck(const struct engine *engine, char dst[WORDS_MAX])
{
	if (engine->found[0] && engine->found_lost)
		snprintf(dst, WORDS_MAX, _("the answer to request %zu of %zu was lost: %.400s"),
			 engine->effect, json_array_size(engine->effects),
			 engine->problem);
	else
		snprintf(dst, WORDS_MAX, "%.511s", engine->problem);
}

const char *words_problem(const struct view_input *input)
{
	return input->forbidden[0] ? input->forbidden : input->effects->problem;
}

bool words_is_armed_now(const struct view_input *input)
{
	const struct engine *engine = input->engine;

	return engine->phase == ENGINE_GATE && !engine->rolling_back &&
	       engine->steps[engine->step].armed;
}

const char *words_unwritten(const struct view_input *input)
{
	return input->unwritten == UNWRITTEN_ACT ?
	       _("CONFIRMED, waits for the journal: goes on by itself; p withdraws it. ") :
	       input->unwritten == UNWRITTEN_BACK ?
	       _("ROLLBACK CONFIRMED, waits for the journal: goes on by itself; p withdraws it. ") :
	       input->unwritten == UNWRITTEN_RECORD ?
	       _("The journal cannot be written: nothing is done until it can; m says why. ") :
	       NULL;
}

bool words_is_astray(const struct view_input *input)
{
	return input->lease && !input->lease->held;
}

/* The whole of it stands with the gate; here is room for what to do. */
static void words_astray(const struct view_input *input, char dst[WORDS_MAX])
{
	if (input->lease->coming)
		snprintf(dst, WORDS_MAX, "%s", _("The Lease is being taken."));
	else if (input->may[DECIDE_TAKE_OVER])
		snprintf(dst, WORDS_MAX, "%s",
			 _("Nothing is sent: the Lease is not ours. T takes it over."));
	else
		snprintf(dst, WORDS_MAX, "%s",
			 _("Nothing is sent: the Lease is not ours."));
}

void words_gate(const struct view_input *input, char dst[WORDS_MAX])
{
	const char *problem = words_problem(input);
	const char *word = engine_word(input->engine);

	if (words_is_astray(input))
		words_astray(input, dst);
	else if (words_is_armed_now(input))
		snprintf(dst, WORDS_MAX, "%s",
			 _("Armed: goes on by itself when it is green. Any key stops that. "));
	else if (engine_shut_guards(input->engine))
		words_shut(input, dst);
	else if (problem)
		snprintf(dst, WORDS_MAX, input->engine->rolling_back ?
			 _("The way back waits: %s") :
			 _("The gate is shut: %s"), problem);
	else if (input->engine->rolling_back && engine_asks(input->engine))
		snprintf(dst, WORDS_MAX, "%s",
			 _("Do what is done by hand; then y goes on. "));
	else if (input->engine->rolling_back)
		snprintf(dst, WORDS_MAX, "%s", _("Every guard is green."));
	else if (word)
		snprintf(dst, WORDS_MAX, _("Type %s to go on: "), word);
	else
		snprintf(dst, WORDS_MAX, "%s", _("The gate is open: y to go on. "));
}

enum mark words_verdict_mark(enum verdict_state state)
{
	return state == VERDICT_GREEN ? MARK_OK :
	       state == VERDICT_RED ? MARK_NO : MARK_UNKNOWN;
}

enum meaning words_verdict_meaning(enum verdict_state state)
{
	return state == VERDICT_GREEN ? MEANING_GOOD :
	       state == VERDICT_RED ? MEANING_BAD : MEANING_UNKNOWN;
}

const char *words_verdict(enum verdict_state state)
{
	return state == VERDICT_GREEN ? _("ok") :
	       state == VERDICT_RED ? _("NO") : _("UNKNOWN");
}
