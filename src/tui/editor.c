/* See editor.h. */
#include "tui/editor.h"

#include <string.h>

#include "view/keys.h"

void editor_clear(struct editor *editor)
{
	editor->len = 0;
	editor->text[0] = '\0';
}

/* A code point as UTF-8; returns its length. */
static size_t editor_encode(int point, char out[4])
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

bool editor_key(struct editor *editor, int key)
{
	char bytes[4];
	size_t len;

	if (key == KEY_CODE_CTRL_U) {
		editor_clear(editor);
		return true;
	}
	if (key == KEY_CODE_BACKSPACE) {
		while (editor->len && ((unsigned char)editor->text[--editor->len] &
				       0xc0) == 0x80)
			;
		editor->text[editor->len] = '\0';
		return true;
	}
	if (key < ' ' || key > 0x10ffff)
		return false;
	len = editor_encode(key, bytes);
	if (editor->len + len < sizeof(editor->text)) {
		memcpy(editor->text + editor->len, bytes, len);
		editor->len += len;
		editor->text[editor->len] = '\0';
	}
	return true;
}
