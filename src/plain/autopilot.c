/* See autopilot.h. */
#include "plain/autopilot.h"

#include "base/i18n.h"
#include "view/words.h"

/* Goes back if it can, else leaves the run to a person. */
static int autopilot_give_up(struct autopilot *autopilot,
			     struct conductor *conductor, struct error *err)
{
	if (!autopilot->gave_up && conduct_may(conductor, DECIDE_ROLLBACK)) {
		autopilot->gave_up = true;
		return conduct_rollback(conductor, CONDUCT_ROLLBACK_WORD,
					conduct_way_back(conductor)->version,
					err);
	}
	return conduct_park(conductor, _("the autopilot cannot go on"), err);
}

static int autopilot_gate(struct autopilot *autopilot,
			  struct conductor *conductor, struct error *err)
{
	const struct engine *engine = conduct_engine(conductor);
	int64_t opened = engine->rolling_back ? engine->last_mono :
			 engine->steps[engine->step].gate_mono;

	if (conduct_may(conductor, DECIDE_CONFIRM)) {
		/* a refusal here passes by itself: try again at the next beat */
		conduct_confirm(conductor, engine_word(engine), NULL);
		return 0;
	}
	if (conduct_mono(conductor) - opened > AUTOPILOT_PATIENCE_MS)
		return autopilot_give_up(autopilot, conductor, err);
	return 0;
}

int autopilot_step(struct autopilot *autopilot, struct conductor *conductor,
		   struct error *err)
{
	const struct engine *engine = conduct_engine(conductor);

	if (engine->phase == ENGINE_GATE)
		return autopilot_gate(autopilot, conductor, err);
	if (engine->phase != ENGINE_STUCK ||
	    !conduct_may(conductor, DECIDE_RETRY))
		return 0;
	if (autopilot->retried && autopilot->step == engine->step)
		return autopilot_give_up(autopilot, conductor, err);
	autopilot->retried = true;
	autopilot->step = engine->step;
	return conduct_retry(conductor, err);
}
