/*
 * From a request to a curl handle. Everything is copied, by libcurl or by us;
 * what may be a secret is overwritten when the call ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "base/text.h"
#include "config.h"
#include "net/http_private.h"

#define HTTP_KEEPALIVE_S 15     /* TCP probes on an idle connection */
#define HTTP_REUSE_AGE_S 60     /* older idle connections are not trusted */

static int http_url_part(CURLU *url, CURLUPart what, char **ret)
{
	return curl_url_get(url, what, ret, CURLU_DEFAULT_PORT) ? ERR_INVALID :
		0;
}

int http_where(const char *text, char dst[HTTP_WHERE_MAX], struct error *err)
{
	CURLU *url = curl_url();
	char *host = NULL, *port = NULL, *scheme = NULL;
	int status = 0;

	if (!url)
		return error_nomem(err);
	if (curl_url_set(url, CURLUPART_URL, text, 0) ||
	    http_url_part(url, CURLUPART_SCHEME, &scheme) ||
	    http_url_part(url, CURLUPART_HOST, &host) ||
	    http_url_part(url, CURLUPART_PORT, &port))
		status = error_set(err, ERR_INVALID, NULL,
				   "not a URL of the form http(s)://host[:port]/path");
	else if (strcmp(scheme, "http") && strcmp(scheme, "https"))
		status = error_set(err, ERR_INVALID, NULL,
				   "not an http or https URL");
	else
		snprintf(dst, HTTP_WHERE_MAX, "%s:%s", host, port);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return status;
}

/* libcurl copies the text. An option that found no memory would be another
 * request: a POST in place of a PATCH, or past a proxy. */
static int http_set_text(const struct http_call *call, CURLoption option,
			 const char *text, struct error *err)
{
	return curl_easy_setopt(call->transfer.easy, option, text) ?
		error_nomem(err) : 0;
}

static bool http_is_line(const char *text)
{
	return !text[strcspn(text, "\r\n")];
}

static int http_add_header(struct http_call *call, const char *line,
			   struct error *err)
{
	struct curl_slist *more;

	if (!http_is_line(line) || !strpbrk(line, ":;"))
		return error_set(err, ERR_INVALID, call->where,
				 "a request header is not \"Name: value\" on one line");
	more = curl_slist_append(call->headers, line);
	if (!more)
		return error_nomem(err);
	call->headers = more;
	return 0;
}

static int http_add_token(struct http_call *call, const char *header,
			  const char *token, struct error *err)
{
	const char *mark = strstr(header, SECRET_MARK);
	struct buf line;
	int status;

	if (!mark)
		return error_set(err, ERR_INVALID, call->where,
				 "no place for the token in its header");
	buf_init(&line, HTTP_REPLY_HEADERS_MAX);
	if (buf_printf(&line, "%.*s%s%s", (int)(mark - header), header, token,
		       mark + strlen(SECRET_MARK)))
		status = error_set(err, (enum error_code)buf_error(&line),
				   call->where, "the token is too long");
	else
		status = http_add_header(call, line.data, err);
	if (line.cap)
		text_wipe(line.data, line.cap);
	buf_release(&line);
	return status;
}

static int http_set_headers(struct http_call *call,
			    const struct http_request *request,
			    struct error *err)
{
	bool typed = false;
	int status = 0;

	if (request->header_count > HTTP_HEADERS_MAX)
		return error_set(err, ERR_LIMIT, call->where,
				 "more than %d request headers",
				 HTTP_HEADERS_MAX);
	for (size_t i = 0; !status && i < request->header_count; i++) {
		typed |= !strncasecmp(request->headers[i], "content-type:", 13);
		status = http_add_header(call, request->headers[i], err);
	}
	if (!status && request->token)
		status = http_add_token(call, request->token_header ?
					request->token_header :
					"Authorization: Bearer " SECRET_MARK,
					request->token, err);
	/* libcurl would wait for "100 Continue", and name a form's type. */
	if (!status)
		status = http_add_header(call, "Expect:", err);
	if (!status && !typed)
		status = http_add_header(call, "Content-Type:", err);
	if (!status)
		curl_easy_setopt(call->transfer.easy, CURLOPT_HTTPHEADER,
				 call->headers);
	return status;
}

