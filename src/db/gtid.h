/*
 * Sets of transactions, as servers write them: MySQL's "uuid[:tag]:1-5:7" and
 * MariaDB's "domain-server-sequence". No I/O.
 *
 * Whether the target has all that the source has is decided here and nowhere
 * else: by containment, never by "seconds behind". A MariaDB position "0-11-20"
 * means: in domain 0, everything up to 20; the server is kept for display.
 */
#ifndef CUTOVER_DB_GTID_H
#define CUTOVER_DB_GTID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GTID_TEXT_MAX (16u << 20)      /* longest text that is parsed */
#define GTID_SOURCES_MAX 65536u        /* uuids (with tags) or domains */
#define GTID_INTERVALS_MAX 1000000u    /* over all sources */
#define GTID_TAG_MAX 32u               /* MySQL's own limit */
#define GTID_SEQUENCE_MAX (INT64_MAX - 1) /* MySQL's largest number */

enum gtid_form {
	GTID_ANY,       /* of an empty set: fits both */
	GTID_MYSQL,
	GTID_MARIADB,
};

/* Both ends belong to it. */
struct gtid_interval {
	uint64_t from, to;
};

/* The transactions of one origin: sorted, disjoint, not adjoining. */
struct gtid_source {
	uint8_t uuid[16];               /* MySQL */
	char tag[GTID_TAG_MAX + 1];     /* MySQL; "" when untagged */
	uint32_t domain;                /* MariaDB */
	uint32_t server;                /* MariaDB: who wrote the last one */
	struct gtid_interval *intervals;
	size_t count, cap;
};

/* Read it freely; change it through the functions below. */
struct gtid_set {
	enum gtid_form form;
	struct gtid_source *sources;    /* sorted */
	size_t count, cap;
	size_t intervals;               /* over all sources */
};

/* An empty set; allocates nothing. {0} is one too. */
void gtid_init(struct gtid_set *set);
/* Frees; the set is empty and usable again. */
void gtid_release(struct gtid_set *set);

/*
 * Reads either form, blanks and newlines between the parts ignored, "" being
 * the empty set. *ret_set must be released or initialised; it is written on
 * success only. ERR_SYNTAX names the byte at which the text went wrong
 * ("gtid set, byte 17: ..."), ERR_LIMIT a maximum above, ERR_NOMEM.
 */
int gtid_parse(const char *text, struct gtid_set *ret_set, struct error *err);

/*
 * Canonical text, without newlines: sorted, intervals joined. The caller frees
 * it; NULL when memory is out. A MariaDB set that does not begin at 1 (what a
 * subtraction leaves) is written "domain-server-from..to", which gtid_parse
 * reads back and no server writes.
 */
char *gtid_format(const struct gtid_set *set);

bool gtid_is_empty(const struct gtid_set *set);
/* How many transactions; UINT64_MAX if more than fit. */
uint64_t gtid_count(const struct gtid_set *set);

/* Whether all of part is in whole. An empty part is; sets of different forms
 * contain nothing of each other. */
bool gtid_contains(const struct gtid_set *whole, const struct gtid_set *part);
bool gtid_equal(const struct gtid_set *a, const struct gtid_set *b);

/*
 * What is in from and not in what; what is in either. ret_set may be neither
 * argument; it must be released or initialised, and is written on success
 * only. ERR_INVALID for sets of different forms, ERR_LIMIT, ERR_NOMEM.
 */
int gtid_subtract(const struct gtid_set *from, const struct gtid_set *what,
		  struct gtid_set *ret_set, struct error *err);
int gtid_union(const struct gtid_set *a, const struct gtid_set *b,
	       struct gtid_set *ret_set, struct error *err);
/* The part of a MySQL set that one server wrote, tagged or not. Nothing if
 * uuid is not one. ret_set as above. */
int gtid_of_server(const struct gtid_set *set, const char *uuid,
		   struct gtid_set *ret_set, struct error *err);
int gtid_copy(const struct gtid_set *set, struct gtid_set *ret_set,
	      struct error *err);

/*
 * Building a set: gtid_add puts an interval (1 <= from <= to) at its end, with
 * the origin's uuid and tag, or domain and server, and gtid_normalise sorts and
 * joins when all are in. In between the set is fit for nothing else.
 */
int gtid_add(struct gtid_set *set, const struct gtid_source *origin,
	     uint64_t from, uint64_t to, struct error *err);
int gtid_normalise(struct gtid_set *set, struct error *err);

#endif
