/* See flag.h. */
#include "rehearsal/flag.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <jansson.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/flag_private.h"
#include "rehearsal/options.h"

#define FLAG_PATH "/flags/" FLAG_KEY
#define BODY_MAX 4096
/* Each pod keeps one; both versions, and as many again while they roll. */
#define FLAG_CONNECTIONS_MAX (4u * OPTIONS_PODS_MAX)

static enum MHD_Result flag_send(struct MHD_Connection *connection,
				 unsigned int status, json_t *body,
				 int64_t number)
{
	char *text = json_dumps(body, JSON_COMPACT), header[24];
	struct MHD_Response *response = text ?
		MHD_create_response_from_buffer(strlen(text), text,
						MHD_RESPMEM_MUST_FREE) : NULL;
	enum MHD_Result result;

	json_decref(body);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	snprintf(header, sizeof(header), "%" PRId64, number);
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, FLAG_NUMBER_HEADER, header);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result flag_refuse(struct MHD_Connection *connection,
				   unsigned int status, const char *why)
{
	return flag_send(connection, status, json_pack("{s:s}", "error", why),
			 0);
}

static enum MHD_Result flag_send_state(struct MHD_Connection *connection,
				       bool enabled, int64_t number)
{
	return flag_send(connection, MHD_HTTP_OK,
			 json_pack("{s:s, s:b}", "key", FLAG_KEY, "enabled",
				   enabled), number);
}

static enum MHD_Result flag_get(struct flag *flag,
				struct flag_request *request)
{
	int64_t number;
	bool enabled;

	pthread_mutex_lock(&flag->lock);
	enabled = flag->enabled;
	number = flag->number;
	pthread_mutex_unlock(&flag->lock);
	return flag_send_state(request->connection, enabled, number);
}

static enum flag_mood flag_mood(struct flag *flag)
{
	enum flag_mood mood;

	pthread_mutex_lock(&flag->lock);
	mood = flag->mood;
	pthread_mutex_unlock(&flag->lock);
	return mood;
}

static enum MHD_Result flag_patch(struct flag *flag,
				  struct flag_request *request)
{
	json_t *body = request->body.len && !buf_error(&request->body) ?
		json_loadb(request->body.data, request->body.len, 0, NULL) :
		NULL;
	const json_t *enabled = json_at(body, "enabled");
	int64_t number;
	bool wanted;

	if (!json_is_boolean(enabled)) {
		json_decref(body);
		return flag_refuse(request->connection, MHD_HTTP_BAD_REQUEST,
				   "the body must be {\"enabled\": true} or "
				   "{\"enabled\": false}");
	}
	wanted = json_is_true(enabled);
	json_decref(body);
	pthread_mutex_lock(&flag->lock);
	if (flag->mood != FLAG_INERT && flag->enabled != wanted) {
		flag->enabled = wanted;
		flag->number++;
		pthread_cond_signal(&flag->changed);
	}
	number = flag->number;
	pthread_mutex_unlock(&flag->lock);
	return flag_send_state(request->connection, wanted, number);
}

static enum MHD_Result flag_answer(struct flag *flag,
				   struct flag_request *request,
				   const char *method, const char *path)
{
	const char *authorization = MHD_lookup_connection_value(
		request->connection, MHD_HEADER_KIND, "Authorization");

	if (flag_delay(flag, request))
		return MHD_YES;
	if (flag_mood(flag) == FLAG_DOWN)
		return flag_refuse(request->connection,
				   MHD_HTTP_SERVICE_UNAVAILABLE,
				   "the service is not available");
	if (!authorization || strcmp(authorization, flag->authorization) != 0)
		return flag_refuse(request->connection, MHD_HTTP_UNAUTHORIZED,
				   "a token is needed: Authorization: Bearer "
				   "TOKEN");
	if (strcmp(path, FLAG_PATH) != 0)
		return flag_refuse(request->connection, MHD_HTTP_NOT_FOUND,
				   "no such flag");
	if (!strcmp(method, "PATCH"))
		return flag_patch(flag, request);
	if (strcmp(method, "GET") != 0)
		return flag_refuse(request->connection,
				   MHD_HTTP_METHOD_NOT_ALLOWED,
				   "GET and PATCH are understood");
	return flag_hold(flag, request) ? MHD_YES : flag_get(flag, request);
}

