/* See pod.h. */
#include "rehearsal/pod.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/applog.h"
#include "rehearsal/flagwatch.h"

/* Between two questions whether it is ready; a starting pod asks faster. */
#define PROBE_MS 1000
#define PROBE_STARTING_MS 20
#define FLAG_LIMIT_MS 2000      /* for the first reading of the flag */
#define CRASH_MS 200            /* until one that crashes does */
/* A pod that was told to end goes on answering as long as the balancer and
 * its users may still come, as a preStop hook would have it. */
#define DRAIN_MS 500
#define STACK_SIZE (512u << 10)

enum pod_wish {
	POD_RUN,
	POD_STOP,
	POD_KILL,
};

struct pod {
	struct podspec spec;
	struct pod_events events;
	struct applog log;
	struct flagwatch *watch;
	int start_delay_ms;
	enum pod_fate fate;
	pthread_t thread;
	pthread_mutex_t lock;           /* guards wish */
	pthread_cond_t changed;
	enum pod_wish wish;
	atomic_bool over;
	/* The thread's own. */
	struct flagwatch_seat *seat;
	struct app *app;
	bool is_ready;
};

/* Waits ms, or until the wish is above `above`; returns the wish. */
static enum pod_wish pod_wait(struct pod *pod, int64_t ms, enum pod_wish above)
{
	struct timespec until;
	enum pod_wish wish;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&pod->lock);
	while (pod->wish <= above &&
	       !pthread_cond_timedwait(&pod->changed, &pod->lock, &until))
		;
	wish = pod->wish;
	pthread_mutex_unlock(&pod->lock);
	return wish;
}

static void pod_says(void *data, const char *line)
{
	struct pod *pod = data;

	pod->events.says(pod->events.data, &pod->spec, line);
}

/* The readiness probe's answer goes on. */
static void pod_say_ready(struct pod *pod, const char *why_not)
{
	bool ready = !why_not;

	if (why_not)
		applog_repeat(&pod->log, "WARN", "not ready: %s", why_not);
	if (ready == pod->is_ready)
		return;
	pod->is_ready = ready;
	if (ready)
		applog_say(&pod->log, "INFO", "ready");
	pod->events.ready(pod->events.data, &pod->spec, ready);
}

static void pod_say_hello(struct pod *pod)
{
	const struct app_config *app = &pod->spec.app;

	applog_say(&pod->log, "INFO", "%s %s starting: database %s:%u as %s%s%s",
		   PODSPEC_CONTAINER, app->version, app->login.host,
		   app->login.port, app->login.user,
		   app->login.tls ? ", TLS" : "",
		   !app->rules.needs_enabling ? "" : app->rules.enabled ?
		   ", ENABLE_WRITES=true" : ", read-only");
}

/* It dies soon, as what can't start does. */
static int pod_crash(struct pod *pod)
{
	if (pod_wait(pod, CRASH_MS, POD_RUN) != POD_RUN)
		return ERR_CANCELLED;
	applog_say(&pod->log, "FATAL", "the write path did not come up: no "
		   "connection in its pool (writer.go:87)");
	return ERR_INVALID;
}

/* Start-up: the delay, the flag's first reading, the address. */
static int pod_come_up(struct pod *pod)
{
	struct app_config *config = &pod->spec.app;
	int64_t limit;

	pod_say_hello(pod);
	if (pod->fate == POD_CRASHES)
		return pod_crash(pod);
	if (pod_wait(pod, pod->start_delay_ms, POD_RUN) != POD_RUN)
		return ERR_CANCELLED;
	if (flagwatch_join(pod->watch, pod->spec.flag, pod->spec.flag_token,
			   &pod->seat, NULL))
		return ERR_NOMEM;
	limit = clock_mono_ms() + FLAG_LIMIT_MS;
	while (!flagwatch_is_known(pod->seat) && clock_mono_ms() < limit)
		if (pod_wait(pod, PROBE_STARTING_MS, POD_RUN) != POD_RUN)
			return ERR_CANCELLED;
	config->flag = flagwatch_enabled;
	config->flag_data = pod->seat;
	config->log = &pod->log;
	return app_open(&pod->app, config, NULL);
}

/* The readiness probe: NULL if it passes, else why not, in err. */
static const char *pod_probe(struct pod *pod, struct error *err)
{
	if (pod->fate == POD_MAY_BE_HELD && pod->events.held(pod->events.data))
		return "the cache is being filled";
	return app_check(pod->app, err) ? err->message : NULL;
}

static void pod_serve(struct pod *pod)
{
	enum pod_wish wish = POD_RUN;

	while (wish == POD_RUN) {
		struct error err = {0};

		pod_say_ready(pod, pod_probe(pod, &err));
		wish = pod_wait(pod, pod->is_ready ? PROBE_MS :
				PROBE_STARTING_MS, POD_RUN);
	}
	if (wish == POD_STOP) {
		applog_say(&pod->log, "INFO", "SIGTERM: connections are drained");
		app_drain(pod->app);
		pod_wait(pod, DRAIN_MS, POD_STOP);
		applog_say(&pod->log, "INFO", "stopped");
	}
}

static void *pod_run(void *data)
{
	struct pod *pod = data;
	int rc = pod_come_up(pod);

	if (!rc)
		pod_serve(pod);
	app_close(pod->app);
	if (pod->seat)
		flagwatch_leave(pod->seat);
	mysql_thread_end();
	atomic_store(&pod->over, true);
	pod->events.exited(pod->events.data, &pod->spec,
			   rc && rc != ERR_CANCELLED ? 1 : 0);
	return NULL;
}

static int pod_start_thread(struct pod *pod)
{
	pthread_attr_t attributes;
	int number;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	number = pthread_create(&pod->thread, &attributes, pod_run, pod);
	pthread_attr_destroy(&attributes);
	return number;
}

int pod_start(struct pod **ret, const struct podspec *spec,
	      int start_delay_ms, enum pod_fate fate, struct flagwatch *watch,
	      const struct pod_events *events, struct error *err)
{
	struct pod *pod = calloc(1, sizeof(*pod));
	pthread_condattr_t clock;

	if (!pod)
		return error_nomem(err);
	pod->spec = *spec;
	pod->events = *events;
	pod->watch = watch;
	pod->start_delay_ms = start_delay_ms;
	pod->fate = fate;
	applog_init(&pod->log, pod_says, pod);
	pthread_mutex_init(&pod->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&pod->changed, &clock);
	pthread_condattr_destroy(&clock);
	if (pod_start_thread(pod)) {
		pthread_cond_destroy(&pod->changed);
		pthread_mutex_destroy(&pod->lock);
		applog_release(&pod->log);
		free(pod);
		return error_set(err, ERR_NOMEM, spec->name,
				 "no thread for the pod");
	}
	*ret = pod;
	return 0;
}

void pod_stop(struct pod *pod, bool at_once)
{
	enum pod_wish wish = at_once ? POD_KILL : POD_STOP;

	pthread_mutex_lock(&pod->lock);
	if (pod->wish < wish)
		pod->wish = wish;
	pthread_cond_signal(&pod->changed);
	pthread_mutex_unlock(&pod->lock);
}

bool pod_is_over(struct pod *pod)
{
	return atomic_load(&pod->over);
}

const struct podspec *pod_spec(const struct pod *pod)
{
	return &pod->spec;
}

void pod_free(struct pod *pod)
{
	pthread_join(pod->thread, NULL);
	pthread_cond_destroy(&pod->changed);
	pthread_mutex_destroy(&pod->lock);
	applog_release(&pod->log);
	explicit_bzero(&pod->spec, sizeof(pod->spec));
	free(pod);
}