/*
 * libcurl repeats a request on a new connection when a reused one dies under
 * it. A read may be repeated. An effect may not: its body comes from a reader
 * that refuses to rewind, and without a body it goes on a fresh connection.
 */
static int http_set_method(struct http_call *call,
			   const struct http_request *request,
			   struct error *err)
{
	CURL *easy = call->transfer.easy;
	const char *method = request->method ? request->method : "GET";
	int status = 0;

	call->effect = strcmp(method, "GET") && strcmp(method, "HEAD");
	if (!strcmp(method, "HEAD"))
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else if (call->effect || request->body_len)
		status = http_set_text(call, CURLOPT_CUSTOMREQUEST, method,
				       err);
	if (status)
		return status;
	if (!request->body_len) {
		if (call->effect)
			curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		if (!strcmp(method, "POST") || !strcmp(method, "PUT") ||
		    !strcmp(method, "PATCH"))
			curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
		return 0;
	}
	call->upload = malloc(request->body_len);
	if (!call->upload)
		return error_nomem(err);
	memcpy(call->upload, request->body, request->body_len);
	call->upload_len = request->body_len;
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)request->body_len);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, http_on_upload);
	curl_easy_setopt(easy, CURLOPT_READDATA, call);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, http_on_rewind);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, call);
	return 0;
}

static CURLcode http_set_pem(CURL *easy, CURLoption blob_option,
			     const char *pem, CURLoption file_option,
			     const char *file)
{
	struct curl_blob blob = {
		.data = (void *)(uintptr_t)pem,
		.len = pem ? strlen(pem) : 0,
		.flags = CURL_BLOB_COPY,
	};

	if (pem)
		return curl_easy_setopt(easy, blob_option, &blob);
	if (file)
		return curl_easy_setopt(easy, file_option, file);
	return CURLE_OK;
}

static int http_set_tls(struct http_call *call, const struct http_tls *tls,
			struct error *err)
{
	CURL *easy = call->transfer.easy;
	CURLcode code;

