/*
 * May we? What a request needs, and how an API server is asked whether it would
 * be allowed (SelfSubjectAccessReview, authorization.k8s.io/v1: everybody may
 * ask for himself). Pure.
 */
#ifndef CUTOVER_KUBE_REVIEW_H
#define CUTOVER_KUBE_REVIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

#define KUBE_WISH_WORD_MAX 254          /* a name is no longer than 253 */
#define KUBE_REVIEW_REASON_MAX 256

/* "" where it says nothing. */
struct kube_wish {
	char verb[16];
	char group[KUBE_WISH_WORD_MAX], resource[KUBE_WISH_WORD_MAX];
	char subresource[KUBE_WISH_WORD_MAX];
	char namespace_[KUBE_WISH_WORD_MAX], name[KUBE_WISH_WORD_MAX];
};

/* What that request needs; path is kube_path's, with or without a query. A GET
 * of a collection is a list. ERR_INVALID: not the path of a resource in a
 * namespace. */
int kube_wish_of(const char *method, const char *path, struct kube_wish *ret,
		 struct error *err);
/* "patch deployments/scale my-app-v2": for people. */
void kube_wish_text(const struct kube_wish *wish, char *dst, size_t size);

/* The body to POST; NULL: no memory. */
json_t *kube_review_body(const struct kube_wish *wish);
/* What was answered; the server's reason, sanitised, or "". */
bool kube_review_allows(const json_t *answer,
			char reason[KUBE_REVIEW_REASON_MAX]);

#endif
