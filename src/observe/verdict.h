/*
 * What a condition says when it is held against the facts: green, red, or
 * unknown. No data is no-go: unknown never opens a gate.
 */
#ifndef CUTOVER_OBSERVE_VERDICT_H
#define CUTOVER_OBSERVE_VERDICT_H

#include <stdbool.h>

#define VERDICT_TEXT_MAX 256

enum verdict_state {
	VERDICT_UNKNOWN,
	VERDICT_RED,
	VERDICT_GREEN,
};

struct verdict {
	enum verdict_state state;
	bool pending;                   /* not green yet, but may become so by time alone */
	char text[VERDICT_TEXT_MAX];    /* a sentence with the live values; sanitised */
};

#endif
