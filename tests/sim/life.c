/*
 * One seed: a world is made, a process drives the run in it, dies, is followed
 * by another, until the run is closed. The bad weather ends; from then on a
 * patient operator must bring any run to its end.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "disk.h"
#include "journal/journal.h"
#include "operator.h"
#include "performer.h"
#include "properties.h"
#include "record.h"
#include "sim.h"
#include "trace.h"
#include "vloop.h"

#define LIFE_LIMIT_MS 600000    /* of calm: by then every run has ended */
#define LIFE_LIMIT_INSANE_MS 15000
#define LIFE_AFTER_MS 5000      /* what is under way then may still arrive */

struct sim sim;

bool sim_is_stormy(void)
{
	return loop_now(sim.loop) < sim.weather.calm_ms;
}

void sim_fail(const char *promise, const char *format, ...)
{
	char what[600];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	trace_say("BROKEN", "promise %s: %s", promise, what);
	if (!sim.failure[0])
		snprintf(sim.failure, sizeof(sim.failure),
			 "promise %s: %s (at %.3f s)", promise, what,
			 (double)loop_now(sim.loop) / 1000);
}

static bool life_is_closed(void)
{
	return record_last("run.closed", records_count()) >= 0;
}

static bool life_is_over(void)
{
	return !sim.conductor && life_is_closed();
}

/* ---- a process ----------------------------------------------------------- */

static void life_born(void *data);

static void life_ended(void *data)
{
	(void)data;
	sim.ended = true;
}

static void life_message(void *data, const struct error *err)
{
	(void)data;
	trace_say("fact", "message: %s", err->message);
	/* what was confirmed and waited for the disk is forgotten */
	if (err->code == ERR_CANCELLED)
		sim.confirming = sim.retrying = false;
}

static void life_violent_end(void *data)
{
	if (sim.conductor && data == sim.conductor && !sim.ended) {
		trace_say("kill", "the process dies");
		disk_die();
	}
}

static void life_plan_death(void)
{
	if (!sim.weather.deaths)
		return;
	sim.weather.deaths--;
	if (chance_permille(&sim.chance, 700))
		disk_plan_death(chance_between(&sim.chance, 1, 50),
				(enum disk_death)chance_between(
					&sim.chance, 0, DISK_DEATHS - 1));
	else
		vloop_after(sim.loop, chance_between(&sim.chance, 1, 9000),
			    life_violent_end, sim.conductor);
}

/* As src/commands/session.c does: a journal is made, or opened with what it
 * holds; a run of which nothing reached the disk begins anew. */
static int life_open_journal(json_t **ret_records, struct error *err)
{
	size_t torn = 0;
	int status;

	*ret_records = NULL;
	if (records_count() == 0) {
		unlink(sim.path);
		disk_open(sim.path, properties_synced, NULL);
		return journal_create(sim.dir, &sim.journal, err);
	}
	/* a torn line is cut off and that synced, with whole ones before it */
	properties_reopening();
	status = journal_open(sim.dir, &sim.journal, ret_records, &torn, err);
	if (!status)
		properties_reopened();
	return status;
}

static int life_open_conductor(const json_t *records, struct error *err)
{
	const struct conduct_options options = {
		.run = SIM_RUN, .version = "0", .operator_name = "o@sim",
		.records = records,
	};
	const struct conduct_listener listener = {
		.ended = life_ended, .message = life_message,
	};

	journal_set_patience(sim.journal, 0);
	return conduct_open(sim.loop, sim.runbook, sim.journal, &options,
			    &listener, &sim.conductor, err);
}

static void life_bury(void)
{
	conduct_close(sim.conductor);
	sim.confirming = sim.retrying = sim.resuming = false;
	journal_close(sim.journal);
	sim.conductor = NULL;
	sim.journal = NULL;
	if (!disk_is_dead())
		return;
	disk_restore(&sim.chance);
	properties_died();
}

static void life_await_next(void)
{
	vloop_after(sim.loop, chance_between(&sim.chance, 100, 6000), life_born,
		    NULL);
}

