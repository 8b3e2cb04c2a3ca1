/* One request on its way through the front door: http_daemon.c collects it,
 * http.c routes it, http_request.c reads it, http_answer.c writes what comes
 * of it. */
#ifndef CUTOVER_REHEARSAL_HTTP_PRIVATE_H
#define CUTOVER_REHEARSAL_HTTP_PRIVATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "rehearsal/cluster/access.h"
#include "rehearsal/cluster/api.h"
#include "rehearsal/cluster/http.h"
#include "rehearsal/cluster/media.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/route.h"
#include "rehearsal/cluster/table.h"

#define MANAGER_MAX 128
#define NS_GROUP_MAX 96  /* "system:serviceaccounts:NAMESPACE" */

struct http {
	struct MHD_Daemon *daemon;      /* NULL: closed for a while */
	struct delay *delay;
	struct http_options options;
	int port;
	/* What an answer says of fairness among clients: administrators are
	 * exempt from it, all others share. */
	char exempt[2][OBJECT_UID_MAX], shared[2][OBJECT_UID_MAX];
};

/* One request, from its first header to its answer. */
struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	const char *method;
	char *path;             /* owned */
	struct buf body;
	struct access_who who;
	char ns_group[NS_GROUP_MAX];     /* one of who's, or "" */
	enum media media;
	struct route route;
	char manager[MANAGER_MAX + 1];
	struct api_request request;
	struct answer answer;
	bool pretty;
	bool held;              /* back, for as long as trouble said */
	bool known;             /* no 401 */
};

/* A parameter of the query or a header; NULL if absent. */
const char *http_query(const struct exchange *x, const char *name);
const char *http_request_header(const struct exchange *x, const char *name);
/* The parameter is there, with a value or without. */
bool http_query_has(const struct exchange *x, const char *name);
/* The parameter is "true" or "1". */
bool http_query_flag(const struct exchange *x, const char *name);
/* The parameter as a number up to max; fallback if it is absent or none. */
int64_t http_query_number(const struct exchange *x, const char *name,
			  int64_t max, int64_t fallback);
/* Which objects the rows of a Table carry. */
enum table_include http_include(const struct exchange *x);

/* Who is held to have set what the request sets: fieldManager, or the first
 * word of the User-Agent; lives as long as x. */
const char *http_manager(struct exchange *x);
/* Whether the options in the query are what a verb takes; else false with an
 * answer. */
bool http_check_options(struct exchange *x, const char *verb);
/* Finds the user; false for credentials that nobody has. */
bool http_authenticate(struct exchange *x);
/* Becomes whom its Impersonate headers name, if any; false, with an answer: its
 * user may not. */
bool http_impersonate(struct exchange *x);
/* Fills x->request from route, query and body. */
void http_fill_request(struct exchange *x, const struct resource *resource);
/* The kind of patch by Content-Type; false for one that is not taken. */
bool http_find_patch(struct exchange *x);

/* Serves a request that is whole; of these, a watch; a pod's log. */
enum MHD_Result http_serve(struct exchange *x);
enum MHD_Result http_serve_watch(struct exchange *x);
enum MHD_Result http_serve_log(struct exchange *x);

/* Sends x->answer in the form that was asked for. */
enum MHD_Result http_send_answer(struct exchange *x);
/* Sends plain text. */
enum MHD_Result http_send_text(struct exchange *x, unsigned int code,
			       const char *text);
/* Turns a request away as API priority and fairness does. */
enum MHD_Result http_send_throttled(struct exchange *x);
/* Sends bytes of another type. */
enum MHD_Result http_send_bytes(struct exchange *x, const struct buf *bytes,
				const char *type);
/*
 * Sends what comes bit by bit: block makes it, or says 0 after http_park; done
 * frees data, at the end or at once if it could not begin. type NULL: the
 * API's own. MHD_Result as of all.
 */
enum MHD_Result http_send_stream(struct exchange *x, const char *type,
				 MHD_ContentReaderCallback block,
				 MHD_ContentReaderFreeCallback done,
				 void *data);
/* The connection (data) rests while there is nothing to send, and goes on. */
void http_park(void *data);
void http_unpark(void *data);
/* In trouble: whether the request was suspended, to be served later; whether it
 * is to be turned away; whether its user may do that. */
bool http_hold(struct exchange *x);
bool http_throttled(const struct exchange *x);
bool http_allows(const struct exchange *x, const struct access_wish *wish);
/* Answers one of the access reviews. */
void http_review(struct exchange *x, const json_t *review);
/* The headers that every answer of the API has. */
void http_add_headers(const struct exchange *x, struct MHD_Response *response);

#endif
