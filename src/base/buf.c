/* See buf.h. Growth doubles, so that appending costs linear time. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static char buf_nothing[1];     /* what an empty buffer points at */

void buf_init(struct buf *buf, size_t max)
{
	buf->data = buf_nothing;
	buf->len = 0;
	buf->cap = 0;
	buf->max = max;
	buf->error = 0;
}

void buf_release(struct buf *buf)
{
	if (buf->cap)
		free(buf->data);
	buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->error = 0;
	if (buf->cap)
		buf->data[0] = '\0';
}

static int buf_grow(struct buf *buf, size_t more)
{
	size_t need, cap;
	char *data;

	if (buf->error)
		return buf->error;
	if (more > buf->max - buf->len)
		return buf->error = ERR_LIMIT;
	need = buf->len + more + 1;
	if (need <= buf->cap)
		return 0;
	cap = buf->cap ? buf->cap : 64;
	while (cap < need)
		cap *= 2;
	data = realloc(buf->cap ? buf->data : NULL, cap);
	if (!data)
		return buf->error = ERR_NOMEM;
	buf->data = data;
	buf->cap = cap;
	return 0;
}

int buf_append(struct buf *buf, const void *bytes, size_t len)
{
	int status = buf_grow(buf, len);

	if (status)
		return status;
	if (len)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_puts(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

int buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	int len, status;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	status = len < 0 ? (buf->error = ERR_LIMIT) : buf_grow(buf, (size_t)len);
	if (!status) {
		vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
	return status;
}

int buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int status;

	va_start(args, format);
	status = buf_vprintf(buf, format, args);
	va_end(args);
	return status;
}

void buf_consume(struct buf *buf, size_t len)
{
	if (!buf->cap)
		return;
	if (len > buf->len)
		len = buf->len;
	memmove(buf->data, buf->data + len, buf->len - len + 1);
	buf->len -= len;
}

char *buf_detach(struct buf *buf)
{
	char *data;

	if (buf->error || buf_grow(buf, 0))
		return NULL;
	buf->data[buf->len] = '\0';
	data = buf->data;
	buf_init(buf, buf->max);
	return data;
}
