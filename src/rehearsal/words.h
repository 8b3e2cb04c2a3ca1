/*
 * Texts with {words} in them, which differ from server to server or from start
 * to start: tables hold the texts, and this fills the words in.
 */
#ifndef CUTOVER_REHEARSAL_WORDS_H
#define CUTOVER_REHEARSAL_WORDS_H

#include <stddef.h>

struct buf;
struct error;

/* A list of them ends with a key of NULL. */
struct word {
	const char *key;                /* without its braces */
	const char *text;
};

/* Appends the text with its words filled in; one that is not in the list
 * becomes nothing. The buffer keeps its error. */
void words_append(struct buf *buf, const char *text, const struct word *words);

/* Writes it to dst. ERR_LIMIT if it takes more than size - 1 bytes. */
int words_fill(char *dst, size_t size, const char *text,
	       const struct word *words, struct error *err);

#endif
