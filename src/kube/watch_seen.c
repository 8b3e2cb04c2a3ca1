/*
 * What a watch has told so far: a name with the uid and version of its object.
 * So a list that comes again tells only what changed, also what vanished.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "kube/watch_private.h"

#define SEEN_MARK_MAX 256

bool watch_tell(struct kube_watch *watch, enum kube_event event,
		const json_t *object, const struct error *err)
{
	if (!watch->closed)
		watch->on_event(watch->data, event, object, err);
	return !watch->closed;
}

static size_t seen_mark(const json_t *object, char mark[SEEN_MARK_MAX])
{
	const char *uid = json_text(object, "metadata/uid", "");

	snprintf(mark, SEEN_MARK_MAX, "%s %s", uid,
		 json_text(object, "metadata/resourceVersion", ""));
	return strlen(uid) + 1;
}

/* An object that is gone: only name and uid are known. It is made before the
 * mark is touched: what was forgotten and not told would stay for ever. */
static json_t *seen_gone(const struct kube_watch *watch, const char *name,
			 const char *mark)
{
	return json_pack("{s:{s:s, s:s, s:s%}}", "metadata", "name", name,
			 "namespace", watch->namespace_, "uid", mark,
			 strcspn(mark, " "));
}

static int seen_remember(struct kube_watch *watch, const char *name,
			 const char *mark, struct error *err)
{
	if (json_object_size(watch->seen) >= KUBE_WATCH_OBJECTS_MAX)
		return error_set(err, ERR_LIMIT, NULL, "more than %d objects",
				 KUBE_WATCH_OBJECTS_MAX);
	return json_object_set_new(watch->seen, name, json_string(mark)) ?
		error_nomem(err) : 0;
}

int watch_seen_object(struct kube_watch *watch, const json_t *object,
		      struct error *err)
{
	const char *name = json_text(object, "metadata/name", "");
	const char *before = json_string_value(json_object_get(watch->seen,
							       name));
	char mark[SEEN_MARK_MAX];
	size_t uid_len = seen_mark(object, mark);
	bool known = before && !strncmp(before, mark, uid_len);
	json_t *gone = NULL;
	int status;

	if (before && !strcmp(before, mark))
		return 0;
	/* The same name with another uid: a new object in its place. */
	if (before && !known && !(gone = seen_gone(watch, name, before)))
		return error_nomem(err);
	status = seen_remember(watch, name, mark, err);
	if (!status && gone && !watch_tell(watch, KUBE_DELETED, gone, NULL))
		status = ERR_CANCELLED;
	if (!status && !watch_tell(watch, known ? KUBE_MODIFIED : KUBE_ADDED,
				   object, NULL))
		status = ERR_CANCELLED;
	json_decref(gone);
	return status;
}

int watch_seen_deleted(struct kube_watch *watch, const json_t *object)
{
	const char *name = json_text(object, "metadata/name", "");

	if (json_object_del(watch->seen, name))
		return 0;
	return watch_tell(watch, KUBE_DELETED, object, NULL) ? 0 :
		ERR_CANCELLED;
}

int watch_seen_sweep(struct kube_watch *watch, struct error *err)
{
	json_t *gone = json_object();
	const char *name;
	json_t *mark;
	int status = gone ? 0 : error_nomem(err);

	json_object_foreach(watch->seen, name, mark)
		if (!status && !json_object_get(watch->listed, name) &&
		    json_object_set(gone, name, mark))
			status = error_nomem(err);
	json_object_foreach(gone, name, mark) {
		json_t *object = status ? NULL :
			seen_gone(watch, name, json_string_value(mark));

		if (!object) {
			status = status ? status : error_nomem(err);
			break;
		}
		json_object_del(watch->seen, name);
		if (!watch_tell(watch, KUBE_DELETED, object, NULL))
			status = ERR_CANCELLED;
		json_decref(object);
	}
	json_decref(gone);
	return status;
}
