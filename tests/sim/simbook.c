/* See simbook.h. The program's own loader reads them; the file's text is
 * changed before, a phrase at a time. */
#include "simbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "runbook/runbook.h"
#include "sim.h"

#define SIMBOOK_LEASE_MS 6000
#define SIMBOOK_FILE "runbooks/aurora-cutover.yaml"
#define SIMBOOK_TEXT_MAX (256u << 10)

/* Each occurrence of a phrase; how many there must be, so that a change of the
 * shipped file is noticed here. */
struct change {
	const char *from, *to;
	int times;
};

#define CHANGES_MAX 4

struct variant {
	const char *name;
	struct change changes[CHANGES_MAX];
	void (*spoil)(struct runbook *runbook);         /* NULL: it is sane */
};

/* ---- what a careless author might do -------------------------------------- */

static void spoil_nothing(struct runbook *runbook)
{
	(void)runbook;
}

/* No guard anywhere. */
static void spoil_guards(struct runbook *runbook)
{
	for (size_t i = 0; i < runbook->step_count; i++)
		runbook->steps[i].deed.guards.count =
			runbook->steps[i].undo.guards.count = 0;
}

/* And the last steps first: the flag goes up before anything is fenced. */
static void spoil_order(struct runbook *runbook)
{
	size_t count = runbook->step_count;

	spoil_guards(runbook);
	for (size_t i = 0; i < count / 2; i++) {
		struct runbook_step swap = runbook->steps[i];

		runbook->steps[i] = runbook->steps[count - 1 - i];
		runbook->steps[count - 1 - i] = swap;
	}
	for (size_t i = 0; i < runbook->rollback_count; i++)
		runbook->rollback[i] = count - 1 - runbook->rollback[i];
}

/* Going back, RDS is opened before Aurora is shut. */
static void spoil_way_back(struct runbook *runbook)
{
	size_t count = runbook->rollback_count;

	spoil_guards(runbook);
	for (size_t i = 0; i < count / 2; i++) {
		size_t swap = runbook->rollback[i];

		runbook->rollback[i] = runbook->rollback[count - 1 - i];
		runbook->rollback[count - 1 - i] = swap;
	}
}

/* The wait for a rollout is cut short everywhere: a simulated one is quick. */
#define SHORT_ROLLOUT {"within: 15m", "within: 20s", 1}

static const struct variant variants[] = {
	{"shipped", {SHORT_ROLLOUT}, NULL},
	{"nothing hard", {SHORT_ROLLOUT, {"hard: true", "hard: false", 14}},
	 spoil_nothing},
	{"no guards", {SHORT_ROLLOUT}, spoil_guards},
	{"last steps first", {SHORT_ROLLOUT}, spoil_order},
	{"way back turned round", {SHORT_ROLLOUT}, spoil_way_back},
};

#define VARIANT_COUNT (sizeof(variants) / sizeof(variants[0]))

/* Of ten seeds, so many drive the shipped one. */
#define SHIPPED_OF_TEN 6

static struct runbook *simbooks[VARIANT_COUNT];

static int simbook_change(struct buf *text, const struct change *change,
			  struct buf *ret)
{
	const char *at = text->data, *hit;
	int times = 0;

	buf_clear(ret);
	while ((hit = strstr(at, change->from))) {
		buf_append(ret, at, (size_t)(hit - at));
		buf_puts(ret, change->to);
		at = hit + strlen(change->from);
		times++;
	}
	buf_puts(ret, at);
	if (times == change->times)
		return buf_error(ret);
	fprintf(stderr, "%s: '%s' stands there %d times, not %d\n",
		SIMBOOK_FILE, change->from, times, change->times);
	return ERR_INVALID;
}

static int simbook_parse(const struct variant *variant, const char *text,
			 size_t len, struct runbook **ret)
{
	static const char *const set[] = {
		"namespace=shop", "mysql_file=my.cnf",
		"flag_url=" WORLD_FLAG_URL, "service_url=" WORLD_SERVICE_URL,
	};
	const struct runbook_settings settings = {
		.set = set, .set_count = sizeof(set) / sizeof(set[0]),
		.run = SIM_RUN, .require_values = true,
	};
	struct runbook_problems problems;
	struct error err = {0};
	int status;

	runbook_problems_init(&problems);
	status = runbook_parse(variant->name, text, len, &settings, ret,
			       &problems, &err);
	runbook_problems_print(&problems, stderr);
	runbook_problems_release(&problems);
	if (status)
		fprintf(stderr, "%s: %s\n", variant->name, err.message);
	return status;
}

static int simbook_load(const struct variant *variant, const struct buf *text,
			struct runbook **ret)
{
	struct buf now, next;
	int status = 0;

	buf_init(&now, SIMBOOK_TEXT_MAX);
	buf_init(&next, SIMBOOK_TEXT_MAX);
	buf_append(&now, text->data, text->len);
	for (size_t i = 0; i < CHANGES_MAX && variant->changes[i].from && !status;
	     i++) {
		struct buf swap = now;

		status = simbook_change(&now, &variant->changes[i], &next);
		now = next;
		next = swap;
	}
	if (!status)
		status = simbook_parse(variant, now.data, now.len, ret);
	buf_release(&now);
	buf_release(&next);
	return status;
}

/* A run is to live longer than a Lease that is not renewed. */
static void simbook_shorten_lease(struct runbook *runbook)
{
	for (size_t i = 0; i < runbook->connection_count; i++)
		if (runbook->connections[i].kind == CONNECTION_KUBERNETES)
			runbook->connections[i].kubernetes.lease_ms =
				SIMBOOK_LEASE_MS;
}

int simbook_open(void)
{
	const char *source = getenv("CUTOVER_SOURCE");
	char path[4096];
	struct buf text;
	struct error err = {0};
	int status;

	snprintf(path, sizeof(path), "%s/%s", source ? source : SIM_SOURCE,
		 SIMBOOK_FILE);
	buf_init(&text, SIMBOOK_TEXT_MAX);
	status = file_read(path, &text, &err);
	if (status)
		fprintf(stderr, "%s: %s\n", path, err.message);
	for (size_t i = 0; i < VARIANT_COUNT && !status; i++) {
		status = simbook_load(&variants[i], &text, &simbooks[i]);
		if (!status)
			simbook_shorten_lease(simbooks[i]);
		if (!status && variants[i].spoil)
			variants[i].spoil(simbooks[i]);
	}
	buf_release(&text);
	return status;
}

void simbook_close(void)
{
	for (size_t i = 0; i < VARIANT_COUNT; i++)
		runbook_free(simbooks[i]);
}

struct simbook simbook_of(int64_t seed)
{
	size_t variant = seed % 10 < SHIPPED_OF_TEN ? 0 :
		(size_t)(seed % 10) - SHIPPED_OF_TEN + 1;

	return (struct simbook){simbooks[variant], !variants[variant].spoil};
}
