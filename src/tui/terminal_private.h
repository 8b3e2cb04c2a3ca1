/* What the files of terminal.h share; nobody else includes this. */
#ifndef CUTOVER_TUI_TERMINAL_PRIVATE_H
#define CUTOVER_TUI_TERMINAL_PRIVATE_H

#include "tui/terminal.h"

/* Has curses understand keys and pastes. */
void terminal_listen(struct terminal *terminal);
/* Sets the colours up, where there are any and they are wanted. */
void terminal_colours(struct terminal *terminal);

#endif
