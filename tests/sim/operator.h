/*
 * The operator: presses keys at the run that is driven now, most of them with
 * sense, some not. When the weather is calm, patient and careful.
 */
#ifndef CUTOVER_SIM_OPERATOR_H
#define CUTOVER_SIM_OPERATOR_H

/* From now on, to the end of the run. */
void operator_begin(void);

#endif
