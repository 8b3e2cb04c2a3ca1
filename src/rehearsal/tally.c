/* See tally.h. */
#include "rehearsal/tally.h"

#include <inttypes.h>

#include "base/buf.h"
#include "rehearsal/backstage.h"
#include "rehearsal/kind.h"
#include "rehearsal/options.h"
#include "rehearsal/scenario.h"

static int64_t tally_us(const struct tally *tally, const struct outage *outage)
{
	return outage_total_us(outage, tally->record.end_us);
}

void tally_lines(const struct tally *tally, const char *indent, struct buf *to)
{
	const struct ledger_counts *counts = &tally->counts;

	buf_printf(to, "%sledger: acknowledged %" PRIu64 ", present %" PRIu64
		   ", lost %" PRIu64 ", duplicated %" PRIu64 "\n", indent,
		   counts->acknowledged, counts->present, counts->lost,
		   counts->duplicated);
	buf_printf(to, "%soutage: writes %.3f s, reads %.3f s\n", indent,
		   (double)tally_us(tally, &tally->record.writes) / 1e6,
		   (double)tally_us(tally, &tally->record.reads) / 1e6);
}

/* What the scenario says of itself, without what was told beforehand. */
static void tally_scenario(json_t *note, const struct scenario *scenario)
{
	static const char *const kept[] = {"scenario", "title", "par", "good"};
	json_t *all = scenario_describe(scenario);
	json_int_t faults = 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (json_object_get(all, kept[i]))
			json_object_set(note, kept[i],
					json_object_get(all, kept[i]));
	json_decref(all);
	for (size_t i = 0; i < scenario->timeline_count; i++)
		faults += scenario->timeline[i].fault != NULL;
	json_object_set_new(note, "faults", json_integer(faults));
}

json_t *tally_note(const struct tally *tally,
		   const struct backstage *backstage)
{
	const struct ledger_counts *counts = &tally->counts;
	const struct options *options = backstage->stage.options;
	json_t *note = json_pack(
		"{sI ss ss si ss si sO s{sI sI sI sI} s{sI sI sb} s{sI sI}}",
		"seed", (json_int_t)backstage->stage.seed,
		"speed", options->realistic ? "realistic" : "fast",
		"database", options->database->name, "pods", options->pods,
		"flag", options->flag_in_configmap ? "configmap" : "http",
		"heartbeat_ms", options->heartbeat_ms,
		"scenes", backstage->scenes.list,
		"ledger", "acknowledged", (json_int_t)counts->acknowledged,
		"present", (json_int_t)counts->present,
		"lost", (json_int_t)counts->lost,
		"duplicated", (json_int_t)counts->duplicated,
		"outage", "writes_ms",
		(json_int_t)tally_us(tally, &tally->record.writes) / 1000,
		"reads_ms",
		(json_int_t)tally_us(tally, &tally->record.reads) / 1000,
		"open", tally->record.writes.open && tally->record.late,
		"errors", "writes", (json_int_t)tally->record.writes.failures,
		"reads", (json_int_t)tally->record.reads.failures);

	if (note && backstage->scenario)
		tally_scenario(note, backstage->scenario);
	return note;
}
