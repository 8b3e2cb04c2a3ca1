/*
 * See debrief_tell.h. What cost the most stands first: an engineer who reads
 * three lines has read what to do otherwise the next time.
 */
#include "report/debrief_tell.h"

#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "report/debrief_story.h"
#include "report/debrief_times.h"
#include "report/times.h"

/* ---- the score ----------------------------------------------------------- */

static void debrief_tell_score(const struct debrief_page *p)
{
	const struct debrief *d = p->debrief;

	if (d->lost_writes)
		page_field(p->page, _("score"), _("%d of %d: acknowledged writes are LOST"),
			   d->score, DEBRIEF_SCORE_MAX);
	else if (d->two_writers)
		page_field(p->page, _("score"), _("%d of %d: TWO WRITERS"),
			   d->score, DEBRIEF_SCORE_MAX);
	else if (d->open)
		page_field(p->page, _("score"), _("%d of %d: users' writes are refused still"),
			   d->score, DEBRIEF_SCORE_MAX);
	else
		page_field(p->page, _("score"), _("%d of %d"), d->score,
			   DEBRIEF_SCORE_MAX);
}

static void debrief_tell_scenario(const struct debrief_page *p)
{
	const struct debrief_world *world = &p->debrief->world;

	if (*world->scenario)
		page_field(p->page, _("scenario"), "%s%s%s", world->scenario,
			   *world->title ? ": " : "", world->title);
	if (p->brief || !*world->speed)
		return;
	if (world->seed >= 0)
		page_field(p->page, "", _("seed %" PRId64 ", speed %s, pods %" PRId64 ", %s"),
			   world->seed, world->speed, world->pods,
			   world->database);
	else
		page_field(p->page, "", _("speed %s, pods %" PRId64 ", %s"),
			   world->speed, world->pods, world->database);
}

static void debrief_tell_earlier(const struct debrief_page *p)
{
	const json_t *earlier = p->debrief->earlier;
	int64_t count = json_number(earlier, "rehearsals", 0);

	if (!earlier)
		return;
	if (count <= 0)
		page_field(p->page, _("earlier"), "%s",
			   _("no rehearsal of this kind"));
	else if (count == 1)
		page_field(p->page, _("earlier"),
			   _("one rehearsal of this kind; it scored %" PRId64),
			   json_number(earlier, "score/last", 0));
	else
		page_field(p->page, _("earlier"),
			   _("%" PRId64 " rehearsals of this kind; score: last %" PRId64 ", median %" PRId64 ", best %" PRId64),
			   count, json_number(earlier, "score/last", 0),
			   json_number(earlier, "score/median", 0),
			   json_number(earlier, "score/best", 0));
}

/* ---- the criteria -------------------------------------------------------- */

static void debrief_tell_criterion(const struct debrief_page *p,
				   enum debrief_criterion criterion)
{
	const struct debrief_mark *mark = &p->debrief->marks[criterion];
	const struct debrief_rule *rule = &debrief_rules[criterion];

	if (mark->points < 0)
		page_field(p->page, _(rule->name), "%s", _("not judged"));
	else
		page_field(p->page, _(rule->name), _("%d of %d. %s%s%s"),
			   mark->points, rule->weight, mark->why,
			   *mark->better ? " " : "", mark->better);
}

/* The criterion that costs the most among those that cost at most so much;
 * of equals the first. */
static void debrief_tell_lost(const struct debrief_page *p)
{
	for (int missing = DEBRIEF_SCORE_MAX; missing > 0; missing--)
		for (enum debrief_criterion i = 0; i < DEBRIEF_CRITERIA; i++)
			if (debrief_missing(p->debrief, i) == missing)
				debrief_tell_criterion(p, i);
}

/* What lost nothing: by name where it is to be short. */
static void debrief_tell_well(const struct debrief_page *p)
{
	struct buf names;

	buf_init(&names, p->page->out->max);
	for (enum debrief_criterion i = 0; i < DEBRIEF_CRITERIA; i++) {
		if (debrief_missing(p->debrief, i))
			continue;
		if (!p->brief)
			debrief_tell_criterion(p, i);
		else if (p->debrief->marks[i].points >= 0)
			buf_printf(&names, "%s%s", names.len ? ", " : "",
				   _(debrief_rules[i].name));
	}
	page_inherit(p->page, &names);
	if (names.len)
		page_field(p->page, _("in full"), "%s", names.data);
	buf_release(&names);
}

/* A guard that was not green, why it was passed, and what waiting would have
 * taken. */
