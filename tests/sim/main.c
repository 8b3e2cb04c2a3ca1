/*
 * tests/sim/sim [--seeds N] [--from S] [--jobs N] [--first]: lives that many seeds, each
 * on its own; prints every one that breaks a promise, and how to replay it.
 * --first: no more after the first of those.
 * tests/sim/sim --seed S [--trace]: lives that one, readably.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "runbook/runbook.h"
#include "sim.h"
#include "simbook.h"
#include "trace.h"

/* Sanitizers make a seed ten times as dear. */
#ifdef __SANITIZE_ADDRESS__
#define SEEDS_DEFAULT 1000
#else
#define SEEDS_DEFAULT 10000
#endif
#define FAILURES_MAX 20         /* then a worker has seen enough */
#define JOBS_MAX 64

struct plan {
	int64_t from, seeds, jobs;
	bool one;                       /* a single seed */
	bool trace;
	bool first;                     /* one broken promise is enough */
};

static int64_t *main_seeds;     /* what each worker lives now; shared */

static int main_usage(void)
{
	fprintf(stderr, "usage: sim [--seeds N] [--from S] [--jobs N] [--first] | --seed S [--trace]\n");
	return 2;
}

static int main_options(int argc, char **argv, struct plan *plan)
{
	static const struct option options[] = {
		{"seeds", required_argument, NULL, 'n'},
		{"from", required_argument, NULL, 'f'},
		{"seed", required_argument, NULL, 's'},
		{"jobs", required_argument, NULL, 'j'},
		{"trace", no_argument, NULL, 't'},
		{"first", no_argument, NULL, '1'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		int64_t *number = option == 'n' ? &plan->seeds :
				  option == 'j' ? &plan->jobs : &plan->from;

		plan->trace = plan->trace || option == 't';
		plan->one = plan->one || option == 's';
		plan->first = plan->first || option == '1';
		if (option == '?' ||
		    (optarg && text_parse_int(optarg, 0, INT64_MAX / 2,
						     number)))
			return main_usage();
	}
	return optind < argc || plan->jobs < 1 || plan->jobs > JOBS_MAX ?
		       main_usage() : 0;
}

/* Lives each jobs-th seed; the number of those that broke a promise. */
static int64_t main_live(const struct plan *plan, int64_t job)
{
	int64_t failures = 0, most = plan->first ? 1 : FAILURES_MAX;

	for (int64_t i = job; i < plan->seeds && failures < most;
	     i += plan->jobs) {
		int64_t seed = plan->from + i;
		const struct simbook book = simbook_of(seed);

		if (main_seeds)
			main_seeds[job] = seed;
		if (sim_live(&book, (uint64_t)seed))
			continue;
		failures++;
		printf("FAIL: seed %" PRId64 ": %s\n      tests/sim/sim --seed %" PRId64 " --trace\n",
		       seed, sim.failure, seed);
		fflush(stdout);
	}
	return failures;
}

static int main_work(const struct plan *plan, int64_t job)
{
	const char *tmp = getenv("TMPDIR");
	int64_t failures;

	snprintf(sim.dir, sizeof(sim.dir), "%.40s/sim-XXXXXX",
		 tmp && tmp[0] ? tmp : "/tmp");
	if (!mkdtemp(sim.dir)) {
		fprintf(stderr, "%s: %s\n", sim.dir, strerror(errno));
		return 2;
	}
	failures = main_live(plan, job);
	rmdir(sim.dir);
	return failures ? 1 : 0;
}

/* A seed at which the program itself comes down is a finding like others. */
static int main_await(pid_t worker, int64_t seed)
{
	int status = 0;

	if (worker < 0 || waitpid(worker, &status, 0) < 0)
		return 2;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("FAIL: seed %" PRId64 ": ended by signal %d\n      tests/sim/sim --seed %" PRId64 " --trace\n",
	       seed, WTERMSIG(status), seed);
	return 2;
}

/* A worker a processor: seeds know nothing of each other. */
static int main_share(const struct plan *plan)
{
	pid_t workers[JOBS_MAX];
	int worst = 0;

	main_seeds = mmap(NULL, sizeof(*main_seeds) * JOBS_MAX,
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	if (main_seeds == MAP_FAILED)
		return 2;

	for (int64_t job = 0; job < plan->jobs; job++) {
		workers[job] = fork();
		if (workers[job] == 0)
			exit(main_work(plan, job));
	}
	for (int64_t job = 0; job < plan->jobs; job++) {
		int status = main_await(workers[job], main_seeds[job]);

		if (status > worst)
			worst = status;
	}
	return worst;
}

int main(int argc, char **argv)
{
	struct plan plan = {.from = 1, .seeds = SEEDS_DEFAULT,
			    .jobs = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1};
	int status = main_options(argc, argv, &plan);

	if (status)
		return status;
	if (plan.one) {
		plan.seeds = plan.jobs = 1;
		trace_on(plan.trace);
	}
	if (simbook_open())
		return 2;
	printf("sim: %" PRId64 " seeds from %" PRId64 "\n", plan.seeds, plan.from);
	fflush(stdout);
	status = plan.one ? main_work(&plan, 0) : main_share(&plan);
	simbook_close();
	printf("%s: %" PRId64 " seeds\n", status ? "FAIL" : "PASS", plan.seeds);
	return status;
}
