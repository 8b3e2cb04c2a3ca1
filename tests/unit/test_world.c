/* Units of the practice world's pure parts: ledger, outage, writers' rules,
 * endpoints, the command line, words, YAML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "rehearsal/endpoints.h"
#include "rehearsal/kind.h"
#include "rehearsal/ledger.h"
#include "rehearsal/options.h"
#include "rehearsal/outage.h"
#include "rehearsal/words.h"
#include "rehearsal/writer.h"
#include "rehearsal/yaml.h"

#define WRITES 200000           /* more than a few chunks */

/* ---- ledger ------------------------------------------------------------- */

static void issue(struct ledger *ledger, uint64_t *number,
		  char id[LEDGER_ID_SIZE])
{
	struct error err = {0};

	assert_int_equal(ledger_issue(ledger, number, id, &err), 0);
}

static void test_ledger_is_even_when_all_is_there(void **state)
{
	struct ledger_counts counts;
	struct ledger ledger;
	char id[LEDGER_ID_SIZE];
	uint64_t number;

	(void)state;
	assert_int_equal(ledger_init(&ledger, NULL), 0);
	for (int i = 0; i < WRITES; i++) {
		issue(&ledger, &number, id);
		ledger_acknowledge(&ledger, number);
		ledger_found(&ledger, id);
	}
	ledger_count(&ledger, &counts);
	assert_int_equal(counts.acknowledged, WRITES);
	assert_int_equal(counts.present, WRITES);
	assert_int_equal(counts.lost, 0);
	assert_int_equal(counts.duplicated, 0);
	ledger_release(&ledger);
}

static void test_ledger_finds_planted_losses_and_duplicates(void **state)
{
	struct ledger_counts counts;
	struct ledger ledger;
	char id[LEDGER_ID_SIZE];
	uint64_t number;

	(void)state;
	assert_int_equal(ledger_init(&ledger, NULL), 0);
	for (int i = 0; i < WRITES; i++) {
		issue(&ledger, &number, id);
		if (i % 10 != 0)        /* each tenth: never acknowledged */
			ledger_acknowledge(&ledger, number);
		if (i != 65537 && i != 131071 && i != WRITES - 1)
			ledger_found(&ledger, id);
		if (i == 65535 || i == 65540)
			ledger_found(&ledger, id);
		for (int again = 0; i == 3 && again < 1000; again++)
			ledger_found(&ledger, id);
	}
	ledger_count(&ledger, &counts);
	assert_int_equal(counts.acknowledged, WRITES - WRITES / 10);
	assert_int_equal(counts.lost, 3);
	assert_int_equal(counts.present, counts.acknowledged - 3);
	/* 65540 was not acknowledged: twice is wrong all the same. */
	assert_int_equal(counts.duplicated, 3);
	ledger_release(&ledger);
}

static void test_ledger_leaves_out_what_is_not_the_users(void **state)
{
	struct ledger_counts counts;
	struct ledger ledger;
	char id[LEDGER_ID_SIZE], other[LEDGER_ID_SIZE + 8];
	uint64_t number;

	(void)state;
	assert_int_equal(ledger_init(&ledger, NULL), 0);
	issue(&ledger, &number, id);
	ledger_acknowledge(&ledger, number);
	ledger_found(&ledger, "");
	ledger_found(&ledger, "by hand");
	ledger_found(&ledger, ledger.prefix);
	snprintf(other, sizeof(other), "%s-1", ledger.prefix);
	ledger_found(&ledger, other);           /* never issued */
	snprintf(other, sizeof(other), "%s ", id);
	ledger_found(&ledger, other);
	ledger_count(&ledger, &counts);
	assert_int_equal(counts.present, 0);
	assert_int_equal(counts.lost, 1);
	assert_int_equal(counts.duplicated, 0);
	ledger_release(&ledger);
}

/* ---- outage ------------------------------------------------------------- */

static void test_outage_is_from_first_failure_to_next_success(void **state)
{
	struct outage outage = {0};

	(void)state;
	outage_success(&outage, 1000);
	outage_failure(&outage, 2000, 2100);
	outage_failure(&outage, 2500, 9000);
	assert_int_equal(outage_total_us(&outage, 10000), 8000);
	outage_success(&outage, 12000);
	assert_int_equal(outage_total_us(&outage, 99000), 10000);
	outage_success(&outage, 13000);
	outage_failure(&outage, 20000, 20001);
	outage_success(&outage, 20500);
	assert_int_equal(outage_total_us(&outage, 99000), 10500);
	assert_int_equal(outage.failures, 3);
	assert_int_equal(outage.successes, 4);
}

