/* See ending.h. */
#include "rehearsal/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

int ending_open(struct ending *ending, bool commands, struct error *err)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
	sigset_t set;

	*ending = (struct ending){.signals = -1, .other = -1,
				   .reads_commands = commands};
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return error_errno(err, NULL, "blocking signals");
	ending->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (ending->signals < 0)
		return error_errno(err, NULL, "waiting for signals");
	if (commands && prctl(PR_SET_PDEATHSIG, SIGTERM))
		return error_errno(err, NULL, "tying us to our parent");
	return 0;
}

void ending_close(struct ending *ending)
{
	if (ending->signals >= 0)
		close(ending->signals);
	ending->signals = -1;
}

static enum ending_event ending_read_signal(struct ending *ending)
{
	struct signalfd_siginfo info;

	if (read(ending->signals, &info, sizeof(info)) !=
	    (ssize_t)sizeof(info))
		return ENDING_NOTHING;
	if (info.ssi_signo == SIGCHLD)
		return ENDING_CHILD;
	if (info.ssi_signo == SIGHUP && ending->detached_ms)
		return ENDING_NOTHING;
	return ending->end = ENDING_STOP;
}

static enum ending_event ending_read_commands(struct ending *ending)
{
	size_t room = sizeof(ending->line) - ending->used;
	ssize_t got = read(STDIN_FILENO, ending->line + ending->used, room);
	char *end;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return ENDING_NOTHING;
	if (got <= 0)
		return ending->end = ENDING_STOP;
	ending->used += (unsigned int)got;
	while ((end = memchr(ending->line, '\n', ending->used))) {
		size_t len = (size_t)(end - ending->line);

		if (len == 6 && !memcmp(ending->line, "finish", 6))
			return ending->end = ENDING_FINISH;
		ending->used -= (unsigned int)len + 1;
		memmove(ending->line, end + 1, ending->used);
	}
	if (ending->used == sizeof(ending->line))
		ending->used = 0;      /* no command is that long */
	return ENDING_NOTHING;
}

int ending_detach(struct ending *ending, int64_t limit_ms, struct error *err)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing < 0 || prctl(PR_SET_PDEATHSIG, 0)) {
		if (nothing >= 0)
			close(nothing);
		return error_errno(err, NULL, "letting go of our parent");
	}
	/* A terminal or a pipe that we held would never seem closed. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(nothing, fd);
	close(nothing);
	ending->reads_commands = false;
	ending->detached_ms = clock_mono_ms() + limit_ms;
	return 0;
}

/* The time to wait, cut down to what is left of a detached world's life. */
static int ending_limit(struct ending *ending, int timeout_ms)
{
	int64_t left = ending->detached_ms - clock_mono_ms();

	if (!ending->detached_ms)
		return timeout_ms;
	if (left <= 0) {
		ending->end = ENDING_STOP;
		left = 0;
	}
	return timeout_ms < 0 || left < timeout_ms ? (int)left : timeout_ms;
}

enum ending_event ending_wait(struct ending *ending, int timeout_ms)
{
	struct pollfd fds[] = {
		{.fd = ending->signals, .events = POLLIN},
		{.fd = ending->reads_commands ? STDIN_FILENO : -1,
		 .events = POLLIN},
		{.fd = ending->other, .events = POLLIN},
	};
	enum ending_event event = ENDING_NOTHING;

	timeout_ms = ending_limit(ending, timeout_ms);
	if (ending->end != ENDING_NOTHING)
		return ending->end;
	if (poll(fds, 3, timeout_ms) <= 0)
		return ENDING_NOTHING;
	if (fds[2].revents)
		event = ENDING_OTHER;
	if (fds[0].revents)
		event = ending_read_signal(ending);
	if (fds[1].revents && ending->end == ENDING_NOTHING &&
	    ending_read_commands(ending) != ENDING_NOTHING)
		event = ending->end;
	return event;
}

int ending_pause(struct ending *ending, int timeout_ms, struct error *err)
{
	switch (ending_wait(ending, timeout_ms)) {
	case ENDING_FINISH:
	case ENDING_STOP:
		return error_set(err, ERR_CANCELLED, NULL, "told to stop");
	default:
		return 0;
	}
}
