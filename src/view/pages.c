/* The pages beside the run: its end, journal, messages, help; the key bar. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/json.h"
#include "report/times.h"
#include "view/aftermath.h"
#include "view/panes.h"
#include "view/words.h"

#define JOURNAL_TEXT 25         /* the column behind the times, as in a transcript */

/* A way back of nothing: nothing was rolled back. */
static bool end_of_nothing(const struct view_input *input)
{
	return input->engine->result == RESULT_ROLLED_BACK &&
	       !engine_has_acted(input->engine);
}

static void end_result(struct sheet *sheet, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	static const struct {
		const char *word;
		enum meaning meaning;
	} results[] = {
		[RESULT_NONE] = {N_("PARKED: everything is as it was left; nothing goes on by itself"), MEANING_WARN},
		[RESULT_COMPLETED] = {N_("COMPLETED"), MEANING_GOOD},
		[RESULT_ROLLED_BACK] = {N_("ROLLED BACK"), MEANING_WARN},
		[RESULT_FAILED] = {N_("FAILED"), MEANING_BAD},
	};

	sheet_row(sheet);
	if (end_of_nothing(input)) {
		sheet_put(sheet, MEANING_GOOD, "%s",
			  _("NOTHING WAS CHANGED: this run ended before any step of it acted"));
		pane_elsewhere(sheet, input);
		return;
	}
	sheet_put(sheet, results[engine->result].meaning, "%s",
		  _(results[engine->result].word));
	if (engine->result != RESULT_ROLLED_BACK)
		return;
	sheet_row(sheet);
	if (engine->lost < 0)
		sheet_put(sheet, MEANING_UNKNOWN, "%s",
			  _(" lost: unknown"));
	else
		sheet_put(sheet, engine->lost ? MEANING_BAD : MEANING_GOOD,
			  ngettext(" lost: %lld transaction of users",
				   " lost: %lld transactions of users",
				   (unsigned long)engine->lost),
			  (long long)engine->lost);
}

/* Does the target replicate, as it is seen now? One whose threads do not run is
 * a replica in name. */
static bool end_replicates(const struct view_input *input)
{
	const struct facts_database *target =
		&input->facts->databases[SIDE_TARGET];
	const struct db_channel *channel =
		stamp_is_usable(&target->stamp, input->facts->now_ms) &&
		target->seen->known[DB_PART_REPLICATION] ?
		db_observation_channel(target->seen) : NULL;

	return channel && channel->io == DB_THREAD_YES &&
	       channel->sql == DB_THREAD_YES;
}

/* Was the target's promotion sent, and then given up? */
static bool end_promoted(const struct engine *engine)
{
	for (size_t i = 0; i < engine->runbook->step_count; i++) {
		const struct actions *actions =
			&engine->runbook->steps[i].deed.actions;

		for (size_t k = 0; k < actions->count; k++)
			if (actions->items[k].kind == ACTION_PROMOTE &&
			    engine->steps[i].began &&
			    (engine->steps[i].state == STEP_UNDONE ||
			     engine->steps[i].state == STEP_SKIPPED))
				return true;
	}
	return false;
}

/* "Rolled back" is not yet "as it was". */
static void end_left(struct sheet *sheet, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	struct aftermath left;

	for (size_t i = 0; i < engine->undo_count; i++) {
		const struct runbook_step *step =
			&engine->runbook->steps[engine->undo_steps[i]];

		if (engine->steps[engine->undo_steps[i]].state != STEP_SKIPPED)
			continue;
		sheet_row(sheet);
		sheet_wrap(sheet, 1, 0, MEANING_WARN,
			   _(" left out: the undo of %s  %s"), step->label,
			   step->title);
	}
	aftermath_left(input, &left);
	for (size_t i = 0; i < left.count; i++) {
		sheet_row(sheet);
		sheet_wrap(sheet, 1, 0, left.items[i].state == VERDICT_RED ?
			   MEANING_ALARM : MEANING_UNKNOWN,
			   left.items[i].state == VERDICT_RED ?
			   _(" LOOK AT THIS, users may be refused still: %s") :
			   _(" UNKNOWN, users may be refused still: %s"),
			   left.items[i].text);
	}
}

