/* See backstage.h. */
#include "rehearsal/backstage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "journal/follow.h"
#include "rehearsal/door.h"
#include "rehearsal/ending.h"
#include "rehearsal/fault_users.h"
#include "rehearsal/scenario.h"
#include "rehearsal/timeline.h"

#define FLUSH_MS 2000           /* for the last answers to be taken */
#define DETACHED_S 3600
#define DETACHED_MAX_S 86400

/* ---- what happens by itself ----------------------------------------------- */

/* New records of the run's journal. A look that fails is tried again at the
 * next: a run that comes to nothing is its own driver's affair. */
static void backstage_read_journal(struct backstage *backstage)
{
	struct journal_news news;

	if (!backstage->follow ||
	    journal_follow_look(backstage->follow, &news, NULL))
		return;
	if (news.kept < backstage->followed)
		backstage->followed = news.kept;
	while (backstage->followed < json_array_size(news.records))
		timeline_record(backstage->timeline,
				json_array_get(news.records,
					       backstage->followed++),
				clock_mono_ms());
}

static void backstage_deed(void *data, enum deeds_kind deed)
{
	struct backstage *backstage = data;

	timeline_deed(backstage->timeline, deed, clock_mono_ms());
}

static void backstage_look(struct backstage *backstage)
{
	backstage_read_journal(backstage);
	deeds_look(&backstage->deeds, &backstage->stage,
		   timeline_asks_databases(backstage->timeline),
		   backstage_deed, backstage);
	timeline_tick(backstage->timeline, clock_mono_ms());
}

/* ---- what is asked over the socket --------------------------------------- */

static int backstage_follow(struct backstage *backstage, const char *dir,
			    struct buf *answer, struct error *err)
{
	struct journal_follow *follow = NULL;
	int rc = journal_follow_open(dir, &follow, err);

	(void)answer;
	if (rc)
		return rc;
	journal_follow_close(backstage->follow);
	backstage->follow = follow;
	backstage->followed = 0;
	snprintf(backstage->run, sizeof(backstage->run), "%s", dir);
	fault_users_follow(dir);
	return 0;
}

static int backstage_about(struct backstage *backstage, const char *rest,
			   struct buf *answer, struct error *err)
{
	(void)rest;
	(void)err;
	if (backstage->scenario)
		buf_printf(answer, " scenario %s, ", backstage->scenario->name);
	else
		buf_puts(answer, " no scenario, ");
	if (backstage->run[0])
		buf_printf(answer, "run %s\n", backstage->run);
	else
		buf_puts(answer, "no run\n");
	return 0;
}

static int backstage_finish(struct backstage *backstage, const char *rest,
			    struct buf *answer, struct error *err)
{
	struct tally tally;
	json_t *note;
	char *text;
	int rc;

	(void)rest;
	if (backstage->timeline) {      /* the run's last deed may be a moment old */
		backstage->deeds.ask_ms = 0;
		backstage_look(backstage);
	}
	rc = backstage->count(backstage->count_data, &tally, err);
	backstage->ending->end = ENDING_STOP;
	if (rc)
		return rc;
	tally_lines(&tally, " ", answer);
	note = tally_note(&tally, backstage);
	text = note ? json_print(note, JSON_COMPACT) : NULL;
	if (text)
		buf_printf(answer, " rehearsal: %s\n", text);
	free(text);
	json_decref(note);
	return text ? 0 : error_nomem(err);
}

static int backstage_detach(struct backstage *backstage, const char *rest,
			    struct buf *answer, struct error *err)
{
	int64_t seconds = DETACHED_S;

	(void)answer;
	if (*rest && text_parse_int(rest, 1, DETACHED_MAX_S, &seconds))
		return error_set(err, ERR_INVALID, NULL,
				 "'detach' takes seconds, at most %d",
				 DETACHED_MAX_S);
	return ending_detach(backstage->ending, seconds * 1000, err);
}

static int backstage_answer(void *data, char *line, struct buf *answer,
			    struct error *err)
{
	static const struct {
		const char *name;
		int (*run)(struct backstage *backstage, const char *rest,
			   struct buf *answer, struct error *err);
	} commands[] = {
		{"follow", backstage_follow},
		{"about", backstage_about},
		{"finish", backstage_finish},
		{"detach", backstage_detach},
	};
	struct backstage *backstage = data;
	size_t len = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strlen(commands[i].name) == len &&
		    !memcmp(line, commands[i].name, len))
			return commands[i].run(backstage, line + len +
					       strspn(line + len, " "),
					       answer, err);
	return instructor_answer(&backstage->instructor, line, answer, err);
}

/* ---- its turns ------------------------------------------------------------ */

int backstage_wait_ms(const struct backstage *backstage)
{
	return backstage->timeline ||
	       json_object_size(backstage->scenes.begun) ?
	       BACKSTAGE_TICK_MS : -1;
}

void backstage_serve(struct backstage *backstage)
{
	scenes_look(&backstage->scenes, &backstage->stage);
	door_serve(backstage->door);
	if (!backstage->timeline || backstage->ending->end != ENDING_NOTHING)
		return;
	backstage_look(backstage);
}

/* ---- begin and end ------------------------------------------------------- */

int backstage_open(struct backstage *backstage, const char *dir,
		   struct error *err)
{
	const struct scenario *scenario = backstage->scenario;
	int rc = scenes_init(&backstage->scenes, err);

	backstage->instructor = (struct instructor){&backstage->stage,
						    &backstage->scenes};
	if (!rc && scenario && scenario->timeline_count)
		rc = timeline_open(&backstage->timeline, scenario,
				   &backstage->stage, &backstage->scenes,
				   clock_mono_ms(), err);
	if (!rc)
		rc = door_open(&backstage->door, dir, backstage_answer,
			       backstage, err);
	if (!rc)
		backstage->ending->other = door_fd(backstage->door);
	return rc;
}

void backstage_end(struct backstage *backstage)
{
	if (!backstage->ending)
		return;
	backstage->ending->other = -1;
	timeline_close(backstage->timeline);
	backstage->timeline = NULL;
	fault_clear_all(&backstage->stage);
	deeds_release(&backstage->deeds);
	journal_follow_close(backstage->follow);
	backstage->follow = NULL;
}

void backstage_close(struct backstage *backstage)
{
	if (backstage->door)
		door_flush(backstage->door, FLUSH_MS);
	door_close(backstage->door);
	scenes_release(&backstage->scenes);
	*backstage = (struct backstage){.door = NULL};
}