	/* An authority that is given replaces the system's, all of them. */
	if (tls->ca_pem || tls->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	code = http_set_pem(easy, CURLOPT_CAINFO_BLOB, tls->ca_pem,
			    CURLOPT_CAINFO, tls->ca_file);
	if (!code)
		code = http_set_pem(easy, CURLOPT_SSLCERT_BLOB, tls->cert_pem,
				    CURLOPT_SSLCERT, tls->cert_file);
	if (!code)
		code = http_set_pem(easy, CURLOPT_SSLKEY_BLOB, tls->key_pem,
				    CURLOPT_SSLKEY, tls->key_file);
	if (code)
		return error_set(err, code == CURLE_OUT_OF_MEMORY ? ERR_NOMEM :
				 ERR_INVALID, call->where,
				 "certificates for TLS: %s",
				 curl_easy_strerror(code));
	if (tls->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return 0;
}

/* Names another host in the URL, and leads the connection to the true one:
 * libcurl then asks for, and verifies, that other name. */
static int http_rename_host(struct http_call *call, CURLU *url,
			    const char *name, struct error *err)
{
	char *host = NULL, *port = NULL;
	struct buf line;
	int status = ERR_NOMEM;

	buf_init(&line, 4 * HTTP_WHERE_MAX);
	if (!http_url_part(url, CURLUPART_HOST, &host) &&
	    !http_url_part(url, CURLUPART_PORT, &port) &&
	    !buf_printf(&line, "%s:%s:%s:%s", name, port, host, port))
		call->connect_to = curl_slist_append(NULL, line.data);
	if (call->connect_to) {
		curl_easy_setopt(call->transfer.easy, CURLOPT_CONNECT_TO,
				 call->connect_to);
		status = curl_url_set(url, CURLUPART_HOST, name, 0) ?
			ERR_INVALID : 0;
	}
	curl_free(host);
	curl_free(port);
	buf_release(&line);
	if (status)
		return error_set(err, (enum error_code)status, call->where,
				 "cannot use the TLS server name");
	return 0;
}

static int http_set_url(struct http_call *call,
			const struct http_request *request, struct error *err)
{
	CURLU *url = curl_url();
	char *text = NULL;
	int status = 0;

	if (!url || curl_url_set(url, CURLUPART_URL, request->url, 0))
		status = error_nomem(err);      /* http_where has parsed it */
	else if (request->tls.server_name)
		status = http_rename_host(call, url, request->tls.server_name,
					  err);
	if (!status && curl_url_get(url, CURLUPART_URL, &text, 0))
		status = error_nomem(err);
	if (!status)
		status = http_set_text(call, CURLOPT_URL, text, err);
	curl_free(text);
	curl_url_cleanup(url);
	return status;
}

static void http_set_limits(struct http_call *call,
			    const struct http_request *request)
{
	CURL *easy = call->transfer.easy;
	int64_t connect_ms = request->connect_timeout_ms ?
		request->connect_timeout_ms : HTTP_CONNECT_TIMEOUT_MS;
	int64_t whole_ms = request->timeout_ms ? request->timeout_ms :
		HTTP_TIMEOUT_MS;

	call->timeout_ms = whole_ms;
	call->idle_ms = request->idle_timeout_ms;
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	if (whole_ms != HTTP_TIMEOUT_NONE)
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)whole_ms);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)HTTP_KEEPALIVE_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)HTTP_KEEPALIVE_S);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)HTTP_REUSE_AGE_S);
}

static void http_set_callbacks(struct http_call *call)
{
	CURL *easy = call->transfer.easy;

	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->curl_error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	if (call->callbacks.may_send) {
		curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION,
				 http_on_connected);
		curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
	}
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_USERAGENT,
			 PACKAGE_NAME "/" PACKAGE_VERSION);
}

static int http_set_user(struct http_call *call,
			 const struct http_request *request, struct error *err)
{
	int status;

	curl_easy_setopt(call->transfer.easy, CURLOPT_HTTPAUTH,
			 (long)CURLAUTH_BASIC);
	status = http_set_text(call, CURLOPT_USERNAME, request->user, err);
	if (!status)
		status = http_set_text(call, CURLOPT_PASSWORD,
				       request->password ? request->password :
				       "", err);
	return status;
}

int http_setup(struct http_call *call, const struct http_request *request,
	       struct error *err)
{
	CURL *easy;
	int status;

	status = http_where(request->url, call->where, err);
	if (status)
		return status;
	easy = call->transfer.easy = curl_easy_init();
	if (!easy)
		return error_nomem(err);
	http_set_callbacks(call);
	http_set_limits(call, request);
	if (request->proxy)
		status = http_set_text(call, CURLOPT_PROXY, request->proxy, err);
	if (!status && request->user)
		status = http_set_user(call, request, err);
	if (!status)
		status = http_set_url(call, request, err);
	if (!status)
		status = http_set_tls(call, &request->tls, err);
	if (!status)
		status = http_set_method(call, request, err);
	if (!status)
		status = http_set_headers(call, request, err);
	return status;
}

void http_setup_release(struct http_call *call)
{
	for (struct curl_slist *at = call->headers; at; at = at->next)
		text_wipe(at->data, strlen(at->data));
	curl_easy_cleanup(call->transfer.easy);
	curl_slist_free_all(call->headers);
	curl_slist_free_all(call->connect_to);
	if (call->upload) {
		text_wipe(call->upload, call->upload_len);
		free(call->upload);
	}
}
