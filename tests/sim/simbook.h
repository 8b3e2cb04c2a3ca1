/* The runbooks that are driven: the shipped aurora-cutover, and what a careless
 * author might make of it. */
#ifndef CUTOVER_SIM_SIMBOOK_H
#define CUTOVER_SIM_SIMBOOK_H

#include <stdint.h>

struct runbook;

/* Loads all of them; problems go to stderr. 0, or an error code. */
int simbook_open(void);
void simbook_close(void);
/* The one that a seed drives. */
const struct runbook *simbook_of(int64_t seed);

#endif
