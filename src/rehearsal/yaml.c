/* See yaml.h. */
#include "rehearsal/yaml.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

/* Plain only if it begins with a letter or '/', holds nothing but what names
 * and paths are made of, and is no word that YAML knows. */
static bool yaml_is_plain(const char *text)
{
	static const char *const words[] = {
		"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

	if (!isalpha((unsigned char)text[0]) && text[0] != '/')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(text, words[i]))
			return false;
	/* A colon is plain inside a URL, not before a space or the end. */
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			   "/._-:")] == '\0' &&
	       text[strlen(text) - 1] != ':';
}

int yaml_scalar(struct buf *buf, const char *text)
{
	if (yaml_is_plain(text))
		return buf_puts(buf, text);
	buf_puts(buf, "'");
	for (; *text; text++)
		buf_puts(buf, *text == '\'' ? "''" : (char[]){*text, '\0'});
	return buf_puts(buf, "'");
}

static void yaml_indent(struct buf *buf, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_puts(buf, "  ");
}

static bool yaml_is_block(const json_t *value)
{
	return (json_is_object(value) && json_object_size(value)) ||
	       (json_is_array(value) && json_array_size(value));
}

static void yaml_leaf(struct buf *buf, const json_t *value)
{
	if (json_is_string(value))
		yaml_scalar(buf, json_string_value(value));
	else if (json_is_integer(value))
		buf_printf(buf, "%" JSON_INTEGER_FORMAT,
			   json_integer_value(value));
	else if (json_is_object(value))
		buf_puts(buf, "{}");
	else if (json_is_array(value))
		buf_puts(buf, "[]");
	else
		buf_puts(buf, json_is_null(value) ? "null" :
			 json_is_true(value) ? "true" : "false");
	buf_puts(buf, "\n");
}

/* Writes a block; its first line is indented by the caller. */
static void yaml_block(struct buf *buf, const json_t *value, int depth)
{
	const char *name;
	json_t *member;
	bool first = true;
	size_t i;

	if (depth > YAML_DEPTH_MAX) {
		buf->error = ERR_LIMIT;
		return;
	}
	json_array_foreach(value, i, member) {
		yaml_indent(buf, first ? 0 : depth);
		first = false;
		buf_puts(buf, "- ");
		if (yaml_is_block(member))
			yaml_block(buf, member, depth + 1);
		else
			yaml_leaf(buf, member);
	}
	json_object_foreach((json_t *)(uintptr_t)value, name, member) {
		yaml_indent(buf, first ? 0 : depth);
		first = false;
		yaml_scalar(buf, name);
		buf_puts(buf, ":");
		if (!yaml_is_block(member)) {
			buf_puts(buf, " ");
			yaml_leaf(buf, member);
			continue;
		}
		buf_puts(buf, "\n");
		yaml_indent(buf, depth + 1);
		yaml_block(buf, member, depth + 1);
	}
}

int yaml_write(struct buf *buf, const json_t *value)
{
	yaml_block(buf, value, 0);
	return buf_error(buf);
}
