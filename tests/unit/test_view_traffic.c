/*
 * The picture of the traffic: what users' writes would meet, step by step of
 * the shipped runbook, and where something is old or unknown.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "screen_words.h"

#define V2 (FIXTURE_PODS / 2)   /* v2's first pod */

static void draw(int width)
{
	struct view_ui ui = {0};

	screen_draw(ui, width, 40);
}

/* The version's row says that, after its dots. */
static void says(const char *version, const char *words)
{
	const char *row, *end;
	char line[1024];

	draw(120);
	row = strstr(screen, version);
	assert_non_null(row);
	end = strchr(row, '\n');
	snprintf(line, sizeof(line), "%.*s", (int)(end - row), row);
	if (!strstr(line, words))
		fail_msg("\"%s\" is not in its row:\n%s", words, screen);
}

static void v1(const char *words)
{
	says(" v1 → rds", words);
}

static void v2(const char *words)
{
	says(" v2 → aurora", words);
}

static void fence(void)
{
	fixture_walk_to(&fixture, "promote");
	fixture.facts.flag.on = false;
	fixture.seen[SIDE_SOURCE].read_only = DB_FLAG_ON;
}

static void promote(void)
{
	fence();
	fixture_walk_to(&fixture, "patch-v2");
	fixture.seen[SIDE_TARGET].read_only = DB_FLAG_OFF;
	fixture.seen[SIDE_TARGET].channel_count = 0;
}

/* So many of v2's pods are labelled. */
static void label(size_t pods)
{
	for (size_t i = V2; i < V2 + pods; i++)
		fixture.pods[i].meta.labels.count = 3;
}

/* The flag that v1 obeys stops its writes, whatever the database would take;
 * then the fence does. */
static void test_what_stops_v1(void **state)
{
	(void)state;
	v1(" read-write ");
	fixture.facts.flag.on = false;
	v1(" read-only (flag off) ");
	fence();
	v1(" read-only (fenced) ");
	fixture.facts.flag.on = true;
	v1(" read-only (fenced) ");
}

/* Of v2: first the database, then that no pod was told to write, then the
 * flag; and as many write as are labelled. */
static void test_what_stops_v2(void **state)
{
	(void)state;
	v2(" read-only (replica) ");
	promote();
	v2(" read-only (not writable) ");
	label(1);
	v2(" read-only (flag off) ");
	fixture.facts.flag.on = true;
	v2(" read-write 1 of 4 ");
	label(V2);
	v2(" read-write 4 of 4 ");
}

/* Read-only, and neither a replica nor fenced by this run. */
static void test_a_database_that_refuses(void **state)
{
	(void)state;
	fixture.seen[SIDE_SOURCE].read_only = DB_FLAG_ON;
	v1(" read-only (database) ");
}

/* Nothing is called open by what is not known; what is certainly shut is. */
static void test_unknown(void **state)
{
	(void)state;
	fixture.facts.flag.stamp.at_ms = -1;
	v1(" unknown ");
	fixture.facts.flag.stamp.at_ms = fixture.facts.now_ms;
	fixture.facts.databases[SIDE_SOURCE].seen = NULL;
	v1(" unknown ");
	fixture.facts.flag.on = false;
	v1(" read-only (flag off) ");
	promote();
	fixture.facts.flag.on = true;
	fixture.facts.cluster.pods_stamp.at_ms = -1;
	v2(" unknown ");
}

/* What was seen last keeps its place; of two doors that are shut, the one of
 * which that is certain is named. */
static void test_old(void **state)
{
	(void)state;
	fixture.facts.flag.stamp.at_ms = 90000;
	v1("?read-write ");
	fixture.facts.flag.on = false;
	v1("?read-only (flag off) ");
	fence();
	v1(" read-only (fenced) ");
	fixture.facts.databases[SIDE_SOURCE].stamp.at_ms = 90000;
	fixture.facts.flag.stamp.at_ms = fixture.facts.now_ms;
	v1(" read-only (flag off) ");
}

/* A runbook without a flag: then none is asked for. */
static void test_no_flag(void **state)
{
	(void)state;
	fixture.facts.flag.configured = false;
	fixture.facts.flag.on = false;
	v1(" read-write ");
}

/* Pods that the Service selects and that are not ready are not ignored by it:
 * nobody else takes the traffic. */
static void test_selected_and_not_ready(void **state)
{
	(void)state;
	v1(" 4 of 4 take traffic");
	v2(" 0 of 4: not selected");
	for (size_t i = 0; i < V2; i++)
		fixture.endpoints[i].ready = false;
	v1("◐◐◐◐ ");
	v1(" 0 of 4: selected, not ready");
	fixture.endpoints[0].ready = true;
	v1(" 1 of 4 take traffic");
	fixture.facts.cluster.slices_stamp.at_ms = 90000;
	v1("?1 of 4 take traffic");
	fixture.facts.cluster.slices_stamp.at_ms = -1;
	v1(" unknown");
}

/* Deleted, and about to be gone; then gone. */
static void test_pods_that_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < V2; i++) {
		fixture.endpoints[i].ready = false;
		fixture.endpoints[i].terminating = true;
	}
	v1(" 0 of 4: ending");
	fixture.facts.cluster.pods += V2;
	fixture.facts.cluster.pod_count -= V2;
	v1("rds                                                  no pods");
	fixture.facts.cluster.pods_stamp.at_ms = -1;
	v1("rds                                                  unknown");
}

/* A tall screen may be narrow. */
static void test_narrow(void **state)
{
	(void)state;
	promote();
	draw(80);
	there(" ├──▶ v1 → rds    ●●●●      read-only (fenced)       4 of 4 take traffic\n");
	there(" └┄┄┄ v2 → aurora ○○○○      read-only (not writable) 0 of 4: not selected\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_what_stops_v1),
		UNIT(test_what_stops_v2),
		UNIT(test_a_database_that_refuses),
		UNIT(test_unknown),
		UNIT(test_old),
		UNIT(test_no_flag),
		UNIT(test_selected_and_not_ready),
		UNIT(test_pods_that_end),
		UNIT(test_narrow),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