static void test_outage_does_not_begin_before_the_last_success(void **state)
{
	struct outage outage = {0};

	(void)state;
	/* It hung for two seconds while others were served. */
	outage_success(&outage, 5000000);
	outage_failure(&outage, 3100000, 5100000);
	outage_success(&outage, 5200000);
	assert_int_equal(outage_total_us(&outage, 9000000), 200000);
}

static void test_outage_counts_one_that_is_open_from_the_start(void **state)
{
	struct outage outage = {0};

	(void)state;
	assert_int_equal(outage_total_us(&outage, 7000), 0);
	outage_failure(&outage, 1000, 1500);
	assert_int_equal(outage_total_us(&outage, 7000), 6000);
}

/* ---- who may write ------------------------------------------------------ */

static void test_writers_rules(void **state)
{
	static const struct {
		const char *version, *enable;
		bool flag;
		enum writer_answer write, sentinel;
	} cases[] = {
		{"v1", NULL, true, WRITER_MAY, WRITER_MAY},
		{"v1", NULL, false, WRITER_FLAG_OFF, WRITER_MAY},
		{"v1", "false", true, WRITER_MAY, WRITER_MAY},
		{"v2", NULL, true, WRITER_READ_ONLY_MODE,
		 WRITER_READ_ONLY_MODE},
		{"v2", "false", true, WRITER_READ_ONLY_MODE,
		 WRITER_READ_ONLY_MODE},
		{"v2", "true", true, WRITER_MAY, WRITER_MAY},
		{"v2", "true", false, WRITER_FLAG_OFF, WRITER_MAY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct writer_rules rules = writer_rules_of(cases[i].version,
							    cases[i].enable);

		assert_int_equal(writer_may_write(&rules, cases[i].flag),
				 cases[i].write);
		assert_int_equal(writer_may_test(&rules), cases[i].sentinel);
	}
}

/* ---- endpoints ---------------------------------------------------------- */

static json_t *slice(const char *name, const char *service,
		     const char *endpoints)
{
	json_t *list = json_loads(endpoints, 0, NULL);

	assert_non_null(list);
	return json_pack("{s:{s:s, s:s, s:{s:s}}, s:[{s:i}], s:o}", "metadata",
			 "name", name, "namespace", "shop", "labels",
			 "kubernetes.io/service-name", service, "ports",
			 "port", 8080, "endpoints", list);
}

static bool tell(struct endpoints *endpoints, const char *type, json_t *object)
{
	bool ours = endpoints_event(endpoints, type, object);

	json_decref(object);
	return ours;
}

static void test_endpoints_are_the_ready_ones_of_all_slices(void **state)
{
	static const char one[] =
		"[{\"addresses\": [\"127.1.0.1\"]},"
		"{\"addresses\": [\"127.1.0.2\"], \"conditions\":"
		" {\"ready\": false, \"serving\": false}}]";
	static const char two[] =
		"[{\"addresses\": [\"127.1.0.3\"], \"conditions\":"
		" {\"ready\": true}}]";
	struct sockaddr_in list[4];
	struct endpoints endpoints;

	(void)state;
	assert_int_equal(endpoints_init(&endpoints, "shop", "web"), 0);
	assert_true(tell(&endpoints, "ADDED", slice("a", "web", one)));
	assert_true(tell(&endpoints, "ADDED", slice("b", "web", two)));
	assert_false(tell(&endpoints, "ADDED", slice("c", "other", two)));
	assert_int_equal(endpoints_list(&endpoints, list, 4), 2);
	assert_int_equal(list[0].sin_port, htons(8080));
	assert_int_equal(endpoints_list(&endpoints, list, 1), 1);
	assert_true(tell(&endpoints, "DELETED", slice("a", "web", one)));
	assert_int_equal(endpoints_list(&endpoints, list, 4), 1);
	assert_int_equal(ntohl(list[0].sin_addr.s_addr), 0x7f010003);
	endpoints_release(&endpoints);
}

static void test_endpoints_that_terminate_serve_only_alone(void **state)
{
	static const char leaving[] =
		"[{\"addresses\": [\"127.1.0.1\"], \"conditions\": {\"ready\":"
		" false, \"serving\": true, \"terminating\": true}}]";
	static const char ready[] = "[{\"addresses\": [\"127.1.0.2\"]}]";
	struct sockaddr_in list[4];
	struct endpoints endpoints;

	(void)state;
	assert_int_equal(endpoints_init(&endpoints, "shop", "web"), 0);
	tell(&endpoints, "ADDED", slice("a", "web", leaving));
	assert_int_equal(endpoints_list(&endpoints, list, 4), 1);
	tell(&endpoints, "ADDED", slice("b", "web", ready));
	assert_int_equal(endpoints_list(&endpoints, list, 4), 1);
	assert_int_equal(ntohl(list[0].sin_addr.s_addr), 0x7f010002);
	endpoints_release(&endpoints);
}

/* ---- options, YAML ------------------------------------------------------ */

static int parse(struct options *options, char *a, char *b)
{
	char name[] = "cutover-world";
	char *argv[] = {name, a, b, NULL};

	optind = 0;
	return options_parse(b ? 3 : a ? 2 : 1, argv, options, NULL);
}

static void test_options_know_what_they_take(void **state)
{
	char pods[] = "--pods", many[] = "2001", four[] = "6";
	char start[] = "--start", after[] = "after", never[] = "never";
	char heartbeat[] = "--heartbeat", none[] = "0", less[] = "-1";
	char database[] = "--database", mysql[] = "mysql", delay[] =
		"--rds-delay";
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, NULL), 0);
	options_settle(&options, NULL);
	assert_int_equal(options.pods, 4);
	assert_int_equal(options.heartbeat_ms, OPTIONS_HEARTBEAT_MS);
	assert_int_equal(parse(&options, heartbeat, none), 0);
	assert_int_equal(options.heartbeat_ms, 0);
	assert_int_equal(parse(&options, heartbeat, less), ERR_INVALID);
	assert_int_equal(options.start, START_FULL);
	assert_int_equal(parse(&options, pods, four), 0);
	assert_int_equal(options.pods, 6);
	assert_int_equal(parse(&options, pods, many), ERR_INVALID);
	assert_int_equal(parse(&options, start, after), 0);
	assert_int_equal(options.start, START_AFTER);
	assert_int_equal(parse(&options, start, never), ERR_INVALID);
	assert_int_equal(parse(&options, four, NULL), ERR_INVALID);
	assert_ptr_equal(options.database, &kind_mariadb);
	assert_int_equal(parse(&options, database, mysql), 0);
	assert_ptr_equal(options.database, &kind_mysql);
	assert_int_equal(parse(&options, database, never), ERR_INVALID);
	assert_int_equal(options.rds_delay_ms, OPTIONS_NOT_SAID);
	assert_int_equal(parse(&options, delay, many), 0);
	assert_int_equal(options.rds_delay_ms, 2001);
}

