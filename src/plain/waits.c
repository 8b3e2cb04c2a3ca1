/* See waits.h. */
#include "plain/waits.h"

#include "base/clock.h"
#include "base/i18n.h"

#define WAITS_FIRST_MS 1000

void waits_say(struct waits *waits, const struct printer *printer,
	       const struct view_input *input)
{
	const struct engine *engine = input->engine;
	const struct conditions *checks;
	int64_t waited = input->mono - engine->checking_mono;

	if (engine->phase != ENGINE_CHECKING)
		return;
	if (waits->since != engine->checking_mono)
		*waits = (struct waits){engine->checking_mono, WAITS_FIRST_MS};
	if (waited < waits->next_ms)
		return;
	while (waits->next_ms <= waited)
		waits->next_ms *= 2;
	checks = &engine_deed(engine)->checks;
	for (size_t i = 0; i < input->verdict_count && i < checks->count; i++) {
		char limit[CLOCK_STAMP_MAX];

		if (input->verdicts[i].state == VERDICT_GREEN)
			continue;
		clock_duration(checks->items[i].within_ms, limit);
		print_line(printer, _("WAITING, at most %s: %s"), limit,
			   input->verdicts[i].text);
	}
}
