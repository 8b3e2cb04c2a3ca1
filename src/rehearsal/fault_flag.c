/*
 * What goes wrong with the flag service. A flag in a ConfigMap has no service
 * that could: its faults are the API server's.
 */
#include "base/error.h"
#include "rehearsal/fault.h"
#include "rehearsal/flag.h"
#include "rehearsal/platform.h"

#define SLOW_S 3
#define SLOW_MAX_S 3600

static int fault_flag_set(struct stage *stage, enum flag_mood mood,
			  int64_t delay_ms, struct error *err)
{
	if (!stage->platform->flag)
		return error_set(err, ERR_INVALID, NULL,
				 "the flag is a ConfigMap in this world: there "
				 "is no flag service");
	flag_set_mood(stage->platform->flag, mood, delay_ms);
	return 0;
}

static int fault_flag_down(struct stage *stage, const json_t *parameters,
			   struct error *err)
{
	(void)parameters;
	return fault_flag_set(stage, FLAG_DOWN, 0, err);
}

static int fault_flag_slow(struct stage *stage, const json_t *parameters,
			   struct error *err)
{
	int64_t seconds;
	int rc = fault_number(parameters, "seconds", SLOW_S, 1, SLOW_MAX_S,
			      &seconds, err);

	return rc ? rc : fault_flag_set(stage, FLAG_SLOW, seconds * 1000, err);
}

static int fault_flag_inert(struct stage *stage, const json_t *parameters,
			    struct error *err)
{
	(void)parameters;
	return fault_flag_set(stage, FLAG_INERT, 0, err);
}

/* The service is in one mood at a time, and each fault ends its own. */
static void fault_flag_leave(struct stage *stage, enum flag_mood mood)
{
	if (stage->platform->flag)
		flag_leave_mood(stage->platform->flag, mood);
}

static void fault_flag_down_clear(struct stage *stage)
{
	fault_flag_leave(stage, FLAG_DOWN);
}

static void fault_flag_slow_clear(struct stage *stage)
{
	fault_flag_leave(stage, FLAG_SLOW);
}

static void fault_flag_inert_clear(struct stage *stage)
{
	fault_flag_leave(stage, FLAG_INERT);
}

/* Another of them has taken its place. */
static bool fault_flag_left(const struct stage *stage, enum flag_mood mood)
{
	return stage->platform->flag &&
	       !flag_has_mood(stage->platform->flag, mood);
}

static bool fault_flag_down_ended(const struct stage *stage)
{
	return fault_flag_left(stage, FLAG_DOWN);
}

static bool fault_flag_slow_ended(const struct stage *stage)
{
	return fault_flag_left(stage, FLAG_SLOW);
}

static bool fault_flag_inert_ended(const struct stage *stage)
{
	return fault_flag_left(stage, FLAG_INERT);
}

const struct fault faults_flag[] = {
	{"flag-down", "",
	 "the flag service answers 503 to everything", "",
	 fault_flag_down, fault_flag_down_clear, NULL, fault_flag_down_ended},
	{"flag-slow", "seconds=N",
	 "the flag service takes so long over each request", "3",
	 fault_flag_slow, fault_flag_slow_clear, NULL, fault_flag_slow_ended},
	{"flag-inert", "",
	 "the flag service answers 200 to a change, and changes nothing", "",
	 fault_flag_inert, fault_flag_inert_clear, NULL,
	 fault_flag_inert_ended},
	{.name = NULL},
};
