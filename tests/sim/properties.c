/* See properties.h. A function a promise; the numbers are those of DESIGN. */
#include "properties.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "disk.h"
#include "guards.h"
#include "net/loop.h"
#include "record.h"
#include "sim.h"
#include "trace.h"
#include "wayback.h"

#define PROPERTY_SLACK_MS 1500  /* of time limits: a beat or two */

static struct {
	bool adopting;          /* reading what another process left */
	bool left;              /* the run was left, and is not gone on with yet */
	bool arrived;           /* the effect of the last intent happened */
	int64_t alive_ms;       /* since when this process lives */
	bool both;              /* two writers: told once */
} watch;

static const struct runbook_step *property_step(const json_t *record)
{
	int index = runbook_find_step(sim.runbook,
				      json_text(record, "step", ""));

	return index < 0 ? NULL : &sim.runbook->steps[index];
}

static const struct deed *property_deed(const json_t *record)
{
	const struct runbook_step *step = property_step(record);

	return !step ? NULL : json_flag(record, "undo", false) ? &step->undo :
								 &step->deed;
}

/* ---- 1: nothing happens unconfirmed -------------------------------------- */

static bool property_shows(const json_t *effect, const struct effect *sent)
{
	return strcmp(json_text(effect, "request", ""), sent->request) == 0 &&
	       strcmp(json_text(effect, "target", ""), sent->target) == 0;
}

/* The way back is confirmed as a whole, when it begins and when it is gone on
 * with: it must have shown this effect, or have said nothing of this step
 * because that could not be planned then. */
static bool property_way_back_shows(const char *step, const struct effect *sent,
				    size_t before)
{
	long resumed = record_last("run.resumed", before);
	long begun = record_last("rollback.begun", before);
	const json_t *effects = begun < 0 ? NULL :
		json_at(record_at((size_t)begun), "effects");
	bool spoke = false;

	if (begun >= 0 && resumed > begun)
		effects = json_at(record_at((size_t)resumed), "effects");
	for (size_t i = 0; i < json_array_size(effects); i++) {
		const json_t *effect = json_array_get(effects, i);

		if (strcmp(json_text(effect, "step", ""), step) != 0)
			continue;
		if (property_shows(effect, sent))
			return true;
		spoke = true;
	}
	return begun >= 0 && !spoke;
}

static void property_confirmed(const struct effect *sent, size_t intended)
{
	const json_t *intent = record_at(intended);
	const char *step = json_text(intent, "step", "");
	bool undo = json_flag(intent, "undo", false);
	long confirmed = record_last_about("gate.confirmed", intended, step,
					   undo);
	const json_t *shown = confirmed < 0 ? NULL :
		json_array_get(json_at(record_at((size_t)confirmed), "effects"),
			       (size_t)json_number(intent, "action", 0));

	if (!property_shows(shown, sent)) {
		sim_fail("1, nothing unconfirmed",
			 "no confirmation shows what is sent: %s",
			 sent->request);
		return;
	}
	if (confirmed < record_last("run.resumed", intended))
		sim_fail("1, nothing unconfirmed",
			 "sent after a resumption, confirmed before it: %s",
			 sent->request);
	/* a retry is a confirmation of its own, of what it showed */
	if (undo && !json_flag(record_at((size_t)confirmed), "retry", false) &&
	    !property_way_back_shows(step, sent, intended))
		sim_fail("1, nothing unconfirmed",
			 "the way back that was confirmed did not show: %s",
			 sent->request);
}

/* ---- 6: intent on disk before the act ------------------------------------ */

static bool property_is_outcome(size_t index)
{
	return record_is(index, "action.done") ||
	       record_is(index, "action.failed") ||
	       record_is(index, "run.resumed");
}

/* The intent that has no outcome yet; -1: there is none. */
static long property_intent(void)
{
	long intended = record_last("action.intended", records_count());

	for (size_t i = (size_t)(intended + 1);
	     intended >= 0 && i < records_count(); i++)
		if (property_is_outcome(i))
			return -1;
	return intended;
}

