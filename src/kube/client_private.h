/*
 * The inside of the client, for client.c and call.c; and streams, answers that
 * are not waited for, for watch.c.
 */
#ifndef CUTOVER_KUBE_CLIENT_PRIVATE_H
#define CUTOVER_KUBE_CLIENT_PRIVATE_H

#include "base/arena.h"
#include "kube/auth.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "net/http.h"

#define CLIENT_GROUPS_MAX 48            /* impersonation headers */

struct kube_client {
	struct loop *loop;
	struct kubeconfig config;
	struct kube_auth *auth;
	struct kube_call *calls;
	char where[HTTP_WHERE_MAX];
	struct arena arena;             /* impersonation headers */
	const char *impersonate[CLIENT_GROUPS_MAX];
	size_t impersonate_count;
};

struct kube_call {
	struct kube_client *client;
	struct kube_call *prev, *next;
	struct http_call *http;         /* NULL: waits for credentials */
	struct loop_timer *patience;    /* while it waits for them */
	int64_t begun_ms;
	char *method, *url, *content, *body;
	int64_t timeout_ms, idle_ms;
	bool retried;
	unsigned int credential;        /* what it was sent with (auth.h) */
	int (*may_send)(void *data, struct error *err);
	void (*on_open)(void *data);
	void (*on_data)(void *data, const char *bytes, size_t len);
	void (*on_done)(void *data, const struct kube_reply *reply,
			const struct error *err);
	void *data;
};

struct kube_stream {
	const char *path;
	int64_t idle_ms;        /* silence that ends it as ERR_TIMEOUT */
	void (*on_open)(void *data);    /* the server accepted (2xx) */
	void (*on_data)(void *data, const char *bytes, size_t len);
	/* err is NULL for a clean end. */
	void (*on_done)(void *data, const struct kube_reply *reply,
			const struct error *err);
	void *data;
};

/* As kube_request; ends by on_done or kube_cancel. */
int kube_stream(struct kube_client *client, const struct kube_stream *stream,
		struct kube_call **ret, struct error *err);

/* call.c: sends it. 0: on the wire. AUTH_WAIT: the plugin runs, to be started
 * again later. Else an error. */
int call_start(struct kube_call *call, struct error *err);
/* Tells its end by an error of ours, and frees it. */
void call_fail(struct kube_call *call, const struct error *err);
void call_free(struct kube_call *call);

#endif
