/*
 * The table of keys: what the key bar names, what help explains and what the
 * screen obeys are one list.
 */
#ifndef CUTOVER_VIEW_KEYS_H
#define CUTOVER_VIEW_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct view_input;

enum key_action {
	KEY_CONFIRM,
	KEY_ROLLBACK,
	KEY_RETRY,
	KEY_NOTE,
	KEY_OVERRIDE,
	KEY_CANCEL,
	KEY_PARK,
	KEY_DETAILS,
	KEY_CLUSTER,
	KEY_GTIDS,
	KEY_WAY_BACK,
	KEY_JOURNAL,
	KEY_MESSAGES,
	KEY_UP,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_WORD,
	KEY_BACK,
	KEY_REDRAW,
	KEY_QUIT,
	KEY_HELP_PAGE,
	KEY_ACTIONS,
};

/* Characters beyond ASCII for keys that have none. */
enum key_code {
	KEY_CODE_NONE = 0,
	KEY_CODE_CTRL_C = 3,
	KEY_CODE_CTRL_L = 12,
	KEY_CODE_ENTER = '\n',
	KEY_CODE_ESC = 27,
	KEY_CODE_UP = 0x10000,
	KEY_CODE_DOWN,
	KEY_CODE_PAGE_UP,
	KEY_CODE_PAGE_DOWN,
};

struct key {
	enum key_action action;
	int codes[3];                   /* 0: none */
	const char *keys;               /* as shown: "r", "Esc" */
	const char *name;               /* for the bar; NULL: not shown there */
	const char *meaning;            /* for help */
	int decision;                   /* enum decision that must be possible; -1 */
};

/* In the order of the bar; KEY_ACTIONS of them. */
extern const struct key keys_table[];

/* The key of that code that works now, or NULL. */
const struct key *keys_find(int code, const struct view_input *input);
/* Does it work now? */
bool keys_works(const struct key *key, const struct view_input *input);

#endif
