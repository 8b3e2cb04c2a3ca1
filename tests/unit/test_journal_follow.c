/* Units of journal/follow: what is new, half a line, a record taken back by
 * its writer, and what nobody but a stranger does to a journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "journal/follow.h"
#include "journal/journal.h"
#include "journal/lock.h"

struct fixture {
	char dir[64], path[PATH_MAX];
	struct journal *journal;
	struct journal_follow *follow;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "/tmp/cutover-follow.XXXXXX");
	if (!mkdtemp(f->dir) || journal_create(f->dir, &f->journal, NULL) ||
	    journal_follow_open(f->dir, &f->follow, NULL))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, JOURNAL_FILE);
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	journal_follow_close(f->follow);
	journal_close(f->journal);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void write_note(struct fixture *f, const char *text)
{
	assert_int_equal(journal_append(f->journal, EVENT_NOTE,
					json_pack("{s:s}", "text", text), NULL,
					NULL), 0);
}

/* Several, as one decision writes them. */
static void write_together(struct fixture *f, const char *const *texts,
			   size_t count)
{
	struct journal_entry entries[8];
	json_t *records[8];

	assert_true(count <= 8);
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct journal_entry){
			EVENT_NOTE, json_pack("{s:s}", "text", texts[i])};
	assert_int_equal(journal_append_all(f->journal, entries, count, records,
					    NULL), 0);
	for (size_t i = 0; i < count; i++) {
		json_decref(entries[i].fields);
		json_decref(records[i]);
	}
}

/* What is written next is later, by the journal's clock. */
static void let_time_pass(const struct fixture *f)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	int64_t before = journal_mono(f->journal);

	while (journal_mono(f->journal) == before)
		nanosleep(&ms, NULL);
}

static off_t size_of(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	return st.st_size;
}

/* Writes those bytes at that place, as no writer of ours does. A file's time
 * may stand still for some milliseconds: it is moved on by hand. */
static void scribble(const struct fixture *f, off_t at, const char *bytes)
{
	static time_t later = 1;
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT},
					 {.tv_sec = later++}};
	int fd = open(f->path, O_WRONLY);

	assert_int_equal(pwrite(fd, bytes, strlen(bytes), at),
			 (ssize_t)strlen(bytes));
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void look(struct fixture *f, size_t kept, size_t count)
{
	struct journal_news news;
	struct error err = {0};

	if (journal_follow_look(f->follow, &news, &err))
		fail_msg("look: %s: %s", err.where, err.message);
	assert_int_equal(news.kept, kept);
	assert_int_equal(json_array_size(news.records), count);
}

/* The first look believes nothing bad; the second says it. */
static void look_twice(struct fixture *f, size_t known, enum error_code code,
		       struct error *err)
{
	struct journal_news news;

	look(f, known, known);
	assert_int_equal(journal_follow_look(f->follow, &news, err), code);
}

static void test_only_what_is_new_is_news(void **state)
{
	struct fixture *f = *state;

	look(f, 0, 0);
	write_note(f, "one");
	look(f, 0, 1);
	look(f, 1, 1);
	write_note(f, "two");
	write_note(f, "three");
	look(f, 1, 3);
	look(f, 3, 3);
}

static void test_it_follows_beside_the_writer_and_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	struct lock_holder holder;
	bool held = false;
	off_t size;

	write_note(f, "one");
	size = size_of(f);
	look(f, 0, 1);
	assert_int_equal(size_of(f), size);
	journal_close(f->journal);
	f->journal = NULL;
	assert_int_equal(lock_query(f->dir, &held, &holder, NULL), 0);
	assert_false(held);
}

static void test_half_a_line_is_waited_for(void **state)
{
	struct fixture *f = *state;
	off_t whole;
	char line[4096];
	ssize_t len;
	int fd;

	write_note(f, "one");
	whole = size_of(f);
	write_note(f, "two");
	fd = open(f->path, O_RDONLY);
	len = pread(fd, line, sizeof(line) - 1, whole);
	close(fd);
	assert_true(len > 20);
	line[len] = '\0';
	/* it comes in three pieces, the newline last */
	assert_int_equal(truncate(f->path, whole + 10), 0);
	look(f, 0, 1);
	assert_int_equal(truncate(f->path, whole), 0);
	look(f, 1, 1);
	line[len - 1] = '\0';
	scribble(f, whole, line);
	look(f, 1, 1);
	scribble(f, whole + len - 1, "\n");
	look(f, 1, 2);
}

