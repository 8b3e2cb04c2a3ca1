/* Units of what happens behind the scenes: the control socket and who talks
 * over it, faults by name, their parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "rehearsal/door.h"
#include "rehearsal/fault.h"
#include "rehearsal/scenes.h"

#define ROUNDS 50               /* of door_serve: more than any case needs */
#define ANSWER_MAX 4096

struct place {
	char dir[64];
	struct door *door;
	int asked;
};

/* "echo TEXT" is repeated, "flood" answers all that may be; else an error. */
static int answer(void *data, char *line, struct buf *out, struct error *err)
{
	struct place *place = data;

	place->asked++;
	if (!strncmp(line, "echo ", 5)) {
		buf_printf(out, " %s\n", line + 5);
		return 0;
	}
	if (!strcmp(line, "flood")) {
		for (int i = 0; i < DOOR_ANSWER_MAX / 16; i++)
			buf_puts(out, " fifteen bytes.\n");
		return 0;
	}
	return error_set(err, ERR_NOTFOUND, NULL, "no such: %s", line);
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->dir, sizeof(place->dir), "/tmp/cutover-test-XXXXXX");
	*state = place;
	return mkdtemp(place->dir) &&
	       !door_open(&place->door, place->dir, answer, place, NULL) ?
	       0 : -1;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	int rc;

	door_close(place->door);
	rc = rmdir(place->dir);         /* the socket has gone with it */
	free(place);
	return rc;
}

static int dial(const struct place *place)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path),
		 "%s/" DOOR_NAME, place->dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)), 0);
	return fd;
}

