/* The samples of tests/kube-samples: what a real API server answered. */
#ifndef CUTOVER_TESTS_KUBE_SAMPLE_H
#define CUTOVER_TESTS_KUBE_SAMPLE_H

#include <jansson.h>
#include <stddef.h>

struct kube_sample {
	char *bytes;            /* of the whole file */
	size_t len;
	int status;
	char *body;             /* chunks joined, NUL-terminated */
	size_t body_len;
};

/* Reads NAME.response; fails the test if it cannot. */
void kube_sample_read(struct kube_sample *sample, const char *name);
void kube_sample_release(struct kube_sample *sample);
/* The body as JSON, for the caller to decref; NULL if it is none. */
json_t *kube_sample_json(const char *name);

#endif