/* Written, seen, not synced, cut off by its writer, written anew. */
static void test_a_record_may_be_taken_back(void **state)
{
	struct fixture *f = *state;
	off_t whole;
	json_t *records;
	size_t torn;

	write_note(f, "one");
	whole = size_of(f);
	write_note(f, "two, not synced");
	look(f, 0, 2);
	journal_close(f->journal);
	f->journal = NULL;
	assert_int_equal(truncate(f->path, whole), 0);
	look(f, 1, 1);
	assert_int_equal(journal_open(f->dir, &f->journal, &records, &torn,
				      NULL), 0);
	json_decref(records);
	write_note(f, "two, synced");
	look(f, 1, 2);
	/* and once more, so fast that nobody saw it go */
	journal_close(f->journal);
	assert_int_equal(truncate(f->path, whole), 0);
	assert_int_equal(journal_open(f->dir, &f->journal, &records, &torn,
				      NULL), 0);
	json_decref(records);
	write_note(f, "two, again");
	write_note(f, "three");
	look(f, 1, 3);
}

/* So are all that were written together with it. */
static void test_all_of_one_write_may_be_taken_back(void **state)
{
	static const char *const texts[] = {"two", "three", "four"};
	struct fixture *f = *state;
	off_t whole;

	write_note(f, "one");
	let_time_pass(f);
	whole = size_of(f);
	write_together(f, texts, 3);
	look(f, 0, 4);
	assert_int_equal(truncate(f->path, whole), 0);
	look(f, 1, 1);
}

static void test_damage_is_said_once_a_second_look_finds_it(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};
	off_t second;

	write_note(f, "one");
	second = size_of(f);
	look(f, 0, 1);
	write_note(f, "two");
	write_note(f, "three");
	scribble(f, second + 1, "#");
	look_twice(f, 1, ERR_INVALID, &err);
	assert_non_null(strstr(err.where, JOURNAL_FILE ":2"));
	assert_non_null(strstr(err.message, "damaged"));
	scribble(f, second + 1, "\"");
	look(f, 1, 3);
}

static void test_damage_in_what_is_known_is_found(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};

	write_note(f, "one");
	write_note(f, "two");
	look(f, 0, 2);
	scribble(f, 8, "9");
	look_twice(f, 2, ERR_INVALID, &err);
	assert_non_null(strstr(err.where, JOURNAL_FILE ":1"));
}

/* Read again and found the same: whoever borrowed from a record still may. */
static void test_what_is_kept_stays_the_same_object(void **state)
{
	struct fixture *f = *state;
	struct journal_news news;
	const json_t *first;

	write_note(f, "one");
	assert_int_equal(journal_follow_look(f->follow, &news, NULL), 0);
	first = json_array_get(news.records, 0);
	scribble(f, 8, ",");
	assert_int_equal(journal_follow_look(f->follow, &news, NULL), 0);
	assert_int_equal(news.kept, 1);
	assert_ptr_equal(json_array_get(news.records, 0), first);
	assert_string_equal(json_text(first, "text", ""), "one");
}

static void test_more_than_one_write_is_no_taking_back(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};
	off_t whole;

	write_note(f, "one");
	whole = size_of(f);
	write_note(f, "two");
	let_time_pass(f);
	write_note(f, "three");
	look(f, 0, 3);
	assert_int_equal(truncate(f->path, whole), 0);
	look_twice(f, 3, ERR_CONFLICT, &err);
	assert_non_null(strstr(err.message, "2 records"));
}

static void test_deleted_is_said(void **state)
{
	struct fixture *f = *state;
	struct journal_news news;
	struct error err = {0};

	write_note(f, "one");
	look(f, 0, 1);
	unlink(f->path);
	assert_int_equal(journal_follow_look(f->follow, &news, &err), ERR_GONE);
	assert_non_null(strstr(err.message, "deleted"));
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make, unmake)
	const struct CMUnitTest tests[] = {
		IN_DIR(test_only_what_is_new_is_news),
		IN_DIR(test_it_follows_beside_the_writer_and_leaves_no_trace),
		IN_DIR(test_half_a_line_is_waited_for),
		IN_DIR(test_a_record_may_be_taken_back),
		IN_DIR(test_all_of_one_write_may_be_taken_back),
		IN_DIR(test_damage_is_said_once_a_second_look_finds_it),
		IN_DIR(test_damage_in_what_is_known_is_found),
		IN_DIR(test_what_is_kept_stays_the_same_object),
		IN_DIR(test_more_than_one_write_is_no_taking_back),
		IN_DIR(test_deleted_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
