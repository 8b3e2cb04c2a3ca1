/*
 * From nodes to the model: tables say which keys a mapping may have, how each
 * value is read and where it goes (struct field); this walks them, and reports
 * what does not fit with the nearest known word.
 *
 * Reading never stops at a problem. Running out of memory is remembered in the
 * reader (error) and checked once at the end; every allocation goes through
 * reader_array and reader_copy.
 */
#ifndef CUTOVER_RUNBOOK_READER_H
#define CUTOVER_RUNBOOK_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "runbook/model.h"
#include "runbook/node.h"
#include "runbook/problems.h"
#include "runbook/runbook.h"

struct reader {
	struct runbook *runbook;        /* what is being filled */
	const char *file;
	const struct runbook_settings *settings;
	const struct node *given;       /* the --vars file's root, or NULL */
	struct runbook_problems *problems;
	const struct node *steps;       /* the list of steps, for their ids */
	size_t step;                    /* index of the step being read */
	bool in_guards;                 /* of a step, not of its undo */
	int error;                      /* 0 or ERR_NOMEM */
};

/* A key of a mapping. read fills dst and reports what does not fit; the node
 * is never NODE_BROKEN. */
struct field {
	const char *name;
	void (*read)(struct reader *r, const struct node *node, void *dst);
	size_t offset;                  /* of dst in the thing that is filled */
	bool required;
	const char *hint;               /* what to write where it is missing; or NULL */
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Adds a problem at the node's value, or at its key. */
#define reader_report(r, node, ...) \
	reader_note(r, runbook_problems_add((r)->problems, (r)->file, \
		(node)->line, (node)->column, __VA_ARGS__))
#define reader_report_key(r, node, ...) \
	reader_note(r, runbook_problems_add((r)->problems, (r)->file, \
		(node)->key_line, (node)->key_column, __VA_ARGS__))
void reader_note(struct reader *r, int code);

/* "'KEY' wants WHAT, not "TEXT"" (or "not a list"); what is translated here. */
void reader_wants(struct reader *r, const struct node *node, const char *what,
		  const char *text);

/* Zeroed memory in the runbook's arena; NULL when memory is out. */
void *reader_array(struct reader *r, size_t count, size_t size);
const char *reader_copy(struct reader *r, const char *text, size_t len);

/* Is the node a map (a list)? If not, says so. */
bool reader_is_map(struct reader *r, const struct node *node, const char *what);
bool reader_is_list(struct reader *r, const struct node *node,
		    const char *what);

/* Reads one key of a map, if it is there; complains if it must be. */
void reader_field(struct reader *r, const struct node *map,
		  const struct field *field, const char *what, void *thing);
/* Reads a whole map. what: "a step". */
void reader_map(struct reader *r, const struct node *map,
		const struct field *fields, size_t count, const char *what,
		void *thing);
/* A list as an array of its items, each read by read. *ret_count is 0 if the
 * node is no list; broken items stay zeroed. */
void *reader_items(struct reader *r, const struct node *list, const char *what,
		   size_t size,
		   void (*read)(struct reader *, const struct node *, void *),
		   size_t *ret_count);

/* The nearest of several words to a misspelt one. */
struct nearest {
	const char *word;
	const char *best;       /* NULL: none is near */
	int distance;
};

void nearest_init(struct nearest *nearest, const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