static void life_born(void *data)
{
	struct error err = {0};
	json_t *records = NULL;
	int status;

	(void)data;
	status = life_open_journal(&records, &err);
	/* a run that is closed is not offered to be gone on with */
	if (!status && life_is_closed()) {
		json_decref(records);
		life_bury();
		return;
	}
	if (!status)
		status = life_open_conductor(records, &err);
	json_decref(records);
	sim.ended = false;
	trace_say("life", "a process begins%s%s", status ? ": " : "",
		  status ? err.message : "");
	if (sim_is_stormy())
		disk_trouble(sim.weather.disk_permille, &sim.chance);
	if (!status) {
		life_plan_death();
		return;
	}
	if (!sim_is_stormy() || status == ERR_INVALID)
		sim_fail("6, resumed everywhere", "it cannot be resumed: %s",
			 err.message);
	life_bury();
	life_await_next();
}

/* ---- a run --------------------------------------------------------------- */

static void life_others(void *data)
{
	static void (*const deeds[])(struct world *world) = {
		world_revert_selector, world_revert_selector,
		world_revert_selector, world_errant_write,
		world_break_replication, world_intrude,
	};

	(void)data;
	if (!sim_is_stormy())
		return;
	if (chance_permille(&sim.chance, sim.weather.others_permille))
		deeds[chance_between(&sim.chance, 0, 5)](&sim.world);
	vloop_after(sim.loop, 700, life_others, NULL);
}

static void life_calm(void *data)
{
	(void)data;
	disk_trouble(0, &sim.chance);
	trace_say("life", "the weather is calm from now on");
}

static int64_t life_level(int often, int64_t most)
{
	return chance_permille(&sim.chance, often) ?
	       chance_between(&sim.chance, 1, most) : 0;
}

static void life_choose_weather(void)
{
	struct weather *weather = &sim.weather;

	weather->calm_ms = chance_between(&sim.chance, 2000, 18000);
	weather->effect_permille = (int)life_level(600, 500);
	weather->fact_permille = (int)life_level(500, 150);
	weather->slip_permille = (int)life_level(600, 300);
	weather->others_permille = (int)life_level(250, 200);
	/* or always: a server that lets nobody end them */
	weather->kill_permille = (int)life_level(400, 1600);
	weather->disk_permille = (int)life_level(150, 100);
	weather->stall_permille = (int)life_level(300, 300);
	weather->away_ms = life_level(400, 20000);
	weather->back_ms = weather->away_ms +
			   (weather->away_ms ? life_level(1000, 25000) : 0);
	weather->deaths = life_level(600, 5);
}

static void life_begin(const struct simbook *book, uint64_t seed)
{
	char dir[sizeof(sim.dir)];

	memcpy(dir, sim.dir, sizeof(dir));
	memset(&sim, 0, sizeof(sim));
	memcpy(sim.dir, dir, sizeof(dir));
	snprintf(sim.path, sizeof(sim.path), "%s/" JOURNAL_FILE, dir);
	sim.seed = seed;
	sim.runbook = book->runbook;
	sim.sane = book->sane;
	chance_init(&sim.chance, seed);
	sim.loop = vloop_open();
	life_choose_weather();
	world_open(&sim.world, sim.loop, seed);
	properties_open();
	vloop_after(sim.loop, 0, life_born, NULL);
	vloop_after(sim.loop, 700, life_others, NULL);
	vloop_after(sim.loop, sim.weather.calm_ms - 1000, life_calm, NULL);
	operator_begin();
}

static void life_turn(void)
{
	vloop_step(sim.loop);
	properties_watch();
	if (!sim.conductor || (!sim.ended && !disk_is_dead()))
		return;
	life_bury();
	if (!life_is_over())
		life_await_next();
}

bool sim_live(const struct simbook *book, uint64_t seed)
{
	int64_t until;

	life_begin(book, seed);
	records_open(sim.path);
	until = sim.weather.calm_ms + (sim.sane ? LIFE_LIMIT_MS :
						  LIFE_LIMIT_INSANE_MS);
	while (!life_is_over() && !sim.failure[0] &&
	       loop_now(sim.loop) <= until)
		life_turn();
	if (!life_is_over() && sim.sane)
		sim_fail("liveness", "the run does not end");
	until = loop_now(sim.loop) + LIFE_AFTER_MS;
	while (loop_now(sim.loop) < until && !sim.failure[0])
		life_turn();
	if (!sim.failure[0] && sim.sane)
		properties_end();
	if (sim.conductor)
		life_bury();
	properties_close();
	unlink(sim.path);
	sim_lease_forget();
	vloop_close(sim.loop);
	performer_close();
	return !sim.failure[0];
}
