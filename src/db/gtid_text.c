/*
 * GTID sets as text: a small parser by hand that knows where it stands, since
 * an operator who pastes half a set should be told which half.
 */
#include "db/gtid.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define UUID_TEXT 36

struct reader {
	const char *text, *at;
	struct gtid_set set;
	struct error *err;
};

static int refuse(struct reader *reader, const char *what)
{
	return error_set(reader->err, ERR_SYNTAX, NULL,
			 "gtid set, byte %zu: %s",
			 (size_t)(reader->at - reader->text) + 1, what);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct reader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
}

/* Takes the character if it is next, blanks around it ignored. */
static bool accept(struct reader *reader, char c)
{
	skip_blanks(reader);
	if (*reader->at != c)
		return false;
	reader->at++;
	skip_blanks(reader);
	return true;
}

static int read_number(struct reader *reader, uint64_t max, uint64_t *ret)
{
	const char *start = reader->at;
	uint64_t value = 0;

	if (!is_digit(*reader->at))
		return refuse(reader, "expected a number");
	for (; is_digit(*reader->at); reader->at++) {
		uint64_t digit = (uint64_t)(*reader->at - '0');

		if (value > (max - digit) / 10) {
			reader->at = start;
			return refuse(reader, "the number is too large");
		}
		value = value * 10 + digit;
	}
	*ret = value;
	return 0;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_uuid_dash(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

/* Reads 36 characters; NULL, or the first that does not belong. */
static const char *read_uuid(const char *text, uint8_t uuid[16])
{
	size_t digits = 0;

	memset(uuid, 0, 16);
	for (size_t i = 0; i < UUID_TEXT; i++) {
		int value = hex_value(text[i]);

		if (is_uuid_dash(i) ? text[i] != '-' : value < 0)
			return text + i;
		if (is_uuid_dash(i))
			continue;
		uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 | value);
		digits++;
	}
	return NULL;
}

static int read_interval(struct reader *reader,
			 const struct gtid_source *origin)
{
	uint64_t from = 0, to = 0;
	int rc = read_number(reader, GTID_SEQUENCE_MAX, &from);

	if (rc)
		return rc;
	if (!from)
		return refuse(reader, "transactions count from 1");
	to = from;
	if (accept(reader, '-'))
		rc = read_number(reader, GTID_SEQUENCE_MAX, &to);
	if (!rc && to < from)
		rc = refuse(reader, "the interval ends before it begins");
	return rc ? rc : gtid_add(&reader->set, origin, from, to, reader->err);
}

static bool begins_tag(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Tags are compared in lower case, as the server keeps them. */
static int read_tag(struct reader *reader, char tag[GTID_TAG_MAX + 1])
{
	size_t len = 0;

	memset(tag, 0, GTID_TAG_MAX + 1);
	for (; begins_tag(*reader->at) || is_digit(*reader->at); reader->at++) {
		if (len == GTID_TAG_MAX)
			return refuse(reader, "the tag is too long");
		tag[len] = *reader->at;
		if (tag[len] >= 'A' && tag[len] <= 'Z')
			tag[len] = (char)(tag[len] - 'A' + 'a');
		len++;
	}
	return 0;
}

/* uuid:1-5:7:tag:1-3: a tag holds for the intervals behind it. */
static int read_mysql(struct reader *reader)
{
	struct gtid_source origin = {0};
	const char *wrong = read_uuid(reader->at, origin.uuid);
	bool complete = false;
	int rc = 0;

	reader->at = wrong ? wrong : reader->at + UUID_TEXT;
	if (wrong)
		return refuse(reader, "expected a server's uuid");
	while (!rc && accept(reader, ':')) {
		complete = !begins_tag(*reader->at);
		rc = complete ? read_interval(reader, &origin)
			      : read_tag(reader, origin.tag);
	}
	if (!rc && !complete)
		rc = refuse(reader, "expected ':' and a transaction's number");
	return rc;
}

/* 0-11-20, or 0-11-5..9 as a subtraction leaves it. */
static int read_mariadb(struct reader *reader)
{
	struct gtid_source origin = {0};
	uint64_t domain = 0, server = 0, from = 1, to = 0;
	int rc = read_number(reader, UINT32_MAX, &domain);

	if (!rc && !accept(reader, '-'))
		rc = refuse(reader, "expected '-' and a server's number");
	if (!rc)
		rc = read_number(reader, UINT32_MAX, &server);
	if (!rc && !accept(reader, '-'))
		rc = refuse(reader, "expected '-' and a sequence number");
	if (!rc)
		rc = read_number(reader, UINT64_MAX, &to);
	if (!rc && strncmp(reader->at, "..", 2) == 0) {
		reader->at += 2;
		from = to;
		rc = read_number(reader, UINT64_MAX, &to);
	}
	if (rc)
		return rc;
	if (from > 1 && to < from)
		return refuse(reader, "the interval ends before it begins");
	origin.domain = (uint32_t)domain;
	origin.server = (uint32_t)server;
	if (!to)
		return 0;       /* 0-1-0: nothing yet in this domain */
	return gtid_add(&reader->set, &origin, from ? from : 1, to,
			reader->err);
}

/* MariaDB's form has nothing but digits and dashes in it. */
static bool is_mysql(const char *text)
{
	return strspn(text, "0123456789-. \r\n\t") < strcspn(text, ",");
}

int gtid_parse(const char *text, struct gtid_set *ret_set, struct error *err)
{
	struct reader reader = {.text = text, .at = text, .err = err};
	int rc = 0;

	if (strnlen(text, GTID_TEXT_MAX + 1) > GTID_TEXT_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "gtid set: longer than %u bytes",
				 GTID_TEXT_MAX);
	skip_blanks(&reader);
	if (*reader.at) {
		bool mysql = is_mysql(reader.at);

		reader.set.form = mysql ? GTID_MYSQL : GTID_MARIADB;
		do
			rc = mysql ? read_mysql(&reader)
				   : read_mariadb(&reader);
		while (!rc && accept(&reader, ','));
		if (!rc && *reader.at)
			rc = refuse(&reader, "expected ',' or the end");
	}
	if (!rc)
		rc = gtid_normalise(&reader.set, err);
	if (rc) {
		gtid_release(&reader.set);
		return rc;
	}
	gtid_release(ret_set);
	*ret_set = reader.set;
	return 0;
}

static void put_uuid(struct buf *buf, const uint8_t uuid[16])
{
	for (size_t i = 0; i < 16; i++)
		buf_printf(buf, i == 4 || i == 6 || i == 8 || i == 10 ?
			   "-%02x" : "%02x", uuid[i]);
}

/* The tags of one uuid follow each other: "uuid:1-5:tag:1-3". */
static void put_mysql(struct buf *buf, const struct gtid_source *source,
		      const struct gtid_source *before)
{
	if (before && !memcmp(before->uuid, source->uuid, 16)) {
		buf_puts(buf, ":");
	} else {
		buf_puts(buf, before ? "," : "");
		put_uuid(buf, source->uuid);
		buf_puts(buf, ":");
	}
	if (*source->tag)
		buf_printf(buf, "%s:", source->tag);
	for (size_t i = 0; i < source->count; i++) {
		const struct gtid_interval *part = &source->intervals[i];

		buf_printf(buf, "%s%" PRIu64, i ? ":" : "", part->from);
		if (part->to > part->from)
			buf_printf(buf, "-%" PRIu64, part->to);
	}
}

static void put_mariadb(struct buf *buf, const struct gtid_source *source,
			const struct gtid_source *before)
{
	for (size_t i = 0; i < source->count; i++) {
		const struct gtid_interval *part = &source->intervals[i];

		buf_printf(buf, "%s%" PRIu32 "-%" PRIu32 "-",
			   before || i ? "," : "", source->domain,
			   source->server);
		if (part->from > 1)
			buf_printf(buf, "%" PRIu64 "..", part->from);
		buf_printf(buf, "%" PRIu64, part->to);
	}
}

char *gtid_format(const struct gtid_set *set)
{
	struct buf buf;
	char *text;

	/* A parsed text can grow, joined by none: 45 bytes an interval and
	 * 75 a source bound what is written. */
	buf_init(&buf, (size_t)GTID_INTERVALS_MAX * 45 +
		 (size_t)GTID_SOURCES_MAX * 75);
	for (size_t i = 0; i < set->count; i++) {
		const struct gtid_source *before;

		before = i ? &set->sources[i - 1] : NULL;
		if (set->form == GTID_MYSQL)
			put_mysql(&buf, &set->sources[i], before);
		else
			put_mariadb(&buf, &set->sources[i], before);
	}
	buf_puts(&buf, "");
	text = buf_error(&buf) ? NULL : buf_detach(&buf);
	buf_release(&buf);
	return text;
}

int gtid_of_server(const struct gtid_set *set, const char *uuid,
		   struct gtid_set *ret_set, struct error *err)
{
	struct gtid_set out = {.form = set->form};
	uint8_t wanted[16];
	int rc = 0;

	if (strlen(uuid) == UUID_TEXT && !read_uuid(uuid, wanted) &&
	    set->form == GTID_MYSQL)
		for (size_t i = 0; i < set->count && !rc; i++) {
			const struct gtid_source *source = &set->sources[i];

			if (memcmp(source->uuid, wanted, 16))
				continue;
			for (size_t k = 0; k < source->count && !rc; k++)
				rc = gtid_add(&out, source,
					      source->intervals[k].from,
					      source->intervals[k].to, err);
		}
	if (rc) {
		gtid_release(&out);
		return rc;
	}
	gtid_release(ret_set);
	*ret_set = out;
	return 0;
}
