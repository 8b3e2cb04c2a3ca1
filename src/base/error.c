/*
 * See error.h. Nothing here allocates, so that running out of memory can
 * itself be reported.
 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void error_fill(struct error *err, enum error_code code,
		       const char *where, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

static void error_fill(struct error *err, enum error_code code,
		       const char *where, const char *format, va_list args)
{
	err->code = code;
	err->retry = code == ERR_BUSY || code == ERR_TIMEOUT ||
		     code == ERR_LOST || code == ERR_UNREACHABLE;
	snprintf(err->where, sizeof(err->where), "%s", where ? where : "");
	vsnprintf(err->message, sizeof(err->message), format, args);
}

int error_set(struct error *err, enum error_code code, const char *where,
	      const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	error_fill(err, code, where, format, args);
	va_end(args);
	return code;
}

static enum error_code error_code_of_errno(int number)
{
	switch (number) {
	case ENOMEM:
		return ERR_NOMEM;
	case ENOENT:
		return ERR_NOTFOUND;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case EAGAIN:
	case EBUSY:
		return ERR_BUSY;
	case ETIMEDOUT:
		return ERR_TIMEOUT;
	default:
		return ERR_IO;
	}
}

int error_errno(struct error *err, const char *where, const char *format, ...)
{
	int number = errno;
	enum error_code code = error_code_of_errno(number);
	size_t used;
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	error_fill(err, code, where, format, args);
	va_end(args);
	used = strlen(err->message);
	snprintf(err->message + used, sizeof(err->message) - used, ": %s",
		 strerror(number));
	return code;
}

int error_wrap(struct error *err, const char *format, ...)
{
	char inner[ERROR_MESSAGE_MAX];
	size_t used;
	va_list args;

	if (!err)
		return ERR_INVALID;
	snprintf(inner, sizeof(inner), "%s", err->message);
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	used = strlen(err->message);
	snprintf(err->message + used, sizeof(err->message) - used, ": %s",
		 inner);
	return err->code;
}

int error_nomem(struct error *err)
{
	return error_set(err, ERR_NOMEM, NULL, "out of memory");
}

void error_clear(struct error *err)
{
	memset(err, 0, sizeof(*err));
}

void error_text(const struct error *err, char *dst, unsigned long size)
{
	snprintf(dst, size, "%s%s%s", err->where, err->where[0] ? ": " : "",
		 err->message);
}