static enum MHD_Result flag_request(void *data,
				    struct MHD_Connection *connection,
				    const char *path, const char *method,
				    const char *http_version,
				    const char *bytes, size_t *size,
				    void **request_data)
{
	struct flag_request *request = *request_data;

	(void)http_version;
	if (!request) {
		request = calloc(1, sizeof(*request));
		if (!request)
			return MHD_NO;
		request->connection = connection;
		buf_init(&request->body, BODY_MAX);
		*request_data = request;
		return MHD_YES;
	}
	if (*size) {
		/* Too long shows in the buffer's error. */
		buf_append(&request->body, bytes, *size);
		*size = 0;
		return MHD_YES;
	}
	return flag_answer(data, request, method, path);
}

static void flag_request_done(void *data, struct MHD_Connection *connection,
			      void **request_data,
			      enum MHD_RequestTerminationCode how)
{
	struct flag_request *request = *request_data;

	(void)data;
	(void)connection;
	(void)how;
	if (!request)
		return;
	buf_release(&request->body);
	free(request);
	*request_data = NULL;
}

static int flag_listen(struct flag *flag, struct error *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const union MHD_DaemonInfo *info;

	flag->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0,
		NULL, NULL, flag_request, flag,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
		MHD_OPTION_NOTIFY_COMPLETED, flag_request_done, NULL,
		MHD_OPTION_CONNECTION_LIMIT, FLAG_CONNECTIONS_MAX,
		MHD_OPTION_END);
	info = flag->daemon ? MHD_get_daemon_info(flag->daemon,
						  MHD_DAEMON_INFO_BIND_PORT) :
	       NULL;
	if (!info)
		return error_errno(err, NULL, "starting the flag service");
	snprintf(flag->url, sizeof(flag->url), "http://127.0.0.1:%u" FLAG_PATH,
		 (unsigned int)info->port);
	return 0;
}

int flag_open(struct flag **ret, bool enabled, const char *token,
	      struct error *err)
{
	struct flag *flag = calloc(1, sizeof(*flag));
	int rc;

	if (!flag)
		return error_nomem(err);
	pthread_mutex_init(&flag->lock, NULL);
	pthread_cond_init(&flag->changed, NULL);
	flag->enabled = enabled;
	flag->number = 1;
	snprintf(flag->authorization, sizeof(flag->authorization), "Bearer %s",
		 token);
	rc = flag_listen(flag, err);
	if (!rc) {
		flag->has_releaser = !pthread_create(&flag->releaser, NULL,
						     flag_releaser, flag);
		if (!flag->has_releaser)
			rc = error_errno(err, NULL, "starting a thread");
	}
	if (rc)
		flag_close(flag);
	else
		*ret = flag;
	return rc;
}

void flag_close(struct flag *flag)
{
	if (!flag)
		return;
	pthread_mutex_lock(&flag->lock);
	flag->closing = true;
	pthread_cond_signal(&flag->changed);
	pthread_mutex_unlock(&flag->lock);
	if (flag->has_releaser)
		pthread_join(flag->releaser, NULL);
	if (flag->daemon)
		MHD_stop_daemon(flag->daemon);
	pthread_cond_destroy(&flag->changed);
	pthread_mutex_destroy(&flag->lock);
	free(flag);
}

const char *flag_url(const struct flag *flag)
{
	return flag->url;
}

void flag_set_mood(struct flag *flag, enum flag_mood mood, int64_t delay_ms)
{
	pthread_mutex_lock(&flag->lock);
	flag->mood = mood;
	flag->delay_ms = delay_ms;
	pthread_cond_signal(&flag->changed);
	pthread_mutex_unlock(&flag->lock);
}

void flag_leave_mood(struct flag *flag, enum flag_mood mood)
{
	pthread_mutex_lock(&flag->lock);
	if (flag->mood == mood)
		flag->mood = FLAG_WELL;
	pthread_cond_signal(&flag->changed);
	pthread_mutex_unlock(&flag->lock);
}

bool flag_has_mood(struct flag *flag, enum flag_mood mood)
{
	bool has;

	pthread_mutex_lock(&flag->lock);
	has = flag->mood == mood;
	pthread_mutex_unlock(&flag->lock);
	return has;
}

bool flag_is_enabled(struct flag *flag)
{
	bool enabled;

	pthread_mutex_lock(&flag->lock);
	enabled = flag->enabled;
	pthread_mutex_unlock(&flag->lock);
	return enabled;
}
