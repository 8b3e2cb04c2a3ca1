/* See crash.h. Only async-signal-safe calls in the handler; its state is
 * global because a signal handler has no other. */
#include "tui/crash.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CRASH_SEQUENCE_MAX 512

static const int crash_signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE};
#define CRASH_SIGNALS (sizeof(crash_signals) / sizeof(crash_signals[0]))

static struct {
	int fd;
	struct termios termios;
	char restore[CRASH_SEQUENCE_MAX];
	size_t len;
	struct sigaction before[CRASH_SIGNALS];
	int armed;
} crash;

/* The handler's action was reset on entry (SA_RESETHAND): raised again, the
 * signal does what it does by default once the handler returns. */
static void crash_handle(int signal)
{
	ssize_t wrote = write(crash.fd, crash.restore, crash.len);

	(void)wrote;
	tcsetattr(crash.fd, TCSANOW, &crash.termios);
	raise(signal);
}

void crash_arm(int fd, const struct termios *termios, const char *restore)
{
	struct sigaction action = {.sa_handler = crash_handle,
				   .sa_flags = (int)SA_RESETHAND};

	crash.fd = fd;
	crash.termios = *termios;
	snprintf(crash.restore, sizeof(crash.restore), "%s", restore);
	crash.len = strlen(crash.restore);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &action, &crash.before[i]);
	crash.armed = 1;
}

void crash_disarm(void)
{
	for (size_t i = 0; crash.armed && i < CRASH_SIGNALS; i++)
		sigaction(crash_signals[i], &crash.before[i], NULL);
	crash.armed = 0;
}
