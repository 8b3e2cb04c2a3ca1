/*
 * The journal on a disk and in a memory that fail: every write, sync and
 * allocation in turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "failing_disk.h"
#include "failing_memory.h"
#include "journal/journal.h"
#include "journal/lock.h"

/* ---- a journal to try them on -------------------------------------------- */

static char dir[] = "/tmp/cutover-faults.XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/cutover-faults.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = {JOURNAL_FILE, LOCK_FILE};
	char path[256];

	(void)state;
	failing_disk_reset();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	return rmdir(dir);
}

static json_t *some_fields(void)
{
	return json_pack("{s:s, s:{s:s}}", "text", "some words of a record",
			 "positions", "rds", "0-1-77");
}

/* How many records the file holds, all of them whole. */
static size_t count_records(void)
{
	struct error err = {0};
	json_t *records;
	size_t torn, count;

	if (journal_read(dir, &records, &torn, &err))
		fail_msg("%s: %s", err.where, err.message);
	assert_int_equal(torn, 0);
	count = json_array_size(records);
	json_decref(records);
	return count;
}

static bool is_there(void)
{
	char path[sizeof(dir) + sizeof(JOURNAL_FILE)];

	snprintf(path, sizeof(path), "%s/%s", dir, JOURNAL_FILE);
	return access(path, F_OK) == 0;
}

/* One append with a fault of that kind at its first call: it is refused, the
 * file is whole without it, and the next try writes it. */
static void refuse_once(struct journal *journal, enum failing_disk kind,
			const char *says)
{
	size_t before = count_records();
	struct error err = {0};

	failing_disk_at(kind, 1);
	assert_true(journal_append(journal, EVENT_NOTE, some_fields(), NULL,
				   &err) < 0);
	assert_true(failing_disk_hit(kind));
	assert_true(err.retry);
	assert_non_null(strstr(err.message, says));
	assert_int_equal(count_records(), before);
	assert_int_equal(journal_append(journal, EVENT_NOTE, some_fields(),
					NULL, NULL), 0);
	assert_int_equal(count_records(), before + 1);
}

static void test_failed_write_or_sync_leaves_nothing(void **state)
{
	struct journal *journal;

	(void)state;
	assert_int_equal(journal_create(dir, &journal, NULL), 0);
	refuse_once(journal, DISK_WRITE, "No space left");
	refuse_once(journal, DISK_SYNC, "Input/output error");
	journal_close(journal);
}

static void test_leftover_is_cut_before_the_next_record(void **state)
{
	struct journal *journal;
	struct error err = {0};
	json_t *records;
	size_t torn;

	(void)state;
	assert_int_equal(journal_create(dir, &journal, NULL), 0);
	failing_disk_at(DISK_WRITE, 1);
	failing_disk_at(DISK_CUT, 1);
	assert_true(journal_append(journal, EVENT_NOTE, some_fields(), NULL,
				   &err) < 0);
	assert_true(failing_disk_hit(DISK_CUT));
	assert_non_null(strstr(err.message, "half a record is left"));
	assert_int_equal(journal_read(dir, &records, &torn, NULL), 0);
	assert_true(torn > 0);
	json_decref(records);
	assert_int_equal(journal_append(journal, EVENT_NOTE, some_fields(),
					NULL, NULL), 0);
	assert_int_equal(count_records(), 1);
	journal_close(journal);
}

#define TOGETHER 3

/* Several records as one decision writes them; theirs if it succeeds. */
static int append_together(struct journal *journal, json_t *fields,
			   json_t *records[TOGETHER], struct error *err)
{
	struct journal_entry entries[TOGETHER];

	for (size_t i = 0; i < TOGETHER; i++)
		entries[i] = (struct journal_entry){EVENT_NOTE, fields};
	return journal_append_all(journal, entries, TOGETHER, records, err);
}

static void release_records(json_t *records[TOGETHER])
{
	for (size_t i = 0; i < TOGETHER; i++)
		json_decref(records[i]);
}

static void test_together_is_all_or_none_in_one_sync(void **state)
{
	static const enum failing_disk kinds[] = {DISK_WRITE, DISK_SYNC};
	json_t *fields = some_fields(), *records[TOGETHER];
	struct journal *journal;
	struct error err = {0};

	(void)state;
	assert_int_equal(journal_create(dir, &journal, NULL), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		failing_disk_at(kinds[i], 1);
		assert_true(append_together(journal, fields, records, &err) < 0);
		assert_true(failing_disk_hit(kinds[i]));
		assert_true(err.retry);
		for (size_t k = 0; k < TOGETHER; k++)
			assert_null(records[k]);
		assert_int_equal(count_records(), 0);
	}
	/* a second sync would fail */
	failing_disk_at(DISK_SYNC, 2);
	assert_int_equal(append_together(journal, fields, records, &err), 0);
	assert_false(failing_disk_hit(DISK_SYNC));
	failing_disk_reset();
	assert_int_equal(count_records(), TOGETHER);
	assert_int_equal(json_number(records[2], "seq", 0), 3);
	assert_int_equal(json_number(records[2], "mono", -1),
			 json_number(records[0], "mono", -2));
	release_records(records);
	json_decref(fields);
	journal_close(journal);
}

static void test_short_and_interrupted_writes_are_finished(void **state)
{
	struct journal *journal;

	(void)state;
	assert_int_equal(journal_create(dir, &journal, NULL), 0);
	failing_disk_short(7, true);
	for (size_t i = 1; i <= 20; i++) {
		assert_int_equal(journal_append(journal, EVENT_NOTE,
						some_fields(), NULL, NULL), 0);
		assert_int_equal(count_records(), i);
	}
	journal_close(journal);
}

