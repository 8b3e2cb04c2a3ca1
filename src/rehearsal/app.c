/* See app.h. */
#include "rehearsal/app.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "rehearsal/appdb.h"
#include "rehearsal/applog.h"

#define THREADS 4
#define STACK_SIZE (512u << 10)

struct app {
	struct app_config config;
	struct appdb db;
	struct MHD_Daemon *daemon;
	atomic_bool draining;
	atomic_int flag;        /* as it was logged last; -1: not yet */
};

/* One request: its body as it comes in. */
struct app_request {
	struct buf body;
};

struct app_answer {
	unsigned int status;
	json_t *body;           /* owned; NULL: {} */
};

/* What a connection remembers: the flag at its first write. */
struct app_peer {
	bool knows, flag;
};

struct app_route {
	const char *method, *path;
	void (*answer)(struct app *app, struct app_peer *peer,
		       const json_t *body, struct app_answer *ret);
};

static void app_say(struct app_answer *ret, unsigned int status,
		    const char *name, const char *value)
{
	ret->status = status;
	ret->body = json_pack("{s:s}", name, value);
}

static void app_say_error(const struct app *app, struct app_answer *ret,
			  const struct error *err)
{
	applog_repeat(app->config.log, "ERROR", "database: %s", err->message);
	ret->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	ret->body = json_pack("{s:s, s:s}", "error",
			      err->code == ERR_DENIED ? "read-only" :
			      "database", "message", err->message);
}

static void app_healthz(struct app *app, struct app_peer *peer,
			const json_t *body, struct app_answer *ret)
{
	(void)app;
	(void)peer;
	(void)body;
	app_say(ret, MHD_HTTP_OK, "status", "alive");
}

static void app_readyz(struct app *app, struct app_peer *peer,
		       const json_t *body, struct app_answer *ret)
{
	struct error err = {0};

	(void)peer;
	(void)body;
	if (app_check(app, &err))
		app_say_error(app, ret, &err);
	else
		app_say(ret, MHD_HTTP_OK, "status", "ready");
}

static void app_read(struct app *app, struct app_peer *peer,
		     const json_t *body, struct app_answer *ret)
{
	struct error err = {0};
	char id[32];

	(void)peer;
	(void)body;
	if (appdb_read(&app->db, id, sizeof(id), &err))
		app_say_error(app, ret, &err);
	else
		app_say(ret, MHD_HTTP_OK, "id", id);
}

static void app_refuse(const struct app *app, enum writer_answer rule,
		       struct app_answer *ret)
{
	applog_repeat(app->config.log, "WARN", "a write was refused: %s",
		      writer_reason(rule));
	app_say(ret, MHD_HTTP_SERVICE_UNAVAILABLE, "error",
		writer_reason(rule));
}

/* One insert, asked for by the body's member `name`, if the rules allow. */
static void app_insert(struct app *app, const json_t *body, const char *name,
		       enum writer_answer rule,
		       int (*insert)(struct appdb *, const char *,
				     const char *, struct error *),
		       struct app_answer *ret)
{
	const char *value = json_text(body, name, NULL);
	struct error err = {0};

	if (!value || !value[0])
		app_say(ret, MHD_HTTP_BAD_REQUEST, "error", "bad-request");
	else if (rule != WRITER_MAY)
		app_refuse(app, rule, ret);
	else if (insert(&app->db, value, app->config.pod, &err))
		app_say_error(app, ret, &err);
	else
		app_say(ret, MHD_HTTP_OK, name, value);
}

/* The flag as it is now; a change is logged, by whoever sees it first. */
static bool app_look_at_flag(struct app *app)
{
	bool flag = app->config.flag(app->config.flag_data);

	if (atomic_exchange(&app->flag, flag) != flag)
		applog_say(app->config.log, "INFO",
			   "database-writes-enabled is %s", flag ? "true" :
			   "false: writes are refused");
	return flag;
}

static bool app_flag(struct app *app, struct app_peer *peer)
{
	const atomic_bool *sticky = app->config.sticky;
	bool flag = app_look_at_flag(app);

	if (!peer->knows || !sticky || !atomic_load(sticky))
		peer->flag = flag;
	peer->knows = true;
	return peer->flag;
}

static void app_write(struct app *app, struct app_peer *peer,
		      const json_t *body, struct app_answer *ret)
{
	app_insert(app, body, "write_id",
		   writer_may_write(&app->config.rules, app_flag(app, peer)),
		   appdb_write, ret);
}

static void app_sentinel(struct app *app, struct app_peer *peer,
			 const json_t *body, struct app_answer *ret)
{
	(void)peer;
	app_insert(app, body, "token", writer_may_test(&app->config.rules),
		   appdb_sentinel, ret);
}

