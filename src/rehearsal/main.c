/*
 * cutover-world: the practice world, real processes on loopback (DESIGN,
 * section 9). `cutover rehearse` starts it with --control and speaks to it by
 * lines; it can also be run by hand.
 */
#include <curl/curl.h>
#include <mysql.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/ending.h"
#include "rehearsal/options.h"
#include "rehearsal/world.h"

/* How long the ledger may take: asked for by `finish`, and after Ctrl-C. */
#define COUNT_LIMIT_MS 120000
#define COUNT_AFTER_SIGNAL_MS 5000

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

static int main_live(const struct options *options, struct ending *ending,
		     struct error *err)
{
	struct world *world;
	bool finish;
	int rc = world_open(&world, options, ending, err);

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

int main(int argc, char **argv)
{
	struct options options;
	struct ending ending;
	struct error err = {0};
	int rc = options_parse(argc, argv, &options, &err);

	if (rc) {
		main_fail(&err, 2);
		fputs(options_usage, stderr);
		return 2;
	}
	if (options.help)
		return fputs(options_usage, stdout) < 0;
	main_raise_limit();
	rc = ending_open(&ending, options.control, &err);
	if (!rc && (curl_global_init(CURL_GLOBAL_DEFAULT) ||
		    mysql_library_init(0, NULL, NULL)))
		rc = error_nomem(&err);
	if (!rc) {
		rc = main_live(&options, &ending, &err);
		mysql_library_end();
		curl_global_cleanup();
	}
	ending_close(&ending);
	return rc ? main_fail(&err, 1) : 0;
}
