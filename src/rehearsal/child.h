/*
 * Processes of the world: each dies with it, whatever kills it.
 *
 * The kernel ties PR_SET_PDEATHSIG to the thread that forks, so all of this is
 * for the main thread only, which lives as long as the program.
 */
#ifndef CUTOVER_REHEARSAL_CHILD_H
#define CUTOVER_REHEARSAL_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/* As whom database servers run: they refuse to run as root. */
struct child_user {
	uid_t uid;
	gid_t gid;
	bool change;            /* we are root and become somebody else */
};

/* Ourselves, or as root `mysql`, or else `nobody`. 0 or ERR_NOTFOUND. */
int child_user_find(struct child_user *ret, struct error *err);

/*
 * Starts argv[0] (found in PATH) as the user, standard output and error
 * appended to the file at log_path (created, the user's), standard input
 * empty. 0 with *ret_pid, or ERR_IO. That the program could not be executed
 * shows as exit status 127, the reason in the log.
 */
int child_start(const char *const *argv, const struct child_user *user,
		const char *log_path, pid_t *ret_pid, struct error *err);

/* Whether the child has ended; it is reaped then and *pid is 0 afterwards.
 * *ret_status is waitpid's. A *pid of 0 has ended. */
bool child_ended(pid_t *pid, int *ret_status);

/* Signals the child, waits for its end until deadline_ms (clock_mono_ms), then
 * kills it. *pid is 0 afterwards. Does nothing for a *pid of 0. */
void child_end(pid_t *pid, int signal_number, int64_t deadline_ms);

#endif
