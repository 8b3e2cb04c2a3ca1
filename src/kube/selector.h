/*
 * Label selectors: parsed, matched, printed. "a=b,c!=d,e in (x,y),!f,g".
 * Pure.
 */
#ifndef CUTOVER_KUBE_SELECTOR_H
#define CUTOVER_KUBE_SELECTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct buf;
struct error;

#define SELECTOR_TERMS_MAX 32
#define SELECTOR_VALUES_MAX 64
#define SELECTOR_TEXT_MAX 4096

/* One "key: value"; a list of them ends by its count. */
struct kube_label {
	const char *key;
	const char *value;
};

struct kube_labels {
	const struct kube_label *list;
	size_t count;
};

/* The value of key, or NULL. */
const char *kube_labels_get(const struct kube_labels *labels, const char *key);

enum selector_op {
	SELECTOR_IN,            /* = and == have one value */
	SELECTOR_NOT_IN,        /* != too; true where the key is absent */
	SELECTOR_EXISTS,
	SELECTOR_ABSENT,
};

struct selector_term {
	const char *key;
	enum selector_op op;
	const char *const *values;
	size_t value_count;
};

struct selector {
	struct arena arena;
	struct selector_term terms[SELECTOR_TERMS_MAX];
	size_t count;           /* 0 matches everything */
};

/* Parses text; ERR_SYNTAX (the message names the column), ERR_LIMIT,
 * ERR_NOMEM. On an error *selector is empty. */
int selector_parse(struct selector *selector, const char *text,
		   struct error *err);
/* From a map of labels, as a Service's spec.selector; the labels are copied. */
int selector_from_labels(struct selector *selector,
			 const struct kube_labels *labels, struct error *err);
void selector_release(struct selector *selector);

bool selector_matches(const struct selector *selector,
		      const struct kube_labels *labels);
/* Appends the canonical text; the buffer's error. */
int selector_print(const struct selector *selector, struct buf *text);

#endif
