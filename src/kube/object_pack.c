/* See object_pack.h. */
#include "kube/object_pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

#define PACK_ALIGN _Alignof(max_align_t)

/* size bytes at the given alignment; from scratch memory while measuring. */
static void *pack_take(struct pack *pack, size_t size, size_t align)
{
	size_t at = (pack->used + align - 1) / align * align;
	void *memory;

	if (pack->status)
		return NULL;
	if (size > KUBE_OBJECT_TEXT_MAX || at > KUBE_OBJECT_TEXT_MAX - size) {
		pack->status = ERR_LIMIT;
		return NULL;
	}
	pack->used = at + size;
	if (pack->block)
		return pack->block + at;
	memory = arena_alloc(&pack->scratch, size);
	if (!memory)
		pack->status = ERR_NOMEM;
	return memory;
}

void *pack_array(struct pack *pack, size_t count, size_t max, size_t size)
{
	if (count > max && !pack->status)
		pack->status = ERR_LIMIT;
	return count && count <= max ?
		pack_take(pack, count * size, PACK_ALIGN) : NULL;
}

static const char *pack_bytes(struct pack *pack, const char *text, size_t len)
{
	char *copy = len ? pack_take(pack, len + 1, 1) : NULL;

	if (!copy)
		return "";
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

const char *pack_text(struct pack *pack, const char *text)
{
	return text ? pack_bytes(pack, text, strlen(text)) : "";
}

const char *pack_at(struct pack *pack, const json_t *json, const char *path)
{
	const json_t *value = json_at(json, path);
	char number[32];

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		return pack_text(pack, number);
	}
	return pack_text(pack, json_string_value(value));
}

void pack_labels(struct pack *pack, struct kube_labels *labels,
		 const json_t *map, size_t max, size_t value_max)
{
	struct kube_label *list;
	const char *key;
	json_t *value;
	size_t i = 0;

	list = pack_array(pack, json_object_size(map), max, sizeof(*list));
	if (!list)
		return;
	json_object_foreach((json_t *)(uintptr_t)map, key, value) {
		const char *text = json_string_value(value);
		size_t len = text ? strnlen(text, value_max) : 0;

		list[i].key = pack_text(pack, key);
		list[i++].value = pack_bytes(pack, text, len);
	}
	labels->list = list;
	labels->count = i;
}

static int pack_run(struct pack *pack, size_t size,
		    void (*fill)(struct pack *pack, void *object,
				 const json_t *json),
		    const json_t *json, void **ret)
{
	void *object;

	pack->used = 0;
	object = pack_take(pack, size, PACK_ALIGN);
	if (object)
		fill(pack, object, json);
	*ret = object;
	return pack->status;
}

int pack_build(void **ret, size_t size,
	       void (*fill)(struct pack *pack, void *object,
			    const json_t *json),
	       const json_t *json, struct error *err)
{
	struct pack pack = {0};
	void *object;
	int status;

	if (!json_text(json, "metadata/name", NULL))
		return error_set(err, ERR_INVALID, NULL,
				 "an object without a name");
	arena_init(&pack.scratch);
	status = pack_run(&pack, size, fill, json, &object);
	arena_release(&pack.scratch);
	if (!status) {
		pack.block = calloc(1, pack.used);
		status = pack.block ? pack_run(&pack, size, fill, json, ret) :
			ERR_NOMEM;
	}
	if (status == ERR_LIMIT)
		return error_set(err, ERR_LIMIT, NULL, "%s: the object is "
				 "larger than this program reads",
				 json_text(json, "metadata/name", ""));
	return status ? error_nomem(err) : 0;
}