static void serve(struct place *place)
{
	for (int i = 0; i < ROUNDS; i++)
		door_serve(place->door);
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

/* What can be read now, terminated; whether the other end has closed. */
static bool hear(int fd, char text[ANSWER_MAX])
{
	size_t len = 0;
	ssize_t got;

	while ((got = recv(fd, text + len, ANSWER_MAX - 1 - len, 0)) > 0)
		len += (size_t)got;
	text[len] = '\0';
	return got == 0 || errno == ECONNRESET;
}

static void expect(struct place *place, int fd, const char *expected)
{
	char text[ANSWER_MAX];

	serve(place);
	assert_false(hear(fd, text));
	assert_string_equal(text, expected);
}

static void test_requests(void **state)
{
	struct place *place = *state;
	int fd = dial(place);

	say(fd, "echo a b\n");
	expect(place, fd, " a b\nok\n");
	say(fd, "echo hal");
	expect(place, fd, "");
	say(fd, "f\necho one\nnonsense\n");
	expect(place, fd, " half\nok\n one\nok\nerror: no such: nonsense\n");
	close(fd);
	serve(place);
}

static void test_only_our_user_may_open_it(void **state)
{
	const struct place *place = *state;
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/" DOOR_NAME, place->dir);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_garbage_is_refused(void **state)
{
	static const char garbage[] = "echo \x01\x1b[2J\0hidden\xff\n";
	struct place *place = *state;
	int fd = dial(place);

	assert_int_equal(send(fd, garbage, sizeof(garbage) - 1, 0),
			 sizeof(garbage) - 1);
	expect(place, fd, " ??[2J?hidden?\nok\n");
	say(fd, "\n");
	expect(place, fd, "error: no such: \n");
	close(fd);
}

static void test_too_long_a_line_ends_it(void **state)
{
	struct place *place = *state;
	char line[DOOR_LINE_MAX], text[ANSWER_MAX];
	int fd = dial(place);

	memset(line, 'x', sizeof(line));
	assert_int_equal(send(fd, line, sizeof(line), 0), sizeof(line));
	say(fd, "yyy\necho not read\n");
	serve(place);
	assert_true(hear(fd, text));
	assert_string_equal(text, "error: that line is too long\n");
	assert_int_equal(place->asked, 0);
	close(fd);
}

static void test_half_closed_is_answered(void **state)
{
	struct place *place = *state;
	char text[ANSWER_MAX];
	int fd = dial(place);

	say(fd, "echo one\necho two\necho cut of");
	shutdown(fd, SHUT_WR);
	serve(place);
	assert_true(hear(fd, text));
	assert_string_equal(text, " one\nok\n two\nok\n");
	close(fd);
}

static void test_many_at_once(void **state)
{
	struct place *place = *state;
	char text[ANSWER_MAX];
	int fds[DOOR_CLIENTS_MAX], late;

	for (int i = 0; i < DOOR_CLIENTS_MAX; i++) {
		fds[i] = dial(place);
		serve(place);
	}
	say(fds[0], "echo x\n");
	expect(place, fds[0], " x\nok\n");
	/* he who has been silent longest goes: anybody can still be heard */
	late = dial(place);
	serve(place);
	assert_true(hear(fds[1], text));
	assert_string_equal(text, "error: too many speak to this world\n");
	close(fds[1]);
	say(late, "echo late\n");
	expect(place, late, " late\nok\n");
	fds[1] = late;
	close(fds[3]);
	serve(place);
	fds[3] = dial(place);
	for (int i = 0; i < DOOR_CLIENTS_MAX; i++) {
		say(fds[i], "echo x\n");
		expect(place, fds[i], " x\nok\n");
		close(fds[i]);
	}
}

static void test_who_does_not_read_harms_nobody(void **state)
{
	struct place *place = *state;
	int deaf = dial(place), gone = dial(place), fd = dial(place);

	say(deaf, "flood\nflood\n");
	say(gone, "flood\nflood\n");
	serve(place);
	close(gone);
	serve(place);
	assert_int_equal(place->asked, 2);      /* each waits with its second */
	say(fd, "echo here\n");
	expect(place, fd, " here\nok\n");
	close(fd);
	door_flush(place->door, 20);      /* bounded, though he is deaf */
	close(deaf);
	serve(place);
}

static void test_names_of_faults_differ(void **state)
{
	(void)state;
	for (size_t i = 0; fault_tables[i]; i++)
		for (const struct fault *fault = fault_tables[i]; fault->name;
		     fault++) {
			assert_ptr_equal(fault_find(fault->name), fault);
			assert_non_null(fault->parameters);
			assert_non_null(fault->about);
			assert_non_null(fault->usual);
			assert_non_null(fault->begin);
		}
	assert_null(fault_find("no-such-fault"));
	assert_null(fault_find(""));
}

static void test_parameters(void **state)
{
	const struct fault fault = {.name = "f", .parameters = "seconds=N of=X"};
	json_t *good = json_pack("{s:i, s:s}", "seconds", 7, "of", "9");
	json_t *bad[] = {json_pack("{s:i}", "second", 1),
			 json_pack("{s:i}", "N", 1),
			 json_pack("{s:b}", "seconds", 1)};
	char text[4];
	int64_t number;

	(void)state;
	assert_int_equal(fault_check(&fault, good, NULL), 0);
	assert_int_equal(fault_check(&fault, NULL, NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(fault_check(&fault, bad[i], NULL),
				 ERR_INVALID);
		json_decref(bad[i]);
	}
	assert_int_equal(fault_number(good, "seconds", 1, 1, 9, &number, NULL),
			 0);
	assert_int_equal(number, 7);
	assert_int_equal(fault_number(good, "of", 1, 1, 9, &number, NULL), 0);
	assert_int_equal(number, 9);
	assert_int_equal(fault_number(good, "none", 5, 1, 9, &number, NULL), 0);
	assert_int_equal(number, 5);
	assert_int_equal(fault_number(good, "of", 1, 1, 8, &number, NULL),
			 ERR_INVALID);
	assert_int_equal(fault_text(good, "seconds", NULL, text, sizeof(text),
				    NULL), 0);
	assert_string_equal(text, "7");
	assert_int_equal(fault_text(good, "none", "long", text, sizeof(text),
				    NULL), ERR_INVALID);
	json_decref(good);
}

static void described(const struct fault *fault, json_t *parameters,
		      const char *expected)
{
	struct buf text;

	buf_init(&text, 100);
	fault_describe(fault, parameters, &text);
	assert_string_equal(text.data, expected);
	buf_release(&text);
	json_decref(parameters);
}

static void test_description(void **state)
{
	const struct fault fault = {.about = "it is (so) slow", .usual = "3"};
	const struct fault plain = {.about = "it fails", .usual = ""};

	(void)state;
	described(&fault, NULL, "it is (so) slow (3)");
	described(&fault, json_object(), "it is (so) slow (3)");
	described(&fault, json_pack("{s:s, s:i}", "of", "x", "seconds", 4),
		  "it is (so) slow (of=x, seconds=4)");
	described(&plain, NULL, "it fails");
	described(&plain, json_pack("{s:i}", "pods", 2), "it fails (pods=2)");
}

static void nothing(struct stage *stage)
{
	(void)stage;
}

static void test_scenes(void **state)
{
	const struct fault fault = {.name = "f", .about = "", .usual = "",
				    .clear = nothing};
	const struct fault deed = {.name = "d", .about = "over at once",
				   .usual = ""};
	struct scenes scenes;
	json_t *first;

	(void)state;
	assert_int_equal(scenes_init(&scenes, NULL), 0);
	scenes_begin(&scenes, SCENE_BY_SCENARIO, &deed, NULL, NULL);
	assert_false(scenes_is_on(&scenes, "d"));
	scenes_begin(&scenes, SCENE_BY_SCENARIO, &fault, NULL, "told");
	scenes_add(&scenes, SCENE_TOLD, SCENE_BY_INSTRUCTOR, NULL, "t");
	assert_true(scenes_is_on(&scenes, "f"));
	scenes_add(&scenes, SCENE_CLEARED, SCENE_BY_INSTRUCTOR, "f", NULL);
	assert_false(scenes_is_on(&scenes, "f"));
	assert_int_equal(json_array_size(scenes.list), 4);
	first = json_array_get(scenes.list, 1);
	assert_string_equal(json_string_value(json_object_get(first, "text")),
			    "told");
	assert_string_equal(json_string_value(json_object_get(first, "kind")),
			    "begun");
	assert_string_equal(json_string_value(json_object_get(first, "by")),
			    "scenario");
	assert_non_null(json_object_get(first, "at"));
	for (int i = 0; i < SCENES_MAX; i++)
		scenes_add(&scenes, SCENE_TOLD, SCENE_BY_SCENARIO, NULL, "t");
	assert_int_equal(json_array_size(scenes.list), SCENES_MAX);
	scenes_release(&scenes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_SOCKET(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		WITH_SOCKET(test_requests),
		WITH_SOCKET(test_only_our_user_may_open_it),
		WITH_SOCKET(test_garbage_is_refused),
		WITH_SOCKET(test_too_long_a_line_ends_it),
		WITH_SOCKET(test_half_closed_is_answered),
		WITH_SOCKET(test_many_at_once),
		WITH_SOCKET(test_who_does_not_read_harms_nobody),
		cmocka_unit_test(test_names_of_faults_differ),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_description),
		cmocka_unit_test(test_scenes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
