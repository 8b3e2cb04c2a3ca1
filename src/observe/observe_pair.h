/* What the two databases' last observations say together. Part of observer.c. */
#ifndef CUTOVER_OBSERVE_OBSERVE_PAIR_H
#define CUTOVER_OBSERVE_OBSERVE_PAIR_H

#include "observe/facts.h"

/* Brings `missing` and `errant` and their stamps up to what was seen last of
 * either; leaves them as they are until both were seen. */
void observe_pair(struct facts *facts);

#endif
