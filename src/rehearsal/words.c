/* See words.h. */
#include "rehearsal/words.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

static const char *words_find(const struct word *words, const char *key,
			      size_t len)
{
	for (; words->key; words++)
		if (strlen(words->key) == len &&
		    !strncmp(words->key, key, len))
			return words->text;
	return "";
}

void words_append(struct buf *buf, const char *text, const struct word *words)
{
	size_t plain = strcspn(text, "{");

	buf_append(buf, text, plain);
	while (text[plain]) {
		const char *key = text + plain + 1;
		size_t len = strcspn(key, "}");

		buf_puts(buf, words_find(words, key, len));
		text = key + len + (key[len] != '\0');
		plain = strcspn(text, "{");
		buf_append(buf, text, plain);
	}
}

int words_fill(char *dst, size_t size, const char *text,
	       const struct word *words, struct error *err)
{
	struct buf buf;
	int rc = 0;

	buf_init(&buf, size);
	words_append(&buf, text, words);
	if (buf_error(&buf) || buf.len >= size)
		rc = error_set(err, ERR_LIMIT, NULL, "longer than %zu bytes",
			       size);
	else
		snprintf(dst, size, "%s", buf.data);
	buf_release(&buf);
	return rc;
}
