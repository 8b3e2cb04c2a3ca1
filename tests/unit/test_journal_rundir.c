/* Units of journal/rundir: where runs live, and how one is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/journal.h"
#include "journal/rundir.h"

static char home[] = "/tmp/cutover-rundir.XXXXXX";

static int make_home(void **state)
{
	(void)state;
	snprintf(home, sizeof(home), "/tmp/cutover-rundir.XXXXXX");
	return mkdtemp(home) && !setenv("XDG_STATE_HOME", home, 1) ? 0 : -1;
}

static int remove_home(void **state)
{
	pid_t child = fork();
	int status = -1;

	(void)state;
	if (child == 0) {
		execlp("rm", "rm", "-rf", home, (char *)NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return status;
}

/* A run of that name, with a journal. */
static void make_run(const char *name)
{
	struct journal *journal;
	struct rundir run;
	char path[256];

	snprintf(path, sizeof(path), "%s/cutover/%s", home, name);
	assert_int_equal(rundir_create(path, "x", &run, NULL), 0);
	assert_int_equal(journal_create(run.path, &journal, NULL), 0);
	journal_close(journal);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* A caller discards what it could not fill: never the directory of another. */
static void test_a_refused_directory_is_not_handed_out(void **state)
{
	struct error err = {0};
	struct rundir run;
	char path[256];

	(void)state;
	make_run("taken");
	snprintf(path, sizeof(path), "%s/cutover/taken", home);
	assert_int_equal(rundir_create(path, "x", &run, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.message, "a run is recorded there"));
	assert_string_equal(run.path, "");
}

static void test_new_runs_are_private_and_never_share(void **state)
{
	struct rundir first, second;
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(rundir_create(NULL, "a/b' c", &first, NULL), 0);
	assert_int_equal(rundir_create(NULL, "a/b' c", &second, NULL), 0);
	assert_string_not_equal(first.path, second.path);
	assert_int_equal(strlen(first.name), strlen("20261123-140320-a-b--c"));
	assert_string_equal(first.name + 15, "-a-b--c");
	assert_int_equal(mode_of(first.path), 0700);
	assert_int_equal(rundir_save(&first, RUNDIR_VARS, "a: 1\n", NULL), 0);
	snprintf(path, sizeof(path), "%.200s/%s", first.path, RUNDIR_VARS);
	assert_int_equal(mode_of(path), 0600);
	rundir_discard(&first);
	assert_int_equal(access(first.path, F_OK), -1);
}

static void test_given_directory_must_be_empty(void **state)
{
	struct error err = {0};
	struct rundir run;
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/deep/er/run", home);
	assert_int_equal(rundir_create(path, "x", &run, NULL), 0);
	assert_string_equal(run.path, path);
	assert_int_equal(rundir_create(path, "x", &run, NULL), 0);
	assert_int_equal(rundir_save(&run, "file", "", NULL), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(rundir_create(path, "x", &run, &err), ERR_CONFLICT);
	assert_int_equal(mode_of(path), 0755);
}

static void test_runs_are_listed_newest_first(void **state)
{
	struct rundir *runs;
	size_t count;

	(void)state;
	assert_int_equal(rundir_list(&runs, &count, NULL), 0);
	assert_int_equal(count, 0);
	free(runs);
	make_run("20261123-140320-a");
	make_run("20261123-140320-a-2");
	make_run("20261123-140320-a-10");
	make_run("20261124-000000-a");
	assert_int_equal(rundir_list(&runs, &count, NULL), 0);
	assert_int_equal(count, 4);
	assert_string_equal(runs[0].name, "20261124-000000-a");
	assert_string_equal(runs[1].name, "20261123-140320-a-10");
	assert_string_equal(runs[3].name, "20261123-140320-a");
	free(runs);
}

static void test_a_run_is_found(void **state)
{
	struct error err = {0};
	struct rundir run;
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(rundir_find(NULL, &run, &err), ERR_NOTFOUND);
	make_run("20261123-140320-a");
	make_run("20261123-140320-a-2");
	make_run("20261124-000000-a");
	assert_int_equal(rundir_find(NULL, &run, NULL), 0);
	assert_string_equal(run.name, "20261124-000000-a");
	assert_int_equal(rundir_find("20261123-140320-a", &run, NULL), 0);
	assert_string_equal(run.name, "20261123-140320-a");
	assert_int_equal(rundir_find("20261124", &run, NULL), 0);
	assert_string_equal(run.name, "20261124-000000-a");
	assert_int_equal(rundir_find("20261123", &run, &err), ERR_INVALID);
	assert_non_null(strstr(err.message, "20261123-140320-a-2"));
	assert_int_equal(rundir_find("nothing", &run, &err), ERR_NOTFOUND);
	snprintf(path, sizeof(path), "%s/cutover/20261124-000000-a/", home);
	assert_int_equal(rundir_find(path, &run, NULL), 0);
	assert_string_equal(run.name, "20261124-000000-a");
	snprintf(path, sizeof(path), "%s/cutover/20261124-000000-a/%s", home,
		 JOURNAL_FILE);
	assert_int_equal(rundir_find(path, &run, NULL), 0);
	assert_string_equal(run.name, "20261124-000000-a");
	assert_int_equal(rundir_find(home, &run, &err), ERR_NOTFOUND);
}

/* What is told for a command line finds the run again, from anywhere. */
static void test_a_run_is_told_by_what_finds_it(void **state)
{
	struct rundir run, found;
	char path[PATH_MAX], argument[PATH_MAX];

	(void)state;
	make_run("20261123-140320-a");
	assert_int_equal(rundir_find("20261123", &run, NULL), 0);
	rundir_argument(&run, argument);
	assert_string_equal(argument, "20261123-140320-a");
	/* elsewhere, and named as the other is */
	assert_int_equal(chdir(home), 0);
	assert_int_equal(mkdir("20261123-140320-a", 0700), 0);
	assert_int_equal(rename("cutover/20261123-140320-a/journal.jsonl",
				"20261123-140320-a/journal.jsonl"), 0);
	make_run("20261123-140320-b");
	assert_int_equal(rundir_find("./20261123-140320-a", &run, NULL), 0);
	rundir_argument(&run, argument);
	snprintf(path, sizeof(path), "%s/20261123-140320-a", home);
	assert_string_equal(argument, path);
	assert_int_equal(rundir_find(argument, &found, NULL), 0);
}

static void test_no_home_is_said(void **state)
{
	struct error err = {0};
	struct rundir run;

	(void)state;
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_int_equal(rundir_find(NULL, &run, &err), ERR_NOTFOUND);
	assert_non_null(strstr(err.message, "HOME"));
}

int main(void)
{
#define AT_HOME(test) cmocka_unit_test_setup_teardown(test, make_home, remove_home)
	const struct CMUnitTest tests[] = {
		AT_HOME(test_a_refused_directory_is_not_handed_out),
		AT_HOME(test_new_runs_are_private_and_never_share),
		AT_HOME(test_given_directory_must_be_empty),
		AT_HOME(test_runs_are_listed_newest_first),
		AT_HOME(test_a_run_is_found),
		AT_HOME(test_a_run_is_told_by_what_finds_it),
		AT_HOME(test_no_home_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