/* What became of that intent; "" : nothing is recorded. */
static const char *property_outcome(size_t intended, size_t before)
{
	for (size_t i = intended + 1; i < before; i++)
		if (property_is_outcome(i))
			return json_text(record_at(i), "outcome", "");
	return "";
}

/* What must happen once is not sent again, unless it surely did not happen. */
static void property_once(const struct effect *sent, size_t intended)
{
	for (size_t i = 0; sent->once && i < intended; i++)
		if (record_is(i, "action.intended") &&
		    property_shows(record_at(i), sent) &&
		    strcmp(property_outcome(i, intended), "failed") != 0)
			sim_fail("6, none done twice", "sent again: %s",
				 sent->request);
}

void properties_sent(const struct effect *effect)
{
	long intended = property_intent();

	watch.arrived = false;
	if (!sim_lease_holds())
		sim_fail("one driver", "sent without the Lease: %s",
			 effect->request);
	property_once(effect, (size_t)(intended < 0 ? 0 : intended));
	if (intended < 0 || !property_shows(record_at((size_t)intended), effect)) {
		sim_fail("6, intent before the act",
			 "no intent on disk for %s", effect->request);
		return;
	}
	property_confirmed(effect, (size_t)intended);
}

void properties_applied(const struct effect *effect, bool done)
{
	long intended = record_last("action.intended", records_count());

	if (done && intended >= 0 &&
	    property_shows(record_at((size_t)intended), effect))
		watch.arrived = true;
}

static void property_done(const json_t *record)
{
	if (!watch.arrived && !json_flag(record, "observed", false))
		sim_fail("6, no effect lost", "%s is recorded as done and did not happen",
			 json_text(record, "step", ""));
}

/* ---- 2, 3, 7: the gate --------------------------------------------------- */

static int64_t property_acted_ms(size_t before)
{
	for (size_t i = before; i-- > 0;)
		if (property_is_outcome(i))
			return record_ms(i);
	return 0;
}

static bool property_overridden(size_t confirmed, const char *step, bool undo,
				int64_t guard)
{
	for (size_t i = confirmed; i-- > 0;) {
		if (record_is(i, "gate.opened") || record_is(i, "run.resumed"))
			return false;
		if (record_is(i, "gate.overridden") &&
		    record_about(i, step, undo) &&
		    json_number(record_at(i), "guard", -1) == guard)
			return true;
	}
	return false;
}

/* Another try of what is left asks the hard ones only. */
static void property_guards(size_t index, bool all)
{
	const json_t *record = record_at(index);
	const struct deed *deed = property_deed(record);
	const char *step = json_text(record, "step", "");
	bool undo = json_flag(record, "undo", false);
	int64_t acted = property_acted_ms(index);

	for (size_t i = 0; deed && i < deed->guards.count; i++) {
		const struct condition *guard = &deed->guards.items[i];
		bool overridden = property_overridden(index, step, undo,
						      (int64_t)i);

		if (json_flag(json_array_get(json_at(record, "guards"), i),
			      "overridden", false) && !overridden)
			sim_fail("3, no silent override",
				 "%s: guard %zu counts as overridden and was not",
				 step, i);
		if (!overridden && (all || guard->hard) &&
		    !guards_is_green(guard, acted))
			sim_fail("2, no data is no-go",
				 "%s: confirmed while guard %zu was not green",
				 step, i);
	}
}

static void property_word(const json_t *record)
{
	const struct runbook_step *step = property_step(record);

	if (json_flag(record, "undo", false) || !step ||
	    json_flag(record, "armed", false))
		return;
	if (!sim.confirming)
		sim_fail("1, nothing unconfirmed", "%s opened unasked",
			 step->id);
	sim.confirming = false;
	if (!step->confirm)
		return;
	if (!sim.typing || strcmp(sim.typing, step->confirm) != 0)
		sim_fail("7, keys cannot slip",
			 "%s opened, and the word typed was '%s'", step->id,
			 sim.typing ? sim.typing : "");
}

