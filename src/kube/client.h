/*
 * Requests to one API server, answers as JSON.
 *
 * The client keeps the credentials fresh (token files read again, plugins run
 * again before their token ends or after a 401) and turns every answer that is
 * not 2xx into an error: its code by the status, its message the server's own
 * (sanitised), its place host:port.
 *   400 415 406 422 ERR_INVALID   401 403 ERR_DENIED   404 ERR_NOTFOUND
 *   409 ERR_CONFLICT   410 ERR_GONE   429 503 ERR_BUSY   504 ERR_TIMEOUT
 *   other ERR_REMOTE
 * Loop thread only.
 */
#ifndef CUTOVER_KUBE_CLIENT_H
#define CUTOVER_KUBE_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct buf;
struct kube_call;
struct kube_client;
struct kubeconfig;
struct loop;

#define KUBE_PATH_MAX 4096              /* bytes of a request path */
#define KUBE_WARNING_MAX 512            /* bytes of a Warning header shown */
#define KUBE_MANAGER "cutover"          /* who we are in managedFields */
#define KUBE_REQUEST_TIMEOUT_MS 10000   /* where timeout_ms is 0 */

/* What the tool knows by name; kube_kind_info has one row each. */
enum kube_kind {
	KUBE_POD,
	KUBE_DEPLOYMENT,
	KUBE_REPLICASET,
	KUBE_SERVICE,
	KUBE_SLICE,
	KUBE_CONFIGMAP,
	KUBE_EVENT_OBJECT,
	KUBE_LEASE,
	KUBE_ACCESS_REVIEW,
	KUBE_KIND_COUNT
};

struct kube_kind_info {
	const char *kind;       /* "Deployment" */
	const char *group;      /* "apps", or "" for the core */
	const char *version;    /* "v1" */
	const char *resource;   /* "deployments" */
	bool namespaced;
};

const struct kube_kind_info *kube_kind_info(enum kube_kind kind);

/*
 * Appends "/apis/apps/v1/namespaces/NS/deployments/NAME/SUB", every part
 * percent-encoded. namespace_ and name may be NULL (all, the collection), sub
 * too ("scale"). Returns the buffer's error.
 */
int kube_path(struct buf *path, enum kube_kind kind, const char *namespace_,
	      const char *name, const char *sub);
/* Appends "?NAME=VALUE" or "&NAME=VALUE", percent-encoded. */
int kube_path_query(struct buf *path, const char *name, const char *value);

/* Content types of the four ways to patch, and of plain JSON. */
#define KUBE_JSON "application/json"
#define KUBE_STRATEGIC_PATCH "application/strategic-merge-patch+json"
#define KUBE_MERGE_PATCH "application/merge-patch+json"
#define KUBE_JSON_PATCH "application/json-patch+json"

/* Opens a client; takes config (its contents move; *config is zeroed). */
int kube_client_open(struct kube_client **ret, struct loop *loop,
		     struct kubeconfig *config, struct error *err);
/* Ends all its calls without calling back. Takes NULL. Watches must have been
 * closed before. */
void kube_client_close(struct kube_client *client);

/* "https://host:port", "host:port", the context's name, the namespace. */
const char *kube_client_server(const struct kube_client *client);
const char *kube_client_where(const struct kube_client *client);
const char *kube_client_context(const struct kube_client *client);
const char *kube_client_namespace(const struct kube_client *client);
struct loop *kube_client_loop(const struct kube_client *client);

/* Borrowed during the callback. */
struct kube_reply {
	int status;             /* of HTTP; 0: no answer */
	const json_t *body;     /* the object or Status; NULL if not JSON */
	const char *warning;    /* sanitised Warning headers, or "" */
	int64_t retry_after_ms; /* what the server asked for, or -1 */
	bool sent;              /* false: surely nothing happened there */
	int64_t first_byte_ms;  /* since the request began, or -1 */
	int64_t total_ms;
};

struct kube_request {
	const char *method;             /* NULL: GET */
	const char *path;               /* from kube_path; begins with '/' */
	const char *content_type;       /* NULL: KUBE_JSON */
	const json_t *body;             /* borrowed by the call, or NULL */
	/* All in all, a credential plugin's time included; 0:
	 * KUBE_REQUEST_TIMEOUT_MS */
	int64_t timeout_ms;
	/* NULL, or asked at the moment of sending, which may be long after the
	 * call: 0, or an error with which it ends and nothing is sent. */
	int (*may_send)(void *data, struct error *err);
	/* Called once unless cancelled; err is NULL for 2xx only. */
	void (*on_done)(void *data, const struct kube_reply *reply,
			const struct error *err);
	void *data;
};

/* Starts a request; calls back in a later turn. *ret (may be NULL) is valid
 * until on_done returns or kube_cancel. */
int kube_request(struct kube_client *client, const struct kube_request *request,
		 struct kube_call **ret, struct error *err);
/* Ends a request without calling back; takes NULL. */
void kube_cancel(struct kube_call *call);

/*
 * The error of an answer: fills err from the status and a Status object (or a
 * plain text as a JSON string, or NULL); 0 for 2xx. Pure.
 */
int kube_status_error(int status, const json_t *body, const char *where,
		      struct error *err);

#endif
