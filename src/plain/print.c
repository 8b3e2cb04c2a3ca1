/* See print.h. The panes of view/ are printed as they are where they read
 * well as lines; the rest has sentences of its own. */
#include "plain/print.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "plain/command.h"
#include "view/aftermath.h"
#include "view/panes.h"
#include "view/words.h"

#define PRINT_LINE_MAX (64 * 1024)

static void print_sheet(const struct printer *printer, const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		char line[4 * PRINT_WIDTH + 1] = "";

		sheet_text(sheet, i, line, sizeof(line));
		fprintf(printer->out, "%s\n", line);
	}
	fflush(printer->out);
}

void print_line(const struct printer *printer, const char *format, ...)
{
	struct arena arena;
	struct sheet sheet;
	va_list args;
	char *text = NULL;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	arena_init(&arena);
	sheet_init(&sheet, &arena, PRINT_WIDTH, printer->utf8);
	sheet_wrap(&sheet, 2, 0, MEANING_PLAIN, "%s", text ? text : "");
	print_sheet(printer, &sheet);
	arena_release(&arena);
	free(text);
}

/* Prints one pane. */
static void print_pane(const struct printer *printer,
		       const struct view_input *input,
		       void (*pane)(struct sheet *, const struct view_input *))
{
	struct arena arena;
	struct sheet sheet;

	arena_init(&arena);
	sheet_init(&sheet, &arena, PRINT_WIDTH, printer->utf8);
	pane(&sheet, input);
	print_sheet(printer, &sheet);
	arena_release(&arena);
}

static void print_guards(const struct printer *printer,
			 const struct view_input *input)
{
	const struct deed *deed = engine_deed(input->engine);

	for (size_t i = 0; i < input->verdict_count; i++) {
		const struct verdict *verdict = &input->verdicts[i];
		const char *hard = deed->guards.items[i].hard ? _(" (hard)") :
								"";

		print_line(printer, _("GUARD %zu %s: %s%s"), i + 1,
			   input->engine->guards[i].overridden ?
				   _("overridden") :
				   words_verdict(verdict->state),
			   verdict->text, hard);
	}
}

void print_changed_effects(const struct printer *printer,
			   const struct view_input *input)
{
	const struct engine *engine = input->engine;

	if (engine->phase == ENGINE_STUCK ? engine->stuck_on_check ||
					    engine_must_not_repeat(engine) :
	    engine->phase != ENGINE_GATE || engine->rolling_back)
		return;
	print_line(printer, "%s", _("WOULD SEND NOW, otherwise than before:"));
	print_pane(printer, input, pane_left);
}

static void print_decide_by(const struct printer *printer,
			    const struct view_input *input)
{
	char until[CLOCK_STAMP_MAX];
	int64_t by;

	if (!words_decide_by(input, &by))
		return;
	if (by >= 0)
		clock_hms(by, until);
	if (by < 0)
		print_line(printer, "%s",
			   _("DECIDE BY: unknown, the way back was not measured"));
	else if (by < input->wall_ms)
		print_line(printer, _("TOO LATE to go back within the agreed outage: that was until %s"),
			   until);
	else
		print_line(printer, _("DECIDE BY %s to be back within the agreed outage"),
			   until);
}

/* The clock of the way back, while it is walked. */
static void print_walk(const struct printer *printer,
		       const struct view_input *input)
{
	char clock[WORDS_MAX];

	if (words_way_back_clock(input, clock))
		print_line(printer, _("WAY BACK: walked for %s"), clock);
	else
		print_decide_by(printer, input);
}

/* What somebody else has changed is for somebody else to undo. */
static void print_untouched(const struct printer *printer,
			    const struct view_input *input)
{
	struct aftermath others;

	aftermath_untouched(input, &others);
	for (size_t i = 0; i < others.count; i++)
		print_line(printer, _("NOT TOUCHED by the way back: %s"),
			   others.items[i].text);
}

void print_gate(const struct printer *printer, const struct view_input *input)
{
	const struct runbook_step *step = words_step(input->engine);
	char cost[WORDS_MAX];

	if (input->engine->rolling_back) {
		print_pane(printer, input, pane_left);
		print_guards(printer, input);
		return;
	}
	fprintf(printer->out, "\n");
	print_line(printer, "GATE %s  %s", step->label, step->title);
	if (step->why[0])
		print_line(printer, _("WHY: %s"), step->why);
	if (step->forfeits[0])
		print_line(printer, _("FORFEITS: %s"), step->forfeits);
	words_way_back(input, false, cost);
	print_line(printer, _("WAY BACK: %s"), cost);
	print_decide_by(printer, input);
	print_untouched(printer, input);
	print_line(printer, "%s", _("WOULD SEND:"));
	print_pane(printer, input, pane_left);
	print_guards(printer, input);
}

