/*
 * Units of db/tail and db/probe_beats: which transactions of a binlog are the
 * provider's heartbeats. What matters most: nothing that users can write is
 * ever taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/probe_beats.h"
#include "db/probe_rows.h"
#include "db/tail.h"

#define U1 "3e11fa47-71ca-11e1-9e33-c80aa9429562"
#define EVENTS_MAX 512
#define BEAT "table_id: 18 (mysql.rds_heartbeat2)"

static const char *const names[] = {"Event_type", "End_log_pos", "Info"};
static const char *cells[EVENTS_MAX * 3];
static struct db_rows rows = {3, 0, (const char **)names, cells};

/* Type and Info, one after the other; positions are made up. */
static const struct db_rows *events_of(const char *const *list)
{
	static char ends[EVENTS_MAX][16];

	rows.rows = 0;
	for (size_t i = 0; list[i * 2]; i++, rows.rows++) {
		snprintf(ends[i], sizeof(ends[i]), "%zu", 100 + (i + 1) * 10);
		cells[i * 3] = list[i * 2];
		cells[i * 3 + 1] = ends[i];
		cells[i * 3 + 2] = list[i * 2 + 1];
	}
	return &rows;
}

#define EVENTS(...) events_of((const char *const[]){__VA_ARGS__, NULL})

static struct db_tail tail;

static int setup(void **state)
{
	(void)state;
	db_tail_init(&tail);
	return db_tail_go(&tail, "bin.000009", 100, NULL);
}

static int teardown(void **state)
{
	(void)state;
	db_tail_release(&tail);
	return 0;
}

static bool read_on(const struct db_rows *events, const char *current)
{
	struct error err;
	bool more = false;

	if (db_tail_read(&tail, events, current, &more, &err))
		fail_msg("%s", err.message);
	return more;
}

/* The proven set, checked and forgotten. */
static void proven(const char *expected)
{
	char *text = gtid_format(&tail.heartbeats);

	assert_string_equal(text, expected);
	free(text);
	gtid_release(&tail.heartbeats);
}

static void test_a_heartbeat_is_proven(void **state)
{
	(void)state;
	assert_false(read_on(EVENTS(
		"Gtid", "BEGIN GTID 1-1-4",
		"Annotate_rows", "insert into mysql.rds_heartbeat2 ...",
		"Table_map", BEAT, "Update_rows_v1", "table_id: 18",
		"Xid", "COMMIT /* xid=5 */",
		"Gtid", "BEGIN GTID 1-1-5 cid=7",
		"Table_map", BEAT, "Write_rows_v1", "table_id: 18",
		"Query", "COMMIT"), "bin.000009"));
	proven("1-1-4..5");
	assert_int_equal(tail.pos, 100 + 9 * 10);
	read_on(EVENTS(
		"Gtid", "SET @@SESSION.GTID_NEXT= '" U1 ":7'",
		"Query", "BEGIN", "Table_map", BEAT,
		"Update_rows", "table_id: 18 flags: STMT_END_F",
		"Xid", "COMMIT /* xid=5 */"), "bin.000009");
	proven(U1 ":7");
}

static void test_a_heartbeat_told_as_a_statement(void **state)
{
	static const char *const said[] = {
		"insert into mysql.rds_heartbeat2(id, value) values (1,17) "
		"on duplicate key update value = 17",
		"use `mysql`; INSERT INTO mysql.rds_heartbeat2(id, value) "
		"values (1,17) ON DUPLICATE KEY UPDATE value = 18",
	};
	static const char *const other[] = {
		"insert into mysql.rds_heartbeat2(id, value) values (1,f()) "
		"on duplicate key update value = 17",
		"insert into mysql.rds_heartbeat2(id, value) values (1,17) "
		"on duplicate key update value = 17; delete from app.orders",
		"delete from mysql.rds_heartbeat2", "BEGIN", "",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		read_on(EVENTS("Gtid", "BEGIN GTID 1-1-4", "Query", said[i],
			       "Xid", "COMMIT"), "bin.000009");
		proven("1-1-4..4");
	}
	for (size_t i = 0; i < 5; i++) {
		read_on(EVENTS("Gtid", "BEGIN GTID 1-1-4", "Query", other[i],
			       "Xid", "COMMIT"), "bin.000009");
		proven("");
	}
}

