/*
 * What can go wrong in the practice world, each by its name.
 *
 * A fault is a row of a table; a scenario's timeline and the instructor begin
 * and clear it by name. Its state lives in the part that it hooks into, or in
 * its own file: there is one world in a process.
 */
#ifndef CUTOVER_REHEARSAL_FAULT_H
#define CUTOVER_REHEARSAL_FAULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct options;
struct pair;
struct platform;
struct users;

/* What everything that can go wrong works on. Borrowed; main thread. */
struct stage {
	struct platform *platform;      /* cluster, node, flag, balancer */
	struct pair *pair;              /* rds and aurora */
	struct users *users;
	const struct options *options;
	uint64_t seed;                  /* of all chance in this world */
};

/*
 * One thing that can go wrong. begin and clear run on the main thread and
 * return within a second: longer work gets a thread or a child of its own,
 * which clear joins.
 */
struct fault {
	const char *name;               /* "api-throttled" */
	const char *parameters;         /* "seconds=N", shown in help; "": none */
	const char *about;              /* one line for the instructor's help */
	const char *usual;              /* parameters not given, "3"; "": no word */
	/* parameters: an object, from YAML or from KEY=VALUE words; may be NULL.
	 * Names that .parameters does not list were refused before. Beginning
	 * what has begun gives it the new parameters. */
	int (*begin)(struct stage *stage, const json_t *parameters,
		     struct error *err);
	/* Ends it, and does nothing when it has not begun. The first cannot
	 * fail; the second may (its database is down), and is asked again then.
	 * Both NULL: it is a deed that is over at once. */
	void (*clear)(struct stage *stage);
	int (*mend)(struct stage *stage, struct error *err);
	/* Whether it has ended by itself since it was begun. NULL: it never
	 * does, or nobody can tell. */
	bool (*ended)(const struct stage *stage);
};

/* Tables, each ended by a fault without a name; NULL ends the list. */
extern const struct fault *const fault_tables[];
extern const struct fault faults_api[];
extern const struct fault faults_failover[];
extern const struct fault faults_flag[];
extern const struct fault faults_gitops[];
extern const struct fault faults_pods[];
extern const struct fault faults_promotion[];
extern const struct fault faults_replication[];
extern const struct fault faults_users[];
extern const struct fault faults_writers[];

/* NULL: no fault is named so. */
const struct fault *fault_find(const char *name);
/* Calls each, in the tables' order, until one says false. */
void fault_each(bool (*each)(const struct fault *fault, void *data),
		void *data);

/* Whether the fault takes these parameters, by name; ERR_INVALID says which
 * it does not take. NULL and an empty object are taken by all. */
int fault_check(const struct fault *fault, const json_t *parameters,
		struct error *err);
/* Appends what the fault is about, with the parameters it was given, or else
 * the usual ones. parameters may be NULL. */
void fault_describe(const struct fault *fault, const json_t *parameters,
		    struct buf *dst);
/* fault_check, then begin. */
int fault_begin(struct stage *stage, const struct fault *fault,
		const json_t *parameters, struct error *err);
/* Is it the flag service's? Then a world whose flag is a ConfigMap has none. */
bool fault_wants_flag_service(const struct fault *fault);
/* Does it last until it is cleared? */
bool fault_lasts(const struct fault *fault);
/* Ends it, begun or not. An error: not yet, and why. */
int fault_clear(struct stage *stage, const struct fault *fault,
		struct error *err);
/* Clears all of them, begun or not: at the world's end. */
void fault_clear_all(struct stage *stage);

/* A parameter's value, written as a number or as text; fallback if it is not
 * there. ERR_INVALID: none from min to max. */
int fault_number(const json_t *parameters, const char *name, int64_t fallback,
		 int64_t min, int64_t max, int64_t *ret, struct error *err);
/* The same as text, terminated; ERR_INVALID: too long for size. */
int fault_text(const json_t *parameters, const char *name,
	       const char *fallback, char *dst, size_t size,
	       struct error *err);

#endif
