/* See cell.h. */
#include "rehearsal/cluster/cell.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/object.h"

json_t *cell_absent(void)
{
	return json_string("<none>");
}

json_t *cell_name(const json_t *object)
{
	return json_string(object_name(object));
}

/* "50s", "3m12s", "2h5m", "3d": as kubectl's own. */
static void age_text(int64_t seconds, char *dst, size_t size)
{
	long long s = seconds, m = s / 60, h = m / 60, d = h / 24;

	if (s < 120)
		snprintf(dst, size, "%llds", s);
	else if (m < 10 && s % 60)
		snprintf(dst, size, "%lldm%llds", m, s % 60);
	else if (m < 180)
		snprintf(dst, size, "%lldm", m);
	else if (h < 8 && m % 60)
		snprintf(dst, size, "%lldh%lldm", h, m % 60);
	else if (h < 48)
		snprintf(dst, size, "%lldh", h);
	else if (h < 192 && h % 24)
		snprintf(dst, size, "%lldd%lldh", d, h % 24);
	else
		snprintf(dst, size, "%lldd", d);
}

json_t *cell_since(const char *stamp)
{
	int64_t since = object_time_ms(stamp);
	int64_t age = (clock_wall_ms() - since) / 1000;
	char text[CLOCK_STAMP_MAX];

	if (!since)
		return json_string("<unknown>");
	age_text(age < 0 ? 0 : age, text, sizeof(text));
	return json_string(text);
}

json_t *cell_age(const json_t *object)
{
	return cell_since(json_text(object, "metadata/creationTimestamp", ""));
}

json_t *cell_of(struct buf *buf)
{
	json_t *cell;

	if (buf_error(buf) == ERR_LIMIT)
		cell = json_sprintf("%s...", buf->data);
	else if (buf_error(buf))
		cell = NULL;
	else
		cell = buf->len ? json_string(buf->data) : cell_absent();
	buf_release(buf);
	return cell;
}

/* "app=myapp,version=v1" */
json_t *cell_map(const json_t *map)
{
	const char *key;
	json_t *value;
	struct buf buf;

	buf_init(&buf, CELL_MAX);
	json_object_foreach((json_t *)map, key, value)
		if (buf_printf(&buf, "%s%s=%s", buf.len ? "," : "", key,
			       json_text(value, "", "")))
			break;
	return cell_of(&buf);
}

/* One member of each element of a list, joined by commas. */
json_t *cell_members(const json_t *list, const char *member)
{
	const json_t *element;
	struct buf buf;
	size_t i;

	buf_init(&buf, CELL_MAX);
	json_array_foreach(list, i, element)
		if (buf_printf(&buf, "%s%s", i ? "," : "",
			       json_text(element, member, "")))
			break;
	return cell_of(&buf);
}

json_t *cell_number(const json_t *object, const char *path)
{
	return json_integer(json_number(object, path, 0));
}