static void test_a_users_write_is_never_taken_for_one(void **state)
{
	static const char *const other[][2] = {
		{"Table_map", "table_id: 22 (app.orders)"},
		{"Table_map", "table_id: 22 (app.x (mysql.rds_heartbeat2))"},
		{"Table_map", "table_id: 22 (mysql.rds_heartbeat2))"},
		{"Query", "update app.orders set pod = ''"},
		{"Delete_rows_v1", "table_id: 18"},
		{"User_var", "@a=1"},
		{"An_event_of_tomorrow", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		read_on(EVENTS("Gtid", "BEGIN GTID 1-1-4", "Table_map", BEAT,
			       "Update_rows_v1", "", other[i][0], other[i][1],
			       "Update_rows_v1", "", "Xid", ""), "bin.000009");
		proven("");
		read_on(EVENTS("Gtid", "BEGIN GTID 1-1-4", other[i][0],
			       other[i][1], "Xid", ""), "bin.000009");
		proven("");
	}
	/* words of the user's, in an event that only repeats them */
	read_on(EVENTS("Gtid", "BEGIN GTID 1-1-4", "Annotate_rows", BEAT,
		       "Xid", ""), "bin.000009");
	proven("");
	/* not ended, not told by a GTID, or of another's end */
	read_on(EVENTS("Gtid", "GTID 1-1-4", "Table_map", BEAT,
		       "Gtid", "GTID 1-1-5", "Xid", ""), "bin.000009");
	proven("");
	read_on(EVENTS("Anonymous_Gtid",
		       "SET @@SESSION.GTID_NEXT= 'ANONYMOUS'",
		       "Table_map", BEAT, "Xid", ""), "bin.000009");
	proven("");
}

static void test_reading_goes_on_where_it_ended(void **state)
{
	const char *half[DB_TAIL_EVENTS * 2 + 1] = {0};
	char sql[DB_TAIL_SQL_MAX];
	struct error err;
	bool more;

	(void)state;
	for (size_t i = 0; i < DB_TAIL_EVENTS; i++) {
		half[i * 2] = i ? "Table_map" : "Gtid";
		half[i * 2 + 1] = i ? BEAT : "BEGIN GTID 1-1-4";
	}
	assert_true(read_on(events_of(half), "bin.000009"));
	db_tail_statement(&tail, sql);
	assert_string_equal(sql, "SHOW BINLOG EVENTS IN 'bin.000009' "
			    "FROM 2660 LIMIT 256");
	assert_false(read_on(EVENTS("Xid", ""), "bin.000009"));
	proven("1-1-4..4");
	/* the file has ended; the server writes the next but one */
	assert_true(read_on(EVENTS("Rotate", "bin.000010;pos=4"),
			    "bin.000011"));
	assert_true(db_tail_is_at(&tail, "bin.000010", 4));
	assert_true(read_on(EVENTS("Stop", ""), "bin.000011"));
	assert_false(read_on(EVENTS("Format_desc", ""), "bin.000011"));
	/* none that follows */
	assert_int_equal(db_tail_read(&tail, EVENTS("Stop", ""), "bin.000003",
				      &more, &err), ERR_INVALID);
	assert_int_equal(db_tail_read(&tail, EVENTS("Stop", ""), "log.000012",
				      &more, &err), ERR_INVALID);
}

static void test_places_are_checked(void **state)
{
	static const char *const bad[] = {
		"", "bin.000001", ":4", "bin.000001:3", "bin.000001:x",
		"b'; drop table x -- .000001:4",
	};
	struct error err;

	(void)state;
	assert_int_equal(db_tail_seek(&tail, "mysql-bin.000003:1234", &err), 0);
	assert_true(db_tail_is_at(&tail, "mysql-bin.000003", 1234));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(db_tail_seek(&tail, bad[i], &err),
				 ERR_INVALID);
	assert_true(db_tail_is_at(&tail, "mysql-bin.000003", 1234));
}

/* ---- rounds ---------------------------------------------------------------- */

static struct db_observation *round_of(const char *executed, int64_t pos)
{
	struct db_observation *seen = db_probe_rows_new();

	seen->known[DB_PART_STATE] = seen->known[DB_PART_POSITION] = true;
	seen->gtid_known = !gtid_parse(executed, &seen->executed, NULL);
	seen->own_file = "bin.000009";
	seen->own_pos = pos;
	return seen;
}

static void test_a_round_reads_what_came_since_the_last(void **state)
{
	const struct error denied = {.code = ERR_DENIED, .message = "denied"};
	struct db_probe_beats beats;
	struct db_observation *seen = round_of("1-1-3", 100);
	char sql[DB_TAIL_SQL_MAX];

	(void)state;
	db_probe_beats_init(&beats);
	/* asked once though there is nothing: may it be read at all? */
	assert_true(db_probe_beats_begin(&beats, seen, sql));
	assert_false(db_probe_beats_answer(&beats, seen, NULL, &denied, sql));
	db_probe_beats_end(&beats, seen);
	assert_false(seen->known[DB_PART_HEARTBEATS]);
	assert_string_equal(seen->why[DB_PART_HEARTBEATS], "denied");
	db_observation_free(seen);

	/* what could not be read is read once it can */
	seen = round_of("1-1-4", 150);
	assert_true(db_probe_beats_begin(&beats, seen, sql));
	assert_non_null(strstr(sql, "FROM 100 "));
	assert_string_equal(seen->binlog_place, "bin.000009:100");
	assert_false(db_probe_beats_answer(&beats, seen, EVENTS(
		"Gtid", "BEGIN GTID 1-1-4", "Table_map", BEAT,
		"Update_rows_v1", "", "x", "", "Xid", ""), NULL, sql));
	db_probe_beats_end(&beats, seen);
	assert_true(seen->known[DB_PART_HEARTBEATS]);
	assert_true(gtid_is_empty(&seen->heartbeats));
	db_observation_free(seen);

	/* nothing came: nothing is asked */
	seen = round_of("1-1-4", 150);
	assert_false(db_probe_beats_begin(&beats, seen, sql));
	assert_true(seen->known[DB_PART_HEARTBEATS]);
	db_probe_beats_end(&beats, seen);
	db_observation_free(seen);

	/* busy: left unread, and said so */
	seen = round_of("1-1-40", 9000);
	assert_false(db_probe_beats_begin(&beats, seen, sql));
	assert_false(seen->known[DB_PART_HEARTBEATS]);
	assert_false(seen->heartbeats_pending);
	db_probe_beats_end(&beats, seen);
	db_observation_free(seen);
	assert_true(db_tail_is_at(&beats.tail, "bin.000009", 9000));
	db_probe_beats_release(&beats);
}

static void test_many_after_a_long_time_are_read(void **state)
{
	struct db_probe_beats beats;
	struct db_observation *seen = round_of("1-1-3", 100);
	char sql[DB_TAIL_SQL_MAX];

	(void)state;
	db_probe_beats_init(&beats);
	assert_int_equal(db_probe_beats_seek(&beats, "bin.000009:100", NULL),
			 0);
	seen->at_ms = 1000;
	assert_true(db_probe_beats_begin(&beats, seen, sql));
	assert_false(db_probe_beats_answer(&beats, seen, EVENTS("", ""),
					   NULL, sql));
	db_probe_beats_end(&beats, seen);
	db_observation_free(seen);

	/* the machine slept for half an hour: six heartbeats */
	seen = round_of("1-1-9", 700);
	seen->at_ms = 1000 + 1800000;
	assert_true(db_probe_beats_begin(&beats, seen, sql));
	db_probe_beats_end(&beats, seen);
	db_observation_free(seen);

	/* as many in a second and a half; one more is no standstill */
	seen = round_of("1-1-19", 1200);
	seen->at_ms = 1000 + 1800000 + 1500;
	assert_true(db_probe_beats_begin(&beats, seen, sql));
	db_probe_beats_end(&beats, seen);
	db_observation_free(seen);
	seen = round_of("1-1-30", 1800);
	seen->at_ms = 1000 + 1800000 + 3000;
	assert_false(db_probe_beats_begin(&beats, seen, sql));
	assert_false(seen->known[DB_PART_HEARTBEATS]);
	db_observation_free(seen);
	db_probe_beats_release(&beats);
}

static void test_a_long_way_is_read_over_rounds(void **state)
{
	const char *full[DB_TAIL_EVENTS * 2 + 1] = {0};
	struct db_observation *seen = round_of("1-1-3", 99999);
	struct db_probe_beats beats;
	char sql[DB_TAIL_SQL_MAX];
	int statements = 1;

	(void)state;
	for (size_t i = 0; i < DB_TAIL_EVENTS * 2; i++)
		full[i] = "";
	db_probe_beats_init(&beats);
	assert_int_equal(db_probe_beats_seek(&beats, "bin.000009:50", NULL), 0);
	assert_true(db_probe_beats_begin(&beats, seen, sql));
	assert_non_null(strstr(sql, "FROM 50 "));
	while (db_probe_beats_answer(&beats, seen, events_of(full), NULL, sql))
		statements++;
	assert_int_equal(statements, 16);
	db_probe_beats_end(&beats, seen);
	assert_true(seen->heartbeats_pending);
	assert_false(seen->known[DB_PART_HEARTBEATS]);
	db_observation_free(seen);
	db_probe_beats_release(&beats);
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_a_heartbeat_is_proven),
		UNIT(test_a_heartbeat_told_as_a_statement),
		UNIT(test_a_users_write_is_never_taken_for_one),
		UNIT(test_reading_goes_on_where_it_ended),
		UNIT(test_places_are_checked),
		UNIT(test_a_round_reads_what_came_since_the_last),
		UNIT(test_many_after_a_long_time_are_read),
		UNIT(test_a_long_way_is_read_over_rounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
