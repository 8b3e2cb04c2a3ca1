/*
 * See world.h. The order of the start: databases (they take longest), cluster
 * and pods, files, users. The order of the end is the reverse, and every
 * part's close takes what was never opened.
 */
#include "rehearsal/world.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/backstage.h"
#include "rehearsal/cluster/cluster.h"
#include "rehearsal/database_setup.h"
#include "rehearsal/ending.h"
#include "rehearsal/flag.h"
#include "rehearsal/flagwatch.h"
#include "rehearsal/kubelet.h"
#include "rehearsal/options.h"
#include "rehearsal/pair.h"
#include "rehearsal/platform.h"
#include "rehearsal/readback.h"
#include "rehearsal/sql.h"
#include "rehearsal/users.h"
#include "rehearsal/worlddir.h"
#include "rehearsal/worldfiles.h"

/* What the users still write before the ledger is read, and for how long. */
#define LAST_WRITES 100
#define LAST_LIMIT_MS 3000

/* The longest that the writes' reading back may take, asked over the control
 * socket; and the two lines that it becomes. */
#define TALLY_LIMIT_MS 120000
#define LINES_MAX 1024

#define PODS_POLL_MS 20
#define PODS_LIMIT_MS 60000     /* beyond their start delay */

struct world {
	const struct options *options;
	const struct scenario *scenario;
	struct ending *ending;
	struct worlddir dir;
	struct pair pair;
	struct platform platform;
	struct ledger ledger;
	struct users *users;
	struct backstage backstage;
	bool counted;
};

__attribute__((format(printf, 1, 2)))
static void world_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("world: ", stdout);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
}

static int world_start_databases(struct world *world, struct error *err)
{
	const struct pair_options options = {
		.kind = world->options->database,
		.after = world->options->start == START_AFTER,
		.heartbeat_ms = world->options->heartbeat_ms,
		.rds_delay_ms = world->options->rds_delay_ms,
	};
	int rc;

	world_say("seed %" PRIu64, world->options->seed);
	world_say("starting databases");
	rc = pair_open(&world->pair, world->dir.path, &options, world->ending,
		       err);
	if (!rc)
		world_say("databases up");
	return rc;
}

static int world_await_pods(struct world *world, struct error *err)
{
	int64_t deadline = clock_mono_ms() + PODS_LIMIT_MS +
			   world->options->start_delay_ms;
	int wanted = platform_wanted_pods(&world->platform);
	int ready, said = 0, rc = 0;

	while (!rc && (ready = platform_ready_pods(&world->platform)) <
		      wanted) {
		if (ready != said)
			world_say("pods %d/%d ready", ready, wanted);
		said = ready;
		rc = ending_pause(world->ending, PODS_POLL_MS, err);
		if (!rc && clock_mono_ms() > deadline)
			rc = error_set(err, ERR_TIMEOUT, NULL,
				       "only %d of %d pods became ready",
				       ready, wanted);
	}
	if (!rc)
		world_say("pods %d/%d ready", wanted, wanted);
	return rc;
}

static int world_start_platform(struct world *world, struct error *err)
{
	int rc = platform_open(&world->platform, world->options, &world->pair,
			       world->dir.path, err);

	if (rc)
		return rc;
	world_say("cluster up");
	return world_await_pods(world, err);
}

static int world_write_files(struct world *world, struct error *err)
{
	const struct platform *platform = &world->platform;
	struct objects_app v2 = platform_app(platform, "v2");
	struct sockaddr_in service = platform_service(platform);
	char ip[INET_ADDRSTRLEN], path[PATH_MAX];
	struct worldfiles files = {
		.dir = world->dir.path,
		.kubeconfig = cluster_kubeconfig(platform->cluster),
		.service_ip = ip,
		.flag_url = platform->flag ? flag_url(platform->flag) : NULL,
		.flag_token = platform->flag_token,
	};
	int rc;

	inet_ntop(AF_INET, &service.sin_addr, ip, sizeof(ip));
	v2.writes_enabled = false;
	files.v2 = objects_deployment(&v2);
	snprintf(path, sizeof(path), "%.*s/my.cnf", WORLDDIR_MAX,
		 world->dir.path);
	rc = database_setup_option_file(path, &world->pair.rds,
					&world->pair.aurora,
					world->pair.certificate, err);
	if (!rc)
		rc = worldfiles_write(&files, err);
	json_decref(files.v2);
	return rc;
}

