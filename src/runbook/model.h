/*
 * A runbook as the program understands it: what runbook_load made of the YAML
 * after its variables were put in. Plain data, owned by the runbook's arena,
 * never changed after loading. The engine walks the steps; observe/ evaluates
 * conditions; perform/ turns actions into effects; view/ and report/ show them.
 *
 * Strings are never NULL unless a comment says so; one that does not concern
 * its kind, or was left out, is "". Times are milliseconds.
 */
#ifndef CUTOVER_RUNBOOK_MODEL_H
#define CUTOVER_RUNBOOK_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"

/* Limits that a runbook must keep. */
#define RUNBOOK_FILE_MAX (256 * 1024)
#define RUNBOOK_DEPTH_MAX 16
#define RUNBOOK_STEPS_MAX 64
#define RUNBOOK_ITEMS_MAX 64    /* guards, checks, actions, pairs: each list */
#define RUNBOOK_TEXT_MAX 4096   /* a single text */
#define RUNBOOK_ROWS_MAX 8      /* questions of `rows` conditions */

enum variable_type {
	VARIABLE_STRING,
	VARIABLE_INTEGER,
	VARIABLE_DURATION,
	VARIABLE_BOOLEAN,
};

struct runbook_variable {
	const char *name, *about;
	enum variable_type type;
	const char *fallback;   /* the default; NULL: must be given */
	const char *value;      /* in force */
	bool assumed;           /* none was given or required: value is a stand-in */
};

/* "<= 5", "5" (equal), ">= 1": a bound on a count. */
enum compare_op {
	COMPARE_EQ,
	COMPARE_NE,
	COMPARE_LT,
	COMPARE_LE,
	COMPARE_GT,
	COMPARE_GE,
};

struct compare {
	enum compare_op op;
	int64_t value;
};

/* key: value pairs of labels, env or a selector; value NULL means remove. */
struct pair {
	const char *key, *value;
};

struct pairs {
	struct pair *items;
	size_t count;
};

/* ---- connections --------------------------------------------------------- */

enum connection_kind {
	CONNECTION_MYSQL,
	CONNECTION_KUBERNETES,
	CONNECTION_FLAG,
};

enum flag_kind {
	FLAG_HTTP,
	FLAG_CONFIGMAP,
};

struct flag_http {
	const char *url, *token_file, *method;
	const char *on_url, *off_url;   /* "": url, as when it is asked */
	const char *token_header;       /* the token's place in it: SECRET_MARK */
	const char *content_type;       /* of the bodies */
	const char *on, *off;           /* request bodies */
	const char *value;              /* json_at path in the answer to GET */
};

struct runbook_connection {
	const char *name;
	enum connection_kind kind;
	struct {
		const char *file, *group;
	} mysql;
	struct {
		const char *kubeconfig, *context, *namespace;
		int64_t lease_ms;       /* how long the run's Lease lasts */
	} kubernetes;
	struct {
		enum flag_kind kind;
		struct flag_http http;
		const char *configmap, *key;
	} flag;
};

/* ---- what is watched all the time ---------------------------------------- */

struct runbook_version {
	const char *name;               /* v1, v2 */
	const char *deployment;
	const char *match;              /* label selector of its pods */
	const char *writable;           /* further labels of its read-write pods; NULL: all */
	const char *database;           /* connection's name */
};

struct runbook_observe {
	const char *source, *target;    /* connections' names */
	const char *service;
	struct runbook_version *versions;
	size_t version_count;
};

/* ---- conditions: guards and checks --------------------------------------- */

enum condition_kind {
	CONDITION_FLAG,                 /* flag: on|off */
	CONDITION_REPLICATING,          /* both threads run, no error */
	CONDITION_NOT_REPLICATING,      /* no channel is configured */
	CONDITION_MISSING,              /* transactions of the source that `on` lacks */
	CONDITION_ERRANT,               /* transactions of `on` that the source lacks */
	CONDITION_READ_ONLY,            /* on, is */
	CONDITION_QUIET,                /* on, for: position still, no open write */
	CONDITION_TRANSACTIONS,         /* on, since, count: added since a step */
	CONDITION_PODS,                 /* match, ready and/or total */
	CONDITION_ENDPOINTS,            /* service, only, ready */
	CONDITION_SELECTOR,             /* service, is */
	CONDITION_ROWS,                 /* on, query, is: a count read from a database */
	CONDITION_DEPLOYMENT_GONE,      /* no such Deployment */
	CONDITION_ANY,                  /* one of several */
};

