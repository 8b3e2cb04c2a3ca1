/* See kube_fixture.h. */
#include "kube_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "net/loop.h"

void kube_fixture_put(const struct kube_fixture *fixture, const char *name,
		      const char *text, unsigned mode)
{
	char path[256];
	size_t len = strlen(text);
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fixture->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}

long kube_fixture_size(const struct kube_fixture *fixture, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", fixture->dir, name);
	return stat(path, &st) ? 0 : (long)st.st_size;
}

static void fixture_config(const struct kube_fixture *fixture,
			   const char *user)
{
	char text[2048], rest[1024] = "";
	const char *mark = strstr(user, "%s");

	if (mark)
		snprintf(rest, sizeof(rest), "%.*s%s%s", (int)(mark - user),
			 user, fixture->dir, mark + 2);
	else
		snprintf(rest, sizeof(rest), "%s", user);
	snprintf(text, sizeof(text),
		 "current-context: x\n"
		 "contexts: [{name: x, context: {cluster: c, user: u,"
		 " namespace: shop}}]\n"
		 "clusters: [{name: c, cluster: {server:"
		 " 'http://127.0.0.1:%d'}}]\n"
		 "users: [{name: u, user: %s}]\n",
		 script_server_port(fixture->server), rest);
	kube_fixture_put(fixture, "config", text, 0600);
}

void kube_fixture_open(struct kube_fixture *fixture,
		       bool (*serve)(int fd, const char *request, int number,
				     void *data),
		       void *data, const char *user)
{
	struct kubeconfig_options options = {0};
	struct kubeconfig config;
	struct error err = {0};
	char path[128];

	setenv("no_proxy", "127.0.0.1", 1);
	memset(fixture, 0, sizeof(*fixture));
	snprintf(fixture->dir, sizeof(fixture->dir),
		 "/tmp/cutover-kube-XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	assert_int_equal(loop_open(&fixture->loop, NULL), 0);
	fixture->server = script_server_start(serve, data);
	fixture_config(fixture, user);
	snprintf(path, sizeof(path), "%s/config", fixture->dir);
	options.path = path;
	if (kubeconfig_load(&config, &options, &err) ||
	    kube_client_open(&fixture->client, fixture->loop, &config, &err))
		fail_msg("%s", err.message);
}

void kube_fixture_close(struct kube_fixture *fixture)
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	kube_client_close(fixture->client);
	loop_close(fixture->loop);
	script_server_stop(fixture->server);
	dir = opendir(fixture->dir);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", fixture->dir,
			 entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(fixture->dir);
}

void kube_fixture_until(struct kube_fixture *fixture, const bool *done)
{
	int64_t end = clock_mono_ms() + FIXTURE_DEADLINE_MS;

	while (!*done) {
		assert_true(clock_mono_ms() < end);
		assert_int_equal(loop_turn(fixture->loop, 100, NULL), 0);
	}
}