static int world_start_users(struct world *world, struct error *err)
{
	struct sockaddr_in service = platform_service(&world->platform);
	int rc = ledger_init(&world->ledger, err);

	if (!rc)
		rc = users_open(&world->users, &service, &world->ledger,
				world->options->seed, err);
	if (!rc)
		world_say("users %d writes/s, %d reads/s",
			  USERS_WRITERS * 1000 / USERS_PACE_MS,
			  USERS_READERS * 1000 / USERS_PACE_MS);
	return rc;
}

/* After so long all pods have heard what the flag says now. */
static int64_t world_hears_ms(const struct options *options)
{
	return options->flag_poll_ms + (options->flag_in_configmap ?
					FLAGWATCH_CONFIGMAP_DELAY_MS : 0);
}

/* Stops the users and reads their writes back. */
static int world_tally(struct world *world, int64_t deadline_ms,
		       struct tally *ret, struct error *err)
{
	struct sql_login login;
	int rc;

	world->counted = true;
	/* what is still wrong must not hide what was saved */
	fault_clear_all(&world->backstage.stage);
	users_stop(world->users, LAST_WRITES, world_hears_ms(world->options),
		   LAST_LIMIT_MS, &ret->record);
	database_root_login(platform_serves_v2(&world->platform) ?
			    &world->pair.aurora : &world->pair.rds, &login);
	rc = readback_orders(&login, deadline_ms, &world->ledger, err);
	if (!rc)
		ledger_count(&world->ledger, &ret->counts);
	return rc;
}

static int world_tally_asked(void *data, struct tally *ret, struct error *err)
{
	struct world *world = data;

	if (world->counted)
		return error_set(err, ERR_CONFLICT, NULL,
				 "the writes are being counted already");
	return world_tally(world, clock_mono_ms() + TALLY_LIMIT_MS, ret, err);
}

static int world_open_backstage(struct world *world, struct error *err)
{
	world->backstage = (struct backstage){
		.stage = {.platform = &world->platform, .pair = &world->pair,
			  .users = world->users, .options = world->options,
			  .seed = world->options->seed},
		.scenario = world->scenario, .ending = world->ending,
		.count = world_tally_asked, .count_data = world};
	return backstage_open(&world->backstage, world->dir.path, err);
}

static int world_make_dir(struct world *world, struct error *err)
{
	worlddir_sweep();
	return world->options->dir ?
	       worlddir_take(&world->dir, world->options->dir, err) :
	       worlddir_make(&world->dir, err);
}

int world_open(struct world **ret, const struct options *options,
	       const struct scenario *scenario, struct ending *ending,
	       struct error *err)
{
	struct world *world = calloc(1, sizeof(*world));
	int rc;

	if (!world)
		return error_nomem(err);
	world->options = options;
	world->scenario = scenario;
	world->ending = ending;
	world->dir.lock = -1;
	rc = world_make_dir(world, err);
	if (!rc)
		rc = world_start_databases(world, err);
	if (!rc)
		rc = world_start_platform(world, err);
	if (!rc)
		rc = world_write_files(world, err);
	if (!rc)
		rc = world_start_users(world, err);
	/* From now on pods start as slowly as is realistic. */
	if (!rc)
		kubelet_set_delay(world->platform.kubelet,
				  options_pod_delay(options));
	if (!rc)
		rc = world_open_backstage(world, err);
	if (rc) {
		world_close(world);
		return rc;
	}
	world_say("ready %s", world->dir.path);
	*ret = world;
	return 0;
}

bool world_run(struct world *world)
{
	enum ending_event event = ENDING_NOTHING;

	while (event != ENDING_FINISH && event != ENDING_STOP) {
		const char *died;

		/* Databases do: then the rehearsal is of that. */
		while ((died = pair_died(&world->pair)))
			world_say("%s has ended by itself", died);
		event = ending_wait(world->ending,
				    backstage_wait_ms(&world->backstage));
		backstage_serve(&world->backstage);
	}
	return (event == ENDING_FINISH || !world->options->control) &&
	       !world->counted;
}

int world_count(struct world *world, int64_t deadline_ms, struct error *err)
{
	struct tally tally;
	struct buf lines;
	int rc = world_tally(world, deadline_ms, &tally, err);

	if (rc)
		return rc;
	buf_init(&lines, LINES_MAX);
	tally_lines(&tally, "", &lines);
	fputs(lines.data, stdout);
	fflush(stdout);
	buf_release(&lines);
	return 0;
}

void world_close(struct world *world)
{
	if (!world)
		return;
	backstage_end(&world->backstage);
	users_close(world->users);
	platform_close(&world->platform);
	pair_close(&world->pair);
	ledger_release(&world->ledger);
	worlddir_remove(&world->dir);
	backstage_close(&world->backstage);
	free(world);
}
