/*
 * A journal whose disk does not answer: nobody is kept waiting, and what was
 * not acknowledged counts only if it is asked for again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "failing_disk.h"
#include "journal/journal.h"

#define A_MOMENT_MS 20
#define LONG_MS 60000           /* more than any disk takes here */

static struct {
	char dir[64];
	struct journal *journal;
} test;

static int setup(void **state)
{
	(void)state;
	snprintf(test.dir, sizeof(test.dir), "/tmp/cutover-late.XXXXXX");
	if (!mkdtemp(test.dir))
		return -1;
	return journal_create(test.dir, &test.journal, NULL);
}

static void put_away(void)
{
	failing_disk_reset();
	journal_close(test.journal);
	test.journal = NULL;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	put_away();
	snprintf(path, sizeof(path), "%s/%s", test.dir, JOURNAL_FILE);
	unlink(path);
	return rmdir(test.dir);
}

static int note(const char *text, struct error *err)
{
	return journal_append(test.journal, EVENT_NOTE,
			      json_pack("{ss}", "text", text), NULL, err);
}

/* The disk stands still: it is said, and that trying again may help. */
static void is_late(const char *text)
{
	struct error err = {0};

	failing_disk_stall(true);
	journal_set_patience(test.journal, A_MOMENT_MS);
	assert_int_equal(note(text, &err), ERR_TIMEOUT);
	assert_true(err.retry);
	assert_non_null(strstr(err.where, JOURNAL_FILE));
	assert_non_null(strstr(err.message, "not on disk after"));
	assert_true(journal_is_late(test.journal));
}

static void disk_answers(void)
{
	failing_disk_stall(false);
	journal_set_patience(test.journal, LONG_MS);
	while (journal_is_late(test.journal))
		(void)poll(NULL, 0, 1);
}

/* The notes that the file holds are these, and its chain is whole. */
static void holds(size_t count, const char *const texts[])
{
	json_t *records;
	size_t torn;

	assert_int_equal(journal_read(test.dir, &records, &torn, NULL), 0);
	assert_int_equal(torn, 0);
	assert_int_equal(json_array_size(records), count);
	for (size_t i = 0; i < count; i++) {
		const json_t *record = json_array_get(records, i);

		assert_int_equal(json_number(record, "seq", 0), i + 1);
		assert_string_equal(json_text(record, "text", ""), texts[i]);
	}
	json_decref(records);
}

static void test_the_same_again_waits_for_it(void **state)
{
	(void)state;
	is_late("a");
	is_late("a");
	disk_answers();
	assert_int_equal(note("a", NULL), 0);
	assert_int_equal(note("b", NULL), 0);
	assert_int_equal(note("b", NULL), 0);
	put_away();
	holds(3, (const char *const[]){"a", "b", "b"});
}

static void test_another_takes_it_back(void **state)
{
	(void)state;
	assert_int_equal(note("first", NULL), 0);
	is_late("a");
	is_late("b");
	/* nor does it come back if it is asked for after all */
	is_late("a");
	disk_answers();
	assert_int_equal(note("c", NULL), 0);
	put_away();
	holds(2, (const char *const[]){"first", "c"});
}

static void test_what_is_forgotten_is_written_anew(void **state)
{
	json_t *record = NULL;
	int64_t before;

	(void)state;
	is_late("a");
	journal_forget(test.journal);
	disk_answers();
	before = journal_mono(test.journal);
	assert_int_equal(journal_append(test.journal, EVENT_NOTE,
					json_pack("{ss}", "text", "a"),
					&record, NULL), 0);
	/* by its own time, not by that of what was forgotten */
	assert_true(json_number(record, "mono", -1) >= before);
	json_decref(record);
	/* nothing on its way: nothing to forget */
	journal_forget(test.journal);
	is_late("b");
	disk_answers();
	assert_int_equal(note("b", NULL), 0);
	put_away();
	holds(2, (const char *const[]){"a", "b"});
}

static void *heal(void *data)
{
	(void)data;
	(void)poll(NULL, 0, A_MOMENT_MS);
	failing_disk_stall(false);
	return NULL;
}

static void close_late(void)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, heal, NULL), 0);
	journal_close(test.journal);
	test.journal = NULL;
	pthread_join(thread, NULL);
}

/* It may say what has happened. */
static void test_closing_waits_for_it(void **state)
{
	(void)state;
	assert_int_equal(note("first", NULL), 0);
	is_late("a");
	close_late();
	holds(2, (const char *const[]){"first", "a"});
}

static void test_closing_takes_back_what_is_forgotten(void **state)
{
	(void)state;
	assert_int_equal(note("first", NULL), 0);
	is_late("a");
	journal_forget(test.journal);
	close_late();
	holds(1, (const char *const[]){"first"});
}

static size_t size(void)
{
	struct stat st;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", test.dir, JOURNAL_FILE);
	return stat(path, &st) ? 0 : (size_t)st.st_size;
}

/* Nobody shall read it for long. */
static void test_what_is_forgotten_goes_away_by_itself(void **state)
{
	(void)state;
	is_late("a");
	journal_forget(test.journal);
	journal_tidy(test.journal);
	assert_true(size() > 0);
	failing_disk_stall(false);
	/* cut off, and that synced */
	while (size() || journal_is_late(test.journal)) {
		journal_tidy(test.journal);
		(void)poll(NULL, 0, 1);
	}
	journal_set_patience(test.journal, LONG_MS);
	assert_int_equal(note("b", NULL), 0);
	journal_tidy(test.journal);
	put_away();
	holds(1, (const char *const[]){"b"});
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_the_same_again_waits_for_it),
		UNIT(test_another_takes_it_back),
		UNIT(test_what_is_forgotten_is_written_anew),
		UNIT(test_closing_waits_for_it),
		UNIT(test_closing_takes_back_what_is_forgotten),
		UNIT(test_what_is_forgotten_goes_away_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
