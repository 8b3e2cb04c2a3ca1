/* Units of the practice world that touch the system: its directory, child
 * processes, the balancer, the database program, the application's log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "rehearsal/applog.h"
#include "rehearsal/balancer.h"
#include "rehearsal/child.h"
#include "rehearsal/ending.h"
#include "rehearsal/files.h"
#include "rehearsal/kind.h"
#include "rehearsal/worlddir.h"

#define LIMIT_MS 5000

/* A place for worlds' directories that only this test uses. */
static int set_up(void **state)
{
	char place[] = "/tmp/cutover-test-XXXXXX";

	if (!mkdtemp(place))
		return -1;
	setenv("TMPDIR", place, 1);
	*state = strdup(place);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	int rc = files_remove_tree(*state, NULL);

	free(*state);
	return rc;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void put(const char *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/%s", PATH_MAX / 2, dir, name);
	assert_int_equal(files_write(path, "x", 0600, NULL), 0);
}

/* A world that dies without a word, as after kill -9. */
static void make_dead_world(char path[PATH_MAX])
{
	int channel[2], status;
	struct worlddir dir;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(channel), 0);
	pid = fork();
	if (pid == 0) {
		if (worlddir_make(&dir, NULL) ||
		    write(channel[1], dir.path, PATH_MAX) != PATH_MAX)
			_exit(1);
		raise(SIGKILL);
	}
	got = read(channel[0], path, PATH_MAX);
	close(channel[0]);
	close(channel[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(got, PATH_MAX);
}

static void test_sweep_removes_dead_worlds_only(void **state)
{
	char dead[PATH_MAX], link[PATH_MAX], other[PATH_MAX];
	struct worlddir alive;

	make_dead_world(dead);
	put(dead, "file");
	assert_int_equal(worlddir_make(&alive, NULL), 0);
	put(alive.path, "file");
	/* A link by our name, to something that must stay. */
	snprintf(other, sizeof(other), "%s/other", (char *)*state);
	assert_int_equal(mkdir(other, 0700), 0);
	put(other, "cutover-world.lock");
	snprintf(link, sizeof(link), "%s/cutover-world-%ld-AAAAAA",
		 (char *)*state, (long)geteuid());
	assert_int_equal(symlink(other, link), 0);

	assert_int_equal(worlddir_sweep(), 1);
	assert_false(exists(dead));
	assert_true(exists(alive.path));
	assert_true(exists(link));
	put(other, "still-there");
	worlddir_remove(&alive);
	assert_false(exists(alive.path));
}

static void test_sweep_follows_no_link_inside(void **state)
{
	char dead[PATH_MAX], link[PATH_MAX], outside[PATH_MAX];

	make_dead_world(dead);
	snprintf(outside, sizeof(outside), "%s/outside", (char *)*state);
	assert_int_equal(mkdir(outside, 0700), 0);
	put(outside, "precious");
	snprintf(link, sizeof(link), "%.*s/link", PATH_MAX / 2, dead);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(worlddir_sweep(), 1);
	assert_false(exists(dead));
	snprintf(link, sizeof(link), "%.*s/precious", PATH_MAX / 2, outside);
	assert_true(exists(link));
}

static void test_a_named_directory_is_taken_with_care(void **state)
{
	struct worlddir dir, second;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/named", (char *)*state);
	assert_int_equal(worlddir_take(&dir, path, NULL), 0);
	assert_true(dir.created);
	assert_int_equal(worlddir_take(&second, path, NULL), ERR_BUSY);
	put(path, "file");
	worlddir_remove(&dir);
	assert_false(exists(path));

	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(worlddir_take(&dir, path, NULL), 0);
	put(path, "file");
	/* As if it had been killed: the next one takes it over. */
	close(dir.lock);
	assert_int_equal(worlddir_take(&second, path, NULL), 0);
	worlddir_remove(&second);
	assert_true(exists(path));

	put(path, "somebody's");
	assert_int_equal(worlddir_take(&dir, path, NULL), ERR_INVALID);
	worlddir_remove(&dir);
	snprintf(path, sizeof(path), "%s/named/somebody's", (char *)*state);
	assert_true(exists(path));
}

static void test_a_tree_is_copied_whole(void **state)
{
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), "%s/from", (char *)*state);
	snprintf(to, sizeof(to), "%s/to", (char *)*state);
	assert_int_equal(mkdir(from, 0700), 0);
	put(from, "one");
	snprintf(from, sizeof(from), "%s/from/deep", (char *)*state);
	assert_int_equal(mkdir(from, 0700), 0);
	put(from, "two");
	snprintf(from, sizeof(from), "%s/from", (char *)*state);
	assert_int_equal(files_copy_tree(from, to, geteuid(), getegid(), NULL),
			 0);
	snprintf(to, sizeof(to), "%s/to/deep/two", (char *)*state);
	assert_true(exists(to));
	/* Links are nobody's data directory. */
	snprintf(from, sizeof(from), "%s/from/link", (char *)*state);
	assert_int_equal(symlink("/etc", from), 0);
	snprintf(from, sizeof(from), "%s/from", (char *)*state);
	snprintf(to, sizeof(to), "%s/again", (char *)*state);
	assert_int_equal(files_copy_tree(from, to, geteuid(), getegid(), NULL),
			 ERR_INVALID);
}

