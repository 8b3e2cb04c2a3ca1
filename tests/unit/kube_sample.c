/* See kube_sample.h. */
#include "kube_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Joins the chunks of a chunked body in place. */
static size_t join_chunks(char *body, size_t len)
{
	char *from = body, *end = body + len, *to = body;

	while (from < end) {
		size_t size = strtoul(from, &from, 16);

		from += 2;
		if (!size)
			break;
		assert_true(size <= (size_t)(end - from));
		memmove(to, from, size);
		to += size;
		from += size + 2;
	}
	return (size_t)(to - body);
}

void kube_sample_read(struct kube_sample *sample, const char *name)
{
	const char *source = getenv("CUTOVER_SOURCE");
	char path[1024], *head_end;
	FILE *file;

	memset(sample, 0, sizeof(*sample));
	snprintf(path, sizeof(path), "%s/tests/kube-samples/%s.response",
		 source ? source : ".", name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot open %s", path);
	fseek(file, 0, SEEK_END);
	sample->len = (size_t)ftell(file);
	rewind(file);
	sample->bytes = malloc(sample->len + 1);
	assert_int_equal(fread(sample->bytes, 1, sample->len, file),
			 sample->len);
	sample->bytes[sample->len] = '\0';
	fclose(file);
	sample->status = (int)strtol(sample->bytes + 9, NULL, 10);
	head_end = strstr(sample->bytes, "\r\n\r\n");
	assert_non_null(head_end);
	sample->body_len = sample->len -
		(size_t)(head_end + 4 - sample->bytes);
	sample->body = malloc(sample->body_len + 1);
	memcpy(sample->body, head_end + 4, sample->body_len);
	sample->body[sample->body_len] = '\0';
	if (strstr(sample->bytes, "Transfer-Encoding: chunked\r\n"))
		sample->body_len = join_chunks(sample->body, sample->body_len);
	sample->body[sample->body_len] = '\0';
}

void kube_sample_release(struct kube_sample *sample)
{
	free(sample->bytes);
	free(sample->body);
}

json_t *kube_sample_json(const char *name)
{
	struct kube_sample sample;
	json_t *json;

	kube_sample_read(&sample, name);
	json = json_loadb(sample.body, sample.body_len, 0, NULL);
	kube_sample_release(&sample);
	return json;
}