/* What others do to it while this page stands. */
static void end_undone(struct sheet *sheet, const struct view_input *input)
{
	struct aftermath undone;

	aftermath_undone(input, &undone);
	for (size_t i = 0; i < undone.count; i++) {
		sheet_row(sheet);
		sheet_wrap(sheet, 1, 0, MEANING_ALARM,
			   _(" NOT AS IT SHOULD BE, look before you leave: %s"),
			   undone.items[i].text);
	}
}

static void end_advice(struct sheet *sheet, const struct view_input *input)
{
	const struct runbook_observe *observe = &input->engine->runbook->observe;

	sheet_row(sheet);
	sheet_row(sheet);
	if (input->engine->result == RESULT_COMPLETED)
		sheet_wrap(sheet, 0, 0, MEANING_PLAIN,
			   _("Watch now: errors and latency of %s, connections and replication of %s. Leave %s as it is until you are sure."),
			   observe->service, observe->target, observe->source);
	else if (end_promoted(input->engine) && end_replicates(input))
		sheet_wrap(sheet, 0, 0, MEANING_PLAIN,
			   _("%s was not promoted in the end: it is a replica of %s still."),
			   observe->target, observe->source);
	else if (end_promoted(input->engine))
		sheet_wrap(sheet, 0, 0, MEANING_WARN,
			   _("%s was promoted: it must be rebuilt as a replica of %s before the next try."),
			   observe->target, observe->source);
	if (input->engine->result == RESULT_NONE) {
		sheet_row(sheet);
		sheet_wrap(sheet, 0, 0, MEANING_EMPHASIS,
			   _("Go on with: cutover resume %s"),
			   input->options->argument);
	}
	sheet_row(sheet);
	sheet_wrap(sheet, 0, 0, MEANING_PLAIN, _("The record: cutover transcript %s"),
		   input->options->argument);
}

void pane_end(struct sheet *sheet, const struct view_input *input)
{
	int64_t outage = engine_outage(input->engine, input->mono);
	char clock[CLOCK_STAMP_MAX];

	end_result(sheet, input);
	if (input->engine->result == RESULT_ROLLED_BACK &&
	    !end_of_nothing(input))
		end_left(sheet, input);
	else if (input->engine->result == RESULT_COMPLETED)
		end_undone(sheet, input);
	if (outage >= 0) {
		clock_duration(outage, clock);
		sheet_row(sheet);
		if (input->engine->window_open)
			sheet_put(sheet, MEANING_BAD,
				  _(" THE OUTAGE GOES ON: %s so far; users' writes are refused"),
				  clock);
		else
			sheet_put(sheet, MEANING_PLAIN,
				  _(" outage by the clock: %s"), clock);
	}
	sheet_row(sheet);
	pane_steps(sheet, input, 0);
	end_advice(sheet, input);
}

/* With the times of the transcript. */
void pane_journal(struct sheet *sheet, const struct view_input *input,
		  const struct view_ui *ui)
{
	const json_t *record;
	size_t i;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", _("JOURNAL, the newest last"));
	sheet_right(sheet, 0, MEANING_DIM, "%s",
		    _("  UTC; T+ since the window first opened"));
	json_array_foreach(ui->records, i, record) {
		char line[WORDS_MAX * 4], clock[TIMES_MAX], since[TIMES_MAX];

		if (!view_record(input->engine->runbook, record, line,
				 sizeof(line)))
			continue;
		times_clock(json_text(record, "at", ""), clock);
		times_since(json_number(record, "mono", 0),
			    input->engine->window_first_mono, since);
		sheet_row(sheet);
		sheet_put(sheet, MEANING_DIM, "%s  %s", clock, since);
		sheet_at(sheet, JOURNAL_TEXT);
		sheet_wrap(sheet, JOURNAL_TEXT, 0, MEANING_PLAIN, "%s", line);
	}
}