static void debrief_tell_guard(const struct debrief_page *p, const char *name,
			       const struct debrief_ignored *guard)
{
	const struct debrief_world *world = &p->debrief->world;
	/* where an override is what the scenario asks for, it was that act
	 * which ended the trouble */
	int64_t over = world->par_overrides > 0 ? -1 :
		debrief_over_after(world, p->debrief->began, guard->mono);
	char span[TIMES_MAX];
	const char *state = page_mark_word(strcmp(guard->state, "red") ?
					   PAGE_UNKNOWN : PAGE_RED);

	times_span(over, span);
	if (over >= 0)
		page_field(p->page, name, _("gate %s, %s: %s; because: %s. The trouble was over %s later."),
			   guard->label, state, guard->text, guard->reason,
			   span);
	else
		page_field(p->page, name, _("gate %s, %s: %s; because: %s"),
			   guard->label, state, guard->text, guard->reason);
}

static void debrief_tell_ignored(const struct debrief_page *p)
{
	const struct debrief_acts *acts = &p->debrief->acts;
	const char *name = _("ignored");

	for (size_t i = 0; i < acts->ignored_count; i++) {
		if (i == DEBRIEF_IGNORED_MAX) {
			page_field(p->page, name, _("and %zu more"),
				   acts->ignored_count - i);
			return;
		}
		debrief_tell_guard(p, name, &acts->ignored[i]);
		name = "";
	}
}

/* What a good operator does, as the scenario's author says. */
static void debrief_tell_good(const struct debrief_page *p)
{
	const char *name = _("good is");
	size_t i;
	json_t *text;

	if (p->brief && p->debrief->score == DEBRIEF_SCORE_MAX)
		return;
	json_array_foreach(p->debrief->world.good, i, text) {
		if (!json_is_string(text))
			continue;
		page_field(p->page, name, "%s", json_string_value(text));
		name = "";
	}
}

/* What they met, as the world counted it. */
static void debrief_tell_users(const struct debrief_page *p)
{
	const struct debrief_world *world = &p->debrief->world;
	char reads[TIMES_MAX];

	if (p->brief || world->write_errors < 0 || world->read_errors < 0)
		return;
	times_span(world->reads_ms, reads);
	page_field(p->page, _("users"), _("met %" PRId64 " errors at writes and %" PRId64 " at reads; reads failed for %s"),
		   world->write_errors, world->read_errors, reads);
}

/* ---- the whole ----------------------------------------------------------- */

static void debrief_tell_all(const struct debrief_page *p)
{
	p->page->style->heading(p->page, _("DEBRIEF"));
	debrief_tell_score(p);
	debrief_tell_scenario(p);
	debrief_tell_earlier(p);
	debrief_tell_lost(p);
	debrief_tell_ignored(p);
	debrief_tell_good(p);
	debrief_tell_well(p);
	debrief_tell_users(p);
	debrief_times_window(p);
	debrief_times_pace(p);
	debrief_story(p->page, p->debrief, p->records);
	debrief_times_gates(p);
}

void debrief_tell(struct page *page, const json_t *records)
{
	struct debrief debrief;

	if (debrief_fold(&debrief, records))
		debrief_tell_all(&(struct debrief_page){
			.page = page, .debrief = &debrief, .records = records,
		});
}

static int debrief_written(const struct buf *out, struct error *err)
{
	if (buf_error(out) == ERR_LIMIT)
		return error_set(err, ERR_LIMIT, NULL,
				 "the debrief is longer than %zu bytes",
				 out->max);
	return buf_error(out) ? error_nomem(err) : 0;
}

int debrief_text(const json_t *records, bool ascii, struct buf *out,
		 struct error *err)
{
	struct page page = {.style = &page_text, .out = out, .ascii = ascii};
	struct debrief debrief;

	if (debrief_fold(&debrief, records))
		debrief_tell_all(&(struct debrief_page){
			.page = &page, .debrief = &debrief,
			.records = records, .brief = true,
		});
	return debrief_written(out, err);
}

int debrief_rules_text(bool ascii, struct buf *out, struct error *err)
{
	struct page page = {.style = &page_text, .out = out, .ascii = ascii};

	page.style->heading(&page, _("HOW A REHEARSAL IS JUDGED, AND WITH HOW MANY POINTS OF 100"));
	for (enum debrief_criterion i = 0; i < DEBRIEF_CRITERIA; i++)
		page_field(&page, _(debrief_rules[i].name), "%d. %s",
			   debrief_rules[i].weight,
			   _(debrief_rules[i].about));
	return debrief_written(out, err);
}
