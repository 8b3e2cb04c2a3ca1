/*
 * cutover-world: the practice world, real processes on loopback (DESIGN,
 * section 9). `cutover rehearse` starts it with --control and speaks to it by
 * lines; it can also be run by hand.
 */
#include <curl/curl.h>
#include <mysql.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/ending.h"
#include "rehearsal/instructor.h"
#include "rehearsal/options.h"
#include "rehearsal/scenario.h"
#include "rehearsal/world.h"
#include "runbook/problems.h"

/* How long the ledger may take: asked for by `finish`, and after Ctrl-C. */
#define COUNT_LIMIT_MS 120000
#define COUNT_AFTER_SIGNAL_MS 5000
#define FAULTS_TEXT_MAX (64 << 10)
#define SEEDS 100000            /* short enough to be typed again */

static int main_fail(const struct error *err, int status)
{
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	error_text(err, text, sizeof(text));
	fprintf(stderr, "cutover-world: %s\n", text);
	return status;
}

/* A thousand pods take a dozen descriptors each, more than a shell's usual
 * limit; where we may not have them, the pods will say so. */
static void main_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Loads a scenario; its problems are printed here. */
static int main_scenario(const char *path, struct scenario **ret,
			 struct error *err)
{
	struct runbook_problems problems;
	int rc;

	runbook_problems_init(&problems);
	rc = scenario_load(path, ret, &problems, err);
	runbook_problems_print(&problems, stderr);
	runbook_problems_release(&problems);
	return rc;
}

/* A line of JSON for each scenario; 2 if any is not valid. */
static int main_describe(char *const *paths)
{
	int status = 0;

	for (; *paths; paths++) {
		struct scenario *scenario = NULL;
		struct error err = {0};
		json_t *description;

		if (main_scenario(*paths, &scenario, &err)) {
			status = main_fail(&err, 2);
			continue;
		}
		description = scenario_describe(scenario);
		if (!description || json_dumpf(description, stdout,
					       JSON_COMPACT) ||
		    putchar('\n') == EOF)
			status = 1;
		json_decref(description);
		scenario_free(scenario);
	}
	return fflush(stdout) ? 1 : status;
}

/* What can go wrong, for an instructor who prepares himself. */
static int main_faults(void)
{
	struct buf list;
	int bad;

	buf_init(&list, FAULTS_TEXT_MAX);
	instructor_list("", &list);
	bad = buf_error(&list) || fputs(list.data, stdout) < 0 ||
	      fflush(stdout);
	buf_release(&list);
	return bad;
}

/* A seed that nobody chose. */
static uint64_t main_seed(void)
{
	return (uint64_t)clock_wall_ms() % SEEDS;
}

static int main_live(const struct options *options,
		     const struct scenario *scenario, struct ending *ending,
		     struct error *err)
{
	struct world *world;
	bool finish;
	int rc = world_open(&world, options, scenario, ending, err);

	if (rc)
		return rc == ERR_CANCELLED ? 0 : rc;
	finish = world_run(world);
	if (finish)
		rc = world_count(world, clock_mono_ms() +
				 (options->control ? COUNT_LIMIT_MS :
				  COUNT_AFTER_SIGNAL_MS), err);
	if (!rc && finish && options->control) {
		puts("world: finished");
		fflush(stdout);
	}
	world_close(world);
	return rc;
}

static int main_run(struct options *options, const struct scenario *scenario,
		    struct error *err)
{
	struct ending ending;
	int rc;

	options_settle(options, scenario);
	if (!options->has_seed)
		options->seed = main_seed();
	main_raise_limit();
	rc = ending_open(&ending, options->control, err);
	if (!rc && (curl_global_init(CURL_GLOBAL_DEFAULT) ||
		    mysql_library_init(0, NULL, NULL)))
		rc = error_nomem(err);
	if (!rc) {
		rc = main_live(options, scenario, &ending, err);
		mysql_library_end();
		curl_global_cleanup();
	}
	ending_close(&ending);
	return rc;
}

int main(int argc, char **argv)
{
	struct options options;
	struct scenario *scenario = NULL;
	struct error err = {0};
	int rc = options_parse(argc, argv, &options, &err);

	if (rc) {
		main_fail(&err, 2);
		fputs(options_usage, stderr);
		return 2;
	}
	if (options.help)
		return fputs(options_usage, stdout) < 0;
	if (options.lists_faults)
		return main_faults();
	if (options.describes)
		return main_describe(options.describe);
	if (options.scenario &&
	    main_scenario(options.scenario, &scenario, &err))
		return main_fail(&err, 2);
	rc = main_run(&options, scenario, &err);
	scenario_free(scenario);
	return rc ? main_fail(&err, 1) : 0;
}
