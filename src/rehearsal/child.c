/* See child.h. */
#include "rehearsal/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define END_POLL_MS 5           /* between two looks at an ending child */

int child_user_find(struct child_user *ret, struct error *err)
{
	static const char *const names[] = {"mysql", "nobody"};

	*ret = (struct child_user){.uid = geteuid(), .gid = getegid()};
	if (ret->uid != 0)
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct passwd *entry = getpwnam(names[i]);

		if (!entry || entry->pw_uid == 0)
			continue;
		*ret = (struct child_user){.uid = entry->pw_uid,
					   .gid = entry->pw_gid,
					   .change = true};
		return 0;
	}
	return error_set(err, ERR_NOTFOUND, NULL,
			 "no user mysql or nobody to run the databases as");
}

/* Between fork and exec: only what is safe in a child of a threaded parent. */
static void child_become(const char *const *argv, const struct child_user *user,
			 int log, pid_t parent)
{
	static const char failed[] = "cutover-world: can't start it\n";
	sigset_t none;
	int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(empty, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(127);
	if (user->change && (setgroups(0, NULL) || setgid(user->gid) ||
			     setuid(user->uid)))
		_exit(127);
	/* After setuid, which clears it; and the parent may be gone already. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(127);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	if (write(2, failed, sizeof(failed) - 1) < 0)
		_exit(126);
	_exit(127);
}

int child_start(const char *const *argv, const struct child_user *user,
		const char *log_path, pid_t *ret_pid, struct error *err)
{
	pid_t parent = getpid(), pid;
	int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW |
		       O_CLOEXEC, 0600);

	if (log < 0)
		return error_errno(err, log_path, "opening the log");
	if (user->change && fchown(log, user->uid, user->gid)) {
		close(log);
		return error_errno(err, log_path, "giving it away");
	}
	pid = fork();
	if (pid == 0)
		child_become(argv, user, log, parent);
	close(log);
	if (pid < 0)
		return error_errno(err, argv[0], "starting it");
	*ret_pid = pid;
	return 0;
}

bool child_ended(pid_t *pid, int *ret_status)
{
	pid_t got;

	if (!*pid)
		return true;
	do
		got = waitpid(*pid, ret_status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	*pid = 0;
	return true;
}

void child_end(pid_t *pid, int signal_number, int64_t deadline_ms)
{
	int status = 0;

	if (!*pid)
		return;
	kill(*pid, signal_number);
	while (!child_ended(pid, &status)) {
		if (clock_mono_ms() >= deadline_ms) {
			kill(*pid, SIGKILL);
			deadline_ms = INT64_MAX;
		}
		poll(NULL, 0, END_POLL_MS);
	}
}
