/* See chain.h. */
#include "journal/chain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "journal/journal.h"

void chain_init(struct chain *chain)
{
	chain->seq = 0;
	memset(chain->hash, '0', sizeof(chain->hash) - 1);
	chain->hash[sizeof(chain->hash) - 1] = '\0';
}

/* What is not in it yet. (json_object_update_missing would not say that memory
 * is out: it leaves the field out.) */
static int chain_fields(json_t *record, json_t *fields)
{
	const char *key;
	json_t *value;

	json_object_foreach(fields, key, value)
		if (!json_object_get(record, key) &&
		    json_object_set(record, key, value))
			return -1;
	return 0;
}

static int chain_record(const struct chain *chain, int64_t at_ms, int64_t mono,
			enum event event, const json_t *fields,
			json_t **ret_record, struct error *err)
{
	char at[CLOCK_STAMP_MAX];
	json_t *record;

	clock_stamp(at_ms, at);
	record = json_pack("{s:I, s:s, s:I, s:s}", "seq",
			   (json_int_t)(chain->seq + 1), "at", at, "mono",
			   (json_int_t)mono, "event", event_name(event));
	if (!record)
		return error_nomem(err);
	if (chain_fields(record, (json_t *)fields))
		goto nomem;
	json_object_del(record, "prev");
	if (json_object_set_new(record, "prev", json_string(chain->hash)))
		goto nomem;
	*ret_record = record;
	return 0;
nomem:
	json_decref(record);
	return error_nomem(err);
}

static int chain_dump(const char *bytes, size_t len, void *data)
{
	return buf_append(data, bytes, len) ? -1 : 0;
}

static int chain_line(const json_t *record, struct buf *line,
		      struct error *err)
{
	int failed = json_dump_callback(record, chain_dump, line,
					JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (!failed && !buf_puts(line, "\n"))
		return 0;
	if (buf_error(line) == ERR_LIMIT)
		return error_set(err, ERR_LIMIT, NULL,
				 "a record is longer than %zu bytes",
				 line->max);
	return error_nomem(err);
}

/* Goes on by one line, given without its newline. */
static int chain_advance(struct chain *chain, const char *line, size_t len,
			 struct error *err)
{
	if (hash_sha256(line, len, chain->hash))
		return error_nomem(err);
	chain->seq++;
	return 0;
}

int chain_put(struct chain *chain, int64_t at_ms, int64_t mono,
	      enum event event, const json_t *fields, struct buf *lines,
	      json_t **ret_record, struct error *err)
{
	json_t *record = NULL;
	struct buf line;
	int status;

	buf_init(&line, JOURNAL_LINE_MAX);
	status = chain_record(chain, at_ms, mono, event, fields, &record, err);
	if (!status)
		status = chain_line(record, &line, err);
	if (!status)
		status = chain_advance(chain, line.data, line.len - 1, err);
	if (!status && buf_append(lines, line.data, line.len))
		status = error_nomem(err);
	buf_release(&line);
	if (status)
		json_decref(record);
	else
		*ret_record = record;
	return status;
}

/* What every record has; NULL, or why this one is none. */
static const char *chain_fault(const json_t *record)
{
	int64_t at;

	if (!json_is_object(record))
		return "not an object";
	if (!json_is_integer(json_object_get(record, "seq")))
		return "no seq";
	if (clock_parse_stamp(json_text(record, "at", ""), &at))
		return "no time";
	if (!json_is_integer(json_object_get(record, "mono")))
		return "no mono";
	if (!json_is_string(json_object_get(record, "event")))
		return "no event";
	return NULL;
}

static int chain_verify(const struct chain *chain, const json_t *record,
			struct error *err)
{
	const char *fault = chain_fault(record);
	int64_t seq = fault ? 0 : json_number(record, "seq", 0);

	if (fault)
		return error_set(err, ERR_INVALID, NULL, "damaged: %s", fault);
	if (seq != chain->seq + 1)
		return error_set(err, ERR_INVALID, NULL,
				 "seq %" PRId64 " where %" PRId64
				 " is due: a record is missing or out of place",
				 seq, chain->seq + 1);
	if (strcmp(json_text(record, "prev", ""), chain->hash) != 0)
		return error_set(err, ERR_INVALID, NULL,
				 "the chain is broken: this record or the one "
				 "before it was changed");
	return 0;
}

static int chain_parse(const char *line, size_t len, json_t **ret_record,
		       struct error *err)
{
	json_error_t why;
	int status = json_parse(line, len,
				JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
				ret_record, &why);

	if (status == ERR_NOMEM)
		return error_nomem(err);
	if (status)
		return error_set(err, ERR_INVALID, NULL,
				 "damaged: not JSON at column %d", why.column);
	return 0;
}

int chain_check(struct chain *chain, const char *line, size_t len,
		json_t **ret_record, struct error *err)
{
	json_t *record;
	int status = chain_parse(line, len, &record, err);

	if (status)
		return status;
	status = chain_verify(chain, record, err);
	if (!status)
		status = chain_advance(chain, line, len, err);
	if (status)
		json_decref(record);
	else
		*ret_record = record;
	return status;
}