/* Of an undo that is done by hand. */
static void print_undo_state(const struct printer *printer,
			     const struct view_input *input)
{
	const struct runbook_step *step = words_step(input->engine);
	char why[WORDS_MAX];

	words_gate(input, why);
	if (input->may[DECIDE_CONFIRM])
		print_line(printer, _("UNDO %s by hand: do it, then type \"go\", or: skip REASON, note TEXT, park, status, help"),
			   step->label);
	else
		print_line(printer, _("UNDO %s by hand, not yet: %s"),
			   step->label, why);
}

void print_gate_state(const struct printer *printer,
		      const struct view_input *input)
{
	const struct engine *engine = input->engine;
	const struct runbook_step *step = words_step(engine);
	size_t shut = engine_shut_guards(engine);

	if (input->unwritten)
		print_line(printer, _("GATE %s shut: the journal cannot be written. Until it can: park, status, help"),
			   step->label);
	else if (engine->rolling_back)
		print_undo_state(printer, input);
	else if (words_is_astray(input))
		print_line(printer, _("GATE %s shut: %s. Until it is ours: note TEXT, park, status, help"),
			   step->label, input->lease->text);
	else if (words_is_armed_now(input))
		print_line(printer, _("GATE %s armed: it goes on by itself when it is green. Any line stops that"),
			   step->label);
	else if (shut)
		print_line(printer, ngettext("GATE %s shut: %zu guard is not green. It opens when all are. Until then: rollback, override N REASON, note TEXT, park, status, help",
					     "GATE %s shut: %zu guards are not green. It opens when all are. Until then: rollback, override N REASON, note TEXT, park, status, help",
					     shut), step->label, shut);
	else if (words_problem(input))
		print_line(printer, _("GATE %s shut: %s"), step->label,
			   words_problem(input));
	else if (!input->may[DECIDE_CONFIRM])
		print_line(printer, _("GATE %s shut for a moment: what it would send has just changed"),
			   step->label);
	else
		print_line(printer, _("GATE %s open. Type \"%s\" to go on, or: rollback, note TEXT, park, status, help"),
			   step->label, engine_word(engine) ? engine_word(engine) : "go");
}

void print_waiting(const struct printer *printer,
		   const struct view_input *input)
{
	print_line(printer, "%s",
		   _("WAITING: the way back goes on when its guards are green. \"skip REASON\" leaves this undo out"));
	print_guards(printer, input);
}

/* What another try does. */
static void print_retry(const struct printer *printer,
			const struct view_input *input)
{
	const struct engine *engine = input->engine;

	if (engine_must_not_repeat(engine)) {
		print_line(printer, "%s", engine->rolling_back ?
			   _("ONCE: it is never sent twice. \"retry\" waits for its checks; if it did not happen, send it by hand, or leave it out") :
			   _("ONCE: it is never sent twice. \"retry\" waits for its checks; if it did not happen, send it by hand, or go back"));
	} else if (engine->stuck_on_check) {
		print_line(printer, "%s",
			   _("LATE: everything was sent and answered. \"retry\" sends nothing, and waits for the check once more"));
	} else {
		print_line(printer, "%s", engine->tried ?
			   _("WOULD SEND AGAIN:") :
			   _("NOT SENT YET, \"retry\" sends only the rest:"));
		print_pane(printer, input, pane_left);
	}
}

void print_stuck(const struct printer *printer, const struct view_input *input)
{
	const struct engine *engine = input->engine;
	const struct runbook_step *step = words_step(engine);
	char problem[WORDS_MAX];

	words_stuck(engine, problem);
	print_line(printer, engine->rolling_back ?
		   _("STUCK, undo %s  %s: %s") : _("STUCK %s  %s: %s"),
		   step->label, step->title, problem);
	if (engine->found[0])
		print_line(printer, _("LOOKED, it has happened: %s"),
			   engine->found);
	if (engine->unknown)
		print_line(printer, input->seen->state == VERDICT_RED ?
			   _("UNKNOWN: it has not happened so far, and may still: %s") :
			   _("UNKNOWN whether it happened: %s"),
			   input->seen->text);
	if (input->forbidden[0])
		print_line(printer, "%s", input->forbidden);
	print_retry(printer, input);
	if (engine_shut_guards(engine))
		print_guards(printer, input);
	print_stuck_state(printer, input);
}

