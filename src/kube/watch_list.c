/* The list before a watch, page by page. */
#include <stdio.h>

#include "base/json.h"
#include "kube/watch_private.h"

static int watch_page(struct kube_watch *watch, const json_t *body,
		      struct error *err)
{
	const json_t *items = json_at(body, "items"), *item;
	int status = 0;
	size_t i;

	if (!watch->listed)
		watch->listed = json_object();
	json_array_foreach((json_t *)(uintptr_t)items, i, item) {
		const char *name = json_text(item, "metadata/name", "");

		if (json_object_set_new(watch->listed, name, json_true()))
			return error_nomem(err);
		status = watch_seen_object(watch, item, err);
		if (status)
			return status;
	}
	buf_clear(&watch->next_page);
	status = buf_puts(&watch->next_page,
			  json_text(body, "metadata/continue", ""));
	if (status == ERR_NOMEM)
		return error_nomem(err);
	if (status)
		return error_set(err, ERR_LIMIT, NULL,
				 "the continue token of a list is too long");
	return 0;
}

/* The last page is here. */
static int watch_list_whole(struct kube_watch *watch, const json_t *body,
			    struct error *err)
{
	int status = watch_seen_sweep(watch, err);

	if (status)
		return status;
	json_decref(watch->listed);
	watch->listed = NULL;
	watch_take_version(watch, body);
	watch->synced = true;
	if (!watch->version[0])
		return error_set(err, ERR_REMOTE,
				 kube_client_where(watch->client),
				 "a list without a resourceVersion");
	return watch_tell(watch, KUBE_SYNCED, NULL, NULL) ? 0 : ERR_CANCELLED;
}

static void watch_on_list(void *data, const struct kube_reply *reply,
			  const struct error *list_err)
{
	struct kube_watch *watch = data;
	struct error err = {0};
	int status;

	watch_enter(watch);
	watch->call = NULL;
	if (list_err) {
		watch_forget_version(watch);
		/* Pages that have expired are no trouble: begin again. */
		if (list_err->code == ERR_GONE)
			watch_again(watch, watch_backoff(watch));
		else
			watch_trouble(watch, list_err, reply->retry_after_ms);
		watch_leave(watch);
		return;
	}
	status = watch_page(watch, reply->body, &err);
	if (!status && !watch->next_page.len)
		status = watch_list_whole(watch, reply->body, &err);
	/* half a list is no sign: what it lacks is as old as it was */
	if (!status && !watch->next_page.len)
		watch_sign(watch);
	if (!status) {
		watch_again(watch, 0);
	} else if (status != ERR_CANCELLED) {
		watch_forget_version(watch);
		watch_trouble(watch, &err, -1);
	}
	watch_leave(watch);
}

int watch_start_list(struct kube_watch *watch, struct error *err)
{
	struct kube_request request = {
		.on_done = watch_on_list,
		.data = watch,
	};
	char limit[16];
	struct buf path;
	int status;

	snprintf(limit, sizeof(limit), "%d", KUBE_WATCH_PAGE);
	buf_init(&path, KUBE_PATH_MAX + watch->next_page.max);
	buf_puts(&path, watch->path.data);
	kube_path_query(&path, "limit", limit);
	if (watch->next_page.len)
		kube_path_query(&path, "continue", watch->next_page.data);
	request.path = path.data;
	status = buf_error(&path) ? error_nomem(err) :
		kube_request(watch->client, &request, &watch->call, err);
	buf_release(&path);
	return status;
}
