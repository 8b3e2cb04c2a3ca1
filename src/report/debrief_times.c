/* See debrief_times.h. */
#include "report/debrief_times.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/json.h"
#include "report/debrief_earlier.h"
#include "report/times.h"

/* "1:15.224: gates 19.014 s (yours 18.683 s), acts and checks 1.541 s,
 * STUCK 33.135 s, parked 21.534 s"; the last ones where they are not 0. */
static void times_shares(const struct debrief_page *p, struct buf *text)
{
	const struct debrief_waits *waits = &p->debrief->waits;
	const int64_t *ms = waits->shares;
	char window[TIMES_MAX], own[TIMES_MAX];
	char spans[DEBRIEF_SHARES][TIMES_MAX];

	times_span(p->debrief->gates.window_ms, window);
	times_span(waits->own_ms, own);
	for (size_t i = 0; i < DEBRIEF_SHARES; i++)
		times_span(ms[i], spans[i]);
	buf_printf(text, _("%s: gates %s (yours %s), acts and checks %s"),
		   window, spans[DEBRIEF_SHARE_GATES], own,
		   spans[DEBRIEF_SHARE_ACTS]);
	if (ms[DEBRIEF_SHARE_STUCK])
		buf_printf(text, _(", STUCK %s"), spans[DEBRIEF_SHARE_STUCK]);
	if (ms[DEBRIEF_SHARE_PARKED])
		buf_printf(text, _(", parked %s"), spans[DEBRIEF_SHARE_PARKED]);
	if (ms[DEBRIEF_SHARE_GONE])
		buf_printf(text, _(", nobody drove it %s"),
			   spans[DEBRIEF_SHARE_GONE]);
	if (ms[DEBRIEF_SHARE_BACK])
		buf_printf(text, _(", the way back %s"),
			   spans[DEBRIEF_SHARE_BACK]);
}

void debrief_times_window(const struct debrief_page *p)
{
	struct buf text;

	if (p->debrief->gates.window_ms < 0)
		return;
	buf_init(&text, p->page->out->max);
	times_shares(p, &text);
	page_inherit(p->page, &text);
	page_field(p->page, _("window"), "%s", text.data);
	buf_release(&text);
}

/* Of one gate, or of several together; best and median: -1 where earlier
 * rehearsals tell nothing. compared: the whole of those gates only of which
 * they tell. */
struct times_ms {
	int64_t stood, own, whole, compared, best, median;
};

static struct times_ms times_of_gate(const struct debrief_page *p,
				     const struct debrief_gate *gate)
{
	struct times_ms ms = {
		.stood = gate->stood_ms, .own = gate->own_ms,
		.whole = gate->whole_ms < 0 ? gate->given_up_ms :
					      gate->whole_ms,
		.compared = gate->whole_ms,
		.best = -1, .median = -1,
	};

	if (gate->whole_ms < 0 ||
	    !debrief_earlier_gate(p->debrief->earlier, gate->step, &ms.best,
				  &ms.median))
		ms.compared = ms.best = ms.median = -1;
	return ms;
}

static void times_add(int64_t *sum, int64_t ms)
{
	if (ms >= 0)
		*sum = *sum < 0 ? ms : *sum + ms;
}

/* Reading before the window costs nobody anything: where there is a window,
 * only its gates are added up. */
static bool times_windowed(const struct debrief_page *p)
{
	for (size_t i = 0; i < p->debrief->gates.count; i++)
		if (p->debrief->gates.gates[i].in_window)
			return true;
	return false;
}

static struct times_ms times_of_all(const struct debrief_page *p)
{
	struct times_ms sums = {-1, -1, -1, -1, -1, -1};
	bool windowed = times_windowed(p);

