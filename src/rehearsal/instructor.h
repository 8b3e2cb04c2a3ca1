/*
 * What an instructor can say to the world over its control socket: which
 * faults there are, how things stand, begin one, clear one.
 */
#ifndef CUTOVER_REHEARSAL_INSTRUCTOR_H
#define CUTOVER_REHEARSAL_INSTRUCTOR_H

struct buf;
struct error;
struct scenes;
struct stage;

/* Borrowed. */
struct instructor {
	struct stage *stage;
	struct scenes *scenes;
};

/*
 * Answers, as door.h has it: `faults`, `status`, `inject NAME
 * [KEY=VALUE]...`, `clear NAME|all`. line is taken apart. ERR_NOTFOUND: no such
 * command; ERR_INVALID and others: why not.
 */
int instructor_answer(struct instructor *instructor, char *line,
		      struct buf *answer, struct error *err);

/* What `faults` answers: a line for each, its parameters, what it is about. */
void instructor_list(const char *indent, struct buf *answer);

#endif
