/*
 * See client.h. A call that must wait for a credential plugin stands in the
 * client's list with http == NULL; the others are on the wire.
 */
#include "kube/client.h"

#include <stdlib.h>
#include <string.h>

#include "kube/client_private.h"

/* The plugin has ended: every call that waited for it goes on, or fails. A
 * callback may cancel others, so the list is looked at afresh. */
static void client_auth_ready(void *data)
{
	struct kube_client *client = data;
	struct kube_call *call;
	struct error err;

	for (;;) {
		int status;

		for (call = client->calls; call && call->http; call = call->next)
			;
		if (!call)
			return;
		error_clear(&err);
		status = call_start(call, &err);
		if (status == AUTH_WAIT)
			return;
		if (status)
			call_fail(call, &err);
	}
}

static int client_impersonate(struct kube_client *client, struct error *err)
{
	const struct kubeconfig *config = &client->config;
	size_t count = 0;

	if (!config->as_user)
		return 0;
	client->impersonate[count++] = arena_printf(&client->arena,
		"Impersonate-User: %s", config->as_user);
	for (size_t i = 0; config->as_groups && config->as_groups[i]; i++) {
		if (count >= CLIENT_GROUPS_MAX)
			return error_set(err, ERR_LIMIT, NULL,
					 "more than %d groups to impersonate",
					 CLIENT_GROUPS_MAX - 1);
		client->impersonate[count++] = arena_printf(&client->arena,
			"Impersonate-Group: %s", config->as_groups[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (!client->impersonate[i])
			return error_nomem(err);
	client->impersonate_count = count;
	return 0;
}

int kube_client_open(struct kube_client **ret, struct loop *loop,
		     struct kubeconfig *config, struct error *err)
{
	struct kube_client *client = calloc(1, sizeof(*client));
	int status;

	if (!client) {
		kubeconfig_release(config);
		return error_nomem(err);
	}
	client->loop = loop;
	client->config = *config;
	memset(config, 0, sizeof(*config));
	arena_init(&client->arena);
	status = http_where(client->config.server, client->where, err);
	if (!status)
		status = client_impersonate(client, err);
	if (!status)
		status = auth_open(&client->auth, loop, &client->config,
				   client_auth_ready, client, err);
	if (status)
		kube_client_close(client);
	else
		*ret = client;
	return status;
}

void kube_client_close(struct kube_client *client)
{
	if (!client)
		return;
	while (client->calls)
		call_free(client->calls);
	auth_close(client->auth);
	kubeconfig_release(&client->config);
	arena_release(&client->arena);
	free(client);
}

const char *kube_client_server(const struct kube_client *client)
{
	return client->config.server;
}

const char *kube_client_where(const struct kube_client *client)
{
	return client->where;
}

const char *kube_client_context(const struct kube_client *client)
{
	return client->config.context;
}

const char *kube_client_namespace(const struct kube_client *client)
{
	return client->config.namespace_;
}

struct loop *kube_client_loop(const struct kube_client *client)
{
	return client->loop;
}
