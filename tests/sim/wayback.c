/* See wayback.h. */
#include "wayback.h"

#include <string.h>

#include "base/json.h"
#include "net/loop.h"
#include "observe/observer.h"
#include "record.h"
#include "sim.h"

#define PROPERTY_DISK_MS 12000  /* for which bad luck keeps a record waiting */
#define PROPERTY_CLOCK_MS 20    /* roundings of a clock that was taken on */
#define WAYBACK_UNSEEN_MS (OBSERVE_FRESH_DATABASE_MS + 500)

/* Was an action of that step intended in the run itself, before `before`? */
static bool wayback_began(const char *step, size_t before)
{
	return record_last_about("action.intended", before, step, false) >= 0;
}

void wayback_begun(size_t index)
{
	const json_t *undo = json_at(record_at(index), "undo");
	size_t at = 0;

	for (size_t i = 0; i < sim.runbook->rollback_count; i++) {
		const char *step =
			sim.runbook->steps[sim.runbook->rollback[i]].id;
		const char *told = json_string_value(json_array_get(undo, at));

		if (!wayback_began(step, index))
			continue;
		if (!told || strcmp(told, step) != 0)
			sim_fail("5, rollback", "%s began and is not undone in its place",
				 step);
		at++;
	}
	if (at != json_array_size(undo))
		sim_fail("5, rollback", "%zu steps would be undone, %zu began",
			 json_array_size(undo), at);
}

/* Which of the steps to be undone comes next, by the records before index;
 * NULL: all are. */
static const char *wayback_next(size_t index, size_t *ret_left)
{
	long begun = record_last("rollback.begun", index);
	const json_t *undo = begun < 0 ? NULL :
		json_at(record_at((size_t)begun), "undo");
	size_t undone = 0;

	for (size_t i = (size_t)(begun + 1); begun >= 0 && i < index; i++)
		undone += record_is(i, "step.undone") ||
			  record_is(i, "step.skipped");
	*ret_left = json_array_size(undo) - undone;
	return json_string_value(json_array_get(undo, undone));
}

void wayback_undone(size_t index)
{
	size_t left;
	const char *next = wayback_next(index, &left);
	const char *step = json_text(record_at(index), "step", "");

	if (!next || strcmp(next, step) != 0)
		sim_fail("5, rollback", "%s was undone, %s was due", step,
			 next ? next : "nothing");
}

/* How many transactions the run is known to have added itself. */
static int64_t wayback_own(size_t before)
{
	int64_t sum = 0;

	for (size_t i = 0; i < before; i++)
		if (record_is(i, "action.done") ||
		    record_is(i, "action.observed") ||
		    record_is(i, "step.done"))
			sum += json_number(record_at(i), "transactions", 0);
	return sum;
}

/* Did an outcome of the run itself stay unknown? */
static bool wayback_in_doubt(size_t before)
{
	if (record_last_about("step.done", before, "smoke", false) >= 0)
		return false;
	for (size_t i = 0; i < before; i++)
		if (record_is(i, "action.intended") &&
		    record_about(i, "smoke", false) &&
		    !(i + 1 < before && record_is(i + 1, "action.done")))
			return true;
	return false;
}

/* Did the run let the target take writes, or tell it to? Before that nothing on
 * it is a user's. */
static bool wayback_opened(size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (record_is(i, "action.intended") &&
		    record_about(i, "promote", false))
			return true;
	return false;
}

/* Had what an administrator wrote been seen when that was decided? Both
 * databases must have been looked at since. */
static bool wayback_saw(size_t index)
{
	int64_t wrote_ms = sim.world.errant_ms;

	return record_ms(index) - wrote_ms > WAYBACK_UNSEEN_MS &&
	       sim.conductor &&
	       conduct_facts(sim.conductor)->errant_stamp.at_ms > wrote_ms;
}

void wayback_done(size_t index, bool adopting)
{
	size_t left;
	const json_t *lost = json_at(record_at(index), "lost");
	long begun = record_last("rollback.begun", index);
	int64_t own = sim.world.databases[SIDE_TARGET].own;
	int64_t known = wayback_own(index);
	/* what is not known to be the run's own counts as users' */
	int64_t truth = known < own ? own - known : 0, least;

	if (known < sim.world.sentinels && !wayback_in_doubt(index))
		sim_fail("5, rollback", "%lld of the run's own transactions are counted as users'",
			 (long long)(sim.world.sentinels - known));
	wayback_next(index, &left);
	if (left)
		sim_fail("5, rollback", "done with %zu steps left", left);
	if (begun < 0 || !wayback_opened(index) ||
	    !json_array_size(json_at(record_at((size_t)begun), "undo")))
		truth = 0;
	least = wayback_saw(index) ? truth : truth - sim.world.errant;
	if (!adopting && json_is_integer(lost) &&
	    (json_integer_value(lost) > truth ||
	     json_integer_value(lost) < least))
		sim_fail("5, rollback", "lost %lld transactions, says %lld",
			 (long long)truth,
			 (long long)json_integer_value(lost));
}

/* ---- the clock of the outage --------------------------------------------- */

/* What was to begin it was surely not done: there was none. */
static bool wayback_void(size_t i)
{
	return json_flag(record_at(i), "void", false);
}

static int64_t wayback_outage(size_t before)
{
	int64_t sum = 0, opened = -1;

	for (size_t i = 0; i < before; i++) {
		if (record_is(i, "window.opened"))
			opened = record_ms(i);
		if (record_is(i, "window.closed") && opened >= 0) {
			sum += wayback_void(i) ? 0 : record_ms(i) - opened;
			opened = -1;
		}
	}
	return opened >= 0 && !wayback_void(before) ?
		sum + record_ms(before) - opened : sum;
}

void wayback_clock(size_t index)
{
	int64_t told = json_number(record_at(index), "outage_ms", 0);
	int64_t truth = wayback_outage(index);
	/* what waited for the disk was decided before it could be written */
	int64_t waited = sim.weather.disk_permille ? PROPERTY_DISK_MS : 0;

	if (told > truth + PROPERTY_CLOCK_MS ||
	    told < truth - waited - PROPERTY_CLOCK_MS)
		sim_fail("6, the outage goes on", "%lld ms, says %lld",
			 (long long)truth, (long long)told);
}
