/* The end of a rehearsal, for those who took part: what it was worth. */
#ifndef CUTOVER_COMMANDS_DEBRIEF_H
#define CUTOVER_COMMANDS_DEBRIEF_H

#include "base/error.h"
#include "journal/rundir.h"

/*
 * Compares the rehearsal in that directory, whose ledger is on record, with
 * earlier ones of its kind, puts the comparison on record as well, and prints
 * the debrief on standard output. Nothing at all if no ledger is there. Takes a
 * second at most for what earlier runs tell; one that cannot be read tells
 * nothing. Errors are the journal's, which must not be open.
 */
int debrief_show(const struct rundir *dir, struct error *err);

/* How a rehearsal is judged, for the help: 80 columns, on standard output. */
int debrief_print_rules(void);

#endif