struct condition {
	enum condition_kind kind;
	const char *why;                /* "" if none */
	bool hard;                      /* no override */
	int64_t within_ms;              /* checks: time limit (default 60 s) */
	const char *on;                 /* database; NULL where the kind has none */
	const char *name;               /* service or deployment; else NULL */
	const char *match;              /* label selector: pods.match, endpoints.only */
	const char *since;              /* a step's id */
	const char *query;              /* rows */
	bool is;                        /* flag, read_only */
	int64_t for_ms;                 /* quiet */
	struct compare count;           /* missing, errant, transactions, rows */
	struct compare ready, total;    /* pods, endpoints */
	bool has_ready, has_total;
	struct pairs selector;          /* selector.is */
	struct condition *any;          /* CONDITION_ANY */
	size_t any_count;
	int line, column;               /* in the runbook's file */
};

/* ---- actions ------------------------------------------------------------- */

enum action_kind {
	ACTION_FLAG,                    /* is */
	ACTION_FENCE,                   /* on: make it refuse users' writes */
	ACTION_UNFENCE,                 /* on: let it take users' writes */
	ACTION_PROMOTE,                 /* on: stop and forget replication */
	ACTION_PATCH_DEPLOYMENT,        /* name, container, env, labels */
	ACTION_PATCH_SERVICE,           /* name, selector */
	ACTION_SCALE,                   /* name, replicas */
	ACTION_DELETE,                  /* name: a Deployment */
	ACTION_CREATE,                  /* manifest: a file */
	ACTION_REQUEST,                 /* method, url, body, expect, transactions */
	ACTION_SQL,                     /* on, statement */
	ACTION_MANUAL,                  /* text: done by the operator */
};

struct action {
	enum action_kind kind;
	const char *on;
	const char *name;
	const char *container;          /* "": only labels are patched */
	struct pairs env, labels, selector;
	int64_t replicas;
	const char *manifest;
	const char *method, *url, *body;
	int64_t expect;                 /* HTTP status; 0: any 2xx */
	int64_t transactions;           /* how many it adds itself to the target: not users' */
	const char *statement;
	const char *text;
	const char *by_hand;            /* fence, unfence, promote: what the operator
					   does in place of a statement; "": none */
	bool is;
	int64_t within_ms;              /* time limit of the action (default 30 s) */
	int line, column;
};

/* Would a second sending do it twice? Then it is never sent again once its
 * answer was lost. */
bool action_is_once(const struct action *action);

/* ---- steps --------------------------------------------------------------- */

struct conditions {
	struct condition *items;
	size_t count;
};

struct actions {
	struct action *items;
	size_t count;
};

/* Guards, actions and checks: of a step, or of its undo. */
struct deed {
	struct conditions guards;
	struct actions actions;
	struct conditions checks;
};

enum downtime {
	DOWNTIME_NONE,
	DOWNTIME_STARTS,
	DOWNTIME_ENDS,
};

struct runbook_step {
	const char *id;                 /* fence */
	const char *label;              /* 2a */
	const char *title, *why;
	const char *forfeits;           /* "" if it forfeits nothing */
	const char *confirm;            /* word to type; NULL: a key suffices */
	enum downtime downtime;
	bool never_armed;               /* an operator must be at its gate */
	int64_t hold_ms;                /* how long an armed gate stands green before it
					   goes on */
	struct deed deed;
	bool has_undo;
	struct deed undo;
	int line, column;
};

struct runbook {
	struct arena arena;
	const char *path;               /* as it was opened */
	const char *whole_path;         /* from the root, if it is a file's */
	const char *name, *title, *summary;
	char sha256[HASH_HEX_SIZE];     /* of the file's bytes */
	const char *text;               /* the file's bytes, kept for the run's directory */
	struct runbook_variable *variables;
	size_t variable_count;
	struct runbook_connection *connections;
	size_t connection_count;
	struct runbook_observe observe;
	int64_t budget_ms;              /* 0: none agreed */
	int64_t way_back_budget_ms;     /* of a rollback; 0: none agreed */
	const char *rehearsal_start;    /* full, bare or after */
	struct runbook_step *steps;
	size_t step_count;
	size_t *rollback;               /* indices of steps, in the order of their undo */
	size_t rollback_count;
};

/* The index of the step with that id, or -1. */
int runbook_find_step(const struct runbook *runbook, const char *id);
/* The connection of that name, or NULL. */
const struct runbook_connection *
runbook_find_connection(const struct runbook *runbook, const char *name);
/* The first connection of that kind, or NULL; of kubernetes and of flag there
 * is one at most. */
const struct runbook_connection *
runbook_find_kind(const struct runbook *runbook, enum connection_kind kind);

/* The different questions that `rows` conditions ask, by database and query: the
 * first condition of each, in the runbook's order, and how many. *ret_over: the
 * first that is one too many, or NULL. */
size_t runbook_rows(const struct runbook *runbook,
		    const struct condition *ret[RUNBOOK_ROWS_MAX],
		    const struct condition **ret_over);

#endif