/* ---- children ----------------------------------------------------------- */

static void test_a_child_is_ended_and_reaped(void **state)
{
	static const char *const argv[] = {"sleep", "60", NULL};
	struct child_user user = {.uid = geteuid(), .gid = getegid()};
	char log[PATH_MAX];
	int status;
	pid_t pid;

	snprintf(log, sizeof(log), "%s/log", (char *)*state);
	assert_int_equal(child_start(argv, &user, log, &pid, NULL), 0);
	assert_false(child_ended(&pid, &status));
	child_end(&pid, SIGTERM, clock_mono_ms() + LIMIT_MS);
	assert_int_equal(pid, 0);
}

static void test_a_child_that_cannot_start_says_127(void **state)
{
	static const char *const argv[] = {"/no/such/program", NULL};
	struct child_user user = {.uid = geteuid(), .gid = getegid()};
	int64_t limit = clock_mono_ms() + LIMIT_MS;
	char log[PATH_MAX];
	int status = 0;
	pid_t pid;

	snprintf(log, sizeof(log), "%s/log", (char *)*state);
	assert_int_equal(child_start(argv, &user, log, &pid, NULL), 0);
	while (!child_ended(&pid, &status) && clock_mono_ms() < limit)
		poll(NULL, 0, 5);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 127);
}

/* ---- balancer ----------------------------------------------------------- */

static int listen_on(struct sockaddr_in *ret)
{
	socklen_t size = sizeof(*ret);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(fd, (struct sockaddr *)ret, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret, &size), 0);
	return fd;
}

static int connect_to(const struct sockaddr_in *to)
{
	struct timeval limit = {.tv_sec = LIMIT_MS / 1000};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (const struct sockaddr *)to, sizeof(*to)),
			 0);
	return fd;
}

/* What one end writes, the other reads. */
static void assert_talks(int from, int to, const char *text)
{
	char got[64] = "";

	assert_int_equal(write(from, text, strlen(text)), strlen(text));
	assert_int_equal(recv(to, got, strlen(text), MSG_WAITALL),
			 strlen(text));
	assert_string_equal(got, text);
}

static int accept_soon(int listener)
{
	struct pollfd pollfd = {.fd = listener, .events = POLLIN};

	assert_int_equal(poll(&pollfd, 1, LIMIT_MS), 1);
	return accept(listener, NULL, NULL);
}

static struct balancer *open_balancer(struct sockaddr_in *ret)
{
	struct balancer *balancer = NULL;
	int free_port = listen_on(ret);

	close(free_port);
	assert_int_equal(balancer_open(&balancer, INADDR_LOOPBACK,
				       ntohs(ret->sin_port), NULL), 0);
	return balancer;
}