void print_stuck_state(const struct printer *printer,
		       const struct view_input *input)
{
	const struct engine *engine = input->engine;
	size_t shut = engine_shut_guards(engine);

	if (shut && engine->rolling_back)
		print_line(printer, ngettext("STUCK, and no other try while %zu guard is not green. Until then: override N REASON, skip REASON, note TEXT, park, status, help",
					     "STUCK, and no other try while %zu guards are not green. Until then: override N REASON, skip REASON, note TEXT, park, status, help",
					     shut), shut);
	else if (shut)
		print_line(printer, ngettext("STUCK, and no other try while %zu guard is not green. Until then: rollback, override N REASON, note TEXT, park, status, help",
					     "STUCK, and no other try while %zu guards are not green. Until then: rollback, override N REASON, note TEXT, park, status, help",
					     shut), shut);
	else
		print_line(printer, "%s", engine->rolling_back ?
			   _("STUCK. Type \"retry\", or: skip REASON, note TEXT, park, status, help") :
			   _("STUCK. Type \"retry\", or: rollback, note TEXT, park, status, help"));
}

static void print_whole_reality(struct sheet *sheet,
				const struct view_input *input)
{
	pane_reality(sheet, input, true);
}

void print_reality(const struct printer *printer,
		   const struct view_input *input)
{
	print_pane(printer, input, print_whole_reality);
	print_line(printer, "%s",
		   _("RESUME? Type \"resume\" to go on, or: park"));
}

void print_ahead(const struct printer *printer, const struct view_input *input,
		 size_t step, const struct effects *effects)
{
	const struct view_ui ui = {.ahead = effects, .ahead_step = step};
	const struct runbook_step *model =
		&input->engine->runbook->steps[step];
	struct arena arena;
	struct sheet sheet;

	arena_init(&arena);
	sheet_init(&sheet, &arena, PRINT_WIDTH, printer->utf8);
	pane_ahead(&sheet, input, &ui);
	print_sheet(printer, &sheet);
	arena_release(&arena);
	if (!effects->problem)
		print_line(printer, _("ARM? Type \"arm %s %s\""), model->label,
			   command_arm_word(model));
}

void print_way_back(const struct printer *printer,
		    const struct view_input *input)
{
	print_pane(printer, input, pane_way_back);
}

static void print_all_steps(struct sheet *sheet, const struct view_input *input)
{
	pane_steps(sheet, input, 0);
}

void print_steps(const struct printer *printer, const struct view_input *input)
{
	print_pane(printer, input, print_all_steps);
}

static void print_replication(struct sheet *sheet,
			      const struct view_input *input)
{
	pane_replication(sheet, input, true);
}

void print_status(const struct printer *printer,
		  const struct view_input *input)
{
	static void (*const panes[])(struct sheet *,
				     const struct view_input *) = {
		pane_header, print_replication, pane_pods, pane_service,
		pane_flag, pane_cluster,
	};

	for (size_t i = 0; i < sizeof(panes) / sizeof(panes[0]); i++)
		print_pane(printer, input, panes[i]);
	print_walk(printer, input);
	if (input->engine->phase == ENGINE_GATE)
		print_guards(printer, input);
	if (input->engine->phase == ENGINE_CHECKING && input->engine->unknown)
		print_line(printer, "%s", input->engine->rolling_back ?
			   _("UNKNOWN whether it happened, and it is never sent twice. If it did not happen, send it by hand") :
			   _("UNKNOWN whether it happened, and it is never sent twice. If it did not happen, send it by hand, or go back"));
	if (input->engine->phase == ENGINE_STUCK)
		print_stuck(printer, input);
	else if (engine_asks(input->engine))
		print_gate_state(printer, input);
}

void print_help(const struct printer *printer, const struct view_input *input)
{
	for (int kind = 0; kind < COMMAND_KINDS; kind++) {
		const struct command *command = &command_table[kind];

		if (command->decision < 0 || input->may[command->decision])
			print_line(printer, "%s%s: %s", command->name,
				   command->arguments, _(command->meaning));
	}
}
