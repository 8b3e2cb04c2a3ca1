/*
 * A growing byte buffer with a named maximum, always terminated by a NUL.
 *
 * A failed append leaves the buffer as it was and is remembered, so that a
 * row of appends can be checked once at its end (buf_error).
 */
#ifndef CUTOVER_BASE_BUF_H
#define CUTOVER_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;     /* never NULL after buf_init; owned by the buffer */
	size_t len;     /* without the NUL */
	size_t cap;
	size_t max;     /* len never exceeds this */
	int error;      /* 0, ERR_NOMEM or ERR_LIMIT: the first failure */
};

/* Prepares an empty buffer of at most max bytes; allocates nothing. */
void buf_init(struct buf *buf, size_t max);
/* Frees the bytes; the buffer is empty and usable again. */
void buf_release(struct buf *buf);
/* Forgets content and error, keeps the memory. */
void buf_clear(struct buf *buf);

/* Each returns 0, ERR_NOMEM or ERR_LIMIT. */
int buf_append(struct buf *buf, const void *bytes, size_t len);
int buf_puts(struct buf *buf, const char *text);
int buf_printf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Drops the first len bytes. */
void buf_consume(struct buf *buf, size_t len);

/* Hands the bytes over (the caller frees them); NULL if an append failed. */
char *buf_detach(struct buf *buf);

static inline int buf_error(const struct buf *buf)
{
	return buf->error;
}

#endif