	for (size_t i = 0; i < p->debrief->gates.count; i++) {
		const struct debrief_gate *gate = &p->debrief->gates.gates[i];
		struct times_ms ms = times_of_gate(p, gate);

		if (windowed && !gate->in_window)
			continue;
		times_add(&sums.stood, ms.stood);
		times_add(&sums.own, ms.own);
		times_add(&sums.whole, ms.whole);
		times_add(&sums.compared, ms.compared);
		times_add(&sums.best, ms.best);
		times_add(&sums.median, ms.median);
	}
	return sums;
}

/* "1.200 s ahead of the median, 0.300 s behind the best". */
void debrief_times_pace(const struct debrief_page *p)
{
	struct times_ms ms = times_of_all(p);
	char median[TIMES_MAX], best[TIMES_MAX];

	if (ms.median < 0)
		return;
	times_span(llabs(ms.compared - ms.median), median);
	times_span(llabs(ms.compared - ms.best), best);
	if (json_number(p->debrief->earlier, "rehearsals", 0) == 1)
		page_field(p->page, _("pace"), ms.compared < ms.best ?
			   _("%s ahead of the one before") :
			   _("%s behind the one before"), best);
	else if (ms.compared < ms.best)
		page_field(p->page, _("pace"), _("%s ahead of the median, %s ahead of the best"),
			   median, best);
	else if (ms.compared < ms.median)
		page_field(p->page, _("pace"), _("%s ahead of the median, %s behind the best"),
			   median, best);
	else
		page_field(p->page, _("pace"), _("%s behind the median, %s behind the best"),
			   median, best);
}

static void times_row(const struct debrief_page *p, const char *name,
		      const struct times_ms *ms)
{
	char stood[TIMES_MAX], own[TIMES_MAX], whole[TIMES_MAX];
	char best[TIMES_MAX], median[TIMES_MAX];
	const char *alone[] = {name, stood, own, whole};
	const char *beside[] = {name, own, whole, median, best, "-"};

	times_span(ms->stood, stood);
	times_span(ms->own, own);
	times_span(ms->whole, whole);
	times_span(ms->best, best);
	times_span(ms->median, median);
	if (ms->median >= 0)
		beside[5] = _(debrief_pace_name(debrief_pace(ms->compared,
							     ms->best,
							     ms->median)));
	if (json_number(p->debrief->earlier, "rehearsals", 0) > 0)
		p->page->style->row(p->page, beside, 6);
	else
		p->page->style->row(p->page, alone, 4);
}

static void times_gate(const struct debrief_page *p,
		       const struct debrief_gate *gate)
{
	struct times_ms ms = times_of_gate(p, gate);
	struct buf name;

	buf_init(&name, p->page->out->max);
	buf_printf(&name, "%s  %s", gate->label, gate->title);
	page_inherit(p->page, &name);
	times_row(p, name.data, &ms);
	buf_release(&name);
}

void debrief_times_gates(const struct debrief_page *p)
{
	const struct debrief_gates *gates = &p->debrief->gates;
	const char *const alone[] = {_("gate"), _("it stood"), _("yours"),
				     _("whole")};
	const char *const beside[] = {_("gate"), _("yours"), _("whole"),
				      _("median"), _("best"), _("pace")};
	struct times_ms sums = times_of_all(p);

	if (!gates->count)
		return;
	p->page->style->heading(p->page, _("TIME AT EACH GATE"));
	if (json_number(p->debrief->earlier, "rehearsals", 0) > 0)
		p->page->style->row(p->page, beside, 6);
	else
		p->page->style->row(p->page, alone, 4);
	for (size_t i = 0; i < gates->count; i++)
		times_gate(p, &gates->gates[i]);
	times_row(p, times_windowed(p) ? _("in the window") : _("together"),
		  &sums);
	if (!p->brief)
		p->page->style->paragraph(p->page, _("Yours: while nothing shut the gate, or what did stood there until you overrode it, parked, or went back; and while it was parked or nobody drove it, which the line of the window tells by itself. Whole: from its opening to the end of its step, or until it was given up; median and best are of steps that came to their end, in the earlier rehearsals."));
}
