/*
 * See object.h. Objects that were stored are shared between threads and never
 * changed: whoever wants to change one copies it first, and the functions here
 * that set something are for such copies.
 */
#include "rehearsal/cluster/object.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/resource.h"

const char *object_name(const json_t *object)
{
	return json_text(object, "metadata/name", "");
}

const char *object_ns(const json_t *object)
{
	return json_text(object, "metadata/namespace", "");
}

const char *object_uid(const json_t *object)
{
	return json_text(object, "metadata/uid", "");
}

int64_t object_version(const json_t *object)
{
	int64_t version = 0;

	text_parse_int(json_text(object, "metadata/resourceVersion", "0"), 0,
		       INT64_MAX, &version);
	return version;
}

bool object_is_deleted(const json_t *object)
{
	return json_at(object, "metadata/deletionTimestamp") != NULL;
}

const json_t *object_controller(const json_t *object)
{
	const json_t *owner;
	size_t i;

	json_array_foreach(json_at(object, "metadata/ownerReferences"), i,
			   owner)
		if (json_flag(owner, "controller", false))
			return owner;
	return NULL;
}

bool object_owned_by(const json_t *object, const char *uid)
{
	return !strcmp(json_text(object_controller(object), "uid", ""), uid);
}

const json_t *object_find_condition(const json_t *object, const char *type)
{
	const json_t *condition;
	size_t i;

	json_array_foreach(json_at(object, "status/conditions"), i, condition)
		if (!strcmp(json_text(condition, "type", ""), type))
			return condition;
	return NULL;
}

bool object_is(const json_t *object, const char *type)
{
	return !strcmp(json_text(object_find_condition(object, type), "status", ""),
		       "True");
}

#define PATH_MAX_LEN 256

/* Splits path at its last '/': the part before it, and the name behind it with
 * "~1" undone. */
static void split_path(const char *path, char parent[PATH_MAX_LEN],
		       char name[PATH_MAX_LEN])
{
	const char *slash = strrchr(path, '/'), *from = slash ? slash + 1
							      : path;
	size_t len = 0;

	snprintf(parent, PATH_MAX_LEN, "%.*s",
		 slash ? (int)(slash - path) : 0, path);
	for (; *from && len + 1 < PATH_MAX_LEN; from++) {
		bool escaped = from[0] == '~' && from[1] == '1';

		name[len++] = escaped ? '/' : *from;
		from += escaped;
	}
	name[len] = '\0';
}

int object_set(json_t *object, const char *path, json_t *value)
{
	char parent_path[PATH_MAX_LEN], name[PATH_MAX_LEN];
	json_t *parent;

	split_path(path, parent_path, name);
	parent = json_at(object, parent_path);
	if (!json_is_object(parent)) {
		if (!*parent_path || object_set(object, parent_path, json_object())) {
			json_decref(value);
			return -1;
		}
		parent = json_at(object, parent_path);
	}
	return json_object_set_new(parent, name, value);
}

void object_unset(json_t *object, const char *path)
{
	char parent_path[PATH_MAX_LEN], name[PATH_MAX_LEN];

	split_path(path, parent_path, name);
	json_object_del(json_at(object, parent_path), name);
}

int object_set_condition(json_t *object, const char *type, const char *status,
			 json_t *extra)
{
	json_t *conditions = json_at(object, "status/conditions");
	json_t *old = (json_t *)object_find_condition(object, type);
	json_t *made = NULL;
	int bad = 0;

	if (!conditions) {
		bad |= object_set(object, "status/conditions", json_array());
		conditions = json_at(object, "status/conditions");
	}
	if (!old) {
		made = json_pack("{s:s}", "type", type);
		bad |= json_array_append_new(conditions, made);
		old = bad ? NULL : made;
	}
	if (strcmp(json_text(old, "status", ""), status)) {
		bad |= object_set(old, "status", json_string(status));
		bad |= object_set(old, "lastTransitionTime", object_now());
	}
	json_object_del(old, "reason");
	json_object_del(old, "message");
	if (extra)
		bad |= json_object_update(old, extra);
	json_decref(extra);
	return bad ? -1 : 0;
}

