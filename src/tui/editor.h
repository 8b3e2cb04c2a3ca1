/* A line that is being typed: at its end only, as one types a word. Pure. */
#ifndef CUTOVER_TUI_EDITOR_H
#define CUTOVER_TUI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#define EDITOR_MAX 1024

struct editor {
	char text[EDITOR_MAX];          /* UTF-8 */
	size_t len;
};

void editor_clear(struct editor *editor);
/* Takes a key that edits the line or belongs into it; false: it does not. */
bool editor_key(struct editor *editor, int key);

#endif
