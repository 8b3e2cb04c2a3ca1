/* A client of kube/ against a scripted server: loop, kubeconfig, both ends. */
#ifndef CUTOVER_TESTS_KUBE_FIXTURE_H
#define CUTOVER_TESTS_KUBE_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "script_server.h"

struct kube_client;
struct loop;

#define FIXTURE_DEADLINE_MS 15000

struct kube_fixture {
	char dir[64];
	struct loop *loop;
	struct script_server *server;
	struct kube_client *client;
};

/* user: the YAML of the kubeconfig's user, "%s" in it stands for the
 * directory. */
void kube_fixture_open(struct kube_fixture *fixture,
		       bool (*serve)(int fd, const char *request, int number,
				     void *data),
		       void *data, const char *user);
void kube_fixture_close(struct kube_fixture *fixture);

/* Writes DIR/name; mode as of open. */
void kube_fixture_put(const struct kube_fixture *fixture, const char *name,
		      const char *text, unsigned mode);
/* How many bytes DIR/name has; 0 if it is not there. */
long kube_fixture_size(const struct kube_fixture *fixture, const char *name);

/* Turns until *done, or fails at the deadline. */
void kube_fixture_until(struct kube_fixture *fixture, const bool *done);

#endif
