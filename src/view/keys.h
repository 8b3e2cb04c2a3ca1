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
	ACT_RESUME,
	ACT_CONFIRM,
	ACT_ROLLBACK,
	ACT_RETRY,
	ACT_SKIP,
	ACT_NOTE,
	ACT_OVERRIDE,
	ACT_ARM,
	ACT_DISARM,
	ACT_CANCEL,
	ACT_TAKE_OVER,
	ACT_PARK,
	ACT_DETAILS,
	ACT_CLUSTER,
	ACT_GTIDS,
	ACT_WAY_BACK,
	ACT_JOURNAL,
	ACT_MESSAGES,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_WORD,
	ACT_BACK,
	ACT_REDRAW,
	ACT_QUIT,
	ACT_HELP,
	ACT_ACTIONS,
};

/* What a key sends: a character, or one of these. */
enum key_code {
	KEY_CODE_NONE = 0,
	KEY_CODE_CTRL_C = 3,
	KEY_CODE_BACKSPACE = 8,
	KEY_CODE_ENTER = '\n',
	KEY_CODE_CTRL_L = 12,
	KEY_CODE_CTRL_U = 21,
	KEY_CODE_ESC = 27,
	KEY_CODE_UP = 0x200000,   /* beyond every character */
	KEY_CODE_DOWN,
	KEY_CODE_PAGE_UP,
	KEY_CODE_PAGE_DOWN,
	KEY_CODE_OTHER,           /* one that does nothing but be any key */
};

struct key {
	enum key_action action;
	int codes[3];                   /* 0: none */
	const char *keys;               /* as shown: "r", "Esc" */
	const char *name;               /* for the bar; NULL: not shown there */
	const char *meaning;            /* for help */
	int decision;                   /* enum decision that must be possible; -1 */
};

/* In the order of the bar; ACT_ACTIONS of them. */
extern const struct key keys_table[];

/* The key of that code that works now, or NULL. */
const struct key *keys_find(int code, const struct view_input *input);
/* Does it work now? */
bool keys_works(const struct key *key, const struct view_input *input);

#endif
