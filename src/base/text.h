/*
 * Text from outside: numbers parsed in one place, and one sanitiser that
 * everything passes before it reaches a screen or a transcript.
 */
#ifndef CUTOVER_BASE_TEXT_H
#define CUTOVER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* A decimal integer within [min, max], nothing around it. 0, ERR_SYNTAX or
 * ERR_LIMIT. */
int text_parse_int(const char *text, int64_t min, int64_t max,
		   int64_t *ret_value);

/* The length of the well-formed UTF-8 character at text (of left > 0 bytes),
 * or 0; its code point goes to *ret_point. */
size_t text_decode(const char *text, size_t left, uint32_t *ret_point);
/* A character that moves the cursor or turns the text around: control
 * characters, C1, bidirectional marks, line separators, byte order marks. */
bool text_is_harmful(uint32_t point);

/*
 * Copies text into dst so that it is safe to show: control characters, C1,
 * bidirectional marks and broken UTF-8 become '?' (a line feed or tab becomes
 * a space). Always terminated, cut at a character's border.
 */
void text_sanitise(char *dst, size_t size, const char *text);
/* The same for len bytes, appended to a buffer; line feeds are kept if
 * keep_lines. 0 or the buffer's error. */
int text_sanitise_to(struct buf *buf, const char *text, size_t len,
		     bool keep_lines);

/* How many screen columns the sanitised text takes; needs LC_CTYPE set. */
int text_width(const char *text);
/* How many bytes of text fit into columns. */
size_t text_fit(const char *text, int columns);

/* The number of single-character edits between a and b, at most limit + 1:
 * finds the nearest known word for a misspelt one. */
int text_distance(const char *a, const char *b, int limit);

/* Do they say the same, whatever numbers stand in them? */
bool text_same_words(const char *a, const char *b);

/* Overwrites memory that held a secret; never optimised away. */
void text_wipe(void *memory, size_t size);

#endif
