/*
 * See text.h. UTF-8 is decoded here by hand because the sanitiser must work
 * in any locale: what reaches a journal does not depend on the terminal.
 */
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/error.h"

int text_parse_int(const char *text, int64_t min, int64_t max,
		   int64_t *ret_value)
{
	size_t skip = text[0] == '-' ? 1 : 0;
	long long value;

	if (!text[skip] || text[skip + strspn(text + skip, "0123456789")])
		return ERR_SYNTAX;
	errno = 0;
	value = strtoll(text, NULL, 10);
	if (errno || value < min || value > max)
		return ERR_LIMIT;
	*ret_value = value;
	return 0;
}

/* Table 3-7 of the Unicode Standard. */
size_t text_decode(const char *text, size_t left, uint32_t *ret_point)
{
	const unsigned char *s = (const unsigned char *)text;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t point;

	if (len == 1) {
		*ret_point = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4 || len > left)
		return 0;
	point = s[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3fu);
	}
	if (point < least[len] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return len;
}

bool text_is_harmful(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       point == 0x061c || point == 0x200e || point == 0x200f ||
	       (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

/* Writes the safe form of one character to out (4 bytes); returns how many
 * bytes were read, and through *ret_len how many were written. */
static size_t text_safe_char(const char *text, size_t left, bool keep_lines,
			     char out[4], size_t *ret_len)
{
	uint32_t point = 0;
	size_t len = text_decode(text, left, &point);

	*ret_len = 1;
	if (len && point == '\n' && keep_lines) {
		out[0] = '\n';
	} else if (len && (point == '\n' || point == '\t')) {
		out[0] = ' ';
	} else if (!len || text_is_harmful(point)) {
		out[0] = '?';
	} else {
		memcpy(out, text, len);
		*ret_len = len;
	}
	return len ? len : 1;
}

void text_sanitise(char *dst, size_t size, const char *text)
{
	size_t left = strlen(text), used = 0;

	while (left) {
		char out[4];
		size_t len;
		size_t eaten = text_safe_char(text, left, false, out, &len);

		if (used + len >= size)
			break;
		memcpy(dst + used, out, len);
		used += len;
		text += eaten;
		left -= eaten;
	}
	dst[used] = '\0';
}

int text_sanitise_to(struct buf *buf, const char *text, size_t len,
		     bool keep_lines)
{
	while (len) {
		char out[4];
		size_t safe;
		size_t eaten = text_safe_char(text, len, keep_lines, out, &safe);

		buf_append(buf, out, safe);
		text += eaten;
		len -= eaten;
	}
	return buf_error(buf);
}

static int text_char_columns(uint32_t point)
{
	int columns = wcwidth((wchar_t)point);

	return columns < 0 ? 1 : columns;
}

size_t text_fit(const char *text, int columns)
{
	size_t left = strlen(text), used = 0;

	while (left) {
		uint32_t point = '?';
		size_t len = text_decode(text + used, left, &point);
		int wide = text_char_columns(point);

		if (wide > columns)
			break;
		columns -= wide;
		used += len ? len : 1;
		left -= len ? len : 1;
	}
	return used;
}

int text_width(const char *text)
{
	size_t left = strlen(text);
	int columns = 0;

	while (left) {
		uint32_t point = '?';
		size_t len = text_decode(text, left, &point);

		columns += text_char_columns(point);
		text += len ? len : 1;
		left -= len ? len : 1;
	}
	return columns;
}

#define TEXT_WORD_MAX 64

int text_distance(const char *a, const char *b, int limit)
{
	size_t la = strlen(a), lb = strlen(b);
	int row[TEXT_WORD_MAX + 1];

	if (la > TEXT_WORD_MAX || lb > TEXT_WORD_MAX)
		return limit + 1;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= la; i++) {
		int diagonal = row[0];

		row[0] = (int)i;
		for (size_t j = 1; j <= lb; j++) {
			int best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb] > limit ? limit + 1 : row[lb];
}

bool text_same_words(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	for (;; a++, b++) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b)
			return false;
		if (!*a)
			return true;
	}
}

void text_wipe(void *memory, size_t size)
{
	volatile unsigned char *bytes = memory;

	while (size--)
		*bytes++ = 0;
}
