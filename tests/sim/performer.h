/* What life.c asks of the simulated performer. */
#ifndef CUTOVER_SIM_PERFORMER_H
#define CUTOVER_SIM_PERFORMER_H

/* Forgets what is on its way still; the loop runs no more. */
void performer_close(void);

#endif
