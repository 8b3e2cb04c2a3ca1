/* Signals as events: blocked in every thread, read from a signalfd. */
#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "net/loop_private.h"

static void signals_read(void *data, short revents)
{
	struct loop *loop = data;
	struct signalfd_siginfo info;

	(void)revents;
	while (loop->signal_fd >= 0 &&
	       read(loop->signal_fd, &info, sizeof(info)) == sizeof(info))
		loop->on_signal(loop->signal_data, (int)info.ssi_signo);
}

int loop_signals(struct loop *loop, const int *signals, size_t count,
		 void (*fn)(void *data, int signal), void *data,
		 struct error *err)
{
	sigset_t set;
	int status;

	if (loop->signal_fd >= 0)
		return error_set(err, ERR_INVALID, NULL,
				 "signals are watched already");
	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, signals[i]);
	errno = pthread_sigmask(SIG_BLOCK, &set, &loop->old_mask);
	if (errno)
		return error_errno(err, NULL, "blocking signals");
	loop->on_signal = fn;
	loop->signal_data = data;
	loop->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signal_fd < 0) {
		status = error_errno(err, NULL, "opening a signal descriptor");
		pthread_sigmask(SIG_SETMASK, &loop->old_mask, NULL);
		return status;
	}
	status = loop_watch_fd(loop, loop->signal_fd, POLLIN, signals_read,
			       loop, &loop->signal_watch, err);
	if (status)
		loop_signals_close(loop);
	return status;
}

void loop_signals_close(struct loop *loop)
{
	if (loop->signal_fd < 0)
		return;
	loop_unwatch_fd(loop->signal_watch);
	loop->signal_watch = NULL;
	close(loop->signal_fd);
	loop->signal_fd = -1;
	pthread_sigmask(SIG_SETMASK, &loop->old_mask, NULL);
}
