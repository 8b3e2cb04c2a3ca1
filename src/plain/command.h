/*
 * The operator's decisions as words: one table of them, which both reads a
 * line and explains itself.
 */
#ifndef CUTOVER_PLAIN_COMMAND_H
#define CUTOVER_PLAIN_COMMAND_H

#include <stddef.h>

#include "conduct/conduct.h"

#define COMMAND_LINE_MAX 2048

enum command_kind {
	COMMAND_RESUME,
	COMMAND_GO,             /* also: the gate's own word */
	COMMAND_ROLLBACK,
	COMMAND_RETRY,
	COMMAND_SKIP,           /* argument: REASON */
	COMMAND_OVERRIDE,       /* argument: N REASON, N from 1 */
	COMMAND_ARM,            /* argument: LABEL, or LABEL WORD */
	COMMAND_DISARM,
	COMMAND_NOTE,           /* argument: text */
	COMMAND_PARK,           /* argument: reason, or nothing */
	COMMAND_CANCEL,
	COMMAND_TAKEOVER,       /* the word itself is the confirmation */
	COMMAND_STATUS,
	COMMAND_HELP,
	COMMAND_KINDS,
};

struct command {
	const char *name, *arguments, *meaning;
	int decision;                   /* enum decision; -1: always */
};

/* COMMAND_KINDS of them, by kind. */
extern const struct command command_table[];

/* Reads a line: its kind, and through *ret_argument (into line) what follows
 * the word. COMMAND_KINDS: no such command. */
enum command_kind command_parse(const struct conductor *conductor,
				const char *line, const char **ret_argument);
/* The step that an argument "STEP [WORD]" names, and the word (into argument). */
int command_step(const struct conductor *conductor, const char *argument,
		 const char **ret_word, size_t *ret_step, struct error *err);
/* The word that arms a step's gate. */
const char *command_arm_word(const struct runbook_step *step);
/* Carries a decision out (not STATUS and HELP); way_back: the version of the way
 * back that was printed. 0, or why not. */
int command_decide(struct conductor *conductor, enum command_kind kind,
		   const char *argument, uint64_t way_back,
		   struct error *err);

#endif
