/* The daemon under the front door: it listens, collects each request, and has
 * it served once it is whole. It can be broken off and begun anew. */
#include "rehearsal/cluster/http_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rehearsal/cluster/delay.h"
#include "rehearsal/cluster/tls.h"

static struct exchange *exchange_new(struct http *http,
				     struct MHD_Connection *connection,
				     const char *path)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->http = http;
	x->connection = connection;
	x->path = strdup(path);
	buf_init(&x->body, API_BODY_MAX);
	if (x->path)
		return x;
	free(x);
	return NULL;
}

static enum MHD_Result on_request(void *data,
				  struct MHD_Connection *connection,
				  const char *path, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	struct exchange *x = *state;

	(void)version;
	if (!x) {
		*state = exchange_new(data, connection, path);
		return *state ? MHD_YES : MHD_NO;
	}
	x->method = method;
	if (*upload_len) {
		buf_append(&x->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	return http_hold(x) ? MHD_YES : http_serve(x);
}

static void on_completed(void *data, struct MHD_Connection *connection,
			 void **state, enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)data;
	(void)connection;
	(void)code;
	if (!x)
		return;
	answer_release(&x->answer);
	buf_release(&x->body);
	free(x->path);
	free(x);
	*state = NULL;
}

int http_listen(struct http *http, struct error *err)
{
	const struct http_options *options = &http->options;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)http->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const union MHD_DaemonInfo *info;

	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS |
			MHD_ALLOW_SUSPEND_RESUME,
		0, NULL, NULL, on_request, http,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
		MHD_OPTION_HTTPS_MEM_KEY, options->tls->server_key,
		MHD_OPTION_HTTPS_MEM_CERT, options->tls->server_cert,
		MHD_OPTION_HTTPS_MEM_TRUST, options->tls->ca,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
		MHD_OPTION_END);
	info = http->daemon ? MHD_get_daemon_info(
		http->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	if (!info)
		return error_set(err, ERR_IO, NULL,
				 "the practice cluster cannot listen on "
				 "127.0.0.1:%d", http->port);
	http->port = info->port;
	delay_open(http->delay);
	return 0;
}

void http_hurry(struct http *http)
{
	delay_hurry(http->delay);
}

void http_break(struct http *http)
{
	delay_close(http->delay);
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	http->daemon = NULL;
}

int http_open(struct http **ret, const struct http_options *options,
	      struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));
	int rc;

	if (!http)
		return error_nomem(err);
	http->options = *options;
	http->port = options->port;
	for (size_t i = 0; i < 2; i++) {
		object_make_uid(http->exempt[i]);
		object_make_uid(http->shared[i]);
	}
	http->delay = delay_new();
	rc = http->delay ? http_listen(http, err) : error_nomem(err);
	if (rc)
		http_close(http);
	else
		*ret = http;
	return rc;
}

int http_port(const struct http *http)
{
	return http->port;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	if (http->delay)
		http_break(http);
	delay_free(http->delay);
	free(http);
}
