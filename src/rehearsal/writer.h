/*
 * Who may write: the application's own rules, DESIGN section 1.
 *
 * v1 writes while the flag is on; v2 while the flag is on and it was started
 * with ENABLE_WRITES=true. The smoke test's door passes the flag alone. Pure.
 */
#ifndef CUTOVER_REHEARSAL_WRITER_H
#define CUTOVER_REHEARSAL_WRITER_H

#include <stdbool.h>

enum writer_answer {
	WRITER_MAY,
	WRITER_FLAG_OFF,        /* database-writes-enabled is false */
	WRITER_READ_ONLY_MODE,  /* ENABLE_WRITES is not true */
};

struct writer_rules {
	bool needs_enabling;    /* v2: ENABLE_WRITES counts */
	bool enabled;
};

/* version is APP_VERSION ("v1", "v2"), enable_writes the env or NULL. */
struct writer_rules writer_rules_of(const char *version,
				    const char *enable_writes);

enum writer_answer writer_may_write(const struct writer_rules *rules,
				    bool flag);
enum writer_answer writer_may_test(const struct writer_rules *rules);

/* What a refused user is told: "flag-off", "read-only-mode". */
const char *writer_reason(enum writer_answer answer);

#endif
