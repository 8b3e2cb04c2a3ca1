/* What an answer of the API server means: one table from status to error. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "kube/client.h"

static const struct {
	int status;
	enum error_code code;
	const char *words;      /* where the server gave none */
} status_rows[] = {
	{400, ERR_INVALID, "bad request"},
	{401, ERR_DENIED, "the credentials were not accepted"},
	{403, ERR_DENIED, "not allowed"},
	{404, ERR_NOTFOUND, "not found"},
	{406, ERR_INVALID, "not acceptable"},
	{409, ERR_CONFLICT, "somebody else changed it first"},
	{410, ERR_GONE, "this version is no longer kept"},
	{415, ERR_INVALID, "unsupported content type"},
	{422, ERR_INVALID, "not valid"},
	{429, ERR_BUSY, "too many requests"},
	{503, ERR_BUSY, "the API server is not available"},
	{504, ERR_TIMEOUT, "the API server ran out of time"},
};

int kube_status_error(int status, const json_t *body, const char *where,
		      struct error *err)
{
	const char *words = "the API server answered with an error";
	const char *message = json_is_string(body) ? json_string_value(body) :
		json_text(body, "message", "");
	enum error_code code = ERR_REMOTE;
	char text[ERROR_MESSAGE_MAX / 2];

	if (status >= 200 && status < 300)
		return 0;
	for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]);
	     i++) {
		if (status_rows[i].status == status) {
			code = status_rows[i].code;
			words = status_rows[i].words;
		}
	}
	text_sanitise(text, sizeof(text), message);
	while (*text && text[strlen(text) - 1] == ' ')
		text[strlen(text) - 1] = '\0';
	error_set(err, code, where, "%s (HTTP %d)", *text ? text : words,
		  status);
	if (err && status >= 500)
		err->retry = true;
	return code;
}
