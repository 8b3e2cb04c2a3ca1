/*
 * Gives the terminal back when the program dies: SIGSEGV, SIGABRT, SIGBUS and
 * SIGFPE write a sequence prepared beforehand, restore the line discipline,
 * and then kill as they would have.
 */
#ifndef CUTOVER_TUI_CRASH_H
#define CUTOVER_TUI_CRASH_H

#include <termios.h>

/* restore: what the terminal must be sent; copied. */
void crash_arm(int fd, const struct termios *termios, const char *restore);
void crash_disarm(void);

#endif
