/*
 * The panes: each writes what it has to say on a sheet, whose width it
 * respects. layout.c gives them their places; plain/ prints some as lines.
 */
#ifndef CUTOVER_VIEW_PANES_H
#define CUTOVER_VIEW_PANES_H

#include "view/view.h"

/* One row: what is run, where, live or rehearsed, the outage's clock. */
void pane_header(struct sheet *sheet, const struct view_input *input);
/* The steps with their states; at most height rows, the current one among
 * them (0: all). */
void pane_steps(struct sheet *sheet, const struct view_input *input,
		int height);
/* Replication in five rows; with GTID sets as many as it takes. */
void pane_replication(struct sheet *sheet, const struct view_input *input,
		      bool gtids);
void pane_pods(struct sheet *sheet, const struct view_input *input);
void pane_service(struct sheet *sheet, const struct view_input *input);
void pane_flag(struct sheet *sheet, const struct view_input *input);
/* Where users' traffic goes: for wide screens. */
void pane_traffic(struct sheet *sheet, const struct view_input *input);
/* Pods, endpoints and deployments one by one. */
void pane_cluster(struct sheet *sheet, const struct view_input *input);
/* The deed at hand: the gate, the action in flight, the checks, or what went
 * wrong; at most height rows (0: in full, nothing shortened). */
void pane_deed(struct sheet *sheet, const struct view_input *input,
	       const struct view_ui *ui, int height);
/* What a way back would do, in order, and what is lost. */
void pane_way_back(struct sheet *sheet, const struct view_input *input);
/* That another run holds the Lease, and goes on when this one ends; or nothing. */
void pane_elsewhere(struct sheet *sheet, const struct view_input *input);
/* A run that was left: the journal and the world; full: nothing shortened. */
void pane_reality(struct sheet *sheet, const struct view_input *input,
		  bool full);
/* A later gate in full, to be armed: ui->ahead. */
void pane_ahead(struct sheet *sheet, const struct view_input *input,
		const struct view_ui *ui);
/* The end: result, outage, steps with their times, what to do now. */
void pane_end(struct sheet *sheet, const struct view_input *input);
void pane_journal(struct sheet *sheet, const struct view_input *input,
		  const struct view_ui *ui);
void pane_messages(struct sheet *sheet, const struct view_ui *ui);
void pane_help(struct sheet *sheet, const struct view_input *input);
/* One row: the keys that work now. */
void pane_keys(struct sheet *sheet, const struct view_input *input,
	       const struct view_ui *ui);

/* A list of effects: where each goes, and what is sent, at most rows rows
 * each (0: in full). */
void pane_effects(struct sheet *sheet, const struct effects *effects,
		  size_t rows);
/* What is left to be sent: at a gate all of it, after a failure the rest, as it
 * would be sent now. Borrowed from the input. */
struct effects effects_left(const struct view_input *input);
/* The same in full. */
void pane_left(struct sheet *sheet, const struct view_input *input);

#endif
