/* cutover rehearse --inject: what an instructor says to a world from a second
 * terminal. */
#ifndef CUTOVER_COMMANDS_INJECT_H
#define CUTOVER_COMMANDS_INJECT_H

/* words: [WORLD-DIR] then "list", "status", "clear NAME|all", or a fault and
 * its KEY=VALUE, in one word or several; dir: --world-dir, or NULL. Prints the
 * answer; returns an exit status. */
int inject_run(const char *dir, char *const *words, int count);

#endif
