/*
 * The transcript: a run's records as a document that one would hand to an
 * auditor. Pure: from records to text, no files, no sockets, no clock.
 */
#ifndef CUTOVER_REPORT_REPORT_H
#define CUTOVER_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

#define REPORT_SIZE_MAX (256u << 20)    /* a good maximum for out */

enum report_format {
	REPORT_TEXT,            /* 80 columns */
	REPORT_MARKDOWN,
	REPORT_HTML,            /* a page complete in itself */
	REPORT_JSON,            /* summary, steps and all records */
	REPORT_FORMATS,
};

struct report_options {
	enum report_format format;
	bool ascii;             /* TEXT: the reader's character set is not UTF-8 */
	const char *hash;       /* of the journal's last line; NULL: not told */
};

/* "text", "markdown", "html", "json". */
const char *report_format_name(enum report_format format);
/* The format of that name, or REPORT_FORMATS. */
enum report_format report_format_parse(const char *name);

/* Appends the transcript of the records (an array) to out. 0, ERR_NOMEM, or
 * ERR_LIMIT (out is full). Widths need LC_CTYPE set, unless ascii. */
int report_transcript(const json_t *records,
		      const struct report_options *options, struct buf *out,
		      struct error *err);

#endif
