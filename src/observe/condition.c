/* See condition.h. The judges stand in a table; here is what they share. */
#include "observe/condition.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/i18n.h"
#include "base/text.h"
#include "observe/judge.h"

void verdict_set(struct verdict *ret, enum verdict_state state,
			const char *format, ...)
{
	char text[VERDICT_TEXT_MAX * 2];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ret->state = state;
	ret->pending = false;
	text_sanitise(ret->text, sizeof(ret->text), text);
}

enum verdict_state verdict_of(bool holds)
{
	return holds ? VERDICT_GREEN : VERDICT_RED;
}

bool compare_holds(const struct compare *compare, int64_t value)
{
	switch (compare->op) {
	case COMPARE_EQ:
		return value == compare->value;
	case COMPARE_NE:
		return value != compare->value;
	case COMPARE_LT:
		return value < compare->value;
	case COMPARE_LE:
		return value <= compare->value;
	case COMPARE_GT:
		return value > compare->value;
	case COMPARE_GE:
		return value >= compare->value;
	}
	return false;
}

const char *compare_sign(enum compare_op op)
{
	static const char *const signs[] = {
		[COMPARE_EQ] = "=",  [COMPARE_NE] = "!=", [COMPARE_LT] = "<",
		[COMPARE_LE] = "<=", [COMPARE_GT] = ">",  [COMPARE_GE] = ">=",
	};

	return signs[op];
}

/* Is the fact there, fresh, and seen after the last act? Else *ret is unknown
 * and says why. */
bool fact_usable(const struct stamp *stamp, const char *what,
			const struct condition_context *c, struct verdict *ret)
{
	char age[CLOCK_STAMP_MAX];

	if (stamp_is_usable(stamp, c->now_ms) &&
	    stamp->at_ms >= c->not_before_ms)
		return true;
	stamp_age(stamp, c->now_ms, age);
	if (stamp->problem[0])
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: unknown: %s"), what,
			    stamp->problem);
	else if (stamp->at_ms < 0)
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: not seen yet"), what);
	else if (!stamp_is_fresh(stamp, c->now_ms))
		verdict_set(ret, VERDICT_UNKNOWN, _("%s: last seen %s ago"),
			    what, age);
	else
		verdict_set(ret, VERDICT_UNKNOWN,
			    _("%s: not seen since the last action"), what);
	ret->pending = !stamp->problem[0] &&
		       (stamp->at_ms < 0 || stamp_is_fresh(stamp, c->now_ms));
	return false;
}

static void judge_flag(const struct condition *condition,
		       const struct condition_context *c, struct verdict *ret)
{
	const struct facts_flag *flag = &c->facts->flag;

	if (fact_usable(&flag->stamp, _("flag"), c, ret))
		verdict_set(ret, verdict_of(flag->on == condition->is),
			    flag->on ? _("the flag is on") :
				       _("the flag is off"));
}

/* Unless one holds, the words are those of all: each is a way to go on. */
static void judge_any(const struct condition *condition,
		      const struct condition_context *c, struct verdict *ret)
{
	enum verdict_state state = VERDICT_RED;
	char text[VERDICT_TEXT_MAX * 2] = "";
	bool pending = false;
	size_t len = 0;

	for (size_t i = 0; i < condition->any_count; i++) {
		struct verdict one = {0};

		condition_judge(&condition->any[i], c, &one);
		if (one.state == VERDICT_GREEN) {
			*ret = one;
			return;
		}
		if (one.state == VERDICT_UNKNOWN)
			state = VERDICT_UNKNOWN;
		pending |= one.pending;
		if (len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%s", i ? "; " : "", one.text);
	}
	verdict_set(ret, state, "%s", text);
	ret->pending = pending;
}

static condition_judge_fn *const condition_judges[] = {
	[CONDITION_FLAG] = judge_flag,
	[CONDITION_REPLICATING] = judge_replicating,
	[CONDITION_NOT_REPLICATING] = judge_not_replicating,
	[CONDITION_MISSING] = judge_missing,
	[CONDITION_ERRANT] = judge_errant,
	[CONDITION_READ_ONLY] = judge_read_only,
	[CONDITION_QUIET] = judge_quiet,
	[CONDITION_TRANSACTIONS] = judge_transactions,
	[CONDITION_PODS] = judge_pods,
	[CONDITION_ENDPOINTS] = judge_endpoints,
	[CONDITION_SELECTOR] = judge_selector,
	[CONDITION_ROWS] = judge_rows,
	[CONDITION_DEPLOYMENT_GONE] = judge_deployment_gone,
	[CONDITION_ANY] = judge_any,
};

void condition_judge(const struct condition *condition,
		     const struct condition_context *context,
		     struct verdict *ret)
{
	*ret = (struct verdict){.state = VERDICT_UNKNOWN};
	condition_judges[condition->kind](condition, context, ret);
}