json_t *object_owners(const struct resource *resource, const json_t *owner)
{
	char version[RESOURCE_TEXT_MAX];

	resource_api_version(resource, version);
	return json_pack("[{s:s,s:s,s:s,s:s,s:b,s:b}]",
			 "apiVersion", version, "kind", resource->kind,
			 "name", object_name(owner), "uid", object_uid(owner),
			 "controller", 1, "blockOwnerDeletion", 1);
}

/* Moves the named members, in their order, then what is left, into a new
 * object. */
static json_t *members_in_order(const json_t *from, const char *const *names)
{
	json_t *to = json_object(), *value;
	const char *key;
	int bad = 0;

	for (; *names; names++) {
		value = json_object_get(from, *names);
		if (value)
			bad |= json_object_set(to, *names, value);
	}
	json_object_foreach((json_t *)from, key, value)
		if (!json_object_get(to, key))
			bad |= json_object_set(to, key, value);
	if (!bad)
		return to;
	json_decref(to);
	return NULL;
}

json_t *object_in_order(const struct resource *resource, json_t *object)
{
	static const char *const top[] = { "kind", "apiVersion", "metadata",
		"spec", "status", NULL };
	static const char *const meta[] = { "name", "generateName",
		"namespace", "uid", "resourceVersion", "generation",
		"creationTimestamp", "deletionTimestamp",
		"deletionGracePeriodSeconds", "labels", "annotations",
		"ownerReferences", "finalizers", "managedFields", NULL };
	char version[RESOURCE_TEXT_MAX];
	json_t *ordered;
	int bad;

	resource_api_version(resource, version);
	bad = object_set(object, "kind", json_string(resource->kind));
	bad |= object_set(object, "apiVersion", json_string(version));
	bad |= object_set(object, "metadata",
			  members_in_order(json_object_get(object, "metadata"),
					   meta));
	ordered = bad ? NULL : members_in_order(object, top);
	json_decref(object);
	return ordered;
}

void object_strip_nulls(json_t *value)
{
	const char *key;
	json_t *child;
	void *next;
	size_t i;

	json_object_foreach_safe(value, next, key, child) {
		if (json_is_null(child))
			json_object_del(value, key);
		else
			object_strip_nulls(child);
	}
	json_array_foreach(value, i, child)
		object_strip_nulls(child);
}

void object_time(int64_t wall_ms, char dst[OBJECT_TIME_MAX])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(dst, OBJECT_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

json_t *object_now(void)
{
	char text[OBJECT_TIME_MAX];

	object_time(clock_wall_ms(), text);
	return json_string(text);
}

int64_t object_time_ms(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	return end ? (int64_t)timegm(&tm) * 1000 : 0;
}

/* Without vowels and look-alikes, as Kubernetes chooses them. */
static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";

static void random_bytes(unsigned char *dst, size_t len)
{
	if (RAND_bytes(dst, (int)len) != 1)
		abort();        /* libcrypto without entropy cannot serve */
}

void object_make_uid(char dst[OBJECT_UID_MAX])
{
	unsigned char b[16];

	random_bytes(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(dst, OBJECT_UID_MAX,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
		 b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
		 b[14], b[15]);
}

void object_make_suffix(char dst[OBJECT_SUFFIX_LEN + 1])
{
	unsigned char bytes[OBJECT_SUFFIX_LEN];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < OBJECT_SUFFIX_LEN; i++)
		dst[i] = alphabet[bytes[i] % (sizeof(alphabet) - 1)];
	dst[OBJECT_SUFFIX_LEN] = '\0';
}

void object_template_hash(const json_t *template, int64_t collisions,
			  char dst[OBJECT_HASH_MAX])
{
	char *text = json_dumps(template, JSON_SORT_KEYS | JSON_COMPACT);
	uint32_t hash = 2166136261u;    /* FNV-1a */

	dst[0] = '\0';
	if (!text)
		return;
	for (const char *s = text; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 16777619u;
	if (collisions)
		hash = (hash ^ (uint32_t)collisions) * 16777619u;
	free(text);
	snprintf(dst, OBJECT_HASH_MAX, "%u", hash);
	for (char *s = dst; *s; s++)
		*s = alphabet[(unsigned char)*s % (sizeof(alphabet) - 1)];
}
