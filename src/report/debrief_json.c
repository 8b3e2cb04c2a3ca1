/* See debrief_json.h. */
#include "report/debrief_json.h"

#include "report/debrief.h"

static json_t *debrief_json_ms(int64_t ms)
{
	return ms < 0 ? json_null() : json_integer(ms);
}

static json_t *debrief_json_criterion(const struct debrief *debrief,
				      enum debrief_criterion i)
{
	const struct debrief_mark *mark = &debrief->marks[i];

	return json_pack("{ss si so ss ss ss}", "criterion",
			 debrief_rules[i].id, "weight", debrief_rules[i].weight,
			 "points", debrief_json_ms(mark->points), "verdict",
			 debrief_verdict(debrief, i), "why", mark->why,
			 "better", mark->better);
}

static json_t *debrief_json_gate(const struct debrief_gate *gate)
{
	return json_pack("{ss ss so so so sb sb sb}", "step", gate->step,
			 "label", gate->label,
			 "stood_ms", debrief_json_ms(gate->stood_ms),
			 "own_ms", debrief_json_ms(gate->own_ms),
			 "whole_ms", debrief_json_ms(gate->whole_ms),
			 "in_window", gate->in_window, "armed", gate->armed,
			 "left", gate->left);
}

static json_t *debrief_json_criteria(const struct debrief *debrief)
{
	json_t *list = json_array();

	for (enum debrief_criterion i = 0; list && i < DEBRIEF_CRITERIA; i++)
		if (json_array_append_new(list,
				debrief_json_criterion(debrief, i))) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *debrief_json_gates(const struct debrief *debrief)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < debrief->gates.count; i++)
		if (json_array_append_new(list,
				debrief_json_gate(&debrief->gates.gates[i]))) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *debrief_json_window(const struct debrief *debrief)
{
	const int64_t *shares = debrief->waits.shares;

	return json_pack("{so so so so so so so so}",
		"whole_ms", debrief_json_ms(debrief->gates.window_ms),
		"gates_ms", debrief_json_ms(shares[DEBRIEF_SHARE_GATES]),
		"own_ms", debrief_json_ms(debrief->waits.own_ms),
		"acts_ms", debrief_json_ms(shares[DEBRIEF_SHARE_ACTS]),
		"stuck_ms", debrief_json_ms(shares[DEBRIEF_SHARE_STUCK]),
		"parked_ms", debrief_json_ms(shares[DEBRIEF_SHARE_PARKED]),
		"gone_ms", debrief_json_ms(shares[DEBRIEF_SHARE_GONE]),
		"back_ms", debrief_json_ms(shares[DEBRIEF_SHARE_BACK]));
}

json_t *debrief_json(const json_t *records)
{
	struct debrief debrief;

	if (!debrief_fold(&debrief, records))
		return json_null();
	return json_pack("{ss si sb so so so sO?}",
			 "scenario", debrief.world.scenario,
			 "score", debrief.score,
			 "capped", debrief.lost_writes ||
			 debrief.two_writers || debrief.open,
			 "criteria", debrief_json_criteria(&debrief),
			 "gates", debrief_json_gates(&debrief),
			 "window", debrief_json_window(&debrief),
			 "earlier", debrief.earlier);
}