static void test_words_are_filled_in(void **state)
{
	static const struct word words[] = {
		{"user", "app"}, {"u", "{user}"}, {NULL, NULL}};
	char text[24];

	(void)state;
	assert_int_equal(words_fill(text, sizeof(text), "{user} {u}{?}, {user",
				    words, NULL), 0);
	assert_string_equal(text, "app {user}, app");
	assert_int_equal(words_fill(text, sizeof(text), "", words, NULL), 0);
	assert_string_equal(text, "");
	assert_int_equal(words_fill(text, 4, "{user}", words, NULL), 0);
	assert_string_equal(text, "app");
	assert_int_equal(words_fill(text, 3, "{user}", words, NULL),
			 ERR_LIMIT);
}

static void test_yaml_quotes_what_yaml_would_misread(void **state)
{
	json_t *value = json_loads(
		"{\"a\": [{\"name\": \"x\", \"n\": 3, \"deep\": {\"k\":"
		" \"v\"}}, \"true\"], \"b\": {}, \"on\": \"it's: #1\","
		" \"url\": \"http://h:80/p\", \"port\": \"8080\", \"e\": \"\","
		" \"f\": false, \"z\": null}", 0, NULL);
	struct buf buf;

	(void)state;
	buf_init(&buf, 4096);
	assert_int_equal(yaml_write(&buf, value), 0);
	assert_string_equal(buf.data,
			    "a:\n"
			    "  - name: x\n"
			    "    'n': 3\n"
			    "    deep:\n"
			    "      k: v\n"
			    "  - 'true'\n"
			    "b: {}\n"
			    "'on': 'it''s: #1'\n"
			    "url: http://h:80/p\n"
			    "port: '8080'\n"
			    "e: ''\n"
			    "f: false\n"
			    "z: null\n");
	buf_release(&buf);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ledger_is_even_when_all_is_there),
		cmocka_unit_test(
			test_ledger_finds_planted_losses_and_duplicates),
		cmocka_unit_test(test_ledger_leaves_out_what_is_not_the_users),
		cmocka_unit_test(
			test_outage_is_from_first_failure_to_next_success),
		cmocka_unit_test(
			test_outage_does_not_begin_before_the_last_success),
		cmocka_unit_test(
			test_outage_counts_one_that_is_open_from_the_start),
		cmocka_unit_test(test_writers_rules),
		cmocka_unit_test(
			test_endpoints_are_the_ready_ones_of_all_slices),
		cmocka_unit_test(
			test_endpoints_that_terminate_serve_only_alone),
		cmocka_unit_test(test_options_know_what_they_take),
		cmocka_unit_test(test_words_are_filled_in),
		cmocka_unit_test(test_yaml_quotes_what_yaml_would_misread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
