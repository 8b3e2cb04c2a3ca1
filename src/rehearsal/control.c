/* See control.h. */
#include "rehearsal/control.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"

int control_open(struct control *control, bool commands, struct error *err)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
	sigset_t set;

	*control = (struct control){.signals = -1, .reads_commands = commands};
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return error_errno(err, NULL, "blocking signals");
	control->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (control->signals < 0)
		return error_errno(err, NULL, "waiting for signals");
	if (commands && prctl(PR_SET_PDEATHSIG, SIGTERM))
		return error_errno(err, NULL, "tying us to our parent");
	return 0;
}

void control_close(struct control *control)
{
	if (control->signals >= 0)
		close(control->signals);
	control->signals = -1;
}

static enum control_event control_read_signal(struct control *control)
{
	struct signalfd_siginfo info;

	if (read(control->signals, &info, sizeof(info)) !=
	    (ssize_t)sizeof(info))
		return CONTROL_NOTHING;
	if (info.ssi_signo == SIGCHLD)
		return CONTROL_CHILD;
	return control->end = CONTROL_STOP;
}

static enum control_event control_read_commands(struct control *control)
{
	size_t room = sizeof(control->line) - control->used;
	ssize_t got = read(STDIN_FILENO, control->line + control->used, room);
	char *end;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return CONTROL_NOTHING;
	if (got <= 0)
		return control->end = CONTROL_STOP;
	control->used += (unsigned int)got;
	while ((end = memchr(control->line, '\n', control->used))) {
		size_t len = (size_t)(end - control->line);

		if (len == 6 && !memcmp(control->line, "finish", 6))
			return control->end = CONTROL_FINISH;
		control->used -= (unsigned int)len + 1;
		memmove(control->line, end + 1, control->used);
	}
	if (control->used == sizeof(control->line))
		control->used = 0;      /* no command is that long */
	return CONTROL_NOTHING;
}

enum control_event control_wait(struct control *control, int timeout_ms)
{
	struct pollfd fds[] = {
		{.fd = control->signals, .events = POLLIN},
		{.fd = control->reads_commands ? STDIN_FILENO : -1,
		 .events = POLLIN},
	};
	enum control_event event = CONTROL_NOTHING;

	if (control->end != CONTROL_NOTHING)
		return control->end;
	if (poll(fds, 2, timeout_ms) <= 0)
		return CONTROL_NOTHING;
	if (fds[0].revents)
		event = control_read_signal(control);
	if (fds[1].revents && control->end == CONTROL_NOTHING &&
	    control_read_commands(control) != CONTROL_NOTHING)
		event = control->end;
	return event;
}

int control_pause(struct control *control, int timeout_ms, struct error *err)
{
	switch (control_wait(control, timeout_ms)) {
	case CONTROL_FINISH:
	case CONTROL_STOP:
		return error_set(err, ERR_CANCELLED, NULL, "told to stop");
	default:
		return 0;
	}
}
