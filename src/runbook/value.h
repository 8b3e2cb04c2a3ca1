/*
 * Readers of single values: what stands in a table as struct field's read.
 * Each expands ${variables} first. A value that rests on a variable's stand-in
 * is not judged (the variable has no value yet): a text is taken with the
 * stand-in, anything else stays as it was.
 */
#ifndef CUTOVER_RUNBOOK_VALUE_H
#define CUTOVER_RUNBOOK_VALUE_H

#include "runbook/reader.h"

/*
 * The text of a scalar after expansion, or NULL after a problem was reported
 * (it is none, or a variable in it is unknown). what: "a text". *ret_assumed:
 * it rests on a stand-in.
 */
const char *value_text(struct reader *r, const struct node *node,
		       const char *what, bool *ret_assumed);

/* dst is const char **: */
void value_read_text(struct reader *r, const struct node *node, void *dst);
void value_read_filled(struct reader *r, const struct node *node, void *dst);
void value_read_id(struct reader *r, const struct node *node, void *dst);
void value_read_word(struct reader *r, const struct node *node, void *dst);
void value_read_object(struct reader *r, const struct node *node, void *dst);
void value_read_selector(struct reader *r, const struct node *node, void *dst);
void value_read_url(struct reader *r, const struct node *node, void *dst);
void value_read_method(struct reader *r, const struct node *node, void *dst);
void value_read_database(struct reader *r, const struct node *node, void *dst);
void value_read_since(struct reader *r, const struct node *node, void *dst);
/* bool *: */
void value_read_bool(struct reader *r, const struct node *node, void *dst);
void value_read_on_off(struct reader *r, const struct node *node, void *dst);
/* int64_t *: */
void value_read_count(struct reader *r, const struct node *node, void *dst);
void value_read_status(struct reader *r, const struct node *node, void *dst);
void value_read_duration(struct reader *r, const struct node *node, void *dst);
/* struct compare *: */
void value_read_bound(struct reader *r, const struct node *node, void *dst);
/* struct pairs *: */
void value_read_labels(struct reader *r, const struct node *node, void *dst);
void value_read_env(struct reader *r, const struct node *node, void *dst);

/* One word of several, as its index into words (which end with NULL); -1 if it
 * is none of them (reported) or assumed (not reported). */
int value_choice(struct reader *r, const struct node *node, const char *what,
		 const char *const *words);

/* http:// or https://, and a host after it. */
bool value_is_url(const char *text);

#endif