/* What ends all arming. */
static bool property_disarms(size_t index)
{
	static const char *const events[] = {
		"gate.disarmed", "action.failed", "check.timed-out",
		"rollback.begun", "tripwire", "run.parked", "run.resumed",
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (record_is(index, events[i]))
			return true;
	return false;
}

/* A gate that went on by itself: it was armed, nothing has ended that since,
 * and what it sends is what was shown then. */
static void property_armed(size_t index)
{
	const json_t *record = record_at(index);
	const char *step = json_text(record, "step", "");
	long armed = record_last_about("gate.armed", index, step, false);
	const json_t *now = json_at(record, "effects"), *then;

	for (size_t i = (size_t)(armed + 1); armed >= 0 && i < index; i++)
		if (property_disarms(i))
			armed = -1;
	if (armed < 0) {
		sim_fail("1, nothing unconfirmed",
			 "%s went on by itself and was not armed", step);
		return;
	}
	then = json_at(record_at((size_t)armed), "effects");
	if (json_array_size(now) != json_array_size(then))
		sim_fail("1, nothing unconfirmed", "%s: armed for other effects",
			 step);
	for (size_t i = 0; i < json_array_size(now); i++) {
		const json_t *one = json_array_get(now, i);
		const char *gist = json_text(one, "gist",
					     json_text(one, "request", ""));

		if (strcmp(gist, json_text(json_array_get(then, i), "request",
					   "")) != 0)
			sim_fail("1, nothing unconfirmed",
				 "%s: armed for another effect than %s", step,
				 gist);
	}
}

static void property_gate(size_t index)
{
	const json_t *record = record_at(index);

	/* what a dead process decided is not acted upon without another */
	if (watch.adopting)
		return;
	if (json_flag(record, "retry", false)) {
		if (!sim.retrying)
			sim_fail("1, nothing unconfirmed",
				 "%s was tried again unasked",
				 json_text(record, "step", ""));
		sim.retrying = false;
		if (!json_flag(record, "only_wait", false))
			property_guards(index, conduct_engine(
				sim.conductor)->effect == 0);
		return;
	}
	property_guards(index, true);
	property_word(record);
	if (json_flag(record, "armed", false))
		property_armed(index);
}

static void property_override(const json_t *record)
{
	const struct deed *deed = property_deed(record);
	size_t guard = (size_t)json_number(record, "guard", 9999);

	if (!deed || guard >= deed->guards.count ||
	    deed->guards.items[guard].hard)
		sim_fail("3, no silent override", "a hard guard was overridden");
	if (strlen(json_text(record, "reason", "")) < 3)
		sim_fail("3, no silent override", "overridden without a reason");
}

/* ---- records ------------------------------------------------------------- */

/* A run that was left is only looked at, until the operator says go on. */
static void property_goes_on(size_t index)
{
	bool resumed = record_is(index, "run.resumed");

	if (watch.adopting)
		return;
	if (resumed != watch.left || (resumed && !sim.resuming))
		sim_fail("6, resumed when told to", "%s, unasked",
			 record_event(index));
	watch.left = false;
	sim.resuming = sim.resuming && !resumed;
}

static void property_record(size_t index)
{
	const json_t *record = record_at(index);

	property_goes_on(index);
	if (record_is(index, "gate.confirmed"))
		property_gate(index);
	else if (record_is(index, "gate.armed") && !watch.adopting)
		property_word(record);
	else if (record_is(index, "gate.overridden"))
		property_override(record);
	else if (record_is(index, "action.done"))
		property_done(record);
	else if (record_is(index, "rollback.begun"))
		wayback_begun(index);
	else if (record_is(index, "step.undone") ||
		 record_is(index, "step.skipped"))
		wayback_undone(index);
	else if (record_is(index, "rollback.done"))
		wayback_done(index, watch.adopting);
	else if (record_is(index, "window.closed") ||
		 record_is(index, "run.closed"))
		wayback_clock(index);
}

void properties_synced(void *data)
{
	(void)data;
	records_read(disk_synced(), property_record);
}

void properties_died(void)
{
	if (disk_size() < disk_synced())
		sim_fail("6, never lost", "%lld bytes of %lld synced ones are left",
			 (long long)disk_size(), (long long)disk_synced());
	records_cut(disk_size());
}

void properties_reopening(void)
{
	watch.adopting = true;
}

void properties_reopened(void)
{
	records_read(disk_size(), property_record);
	watch.adopting = false;
	watch.left = true;
	watch.alive_ms = loop_now(sim.loop);
}

/* ---- 4: never two writers; 11: no wait without limit --------------------- */

static void property_two_writers(void)
{
	if (world_takes_writes(&sim.world, SIDE_SOURCE) &&
	    world_takes_writes(&sim.world, SIDE_TARGET))
		sim_fail("4, never two writers",
			 "both rds and aurora take users' writes");
}

static int64_t property_longest_check(const struct deed *deed)
{
	int64_t longest = 0;

	for (size_t i = 0; i < deed->checks.count; i++)
		if (deed->checks.items[i].within_ms > longest)
			longest = deed->checks.items[i].within_ms;
	return longest;
}

/* How long may it stand after this record, by itself? -1: the operator's. */
static int64_t property_limit(size_t index)
{
	const json_t *record = record_at(index);
	const struct deed *deed = property_deed(record);

	if (record_is(index, "action.intended"))
		return json_number(record, "within_ms", 0);
	if (deed && (record_is(index, "action.done") ||
		     record_is(index, "gate.confirmed")))
		return property_longest_check(deed);
	if (record_is(index, "check.passed") || record_is(index, "step.done") ||
	    record_is(index, "step.undone") ||
	    record_is(index, "step.skipped") ||
	    record_is(index, "window.closed") ||
	    record_is(index, "rollback.begun") ||
	    record_is(index, "run.opened") || record_is(index, "rollback.done"))
		return 0;
	return -1;
}

static void property_waits(void)
{
	size_t index = records_count();
	int64_t limit, since;

	if (!sim.conductor || !index || sim_is_stormy() || watch.left)
		return;
	do
		index--;
	while (index && record_is(index, "note"));
	limit = property_limit(index);
	since = record_ms(index);
	if (since < watch.alive_ms)
		since = watch.alive_ms;
	if (since < sim.weather.calm_ms)
		since = sim.weather.calm_ms;
	if (limit >= 0 && loop_now(sim.loop) - since > limit + PROPERTY_SLACK_MS)
		sim_fail("11, no wait without limit",
			 "nothing follows record %zu, %s", index + 1,
			 record_event(index));
}

void properties_watch(void)
{
	property_two_writers();
	property_waits();
	if (disk_was_robbed())
		sim_fail("6, never lost", "synced records were cut off");
}

/* ---- the end ------------------------------------------------------------- */

void properties_open(void)
{
	memset(&watch, 0, sizeof(watch));
}

void properties_close(void)
{
	records_close();
}

void properties_end(void)
{
	long closed = record_last("run.closed", records_count());
	const char *result = closed < 0 ? "none" :
		json_text(record_at((size_t)closed), "result", "none");
	const struct world *world = &sim.world;

	trace_say("life", "the run is closed: %s", result);
	if (strcmp(result, "completed") == 0 &&
	    world->applied + world->intruders < world->databases[SIDE_SOURCE].own)
		sim_fail("ledger", "aurora lacks %lld transactions of rds",
			 (long long)(world->databases[SIDE_SOURCE].own -
				     world->applied));
	if (strcmp(result, "completed") != 0 &&
	    strcmp(result, "rolled-back") != 0)
		sim_fail("liveness", "the run ended as %s", result);
}