static const struct app_route app_routes[] = {
	{"GET", "/healthz", app_healthz},
	{"GET", "/readyz", app_readyz},
	{"GET", "/read", app_read},
	{"POST", "/write", app_write},
	{"POST", "/sentinel", app_sentinel},
};

static void app_route(struct app *app, struct app_peer *peer,
		      const char *method, const char *path,
		      const struct buf *body, struct app_answer *ret)
{
	json_t *value = body->len ?
		json_loadb(body->data, body->len, 0, NULL) : NULL;

	app_say(ret, MHD_HTTP_NOT_FOUND, "error", "not-found");
	for (size_t i = 0; i < sizeof(app_routes) / sizeof(app_routes[0]); i++)
		if (!strcmp(app_routes[i].method, method) &&
		    !strcmp(app_routes[i].path, path)) {
			json_decref(ret->body);
			app_routes[i].answer(app, peer, value, ret);
			break;
		}
	json_decref(value);
}

static enum MHD_Result app_send(struct app *app,
				struct MHD_Connection *connection,
				struct app_answer *answer)
{
	char *text = json_dumps(answer->body, JSON_COMPACT);
	struct MHD_Response *response = text ?
		MHD_create_response_from_buffer(strlen(text), text,
						MHD_RESPMEM_MUST_FREE) : NULL;
	enum MHD_Result result;

	json_decref(answer->body);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "X-Pod", app->config.pod);
	MHD_add_response_header(response, "X-Version", app->config.version);
	if (atomic_load(&app->draining))
		MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

/* The connection's memory; without any, `nobody`. */
static struct app_peer *app_peer(struct MHD_Connection *connection,
				 struct app_peer *nobody)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info && info->socket_context ? info->socket_context : nobody;
}

/* A connection comes or goes, and its memory with it. */
static void app_connection(void *data, struct MHD_Connection *connection,
			   void **memory,
			   enum MHD_ConnectionNotificationCode what)
{
	(void)data;
	(void)connection;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*memory = calloc(1, sizeof(struct app_peer));
		return;
	}
	free(*memory);
	*memory = NULL;
}

static enum MHD_Result app_request(void *data,
				   struct MHD_Connection *connection,
				   const char *path, const char *method,
				   const char *http_version, const char *bytes,
				   size_t *size, void **request_data)
{
	struct app *app = data;
	struct app_request *request = *request_data;
	struct app_answer answer = {0};
	struct app_peer nobody = {false, false};

	(void)http_version;
	if (!request) {
		request = malloc(sizeof(*request));
		if (!request)
			return MHD_NO;
		buf_init(&request->body, APP_BODY_MAX);
		*request_data = request;
		return MHD_YES;
	}
	if (*size) {
		/* A body that is too long is answered as if it were none. */
		buf_append(&request->body, bytes, *size);
		*size = 0;
		return MHD_YES;
	}
	app_route(app, app_peer(connection, &nobody), method, path,
		  &request->body, &answer);
	return app_send(app, connection, &answer);
}

static void app_request_done(void *data, struct MHD_Connection *connection,
			     void **request_data,
			     enum MHD_RequestTerminationCode how)
{
	struct app_request *request = *request_data;

	(void)data;
	(void)connection;
	(void)how;
	if (!request)
		return;
	buf_release(&request->body);
	free(request);
	*request_data = NULL;
}

int app_open(struct app **ret, const struct app_config *config,
	     struct error *err)
{
	struct app *app = calloc(1, sizeof(*app));
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(config->port),
		.sin_addr.s_addr = htonl(config->address)};

	if (!app)
		return error_nomem(err);
	app->config = *config;
	atomic_init(&app->draining, false);
	atomic_init(&app->flag, -1);
	appdb_init(&app->db, &config->login);
	app->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD, config->port, NULL, NULL,
		app_request, app,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
		MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)THREADS,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_SIZE,
		MHD_OPTION_NOTIFY_COMPLETED, app_request_done, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, app_connection, NULL,
		MHD_OPTION_END);
	if (!app->daemon) {
		app_close(app);
		return error_errno(err, config->pod, "listening");
	}
	*ret = app;
	applog_say(config->log, "INFO", "listening on %s:%u",
		   inet_ntoa(address.sin_addr), config->port);
	return 0;
}

int app_check(struct app *app, struct error *err)
{
	app_look_at_flag(app);
	return appdb_ping(&app->db, err);
}

void app_drain(struct app *app)
{
	atomic_store(&app->draining, true);
}

void app_close(struct app *app)
{
	if (!app)
		return;
	if (app->daemon)
		MHD_stop_daemon(app->daemon);
	appdb_release(&app->db);
	explicit_bzero(&app->config.login, sizeof(app->config.login));
	free(app);
}
