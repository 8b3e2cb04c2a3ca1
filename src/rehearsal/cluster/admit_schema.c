/*
 * What a writer sent against the API's structures (schema.h): a misspelt field
 * and a value of the wrong type are found, in the words of Go's decoder, or of
 * the typed objects that server-side apply works on.
 */
#include "rehearsal/cluster/admit.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "rehearsal/cluster/schema.h"
#include "rehearsal/cluster/shape.h"

#define PATH_MAX_LEN 512
#define DEPTH_MAX 24
#define TEXT_MAX (16u << 10)

/* One walk over an object. */
struct walk {
	bool typed;             /* apply's words; nothing is dropped */
	json_t *unknown;        /* texts */
	char *wrong;            /* the first wrong type */
};

/* Where the walk is. */
struct place {
	const struct schema *owner;
	char go_path[PATH_MAX_LEN];     /* as Go tells it, without indices */
	char path[PATH_MAX_LEN];
	int depth;
};

static void check_struct(struct walk *walk, const struct place *place,
			 json_t *value);
static void check_value(struct walk *walk, const struct place *place,
			const char *type, json_t *value);

/* --- words ------------------------------------------------------------ */

static const char *json_word(const json_t *value)
{
	static const char *const words[] = {
		[JSON_OBJECT] = "object", [JSON_ARRAY] = "array",
		[JSON_STRING] = "string", [JSON_INTEGER] = "number",
		[JSON_REAL] = "number", [JSON_TRUE] = "bool",
		[JSON_FALSE] = "bool", [JSON_NULL] = "null",
	};

	return words[json_typeof(value)];
}

/* "int32", "v1.PodSpec", "[]v1.Container", "map[string]string" */
static void go_type(const char *type, char dst[SCHEMA_TEXT_MAX])
{
	const char *dot = strchr(type, '.');
	int prefix = (int)strcspn(type, "abcdefghijklmnopqrstuvwxyz");

	if (schema_value(type))
		prefix = (int)strlen("map[string]");
	if (dot)
		snprintf(dst, SCHEMA_TEXT_MAX, "%.*sv1%s", prefix, type, dot);
	else
		snprintf(dst, SCHEMA_TEXT_MAX, "%s", type);
}