void pane_messages(struct sheet *sheet, const struct view_ui *ui)
{
	const json_t *message;
	size_t i;

	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", _("MESSAGES, the newest last"));
	json_array_foreach(ui->messages, i, message) {
		sheet_row(sheet);
		sheet_at(sheet, 1);
		sheet_wrap(sheet, 3, 0, MEANING_PLAIN, "%s",
			   json_string_value(message));
	}
}

void pane_help(struct sheet *sheet, const struct view_input *input)
{
	sheet_row(sheet);
	sheet_put(sheet, MEANING_TITLE, "%s", _("KEYS"));
	for (size_t i = 0; i < ACT_ACTIONS; i++) {
		enum meaning meaning = keys_works(&keys_table[i], input) ?
				       MEANING_KEY : MEANING_DIM;

		sheet_row(sheet);
		sheet_put(sheet, meaning, " %s", keys_table[i].keys);
		sheet_at(sheet, 9);
		sheet_wrap(sheet, 9, 0, meaning == MEANING_DIM ? MEANING_DIM :
			   MEANING_PLAIN, "%s", _(keys_table[i].meaning));
	}
	sheet_row(sheet);
	sheet_row(sheet);
	sheet_wrap(sheet, 0, 0, MEANING_PLAIN, "%s",
		   _("Where a gate asks for a word, letters go into the word: Esc leaves it, and the keys above work; Enter goes back to it."));
}

/* Keys that answer what is asked for. */
static void keys_asked(struct sheet *sheet, enum view_asks asks)
{
	static const char *const keys[][4][2] = {
		[VIEW_ASKS_WORD] = {
			{"Enter", N_("send")}, {"Ctrl-U", N_("empty it")},
			{"Esc", N_("leave the line: r roll back, n note, ? help")}},
		[VIEW_ASKS_LINE] = {
			{"Enter", N_("send")}, {"Ctrl-U", N_("empty it")},
			{"Esc", N_("leave it")}},
		[VIEW_ASKS_ROLLBACK] = {
			{"Enter", N_("send")}, {"Ctrl-U", N_("empty it")},
			{"Esc", N_("stay")}, {"PgUp PgDn", N_("scroll")}},
		[VIEW_ASKS_ARM] = {
			{"Enter", N_("send")}, {"Ctrl-U", N_("empty it")},
			{"Esc", N_("no more")}, {"PgUp PgDn", N_("scroll")}},
		[VIEW_ASKS_YES] = {
			{"y", N_("yes")}, {"n", N_("no")}},
	};

	for (size_t i = 0; i < 4 && keys[asks][i][0]; i++) {
		sheet_put(sheet, MEANING_KEY, "%s", keys[asks][i][0]);
		sheet_put(sheet, MEANING_BAR, " %s  ", _(keys[asks][i][1]));
	}
}

static void keys_page(struct sheet *sheet, const struct view_ui *ui)
{
	static const char *const keys[][2] = {
		{"Esc", N_("back")},
		{"j k PgUp PgDn", N_("scroll")},
		{"?", N_("help")},
	};

	/* the end page goes away with any key */
	for (size_t i = 0; ui->page != VIEW_END &&
			   i < sizeof(keys) / sizeof(keys[0]); i++) {
		sheet_put(sheet, MEANING_KEY, "%s", keys[i][0]);
		sheet_put(sheet, MEANING_BAR, " %s  ", _(keys[i][1]));
	}
}

void pane_keys(struct sheet *sheet, const struct view_input *input,
	       const struct view_ui *ui)
{
	sheet_row(sheet);
	if (ui->prompt.asks) {
		keys_asked(sheet, ui->prompt.asks);
		return;
	}
	if (ui->page != VIEW_RUN &&
	    !(input->reality && ui->page == VIEW_DETAILS)) {
		keys_page(sheet, ui);
		return;
	}
	for (size_t i = 0; i < ACT_ACTIONS; i++) {
		const struct key *key = &keys_table[i];

		/* where a word is asked for, y does nothing */
		if (key->action == ACT_CONFIRM && engine_word(input->engine))
			continue;
		if (!key->name || !keys_works(key, input))
			continue;
		sheet_put(sheet, MEANING_KEY, "%s", key->keys);
		sheet_put(sheet, MEANING_BAR, " %s  ", _(key->name));
	}
}
