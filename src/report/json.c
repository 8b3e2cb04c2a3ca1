/* See json.h. Times are milliseconds; what is not known is null. Only ASCII is
 * written, so that it is safe on a terminal too. */
#include "report/json.h"

#include "base/error.h"
#include "report/debrief_json.h"

static json_t *report_json_ms(int64_t ms)
{
	return ms < 0 ? json_null() : json_integer(ms);
}

static const char *report_json_result(const struct report_run *run)
{
	if (run->state == REPORT_PARKED)
		return "parked";
	return run->state == REPORT_CLOSED ? run->result : NULL;
}

static json_t *report_json_run(const struct report_run *run)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:{s:s, s:s, s:s, s:s},"
			 " s:s, s:s, s:s?, s:o, s:o, s:o, s:o, s:I, s:I}",
			 "name", run->name, "version", run->version,
			 "operator", run->operator_name,
			 "rehearsal", run->rehearsal,
			 "autopilot", run->autopilot,
			 "runbook", "name", run->runbook, "title", run->title,
			 "path", run->path, "sha256", run->sha256,
			 "started", run->started, "last_record", run->ended,
			 "result", report_json_result(run),
			 "budget_ms", report_json_ms(run->budget_ms),
			 "outage_ms", report_json_ms(run->outage_ms),
			 "way_back_ms", report_json_ms(run->way_back_ms),
			 "lost", report_json_ms(run->lost),
			 "overrides", (json_int_t)run->overrides,
			 "notes", (json_int_t)run->notes);
}

static json_t *report_json_step(const struct report_step *step)
{
	static const char *const states[] = {
		[REPORT_STEP_AT_GATE] = "at-gate",
		[REPORT_STEP_RUNNING] = "running",
		[REPORT_STEP_FAILED] = "failed",
		[REPORT_STEP_UNKNOWN] = "unknown",
		[REPORT_STEP_DONE] = "done",
		[REPORT_STEP_SKIPPED] = "skipped",
		[REPORT_STEP_UNDONE] = "undone",
	};

	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o, s:I, s:I, s:I}",
			 "id", step->id, "step", step->label, "title",
			 step->title, "undo", step->undo, "state",
			 states[step->state],
			 "gate_opened", report_json_ms(step->gate_mono),
			 "confirmed", report_json_ms(step->confirmed_mono),
			 "ended", report_json_ms(step->ended_mono),
			 "action_ms", (json_int_t)step->action_ms,
			 "overrides", (json_int_t)step->overrides,
			 "retries", (json_int_t)step->retries);
}

static json_t *report_json_steps(const struct report_run *run)
{
	json_t *steps = json_array();

	for (size_t i = 0; steps && i < run->count; i++)
		if (json_array_append_new(steps,
					  report_json_step(&run->steps[i]))) {
			json_decref(steps);
			return NULL;
		}
	return steps;
}

static int report_json_write(const char *bytes, size_t len, void *data)
{
	return buf_append(data, bytes, len) ? -1 : 0;
}

void report_json(const json_t *records, const struct report_run *run,
		 const char *hash, struct buf *out)
{
	json_t *whole = json_pack("{s:o, s:o, s:o, s:{s:I, s:s?}, s:O}",
				  "run", report_json_run(run),
				  "steps", report_json_steps(run),
				  "debrief", debrief_json(records),
				  "journal", "records",
				  (json_int_t)json_array_size(records),
				  "last_sha256", hash, "records", records);

	if (!whole || json_dump_callback(whole, report_json_write, out,
					 JSON_INDENT(2) | JSON_PRESERVE_ORDER |
					 JSON_ENSURE_ASCII)) {
		if (!buf_error(out))
			out->error = ERR_NOMEM;
	}
	buf_puts(out, "\n");
	json_decref(whole);
}
