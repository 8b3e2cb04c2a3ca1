/* See json.h. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

#define JSON_NAME_MAX 256

/* Jansson does not tell all of its allocations that fail, so they are noted
 * here, as errno would be, for the thread that parses. */
static _Thread_local bool json_starved;

static void *json_allocate(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		json_starved = true;
	return memory;
}

/* Before main: no value must be made by one allocator and freed by another. */
__attribute__((constructor)) static void json_take_memory(void)
{
	json_set_alloc_funcs(json_allocate, free);
}

int json_parse(const char *text, size_t len, size_t flags, json_t **ret,
	       json_error_t *why)
{
	json_t *value;

	json_starved = false;
	value = json_loadb(text, len, flags, why);
	if (json_starved) {
		json_decref(value);
		return ERR_NOMEM;
	}
	if (!value)
		return ERR_SYNTAX;
	*ret = value;
	return 0;
}

static int json_write(const char *bytes, size_t len, void *data)
{
	return buf_append(data, bytes, len) ? -1 : 0;
}

char *json_print(const json_t *value, size_t flags)
{
	struct buf text;
	char *whole = NULL;

	/* the buffer remembers what Jansson does not tell */
	buf_init(&text, JSON_TEXT_MAX);
	if (!json_dump_callback(value, json_write, &text, flags))
		whole = buf_detach(&text);
	buf_release(&text);
	return whole;
}

/* Takes the next name off *path into name ("~1" is '/'); false at the end or
 * if it is too long. */
static bool json_next_name(const char **path, char name[JSON_NAME_MAX])
{
	const char *s = *path;
	size_t used = 0;

	if (!*s)
		return false;
	while (*s && *s != '/') {
		if (used + 1 >= JSON_NAME_MAX)
			return false;
		if (s[0] == '~' && s[1] == '1') {
			name[used++] = '/';
			s += 2;
		} else {
			name[used++] = *s++;
		}
	}
	name[used] = '\0';
	*path = *s ? s + 1 : s;
	return true;
}

json_t *json_at(const json_t *value, const char *path)
{
	const json_t *at = value;
	char name[JSON_NAME_MAX];
	int64_t index;

	while (at && *path) {
		if (!json_next_name(&path, name))
			return NULL;
		if (json_is_array(at))
			at = text_parse_int(name, 0, INT32_MAX, &index) ? NULL :
				json_array_get(at, (size_t)index);
		else
			at = json_object_get(at, name);
	}
	return (json_t *)at;
}

const char *json_text(const json_t *value, const char *path,
		      const char *fallback)
{
	const char *text = json_string_value(json_at(value, path));

	return text ? text : fallback;
}

int64_t json_number(const json_t *value, const char *path, int64_t fallback)
{
	const json_t *at = json_at(value, path);

	return json_is_integer(at) ? json_integer_value(at) : fallback;
}

bool json_flag(const json_t *value, const char *path, bool fallback)
{
	const json_t *at = json_at(value, path);

	return json_is_boolean(at) ? json_is_true(at) : fallback;
}