static void test_balancer_keeps_old_connections_where_they_are(void **state)
{
	struct sockaddr_in service, first, second;
	int v1 = listen_on(&first), v2 = listen_on(&second);
	struct balancer *balancer = open_balancer(&service);
	int old_user, old_pod, new_user, new_pod;
	char byte;

	(void)state;
	assert_int_equal(balancer_set(balancer, &first, 1), 0);
	old_user = connect_to(&service);
	old_pod = accept_soon(v1);
	assert_talks(old_user, old_pod, "hello");

	assert_int_equal(balancer_set(balancer, &second, 1), 0);
	new_user = connect_to(&service);
	new_pod = accept_soon(v2);
	assert_talks(new_user, new_pod, "new");
	assert_talks(old_user, old_pod, "still here");
	assert_talks(old_pod, old_user, "and back");

	/* The pod ends: its user sees the end, the other does not. */
	close(old_pod);
	assert_int_equal(recv(old_user, &byte, 1, 0), 0);
	assert_talks(new_pod, new_user, "fine");
	close(old_user);
	close(new_user);
	close(new_pod);
	balancer_close(balancer);
	close(v1);
	close(v2);
}

static void test_balancer_takes_turns_and_resets_without_endpoints(
	void **state)
{
	struct sockaddr_in service, pods[2];
	int listeners[2] = {listen_on(&pods[0]), listen_on(&pods[1])};
	struct balancer *balancer = open_balancer(&service);
	int users[4], accepted[4];
	char byte;

	(void)state;
	assert_int_equal(balancer_set(balancer, pods, 2), 0);
	for (int i = 0; i < 4; i++) {
		users[i] = connect_to(&service);
		accepted[i] = accept_soon(listeners[i % 2]);
		assert_true(accepted[i] >= 0);
	}
	assert_int_equal(balancer_set(balancer, pods, 0), 0);
	users[0] = (close(users[0]), connect_to(&service));
	assert_int_equal(recv(users[0], &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	for (int i = 0; i < 4; i++) {
		close(users[i]);
		close(accepted[i]);
	}
	balancer_close(balancer);
	close(listeners[0]);
	close(listeners[1]);
}

/* How many descriptors the process's only epoll watches, or -1. */
static int watched(void)
{
	char path[64], target[64], line[160];
	int count = -1;

	for (int fd = 0; fd < 64 && count < 0; fd++) {
		FILE *info;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		memset(target, 0, sizeof(target));
		if (readlink(path, target, sizeof(target) - 1) < 0 ||
		    !strstr(target, "[eventpoll]"))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		info = fopen(path, "re");
		for (count = 0; info && fgets(line, sizeof(line), info);)
			count += !strncmp(line, "tfd:", 4);
		if (info)
			fclose(info);
	}
	return count;
}

static void await_watched(int count)
{
	int64_t deadline = clock_mono_ms() + LIMIT_MS;

	while (watched() != count) {
		assert_true(clock_mono_ms() < deadline);
		poll(NULL, 0, 5);
	}
}

/* A server is started while connections end: its process has their sockets
 * too, for a moment. */
static void test_balancer_forgets_what_a_child_still_holds(void **state)
{
	struct sockaddr_in service, at;
	int listener = listen_on(&at), channel[2], user, pod, status, idle;
	struct balancer *balancer = open_balancer(&service);
	pid_t child;
	char byte;

	(void)state;
	assert_int_equal(balancer_set(balancer, &at, 1), 0);
	idle = watched();
	user = connect_to(&service);
	pod = accept_soon(listener);
	assert_talks(user, pod, "hello");
	assert_int_equal(watched(), idle + 2);
	assert_int_equal(pipe(channel), 0);
	child = fork();
	if (child == 0) {
		close(user);
		close(pod);
		close(channel[1]);
		_exit(read(channel[0], &byte, 1) != 0);
	}
	close(channel[0]);
	close(user);
	close(pod);
	await_watched(idle);
	close(channel[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	balancer_close(balancer);
	close(listener);
}

/* ---- which server ------------------------------------------------------- */

static void say_version(const char *path, const char *version)
{
	char text[200];

	snprintf(text, sizeof(text), "#!/bin/sh\necho '%s'\n", version);
	assert_int_equal(files_write(path, text, 0700, NULL), 0);
}

static int find_server(const struct kind *kind, const char *dir,
		       struct ending *ending, char ret[PATH_MAX],
		       struct error *err)
{
	struct child_user user = {.uid = geteuid(), .gid = getegid()};

	return kind_program(kind, dir, &user, ending, ret, err);
}

static void test_a_server_is_of_its_kind_or_none(void **state)
{
	char path[PATH_MAX], found[PATH_MAX];
	const char *dir = *state;
	struct ending ending;
	struct error err = {0};

	assert_int_equal(ending_open(&ending, false, NULL), 0);
	snprintf(path, sizeof(path), "%s/server", dir);
	setenv("MYSQLD", path, 1);
	setenv("MARIADBD", path, 1);
	assert_int_equal(find_server(&kind_mysql, dir, &ending, found, &err),
			 ERR_NOTFOUND);
	assert_non_null(strstr(err.message, "install MySQL"));
	/* As Debian's, where MariaDB is installed. */
	say_version(path, "mysqld  Ver 10.11.19-MariaDB-0+deb12u1");
	assert_int_equal(find_server(&kind_mysql, dir, &ending, found, &err),
			 ERR_NOTFOUND);
	assert_non_null(strstr(err.message, "10.11.19-MariaDB"));
	assert_int_equal(find_server(&kind_mariadb, dir, &ending, found, &err),
			 0);
	assert_string_equal(found, path);
	say_version(path, "mysqld  Ver 8.4.6 for Linux on x86_64 (Debian)");
	assert_int_equal(find_server(&kind_mysql, dir, &ending, found, &err),
			 0);
	assert_int_equal(find_server(&kind_mariadb, dir, &ending, found, &err),
			 ERR_NOTFOUND);
	/* From PATH, without the environment's word. */
	unsetenv("MYSQLD");
	setenv("PATH", dir, 1);
	assert_int_equal(find_server(&kind_mysql, dir, &ending, found, &err),
			 ERR_NOTFOUND);
	assert_string_equal(err.where, "mysqld");
	ending_close(&ending);
}

/* ---- the application's log ----------------------------------------------- */

static void collect(void *data, const char *line)
{
	struct buf *all = data;

	/* without the stamp */
	assert_int_equal(line[23], 'Z');
	assert_int_equal(buf_printf(all, "%s|", line + 25), 0);
}

static void test_the_log_repeats_itself_once_a_second(void **state)
{
	struct applog log;
	struct buf all;

	(void)state;
	buf_init(&all, 4096);
	applog_init(&log, collect, &all);
	applog_say(&log, "INFO", "port %d", 8080);
	applog_say(&log, "INFO", "port %d", 8080);
	assert_string_equal(all.data, "INFO  port 8080|INFO  port 8080|");
	buf_clear(&all);
	for (int i = 0; i < 3; i++) {
		applog_repeat(&log, "WARN", "refused: %s", "flag-off");
		applog_repeat(&log, "ERROR", "refused: %s", "database");
	}
	assert_string_equal(all.data,
			    "WARN  refused: flag-off|ERROR refused: database|");
	buf_clear(&all);
	log.repeated[0].said_ms -= 1000;
	applog_repeat(&log, "WARN", "refused: %s", "flag-off");
	applog_repeat(&log, "WARN", "refused: %s", "flag-off");
	assert_string_equal(all.data, "WARN  refused: flag-off (2 more)|");
	/* more kinds than places: each is said, none is mistaken */
	for (int i = 0; i < 3 * APPLOG_REPEATED_MAX; i++) {
		char wanted[32];

		buf_clear(&all);
		snprintf(wanted, sizeof(wanted), "WARN  kind %d|", i);
		applog_repeat(&log, "WARN", "kind %d", i);
		assert_string_equal(all.data, wanted);
	}
	applog_release(&log);
	buf_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_sweep_removes_dead_worlds_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_sweep_follows_no_link_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_named_directory_is_taken_with_care, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_a_tree_is_copied_whole,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_child_is_ended_and_reaped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_child_that_cannot_start_says_127, set_up,
			tear_down),
		cmocka_unit_test(
			test_balancer_keeps_old_connections_where_they_are),
		cmocka_unit_test(
			test_balancer_takes_turns_and_resets_without_endpoints),
		cmocka_unit_test(
			test_balancer_forgets_what_a_child_still_holds),
		cmocka_unit_test_setup_teardown(
			test_a_server_is_of_its_kind_or_none, set_up,
			tear_down),
		cmocka_unit_test(test_the_log_repeats_itself_once_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
