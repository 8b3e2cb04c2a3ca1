/*
 * Connections, conditions and actions: a mapping with exactly one key that says
 * its kind ("pods: {...}", "flag: on"), and keys that all of them may have ("why").
 */
#ifndef CUTOVER_RUNBOOK_KIND_H
#define CUTOVER_RUNBOOK_KIND_H

#include "runbook/reader.h"

struct kind {
	const char *name;               /* the key */
	const char *variant;            /* a key in its mapping that chooses this row
					   among those of one name; or NULL */
	int kind;                       /* of the enum that belongs to the table */
	struct field scalar;            /* the short form; read NULL: none */
	const struct field *fields;     /* the long form; NULL: none */
	size_t field_count;
	enum connection_kind needs;     /* flag, kubernetes; mysql: nothing to check */
	/* what the fields cannot tell; value is the map at the key; or NULL */
	void (*finish)(struct reader *r, const struct node *value, void *thing);
};

/* A key that belongs to another table, and what to say. */
struct foreign {
	const char *name, *message;
};

struct kind_table {
	const char *what;               /* "a guard" */
	const char *apart;              /* what to do with two in one */
	const struct kind *kinds;
	size_t kind_count;
	const struct field *common;
	size_t common_count;
	const struct foreign *foreign;
	size_t foreign_count;
};

/* Reads one item into thing; returns its kind, or NULL after a problem. */
const struct kind *kind_read(struct reader *r, const struct node *node,
			     const struct kind_table *table, void *thing);

/* Readers for tables of fields; dst is struct conditions * or struct actions *. */
void condition_read_guards(struct reader *r, const struct node *node,
			   void *dst);
void condition_read_checks(struct reader *r, const struct node *node,
			   void *dst);
void action_read_all(struct reader *r, const struct node *node, void *dst);

#endif
