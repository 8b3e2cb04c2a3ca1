/* The runbooks that are driven: the shipped aurora-cutover, and what a careless
 * author might make of it. */
#ifndef CUTOVER_SIM_SIMBOOK_H
#define CUTOVER_SIM_SIMBOOK_H

#include <stdbool.h>
#include <stdint.h>

struct runbook;

struct simbook {
	const struct runbook *runbook;
	/* Its guards hold, and its order leads to an end. What a careless author
	 * made may lead nowhere, or lose what guards would have kept; two
	 * writers, silence and lies it must not lead to either. */
	bool sane;
};

/* Loads all of them; problems go to stderr. 0, or an error code. */
int simbook_open(void);
void simbook_close(void);
/* The one that a seed drives. */
struct simbook simbook_of(int64_t seed);

#endif
