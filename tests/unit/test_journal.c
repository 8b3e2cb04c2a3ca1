/* Units of journal/: the chain, torn lines, damage, the lock, run directories.
 * Failing disks and memory are in test_journal_faults.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "journal/journal.h"
#include "journal/lock.h"
#include "journal/rundir.h"

/* A directory for one test: state is its path. */
static int make_dir(void **state)
{
	char *dir = strdup("/tmp/cutover-journal.XXXXXX");

	*state = dir && mkdtemp(dir) ? dir : NULL;
	return *state ? 0 : -1;
}

static int remove_below(const char *dir)
{
	char command[PATH_MAX + 16];
	pid_t child = fork();
	int status = -1;

	snprintf(command, sizeof(command), "%s", dir);
	if (child == 0) {
		execlp("rm", "rm", "-rf", command, (char *)NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return status;
}

static int remove_dir(void **state)
{
	int status = remove_below(*state);

	free(*state);
	return status;
}

static void journal_file(const char *dir, char dst[PATH_MAX])
{
	snprintf(dst, PATH_MAX, "%s/%s", dir, JOURNAL_FILE);
}

static void read_bytes(const char *dir, struct buf *text)
{
	char path[PATH_MAX];

	journal_file(dir, path);
	buf_init(text, JOURNAL_SIZE_MAX);
	assert_int_equal(file_read(path, text, NULL), 0);
}

static void write_bytes(const char *dir, const char *bytes, size_t len)
{
	char path[PATH_MAX];

	journal_file(dir, path);
	assert_int_equal(file_replace(path, 0600, bytes, len, NULL), 0);
}

static void append(struct journal *journal, enum event event, const char *text)
{
	struct error err = {0};

	if (journal_append(journal, event,
			   json_pack("{s:s}", "text", text), NULL, &err))
		fail_msg("append: %s", err.message);
}

/* A journal of three records. */
static void make_three(const char *dir)
{
	struct journal *journal;

	assert_int_equal(journal_create(dir, &journal, NULL), 0);
	append(journal, EVENT_RUN_OPENED, "one");
	append(journal, EVENT_NOTE, "two, with \n a line and \xc3\xa9");
	append(journal, EVENT_NOTE, "three");
	journal_close(journal);
}

static void test_lines_are_as_the_contract_says(void **state)
{
	char zeros[65], hash[HASH_HEX_SIZE], tail[128];
	struct journal *journal;
	json_t *record;
	struct buf text;
	const char *second;
	struct stat st;

	assert_int_equal(journal_create(*state, &journal, NULL), 0);
	assert_int_equal(journal_append(journal, EVENT_NOTE,
		json_pack("{s:s, s:i}", "text", "a", "seq", 99), &record, NULL), 0);
	assert_int_equal(json_number(record, "seq", 0), 1);
	json_decref(record);
	append(journal, EVENT_NOTE, "b");
	assert_int_equal(stat(journal_path(journal), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	journal_close(journal);

	read_bytes(*state, &text);
	memset(zeros, '0', 64);
	zeros[64] = '\0';
	assert_memory_equal(text.data, "{\"seq\":1,\"at\":\"2", 16);
	assert_non_null(strstr(text.data, "Z\",\"mono\":"));
	second = strchr(text.data, '\n') + 1;
	snprintf(tail, sizeof(tail), ",\"event\":\"note\",\"text\":\"a\",\"prev\":\"%s\"}\n", zeros);
	assert_memory_equal(second - strlen(tail), tail, strlen(tail));
	hash_sha256(text.data, (size_t)(second - 1 - text.data), hash);
	assert_non_null(strstr(second, hash));
	buf_release(&text);
}

static void test_what_was_written_is_read(void **state)
{
	struct journal_contents contents;
	char hash[HASH_HEX_SIZE];
	struct buf text;
	const char *last;

	make_three(*state);
	assert_int_equal(journal_load(*state, &contents, NULL), 0);
	assert_int_equal(json_array_size(contents.records), 3);
	assert_int_equal(contents.torn, 0);
	assert_string_equal(json_text(contents.records, "1/text", ""),
			    "two, with \n a line and \xc3\xa9");
	read_bytes(*state, &text);
	text.data[text.len - 1] = '\0';
	last = strrchr(text.data, '\n') + 1;
	hash_sha256(last, strlen(last), hash);
	assert_string_equal(contents.hash, hash);
	json_decref(contents.records);
	buf_release(&text);
}

static bool wants_notes(enum event event)
{
	return event == EVENT_NOTE;
}

/* Only the records that are wanted, from a journal of that size at most; of
 * what is not wanted nothing is looked at but the event's name. */
static void test_a_skim_reads_what_is_wanted(void **state)
{
	static const char unread[] = "{\"event\":\"step.done\" damaged\n"
				     "no record\n{\"event\":\"unheard\"}\n"
				     "{\"event\":\"note\",\"text\":\"x\"}\n"
				     "{\"event\":\"note\",\"te";
	static const char damaged[] = "{\"event\":\"note\",\"te\n";
	json_t *records;

	make_three(*state);
	assert_int_equal(journal_skim(*state, 4096, wants_notes, &records,
				      NULL), 0);
	assert_int_equal(json_array_size(records), 2);
	assert_string_equal(json_text(records, "1/text", ""), "three");
	json_decref(records);
	assert_int_equal(journal_skim(*state, 100, wants_notes, &records, NULL),
			 ERR_LIMIT);
	write_bytes(*state, unread, sizeof(unread) - 1);
	assert_int_equal(journal_skim(*state, 4096, wants_notes, &records,
				      NULL), 0);
	assert_int_equal(json_array_size(records), 1);
	json_decref(records);
	write_bytes(*state, damaged, sizeof(damaged) - 1);
	assert_int_equal(journal_skim(*state, 4096, wants_notes, &records,
				      NULL), ERR_INVALID);
	assert_int_equal(journal_skim("/nowhere", 4096, wants_notes, &records,
				      NULL), ERR_NOTFOUND);
}

static void test_mono_goes_on_after_opening(void **state)
{
	struct journal *journal;
	json_t *records, *record;
	size_t torn;
	int64_t last;

	make_three(*state);
	assert_int_equal(journal_open(*state, &journal, &records, &torn, NULL), 0);
	last = json_number(records, "2/mono", -1);
	assert_true(last >= 0 && journal_mono(journal) >= last);
	assert_int_equal(journal_append(journal, EVENT_RUN_RESUMED, NULL,
					&record, NULL), 0);
	assert_int_equal(json_number(record, "seq", 0), 4);
	assert_true(json_number(record, "mono", -1) >= last);
	json_decref(record);
	json_decref(records);
	journal_close(journal);
}

/* Cuts the file at every byte of its last record: reading leaves it out,
 * opening cuts it off and goes on. */
static void test_torn_last_line_is_cut_off(void **state)
{
	struct buf text;
	size_t begin;

	make_three(*state);
	read_bytes(*state, &text);
	begin = text.len - 1;
	while (text.data[begin - 1] != '\n')
		begin--;
	for (size_t len = begin; len < text.len; len++) {
		struct journal *journal;
		json_t *records;
		size_t torn;

		write_bytes(*state, text.data, len);
		assert_int_equal(journal_read(*state, &records, &torn, NULL), 0);
		assert_int_equal(json_array_size(records), 2);
		assert_int_equal(torn, len - begin);
		json_decref(records);
		assert_int_equal(journal_open(*state, &journal, &records, &torn, NULL), 0);
		assert_int_equal(torn, len - begin);
		json_decref(records);
		append(journal, EVENT_NOTE, "again");
		journal_close(journal);
		assert_int_equal(journal_read(*state, &records, &torn, NULL), 0);
		assert_int_equal(json_array_size(records), 3);
		assert_int_equal(torn, 0);
		json_decref(records);
	}
	buf_release(&text);
}

static bool is_located_at(const struct error *err, int line)
{
	char tail[64];
	size_t len, n;

	snprintf(tail, sizeof(tail), "/%s:%d", JOURNAL_FILE, line);
	len = strlen(err->where);
	n = strlen(tail);
	return len > n && strcmp(err->where + len - n, tail) == 0;
}

/* Any bit of the first two lines, flipped, is found, and found near: in its
 * line or by the hash in the next. */
static void test_damage_is_refused_and_located(void **state)
{
	struct buf text;
	size_t second, third;

	make_three(*state);
	read_bytes(*state, &text);
	second = (size_t)(strchr(text.data, '\n') + 1 - text.data);
	third = (size_t)(strchr(text.data + second, '\n') + 1 - text.data);
	for (size_t at = 0; at < third; at++) {
		int line = at < second ? 1 : 2;
		struct error err = {0};
		json_t *records;
		size_t torn;

		text.data[at] = (char)(text.data[at] ^ 1 << at % 8);
		write_bytes(*state, text.data, text.len);
		text.data[at] = (char)(text.data[at] ^ 1 << at % 8);
		assert_int_equal(journal_read(*state, &records, &torn, &err),
				 ERR_INVALID);
		assert_true(is_located_at(&err, line) ||
			    is_located_at(&err, line + 1));
		assert_string_not_equal(err.message, "");
	}
	buf_release(&text);
}

static void test_damage_is_not_written_to(void **state)
{
	struct buf text, after;
	struct journal *journal;
	json_t *records;
	size_t torn;

	make_three(*state);
	read_bytes(*state, &text);
	text.data[20] = 'X';
	buf_puts(&text, "{\"seq\":4,");
	write_bytes(*state, text.data, text.len);
	assert_int_equal(journal_open(*state, &journal, &records, &torn, NULL),
			 ERR_INVALID);
	read_bytes(*state, &after);
	assert_int_equal(after.len, text.len);
	assert_memory_equal(after.data, text.data, text.len);
	buf_release(&text);
	buf_release(&after);
}

static void test_missing_line_is_found(void **state)
{
	struct error err = {0};
	struct buf text;
	json_t *records;
	size_t torn;

	make_three(*state);
	read_bytes(*state, &text);
	buf_consume(&text, (size_t)(strchr(text.data, '\n') + 1 - text.data));
	write_bytes(*state, text.data, text.len);
	assert_int_equal(journal_read(*state, &records, &torn, &err), ERR_INVALID);
	assert_true(is_located_at(&err, 1));
	assert_non_null(strstr(err.message, "missing"));
	buf_release(&text);
}

static void test_a_run_is_not_recorded_twice(void **state)
{
	struct error err = {0};
	struct journal *journal;

	make_three(*state);
	assert_int_equal(journal_create(*state, &journal, &err), ERR_CONFLICT);
}

/* ---- the lock ------------------------------------------------------------ */

/* Forks a child that opens the journal and holds it until it is killed. */
static pid_t hold_in_child(const char *dir)
{
	int ready[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct journal *journal;
		json_t *records;
		size_t torn;

		if (journal_open(dir, &journal, &records, &torn, NULL) ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void test_second_opener_is_told_who_holds_it(void **state)
{
	char host[LOCK_HOST_MAX], says[LOCK_HOST_MAX + 64];
	struct lock_holder holder;
	struct error err = {0};
	struct journal *journal;
	json_t *records;
	size_t torn;
	bool held;
	pid_t child;

	make_three(*state);
	assert_int_equal(lock_query(*state, &held, &holder, NULL), 0);
	assert_false(held);
	child = hold_in_child(*state);
	assert_int_equal(journal_open(*state, &journal, &records, &torn, &err),
			 ERR_BUSY);
	assert_true(err.retry);
	gethostname(host, sizeof(host));
	snprintf(says, sizeof(says), ", process %d on %s since 2",
		 (int)child, host);
	assert_non_null(strstr(err.message, says));
	assert_int_equal(lock_query(*state, &held, &holder, NULL), 0);
	assert_true(held);
	assert_int_equal(holder.pid, child);
	/* reading is always allowed */
	assert_int_equal(journal_read(*state, &records, &torn, NULL), 0);
	json_decref(records);

	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(lock_query(*state, &held, &holder, NULL), 0);
	assert_false(held);
	assert_int_equal(journal_open(*state, &journal, &records, &torn, NULL), 0);
	json_decref(records);
	journal_close(journal);
}

/* A child appends and tells each acknowledged record; killed at any moment,
 * all that it told of is there. */
static void test_killed_writer_loses_no_acknowledged_record(void **state)
{
	for (int64_t stop = 1; stop <= 8; stop++) {
		int told[2];
		int64_t last = 0;
		struct journal *journal;
		json_t *records;
		size_t torn;
		pid_t child;

		assert_int_equal(pipe(told), 0);
		child = fork();
		if (child == 0) {
			if (stop == 1 ? journal_create(*state, &journal, NULL) :
			    journal_open(*state, &journal, &records, &torn, NULL))
				_exit(1);
			for (;;) {
				json_t *record;

				if (journal_append(journal, EVENT_NOTE, NULL,
						   &record, NULL))
					_exit(1);
				last = json_number(record, "seq", 0);
				if (write(told[1], &last, sizeof(last)) < 0)
					_exit(1);
			}
		}
		close(told[1]);
		for (int64_t n = 0; n < stop * 3; n++)
			assert_int_equal(read(told[0], &last, sizeof(last)),
					 sizeof(last));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(told[0], &last, sizeof(last)) == sizeof(last))
			;
		close(told[0]);
		assert_int_equal(journal_open(*state, &journal, &records, &torn, NULL), 0);
		assert_true((int64_t)json_array_size(records) >= last);
		json_decref(records);
		journal_close(journal);
	}
}

static void test_deleted_or_changed_journal_takes_no_record(void **state)
{
	struct journal *journal;
	struct error err = {0};
	char path[PATH_MAX];
	int fd;

	assert_int_equal(journal_create(*state, &journal, NULL), 0);
	append(journal, EVENT_NOTE, "one");
	fd = open(journal_path(journal), O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "x\n", 2), 2);
	close(fd);
	assert_int_equal(journal_append(journal, EVENT_NOTE, NULL, NULL, &err),
			 ERR_CONFLICT);
	assert_false(err.retry);
	journal_file(*state, path);
	unlink(path);
	assert_int_equal(journal_append(journal, EVENT_NOTE, NULL, NULL, &err),
			 ERR_CONFLICT);
	assert_non_null(strstr(err.message, "deleted"));
	journal_close(journal);
}

/* A byte in its midst, the length as before: found by the file's time. Put
 * back, the journal takes records again. */
static void test_journal_changed_in_place_takes_no_record(void **state)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
	struct journal *journal;
	struct error err = {0};
	json_t *records;
	size_t torn;
	int fd;

	assert_int_equal(journal_create(*state, &journal, NULL), 0);
	append(journal, EVENT_NOTE, "one");
	fd = open(journal_path(journal), O_WRONLY);
	assert_int_equal(pwrite(fd, "9", 1, 7), 1);
	/* a file's time may stand still for some milliseconds */
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(journal_append(journal, EVENT_NOTE, NULL, NULL, &err),
			 ERR_CONFLICT);
	assert_non_null(strstr(err.message, "changed by somebody else"));
	assert_int_equal(pwrite(fd, "1", 1, 7), 1);
	append(journal, EVENT_NOTE, "two");
	/* touched alone, it is as it was */
	assert_int_equal(futimens(fd, times), 0);
	append(journal, EVENT_NOTE, "three");
	close(fd);
	journal_close(journal);
	assert_int_equal(journal_read(*state, &records, &torn, NULL), 0);
	assert_int_equal(json_array_size(records), 3);
	json_decref(records);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		IN_DIR(test_lines_are_as_the_contract_says),
		IN_DIR(test_what_was_written_is_read),
		IN_DIR(test_a_skim_reads_what_is_wanted),
		IN_DIR(test_mono_goes_on_after_opening),
		IN_DIR(test_torn_last_line_is_cut_off),
		IN_DIR(test_damage_is_refused_and_located),
		IN_DIR(test_damage_is_not_written_to),
		IN_DIR(test_missing_line_is_found),
		IN_DIR(test_a_run_is_not_recorded_twice),
		IN_DIR(test_second_opener_is_told_who_holds_it),
		IN_DIR(test_killed_writer_loses_no_acknowledged_record),
		IN_DIR(test_deleted_or_changed_journal_takes_no_record),
		IN_DIR(test_journal_changed_in_place_takes_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
