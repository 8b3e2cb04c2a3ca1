/*
 * A YAML document as a tree of nodes, each with its place in the file.
 *
 * Stricter than YAML: no anchors, aliases or tags, no key twice, one document,
 * limits on everything. What breaks a rule is reported at its place and
 * reading goes on, so that all problems are found at once; the offending node
 * becomes NODE_BROKEN, which later stages pass over in silence.
 */
#ifndef CUTOVER_RUNBOOK_NODE_H
#define CUTOVER_RUNBOOK_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct runbook_problems;

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
	NODE_BROKEN,            /* already reported */
};

struct node {
	enum node_kind kind;
	int line, column;       /* from 1 */
	const char *key;        /* in a map; else NULL */
	int key_line, key_column;
	const char *text;       /* NODE_SCALAR; else NULL */
	bool plain;             /* a scalar without quotes */
	struct node *first;     /* of a list or map */
	struct node *next;      /* in the same list or map */
	size_t count;           /* of a list or map */
};

struct node_limits {
	size_t items;           /* in each list or map */
	size_t text;            /* bytes of each scalar */
	int depth;              /* lists and maps within each other */
};

/*
 * Reads len bytes. 0 or ERR_NOMEM. Nodes live in the arena. *ret is NULL if
 * there is no tree at all; then at least one problem was added, but a tree may
 * come with problems too.
 */
int node_read(struct arena *arena, const char *file, const char *bytes,
	      size_t len, const struct node_limits *limits,
	      struct runbook_problems *problems, struct node **ret);

/* The value of key in a map, or NULL; map may be NULL or no map. */
const struct node *node_get(const struct node *map, const char *key);
/* A plain "null", "~" or nothing at all. */
bool node_is_null(const struct node *node);
/* Well-formed UTF-8 without control characters but line feed and tab. */
bool node_text_is_safe(const char *text, size_t len);
/* "a text", "a list", "a mapping": for messages. */
const char *node_kind_name(const struct node *node);

#endif
