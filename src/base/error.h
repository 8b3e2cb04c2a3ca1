/*
 * What went wrong, where, and whether trying again may help.
 *
 * Every fallible function in this program returns 0 or a negative enum
 * error_code and fills a struct error that its caller owns. Context is put in
 * front on the way up (error_wrap); the message is printed once, at the top.
 */
#ifndef CUTOVER_BASE_ERROR_H
#define CUTOVER_BASE_ERROR_H

#include <stdbool.h>

enum error_code {
	ERR_NONE = 0,
	ERR_NOMEM = -1,     /* out of memory */
	ERR_IO = -2,        /* a file or descriptor failed */
	ERR_SYNTAX = -3,    /* text that cannot be parsed */
	ERR_INVALID = -4,   /* parsed, but not allowed */
	ERR_LIMIT = -5,     /* larger than a named maximum */
	ERR_NOTFOUND = -6,  /* no such thing, here or at the other end */
	ERR_DENIED = -7,    /* not permitted: credentials or rights */
	ERR_CONFLICT = -8,  /* somebody else changed it first */
	ERR_GONE = -9,      /* a position or version that is no longer kept */
	ERR_BUSY = -10,     /* held by somebody else, or throttled */
	ERR_TIMEOUT = -11,  /* the time limit passed; the effect may have happened */
	ERR_LOST = -12,     /* the connection broke; the effect may have happened */
	ERR_UNREACHABLE = -13, /* nothing was sent: no connection came about */
	ERR_REMOTE = -14,   /* the other end answered with an error */
	ERR_CANCELLED = -15,
};

#define ERROR_WHERE_MAX 192
#define ERROR_MESSAGE_MAX 768

struct error {
	enum error_code code;
	bool retry;                     /* the same call may succeed later */
	char where[ERROR_WHERE_MAX];    /* file:line:column, host:port, or "" */
	char message[ERROR_MESSAGE_MAX];/* lower case, cause first, no full stop */
};

/* Fills *err (which may be NULL) and returns code. where may be NULL. */
int error_set(struct error *err, enum error_code code, const char *where,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* As error_set, from errno: the message is "FORMAT: strerror". */
int error_errno(struct error *err, const char *where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "FORMAT: " before the message of *err; returns err->code. */
int error_wrap(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ERR_NOMEM with its usual message. */
int error_nomem(struct error *err);

/* Forgets what *err held. */
void error_clear(struct error *err);

/* "where: message", or the message alone; into dst, always terminated. */
void error_text(const struct error *err, char *dst, unsigned long size);

#endif
