/* Which run the faults of the operator's terminal are about; see fault.h. */
#ifndef CUTOVER_REHEARSAL_FAULT_USERS_H
#define CUTOVER_REHEARSAL_FAULT_USERS_H

/* The directory of the run that is followed from now on; copied. */
void fault_users_follow(const char *run_dir);

#endif
