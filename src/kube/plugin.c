/*
 * See plugin.h. The end of the process is seen by its pidfd; both pipes are
 * read as they fill, and once more after the end.
 */
#include "kube/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "kube/kubeconfig.h"
#include "kube/plugin_env.h"
#include "net/loop.h"

struct plugin_pipe {
	int fd;                 /* -1: closed */
	struct loop_fd *watch;
	struct buf text;
};

struct plugin {
	struct loop *loop;
	const struct kubeconfig *config;
	pid_t pid;              /* 0: not running */
	int pidfd;
	struct loop_fd *pid_watch;
	struct loop_timer *timer;
	struct plugin_pipe out, messages;
	void (*on_done)(void *data, const struct plugin_credential *credential,
			const struct error *err);
	void *data;
};

static int64_t plugin_time(const char *text)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	return end ? (int64_t)timegm(&tm) * 1000 : 0;
}

int plugin_read(const json_t *json, const char *api_version,
		struct plugin_credential *ret, struct error *err)
{
	const json_t *status = json_at(json, "status");
	struct plugin_credential credential = {
		.token = json_text(status, "token", NULL),
		.cert_pem = json_text(status, "clientCertificateData", NULL),
		.key_pem = json_text(status, "clientKeyData", NULL),
		.expires_ms = plugin_time(json_text(status,
						    "expirationTimestamp", "")),
	};

	if (strcmp(json_text(json, "kind", ""), "ExecCredential"))
		return error_set(err, ERR_INVALID, NULL,
				 "it printed no ExecCredential");
	if (strcmp(json_text(json, "apiVersion", ""), api_version))
		return error_set(err, ERR_INVALID, NULL,
				 "it answered in another apiVersion than %s",
				 api_version);
	if (!credential.token && !(credential.cert_pem && credential.key_pem))
		return error_set(err, ERR_INVALID, NULL,
				 "it gave neither a token nor a certificate "
				 "with its key");
	*ret = credential;
	return 0;
}

static void plugin_pipe_close(struct plugin_pipe *pipe)
{
	loop_unwatch_fd(pipe->watch);
	pipe->watch = NULL;
	if (pipe->fd >= 0)
		close(pipe->fd);
	pipe->fd = -1;
}

/* Reads what is there; what does not fit is dropped, and remembered. */
static void plugin_pipe_read(void *data, short revents)
{
	struct plugin_pipe *pipe = data;
	char bytes[4096];
	ssize_t got;

	(void)revents;
	while (pipe->fd >= 0) {
		got = read(pipe->fd, bytes, sizeof(bytes));
		if (got > 0)
			buf_append(&pipe->text, bytes, (size_t)got);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			plugin_pipe_close(pipe);
		else if (errno == EAGAIN)
			break;
	}
	text_wipe(bytes, sizeof(bytes));
}

void plugin_stop(struct plugin *plugin)
{
	if (!plugin)
		return;
	loop_timer_cancel(plugin->timer);
	loop_unwatch_fd(plugin->pid_watch);
	if (plugin->pid) {
		kill(-plugin->pid, SIGKILL);
		waitpid(plugin->pid, NULL, 0);
	}
	if (plugin->pidfd >= 0)
		close(plugin->pidfd);
	plugin_pipe_close(&plugin->out);
	plugin_pipe_close(&plugin->messages);
	if (plugin->out.text.cap)
		text_wipe(plugin->out.text.data, plugin->out.text.cap);
	buf_release(&plugin->out.text);
	buf_release(&plugin->messages.text);
	free(plugin);
}

/* Calls back and ends. */
static void plugin_finish(struct plugin *plugin,
			  const struct plugin_credential *credential,
			  struct error *err)
{
	if (err->code)
		error_wrap(err, "credential plugin %s",
			   plugin->config->exec.command);
	plugin->on_done(plugin->data, err->code ? NULL : credential,
			err->code ? err : NULL);
	plugin_stop(plugin);
}

static int plugin_exit_error(const struct plugin *plugin, int status,
			     struct error *err)
{
	char said[256];

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	text_sanitise(said, sizeof(said), plugin->messages.text.data);
	return error_set(err, ERR_UNREACHABLE, NULL, "it ended with %s %d%s%s",
			 WIFEXITED(status) ? "status" : "signal",
			 WIFEXITED(status) ? WEXITSTATUS(status) :
			 WTERMSIG(status), *said ? ": " : "", said);
}