static void test_file_size_limit_is_an_error(void **state)
{
	struct rlimit old, small;
	struct journal *journal;
	struct error err = {0};
	size_t count = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(journal_create(dir, &journal, NULL), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &small);
	while (!journal_append(journal, EVENT_NOTE, some_fields(), NULL, &err))
		count++;
	setrlimit(RLIMIT_FSIZE, &old);
	assert_non_null(strstr(err.message, "File too large"));
	assert_true(count > 3 && count < 20);
	assert_int_equal(count_records(), count);
	assert_int_equal(journal_append(journal, EVENT_NOTE, some_fields(),
					NULL, NULL), 0);
	journal_close(journal);
}

static void fill_disk(const char *full)
{
	struct journal *journal;
	struct error err = {0};
	size_t count = 0;
	json_t *records;
	size_t torn;

	assert_int_equal(journal_create(full, &journal, NULL), 0);
	while (!journal_append(journal, EVENT_NOTE, some_fields(), NULL, &err))
		count++;
	assert_non_null(strstr(err.message, "No space left"));
	assert_true(err.retry);
	journal_close(journal);
	assert_int_equal(journal_read(full, &records, &torn, NULL), 0);
	assert_int_equal(json_array_size(records), count);
	assert_int_equal(torn, 0);
	json_decref(records);
}

static void test_full_disk_is_an_error(void **state)
{
	char full[sizeof(dir) + 8];

	(void)state;
	snprintf(full, sizeof(full), "%s/full", dir);
	assert_int_equal(mkdir(full, 0700), 0);
	if (mount("tmpfs", full, "tmpfs", 0, "size=32k")) {
		rmdir(full);
		print_message("SKIP: a small file system cannot be mounted: %s\n",
			      strerror(errno));
		skip();
	}
	fill_disk(full);
	assert_int_equal(umount(full), 0);
	rmdir(full);
}

static void test_record_too_long_is_refused(void **state)
{
	struct journal *journal;
	struct error err = {0};
	char *text = malloc(JOURNAL_LINE_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', JOURNAL_LINE_MAX);
	text[JOURNAL_LINE_MAX] = '\0';
	assert_int_equal(journal_create(dir, &journal, NULL), 0);
	assert_int_equal(journal_append(journal, EVENT_NOTE,
					json_pack("{s:s}", "text", text), NULL,
					&err), ERR_LIMIT);
	assert_false(err.retry);
	assert_int_equal(count_records(), 0);
	journal_close(journal);
	free(text);
}

static void test_read_only_directory_is_said(void **state)
{
	struct journal *journal;
	struct error err = {0};

	(void)state;
	if (geteuid() == 0 && seteuid(65534)) {
		print_message("SKIP: cannot be somebody else\n");
		skip();
	}
	chmod(dir, 0500);
	assert_int_equal(journal_create(dir, &journal, &err), ERR_DENIED);
	assert_non_null(strstr(err.where, dir));
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	chmod(dir, 0700);
}

/* A journal from its creation to its second opening. */
static int walk(void *data, struct error *err)
{
	struct journal *journal = NULL;
	json_t *records = NULL, *written[TOGETHER];
	size_t torn;
	int status = journal_create(dir, &journal, err);

	if (status)
		return status;
	journal_set_patience(journal, 60000);
	status = append_together(journal, data, written, err);
	journal_close(journal);
	if (status)
		return status;
	/* whole: a record without a field would be worse than none */
	for (size_t i = 0; i < TOGETHER; i++) {
		assert_true(json_equal(json_object_get(written[i], "text"),
				       json_object_get(data, "text")));
		assert_true(json_equal(json_object_get(written[i], "positions"),
				       json_object_get(data, "positions")));
	}
	release_records(written);
	status = journal_open(dir, &journal, &records, &torn, err);
	if (status)
		return status;
	json_decref(records);
	journal_close(journal);
	return 0;
}

/* What is written is whole, all of it or nothing; a clean directory again. */
static void check_walk(void *data, int code)
{
	size_t count = is_there() ? count_records() : 0;

	(void)data;
	assert_true(count == TOGETHER || (code && !count));
	remove_dir(NULL);
	assert_int_equal(mkdir(dir, 0700), 0);
}

static void *nothing(void *data)
{
	return data;
}

static void test_every_allocation_fails_in_turn(void **state)
{
	json_t *fields = some_fields();
	const struct failing_case that = {
		.name = "journal", .act = walk, .check = check_walk,
		.data = fields,
	};

	char digest[HASH_HEX_SIZE];
	pthread_t thread;

	(void)state;
	/* libc loads all that knows users and keeps the room of a thread, and
	 * OpenSSL sets itself up at its first error, for good */
	(void)getpwuid((uid_t)-3);
	assert_int_equal(pthread_create(&thread, NULL, nothing, NULL), 0);
	pthread_join(thread, NULL);
	failing_memory_begin(1, false);
	hash_sha256("", 0, digest);
	failing_memory_end();
	assert_true(failing_memory_try(&that) > 20);
	json_decref(fields);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(test_failed_write_or_sync_leaves_nothing),
		IN_DIR(test_leftover_is_cut_before_the_next_record),
		IN_DIR(test_together_is_all_or_none_in_one_sync),
		IN_DIR(test_short_and_interrupted_writes_are_finished),
		IN_DIR(test_file_size_limit_is_an_error),
		IN_DIR(test_full_disk_is_an_error),
		IN_DIR(test_record_too_long_is_refused),
		IN_DIR(test_read_only_directory_is_said),
		IN_DIR(test_every_allocation_fails_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
