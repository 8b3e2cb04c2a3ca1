/*
 * The panes of facts when facts are old, unknown or long: what was seen last
 * stays where it is, marked, and is worth more than why it is old.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "screen_words.h"

static void draw_page(enum view_page page, int width, int height)
{
	struct view_ui ui = {.page = page};

	screen_draw(ui, width, height);
}

static void draw(int width, int height)
{
	draw_page(VIEW_RUN, width, height);
}

static void ages(struct stamp *stamp)
{
	stamp->at_ms = fixture.facts.now_ms - 4200;
	snprintf(stamp->problem, sizeof(stamp->problem),
		 "https://127.0.0.1:6443: no answer within 2 s, tried 3 times");
}

/* Old values stay, and say how old they are; unknown is a word. */
static void test_stale(void **state)
{
	(void)state;
	fixture.facts.databases[SIDE_TARGET].stamp.at_ms = 95800;
	fixture.facts.cluster.pods_stamp.at_ms = -1;
	fixture.facts.missing = -1;
	draw(80, 24);
	there("REPLICATION aurora STALE 4.2 s");
	there("aurora ?read-only");
	there("rds     read-write");
	there("PODS unknown");
	there("missing       unknown");
}

/* The age first, then what was seen last, and only then why it is old. */
static void test_the_last_value_before_the_problem(void **state)
{
	(void)state;
	ages(&fixture.facts.cluster.service_stamp);
	ages(&fixture.facts.flag.stamp);
	draw(80, 24);
	there("SERVICE STALE 4.2 s app=myapp,version=v1");
	there("FLAG STALE 4.2 s asserted on");
	draw(200, 60);
	there("SERVICE STALE 4.2 s app=myapp,version=v1 https:");
}

/* Whoever asks for the GTID sets is told why there are none. */
static void test_why_there_are_no_gtids(void **state)
{
	struct db_observation *seen = &fixture.seen[SIDE_SOURCE];

	(void)state;
	seen->gtid_known = false;
	seen->gtid_why = "gtid_mode is OFF";
	draw_page(VIEW_GTIDS, 80, 24);
	there("has     unknown: gtid_mode is OFF");
	there("has     0-11-88123");
	fixture.facts.databases[SIDE_SOURCE].seen = NULL;
	draw_page(VIEW_GTIDS, 80, 24);
	there("has     unknown");
}

/* The picture of the traffic is as old as what it is made of. */
static void test_old_traffic(void **state)
{
	(void)state;
	draw(120, 40);
	there("TRAFFIC  users ");
	there(" read-only ");
	there(" 4 of 4 take traffic");
	ages(&fixture.facts.cluster.slices_stamp);
	ages(&fixture.facts.databases[SIDE_TARGET].stamp);
	draw(120, 40);
	there("TRAFFIC STALE 4.2 s  users ");
	there("?4 of 4 take traffic");
	there("?read-only ");
	there(" read-write ");
}

/* InnoDB refuses whatever read_only says: a reader of an Aurora cluster. */
static void test_a_reader_takes_no_writes(void **state)
{
	(void)state;
	fixture.seen[SIDE_TARGET].read_only = DB_FLAG_OFF;
	fixture.seen[SIDE_TARGET].innodb_read_only = DB_FLAG_ON;
	draw(120, 40);
	there("aurora  read-only");
	there("read-only (replica)        0 of 4: not selected");
}

/* Names that begin alike are told apart. */
static void test_long_names(void **state)
{
	struct facts_database *databases = fixture.facts.databases;

	(void)state;
	databases[SIDE_SOURCE].name = "prod-rds";
	databases[SIDE_TARGET].name = "prod-aurora";
	databases[SIDE_TARGET].stamp.at_ms = 95800;
	draw(80, 24);
	there(" prod-rds     read-write  open writes    0\n");
	there(" prod-aurora ?read-only   open writes   ?0\n");
	databases[SIDE_SOURCE].name = "production-eu-central-1-rds";
	databases[SIDE_TARGET].name = "production-eu-central-1-aurora";
	draw(80, 24);
	there("entral-1-rds  read-write  open writes  0\n");
	there("ral-1-aurora ?read-only   open writes ?0\n");
}

/* Fenced, and not promoted yet: what moves on the target is what it applies. */
static void test_a_replica_is_not_written_to(void **state)
{
	struct facts_database *target = &fixture.facts.databases[SIDE_TARGET];

	(void)state;
	target->still_since_ms = fixture.facts.now_ms;
	fixture.seen[SIDE_SOURCE].read_only = DB_FLAG_ON;
	draw(80, 24);
	there("FLAG asserted on  aurora follows\n");
	fixture.channel.sql = DB_THREAD_NO;
	draw(80, 24);
	there("FLAG asserted on  aurora read-only\n");
	fixture.seen[SIDE_TARGET].read_only = DB_FLAG_OFF;
	draw(80, 24);
	there("FLAG asserted on  aurora is written to\n");
	fixture.channel.sql = DB_THREAD_YES;
	draw(80, 24);
	there("FLAG asserted on  aurora follows\n");
	fixture.channel.io = DB_THREAD_NO;      /* it may apply what it has */
	draw(80, 24);
	there("FLAG asserted on  aurora unknown\n");
	fixture.seen[SIDE_TARGET].channel_count = 0;
	draw(80, 24);
	there("FLAG asserted on  aurora is written to\n");
	fixture.seen[SIDE_TARGET].known[DB_PART_REPLICATION] = false;
	draw(80, 24);
	there("FLAG asserted on  aurora unknown\n");
	target->seen = NULL;
	draw(80, 24);
	there("FLAG asserted on  aurora unknown\n");
}

/* The source takes writes, whatever it replicates itself. */
static void test_the_source_is_written_to(void **state)
{
	struct facts_database *source = &fixture.facts.databases[SIDE_SOURCE];

	(void)state;
	fixture.seen[SIDE_SOURCE].channels = &fixture.channel;
	fixture.seen[SIDE_SOURCE].channel_count = 1;
	draw(80, 24);
	there("FLAG asserted on  rds quiet 2 s\n");
	source->still_since_ms = fixture.facts.now_ms;
	draw(80, 24);
	there("FLAG asserted on  rds is written to\n");
	source->stamp.at_ms = 90000;
	draw(80, 24);
	there("FLAG asserted on  rds unknown\n");
}

/* Errant is what a replica has of its own, also one that takes writes; users'
 * writes on a promoted database are not. */
static void test_users_writes_are_not_errant(void **state)
{
	(void)state;
	fixture.facts.errant = 508;
	fixture.seen[SIDE_TARGET].read_only = DB_FLAG_OFF;
	draw(80, 24);
	there("│ lag 0 s             errant            508\n");
	fixture.seen[SIDE_TARGET].channel_count = 0;
	draw(80, 24);
	there("│ writes that only aurora has           508\n");
	draw_page(VIEW_GTIDS, 80, 24);
	there(" writes that only aurora has ");
	fixture.facts.databases[SIDE_TARGET].name =
		"production-eu-central-1-aurora";
	draw(80, 24);
	there("│ writes that only …-1-aurora has       508\n");
	fixture.seen[SIDE_TARGET].read_only = DB_FLAG_ON;
	draw(80, 24);
	there("errant     508\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_stale),
		UNIT(test_the_last_value_before_the_problem),
		UNIT(test_why_there_are_no_gtids),
		UNIT(test_old_traffic),
		UNIT(test_a_reader_takes_no_writes),
		UNIT(test_long_names),
		UNIT(test_a_replica_is_not_written_to),
		UNIT(test_the_source_is_written_to),
		UNIT(test_users_writes_are_not_errant),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
