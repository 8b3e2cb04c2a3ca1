/* The sections of a runbook: readers for the table of its top-level keys. */
#ifndef CUTOVER_RUNBOOK_SECTIONS_H
#define CUTOVER_RUNBOOK_SECTIONS_H

struct node;
struct reader;

/* dst is not used: they fill the runbook. connections comes first; steps
 * before rollback. */
void connections_read(struct reader *r, const struct node *node, void *dst);
void observe_read(struct reader *r, const struct node *node, void *dst);
void window_read(struct reader *r, const struct node *node, void *dst);
void rehearsal_read(struct reader *r, const struct node *node, void *dst);
void steps_read(struct reader *r, const struct node *node, void *dst);
void rollback_read(struct reader *r, const struct node *node, void *dst);

#endif