/* A number that does not fit is shown, any other value by its kind. */
static void go_value(const json_t *value, const char *type,
		     char dst[SCHEMA_TEXT_MAX])
{
	bool number = json_is_number(value) && !strncmp(type, "int", 3);

	if (number && json_is_integer(value))
		snprintf(dst, SCHEMA_TEXT_MAX, "number %" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
	else if (number)
		snprintf(dst, SCHEMA_TEXT_MAX, "number %g",
			 json_real_value(value));
	else
		snprintf(dst, SCHEMA_TEXT_MAX, "%s", json_word(value));
}

/* What apply expects of a type. */
static const char *typed_word(const char *type)
{
	if (schema_element(type))
		return "list";
	if (!strncmp(type, "int", 3))
		return "numeric (int or float)";
	if (!strcmp(type, "bool"))
		return "bool";
	return strchr(type, '.') || schema_value(type) ? "map" : "string";
}

/* The first wrong type stands. */
static void wrong_type(struct walk *walk, const struct place *place,
		       const char *type, const json_t *value)
{
	char wanted[SCHEMA_TEXT_MAX], shown[SCHEMA_TEXT_MAX];
	int len;

	if (walk->wrong)
		return;
	go_type(type, wanted);
	go_value(value, type, shown);
	if (walk->typed)
		len = asprintf(&walk->wrong, "%s: expected %s, got %s",
			       place->path, typed_word(type),
			       json_word(value));
	else
		len = asprintf(&walk->wrong, "json: cannot unmarshal %s into "
			       "Go struct field %s.%s of type %s", shown,
			       schema_short(place->owner), place->go_path,
			       wanted);
	if (len < 0)
		walk->wrong = NULL;
}

static void wrong_value(struct walk *walk, const char *why)
{
	if (!walk->wrong)
		walk->wrong = strdup(why);
}

/* --- the simple types ------------------------------------------------- */

static bool is_int(const json_t *value, const char *type)
{
	json_int_t number = json_integer_value(value);

	return json_is_integer(value) &&
	       (strcmp(type, "int32") ||
		(number >= INT32_MIN && number <= INT32_MAX));
}

/* "100m", "64Mi", "1e3", "0.5" */
static bool is_quantity(const char *text)
{
	size_t len, digits;

	text += *text == '+' || *text == '-';
	len = strspn(text, "0123456789.");
	digits = len;
	text += len;
	if (*text && strchr("eE", *text) && text[1] && text[1] != 'i') {
		text += 1 + (text[1] == '+' || text[1] == '-');
		return digits && *text && !text[strspn(text, "0123456789")];
	}
	if (*text && strchr("numkKMGTPE", *text))
		text += 1 + (text[1] == 'i');
	return digits && !*text;
}

static void check_quantity(struct walk *walk, const json_t *value)
{
	if (!json_is_number(value) &&
	    (!json_is_string(value) ||
	     !is_quantity(json_string_value(value))))
		wrong_value(walk, "quantities must match the regular "
				  "expression '^([+-]?[0-9.]+)"
				  "([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

static void check_bytes(struct walk *walk, const json_t *value)
{
	const char *text = json_string_value(value), *s = text;
	char why[64];

	while (isalnum((unsigned char)*s) || *s == '+' || *s == '/')
		s++;
	if (strspn(s, "=") > 2 || s[strspn(s, "=")] ||
	    (strlen(text) % 4)) {
		snprintf(why, sizeof(why),
			 "illegal base64 data at input byte %zu",
			 (size_t)(s - text));
		wrong_value(walk, why);
	}
}

static void check_simple(struct walk *walk, const struct place *place,
			 const char *type, const json_t *value)
{
	bool right = json_is_string(value);

	if (!strcmp(type, "any"))
		return;
	if (!strcmp(type, "Quantity"))
		return check_quantity(walk, value);
	if (!strncmp(type, "int", 3))
		right = is_int(value, type);
	else if (!strcmp(type, "bool"))
		right = json_is_boolean(value);
	else if (!strcmp(type, "IntOrString"))
		right = json_is_string(value) || is_int(value, "int32");
	if (!right)
		wrong_type(walk, place, type, value);
	else if (!strcmp(type, "[]byte"))
		check_bytes(walk, value);
}

/* --- what is put together --------------------------------------------- */

static void check_list(struct walk *walk, const struct place *place,
		       const char *type, json_t *list)
{
	const char *member = strrchr(place->go_path, '.');
	const char *key = shape_merge_key("containers",
					  member ? member + 1 : "");
	struct place at;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *name = json_string_value(
			key ? json_object_get(item, key) : NULL);

		at = *place;
		if (walk->typed && name)
			snprintf(at.path, sizeof(at.path), "%.300s[%s=\"%s\"]",
				 place->path, key, name);
		else
			snprintf(at.path, sizeof(at.path), "%.480s[%zu]",
				 place->path, i);
		check_value(walk, &at, schema_element(type), item);
	}
}

static void check_map(struct walk *walk, const struct place *place,
		      const char *type, json_t *map)
{
	const char *key;
	json_t *item;

	json_object_foreach(map, key, item)
		if (!json_is_null(item))
			check_value(walk, place, schema_value(type), item);
}

static void check_value(struct walk *walk, const struct place *place,
			const char *type, json_t *value)
{
	const struct schema *schema = schema_find(type);
	bool list = schema_element(type), map = schema_value(type);
	struct place at;

	if (list ? !json_is_array(value)
		 : (schema || map) && !json_is_object(value))
		return wrong_type(walk, place, type, value);
	if (list)
		return check_list(walk, place, type, value);
	if (map)
		return check_map(walk, place, type, value);
	if (!schema)
		return check_simple(walk, place, type, value);
	at = *place;
	at.owner = schema;
	at.depth++;
	if (at.depth < DEPTH_MAX)
		check_struct(walk, &at, value);
}

static void unknown_field(struct walk *walk, json_t *object, const char *key,
			  const char *path)
{
	char text[PATH_MAX_LEN + 32];

	if (walk->typed)
		snprintf(text, sizeof(text),
			 "%s: field not declared in schema", path);
	else
		snprintf(text, sizeof(text), "unknown field \"%s\"", path);
	json_array_append_new(walk->unknown, json_string(text));
	if (!walk->typed)
		json_object_del(object, key);
}

static void check_struct(struct walk *walk, const struct place *place,
			 json_t *value)
{
	const char *dot = *place->go_path ? "." : "", *key;
	struct place at;
	json_t *child;
	void *next;

	json_object_foreach_safe(value, next, key, child) {
		const struct schema_member *member =
			schema_member(place->owner, key);

		at = *place;
		if ((size_t)snprintf(at.go_path, sizeof(at.go_path), "%s%s%s",
				     place->go_path, dot, key) >=
			    sizeof(at.go_path) ||
		    (size_t)snprintf(at.path, sizeof(at.path), "%s%s%s",
				     place->path, walk->typed ? "." : dot,
				     key) >= sizeof(at.path))
			continue;
		if (!member)
			unknown_field(walk, value, key, at.path);
		else if (!json_is_null(child))
			check_value(walk, &at, member->type, child);
	}
}

char *admit_schema(const struct resource *resource, json_t *object,
		   json_t *unknown)
{
	struct walk walk = { .unknown = unknown };
	struct place place = { .owner = schema_of(resource) };

	check_struct(&walk, &place, object);
	return walk.wrong;
}

char *admit_typed(const struct resource *resource, json_t *config)
{
	struct walk walk = { .typed = true, .unknown = json_array() };
	struct place place = { .owner = schema_of(resource) };
	size_t count, i;
	json_t *text;
	struct buf all;

	check_struct(&walk, &place, config);
	if (walk.wrong)
		json_array_append_new(walk.unknown, json_string(walk.wrong));
	free(walk.wrong);
	count = json_array_size(walk.unknown);
	buf_init(&all, TEXT_MAX);
	buf_puts(&all, count > 1 ? "errors:" : "");
	json_array_foreach(walk.unknown, i, text)
		buf_printf(&all, "%s%s", count > 1 ? "\n  " : "",
			   json_string_value(text));
	json_decref(walk.unknown);
	if (count)
		return buf_detach(&all);
	buf_release(&all);
	return NULL;
}
