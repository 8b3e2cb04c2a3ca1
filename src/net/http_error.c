/*
 * What a failed transfer means for the one who asked: above all, whether
 * something may have happened at the other end. That is decided by what was
 * sent; libcurl's code only picks the words.
 */
#include <string.h>

#include "base/text.h"
#include "net/http_private.h"

static bool http_is_tls(CURLcode code)
{
	switch (code) {
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CLIENTCERT:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return true;
	default:
		return false;
	}
}

/* libcurl's own words about it, safe to show. */
static void http_detail(const struct http_call *call, CURLcode code,
			char dst[CURL_ERROR_SIZE])
{
	text_sanitise(dst, CURL_ERROR_SIZE, call->curl_error[0] ?
		      call->curl_error : curl_easy_strerror(code));
}

/* Under TLS 1.3 a server refuses our certificate only after our request went
 * out unread: an alert where an answer should be. */
static bool http_is_alert(const struct http_call *call)
{
	return strstr(call->curl_error, "alert") &&
	       (strstr(call->curl_error, "certificate") ||
		strstr(call->curl_error, "unknown ca"));
}

static int http_tls_error(const struct http_call *call, CURLcode code,
			  const char *detail, struct error *err)
{
	/* A handshake that broke off says nothing about trust. */
	if (code == CURLE_SSL_CONNECT_ERROR && !http_is_alert(call))
		return error_set(err, ERR_UNREACHABLE, call->where,
				 "no TLS connection: %s", detail);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return error_set(err, ERR_DENIED, call->where,
				 "the server's certificate is not trusted: %s",
				 detail);
	if (code == CURLE_SSL_CERTPROBLEM)
		return error_set(err, ERR_DENIED, call->where,
				 "our certificate or key cannot be used: %s",
				 detail);
	return error_set(err, ERR_DENIED, call->where,
			 "TLS was refused: %s", detail);
}

static int http_timeout_error(const struct http_call *call, bool sent,
			      struct error *err)
{
	if (!sent)
		return error_set(err, ERR_UNREACHABLE, call->where,
				 "no connection within the time limit");
	return error_set(err, ERR_TIMEOUT, call->where,
			 "no complete answer within %lld ms",
			 (long long)call->timeout_ms);
}

static int http_stop_error(const struct http_call *call, struct error *err)
{
	switch (call->stop) {
	case ERR_LIMIT:
		return error_set(err, ERR_LIMIT, call->where,
				 "the reply is larger than %zu bytes",
				 call->body.error ? call->body.max :
				 call->stream.error ? call->stream.max :
				 call->head.max);
	case ERR_TIMEOUT:
		return error_set(err, ERR_TIMEOUT, call->where,
				 "nothing was heard for %lld ms",
				 (long long)call->idle_ms);
	default:
		return error_nomem(err);
	}
}

int http_call_error(const struct http_call *call,
		    const struct http_reply *reply, struct error *err)
{
	CURLcode code = call->transfer.result;
	char detail[CURL_ERROR_SIZE];

	if (call->stop)
		return http_stop_error(call, err);
	if (call->refusal.code) {
		*err = call->refusal;
		return err->code;
	}
	if (!code && call->head_whole)
		return 0;
	if (!code)      /* libcurl lets a head pass that was cut off */
		code = CURLE_PARTIAL_FILE;
	http_detail(call, code, detail);
	if (code == CURLE_OUT_OF_MEMORY)
		return error_nomem(err);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return http_timeout_error(call, reply->sent, err);
	if (http_is_alert(call) || (http_is_tls(code) && !reply->sent))
		return http_tls_error(call, code, detail, err);
	if (!reply->sent)
		return error_set(err, ERR_UNREACHABLE, call->where,
				 "no connection: %s", detail);
	return error_set(err, ERR_LOST, call->where,
			 "the connection broke: %s", detail);
}