static void plugin_ended(void *data, short revents)
{
	struct plugin *plugin = data;
	struct plugin_credential credential = {0};
	struct error err = {0};
	json_t *json = NULL;
	int status = 0;

	(void)revents;
	if (waitpid(plugin->pid, &status, WNOHANG) != plugin->pid)
		return;
	plugin->pid = 0;
	plugin_pipe_read(&plugin->out, POLLIN);
	plugin_pipe_read(&plugin->messages, POLLIN);
	if (!plugin_exit_error(plugin, status, &err)) {
		(void)json_parse(plugin->out.text.data,
				 plugin->out.text.len, 0, &json, NULL);
		plugin_read(json, plugin->config->exec.api_version,
			    &credential, &err);
	}
	plugin_finish(plugin, &credential, &err);
	json_decref(json);
}

static void plugin_late(void *data)
{
	struct plugin *plugin = data;
	struct error err = {0};

	plugin->timer = NULL;
	error_set(&err, ERR_UNREACHABLE, NULL, "no answer within %d s",
		  PLUGIN_TIMEOUT_MS / 1000);
	plugin_finish(plugin, NULL, &err);
}

static int plugin_spawn(struct plugin *plugin, int out, int messages,
			char *const *argv, char *const *env, struct error *err)
{
	const char *command = plugin->config->exec.command;
	const char *hint = plugin->config->exec.install_hint;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, pipe_signal;

	sigemptyset(&none);
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, messages, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
				 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipe_signal);
	errno = posix_spawnp(&plugin->pid, command, &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (!errno)
		return 0;
	plugin->pid = 0;
	return error_errno(err, NULL, "cannot start the credential plugin %s%s%s",
			   command, hint ? ": " : "", hint ? hint : "");
}

static int plugin_run(struct plugin *plugin, struct error *err)
{
	struct plugin_env env = {0};
	int out[2] = {-1, -1}, messages[2] = {-1, -1};
	int status;

	status = plugin_env_fill(&env, plugin->config, err);
	if (!status && (pipe2(out, O_CLOEXEC) || pipe2(messages, O_CLOEXEC)))
		status = error_errno(err, NULL, "cannot make a pipe");
	plugin->out.fd = out[0];
	plugin->messages.fd = messages[0];
	if (!status)
		status = plugin_spawn(plugin, out[1], messages[1], env.argv,
				      env.env, err);
	if (out[1] >= 0)
		close(out[1]);
	if (messages[1] >= 0)
		close(messages[1]);
	plugin_env_release(&env);
	if (status)
		return status;
	fcntl(plugin->out.fd, F_SETFL, O_NONBLOCK);
	fcntl(plugin->messages.fd, F_SETFL, O_NONBLOCK);
	plugin->pidfd = pidfd_open(plugin->pid, 0);
	if (plugin->pidfd < 0)
		return error_errno(err, NULL, "cannot watch a process");
	return 0;
}

int plugin_start(struct plugin **ret, struct loop *loop,
		 const struct kubeconfig *config,
		 void (*on_done)(void *data,
				 const struct plugin_credential *credential,
				 const struct error *err),
		 void *data, struct error *err)
{
	struct plugin *plugin = calloc(1, sizeof(*plugin));
	int status;

	if (!plugin)
		return error_nomem(err);
	plugin->loop = loop;
	plugin->config = config;
	plugin->pidfd = -1;
	plugin->on_done = on_done;
	plugin->data = data;
	buf_init(&plugin->out.text, PLUGIN_OUTPUT_MAX);
	buf_init(&plugin->messages.text, PLUGIN_MESSAGES_MAX);
	status = plugin_run(plugin, err);
	if (!status)
		status = loop_watch_fd(loop, plugin->out.fd, POLLIN,
				       plugin_pipe_read, &plugin->out,
				       &plugin->out.watch, err);
	if (!status)
		status = loop_watch_fd(loop, plugin->messages.fd, POLLIN,
				       plugin_pipe_read, &plugin->messages,
				       &plugin->messages.watch, err);
	if (!status)
		status = loop_watch_fd(loop, plugin->pidfd, POLLIN,
				       plugin_ended, plugin,
				       &plugin->pid_watch, err);
	if (!status)
		status = loop_timer(loop, PLUGIN_TIMEOUT_MS, 0, plugin_late,
				    plugin, &plugin->timer, err);
	if (status)
		plugin_stop(plugin);
	else
		*ret = plugin;
	return status;
}
