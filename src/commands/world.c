/* See world.h. */
#include "commands/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/paths.h"

#define WORLD_ARGS_MAX 32
#define WORLD_END_MS 10000      /* after that it is killed */

extern char **environ;

static int world_spawn(struct world *world, const char *program,
		       const char **argv, struct error *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	int number;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return error_errno(err, program, _("cannot make a pipe"));
	}
	/* a group of its own: Ctrl-C is for us, and we end the world */
	posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
				 POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	number = posix_spawn(&world->pid, program, &actions, &attributes,
			     (char **)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	world->in = in[1];
	world->out = out[0];
	if (!number)
		return 0;
	world->pid = 0;
	errno = number;
	return error_errno(err, program, _("cannot start the practice world"));
}

/* The next line that the world prints, without its end. ERR_TIMEOUT, or
 * ERR_LOST when it has ended. */
static int world_line(struct world *world, int64_t deadline_ms,
		      char line[WORLD_LINE_MAX], struct error *err)
{
	for (;;) {
		char *end = memchr(world->rest, '\n', world->rest_len);
		struct pollfd ready = {.fd = world->out, .events = POLLIN};
		int64_t left = deadline_ms - clock_mono_ms();
		ssize_t len;

		if (end) {
			size_t used = (size_t)(end - world->rest);

			memcpy(line, world->rest, used);
			line[used] = '\0';
			world->rest_len -= used + 1;
			memmove(world->rest, end + 1, world->rest_len);
			return 0;
		}
		if (world->rest_len == sizeof(world->rest))
			return error_set(err, ERR_LIMIT, "cutover-world",
					 _("it printed too long a line"));
		if (left <= 0 || poll(&ready, 1, (int)left) == 0)
			return error_set(err, ERR_TIMEOUT, "cutover-world",
					 _("the practice world did not answer in time"));
		len = read(world->out, world->rest + world->rest_len,
			   sizeof(world->rest) - world->rest_len);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return error_set(err, ERR_LOST, "cutover-world",
					 _("the practice world has ended; what it said stands above"));
		world->rest_len += (size_t)len;
	}
}

static void world_arguments(const struct world_options *options,
			    const char *program,
			    const char *argv[WORLD_ARGS_MAX])
{
	const struct {
		const char *name, *value;
	} all[] = {
		{"--dir", options->dir},
		{"--pods", options->pods},
		{"--heartbeat", options->heartbeat},
		{"--database", options->database},
		{"--flag", options->flag},
		{"--start", options->start},
		{"--scenario", options->scenario},
		{"--seed", options->seed},
		{"--speed", options->speed},
	};
	size_t n = 0;

	argv[n++] = program;
	argv[n++] = "--control";
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i].value)
			continue;
		argv[n++] = all[i].name;
		argv[n++] = all[i].value;
	}
	argv[n] = NULL;
}

static int world_wait_ready(struct world *world, struct error *err)
{
	static const char ready[] = "world: ready ";
	char line[WORLD_LINE_MAX];

	for (;;) {
		int status = world_line(world, clock_mono_ms() + WORLD_READY_MS,
					line, err);

		if (status)
			return status;
		if (strncmp(line, ready, sizeof(ready) - 1) == 0)
			break;
		fprintf(stderr, "%s\n", line);
	}
	if (snprintf(world->dir, sizeof(world->dir), "%s",
		     line + sizeof(ready) - 1) >= (int)sizeof(world->dir))
		return error_set(err, ERR_LIMIT, NULL, _("too long a path"));
	return 0;
}

int world_start(struct world *world, const struct world_options *options,
		struct error *err)
{
	const char *argv[WORLD_ARGS_MAX];
	struct paths paths;
	int status;

	memset(world, 0, sizeof(*world));
	world->in = world->out = -1;
	status = paths_find(&paths, err);
	if (status)
		return status;
	world_arguments(options, paths.world, argv);
	status = world_spawn(world, paths.world, argv, err);
	if (!status)
		status = world_wait_ready(world, err);
	if (status)
		world_end(world);
	return status;
}

void world_end(struct world *world)
{
	int64_t deadline = clock_mono_ms() + WORLD_END_MS;
	char line[WORLD_LINE_MAX];

	if (!world->pid)
		return;
	close(world->in);       /* the end of its input ends it */
	while (world_line(world, deadline, line, NULL) == 0)
		;
	if (clock_mono_ms() >= deadline)
		kill(world->pid, SIGKILL);
	close(world->out);
	waitpid(world->pid, NULL, 0);
	world->pid = 0;
}

void world_leave(struct world *world)
{
	close(world->in);
	close(world->out);
	world->pid = 0;
}

/* Starts the program argv with its output in a pipe, *ret_out. */
static int world_spawn_printing(const char *program, const char **argv,
				pid_t *ret_pid, int *ret_out,
				struct error *err)
{
	posix_spawn_file_actions_t actions;
	int out[2], number;

	if (pipe2(out, O_CLOEXEC))
		return error_errno(err, program, _("cannot make a pipe"));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	number = posix_spawn(ret_pid, program, &actions, NULL, (char **)argv,
			     environ);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	*ret_out = out[0];
	if (!number)
		return 0;
	close(out[0]);
	errno = number;
	return error_errno(err, program, _("cannot start the practice world"));
}

int world_print(const char *const *words, size_t count, struct buf *ret,
		bool *ret_good, struct error *err)
{
	const char **argv = calloc(count + 2, sizeof(*argv));
	struct paths paths;
	char bytes[8192];
	ssize_t got;
	pid_t pid;
	int out = -1, exit_status = 0;
	int status = argv ? paths_find(&paths, err) : error_nomem(err);

	if (!status) {
		argv[0] = paths.world;
		memcpy(argv + 1, words, count * sizeof(*argv));
		status = world_spawn_printing(paths.world, argv, &pid, &out,
					      err);
	}
	free(argv);
	if (status)
		return status;
	while ((got = read(out, bytes, sizeof(bytes))) > 0 ||
	       (got < 0 && errno == EINTR))
		if (got > 0)
			buf_append(ret, bytes, (size_t)got);
	close(out);
	while (waitpid(pid, &exit_status, 0) < 0 && errno == EINTR)
		;
	*ret_good = exit_status == 0;
	return buf_error(ret) ? error_nomem(err) : 0;
}
