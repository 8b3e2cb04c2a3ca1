/* See alarms.h. The clock asks at 25, 50, 75 and 90 per cent of a budget,
 * of the outage and of the way back, and once more when it is used up. */
#include "plain/alarms.h"

#include "base/i18n.h"
#include "view/words.h"

bool alarms_say_clock(struct alarms *alarms, const struct printer *printer,
		      const struct view_input *input)
{
	int percent = words_budget_percent(input);
	bool news = percent > alarms->percent;

	if (news)
		print_line(printer, percent == 100 ?
			   _("CLOCK: the agreed outage is used up (%d %%)") :
			   _("CLOCK: %d %% of the agreed outage is used"),
			   percent);
	alarms->percent = percent;
	return news;
}

void alarms_know_clock(struct alarms *alarms, const struct view_input *input)
{
	alarms->percent = words_budget_percent(input);
}

static bool alarms_way_back(struct alarms *alarms, const struct printer *printer,
			    const struct view_input *input)
{
	int percent = words_way_back_percent(input);
	bool news = percent > alarms->way_back_percent;

	if (news)
		print_line(printer, percent == 100 ?
			   _("CLOCK: the way back is over its budget (%d %%); it goes on") :
			   _("CLOCK: %d %% of the way back's budget is used"),
			   percent);
	alarms->way_back_percent = percent;
	return news;
}

static bool alarms_writers(struct alarms *alarms, const struct printer *printer,
			   const struct view_input *input)
{
	char alarm[WORDS_MAX];
	bool two = words_two_writers(input, alarm);
	bool news = two && !alarms->two_writers;

	if (news)
		print_line(printer, input->may[DECIDE_ROLLBACK] ?
			   _("%s. Stop whoever writes to %s; \"rollback\" shows the way back") :
			   _("%s. Stop whoever writes to %s"), alarm,
			   input->engine->runbook->observe.source);
	alarms->two_writers = two;
	return news;
}

/* What becomes of the Lease. */
static bool alarms_lease(struct alarms *alarms, const struct printer *printer,
			 const struct view_input *input)
{
	const struct conduct_lease_view *lease = input->lease;
	bool calm;

	if (!lease || lease->version == alarms->lease_version ||
	    lease->coming)
		return false;
	calm = lease->held && !lease->text[0];
	alarms->lease_version = lease->version;
	if (calm && alarms->lease_calm)
		return false;
	if (calm)
		print_line(printer, _("LEASE %s is ours"), lease->name);
	else
		print_line(printer, _("LEASE %s: %s"), lease->name,
			   lease->text);
	alarms->lease_calm = calm;
	return true;
}

/* What was confirmed goes on by itself, perhaps long after. */
static bool alarms_journal(struct alarms *alarms, const struct printer *printer,
			   const struct view_input *input)
{
	bool news = input->unwritten && input->unwritten != alarms->unwritten;

	if (news && input->unwritten == UNWRITTEN_ACT)
		print_line(printer, "%s",
			   _("CONFIRMED, waits for the journal: goes on by itself; \"park\" withdraws it"));
	else if (news && input->unwritten == UNWRITTEN_BACK)
		print_line(printer, "%s",
			   _("ROLLBACK CONFIRMED, waits for the journal: goes on by itself; \"park\" withdraws it"));
	else if (news && input->unwritten == UNWRITTEN_RECORD)
		print_line(printer, "%s",
			   _("JOURNAL: it cannot be written; nothing is done until it can"));
	alarms->unwritten = input->unwritten;
	return news;
}

bool alarms_say(struct alarms *alarms, const struct printer *printer,
		const struct view_input *input)
{
	bool clock = alarms_say_clock(alarms, printer, input);
	bool lease = alarms_lease(alarms, printer, input);
	bool journal = alarms_journal(alarms, printer, input);

	clock = alarms_way_back(alarms, printer, input) || clock;
	return alarms_writers(alarms, printer, input) || clock || lease ||
	       journal;
}
