/*
 * An effect: one request or statement, exactly as it will be sent, and to
 * whom. What the gate shows and what the performer sends are this one
 * structure (promise 1). Secrets (tokens, passwords) are not part of it: they
 * are added by the client that sends it.
 */
#ifndef CUTOVER_PERFORM_EFFECT_H
#define CUTOVER_PERFORM_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum effect_kind {
	EFFECT_SQL,             /* request: the statement; connection: database */
	EFFECT_KUBE,            /* method, path, content_type, body */
	EFFECT_HTTP,            /* method, url, content_type, body, expect, token_file */
	EFFECT_MANUAL,          /* request: what the operator does by hand */
};

/* Strings are owned by the arena of the list; NULL where the kind has none. */
struct effect {
	enum effect_kind kind;
	size_t action;          /* index of the action in its deed */
	int verb;               /* SQL: enum db_verb, or -1 */
	bool once;              /* a second sending would do it twice; the others find
				   it done, or fail */
	int64_t transactions;   /* that it adds to the target itself */
	const char *connection; /* the runbook's name of the connection */
	const char *target;     /* "aurora (127.0.0.1:3307)": for people */
	const char *request;    /* the whole of it as text, for people and record */
	const char *gist;       /* the request without the precondition that only the
				   moment of sending can fill in; NULL: no such */
	const char *method, *path, *content_type, *body;
	const char *token_file, *token_header;  /* the header without the token */
	int64_t expect;         /* HTTP status; 0: any 2xx */
	int64_t within_ms;
};

struct effects {
	struct effect *items;
	size_t count;
	const char *problem;    /* not NULL: it cannot be planned now, and why */
};

#endif
