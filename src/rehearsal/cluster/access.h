/*
 * Who asks, and what they may: a handful of users, each with a role, as RBAC's
 * cluster-admin, edit and view would have it.
 */
#ifndef CUTOVER_REHEARSAL_ACCESS_H
#define CUTOVER_REHEARSAL_ACCESS_H

#include <jansson.h>
#include <stdbool.h>

struct answer;

#define ACCESS_TOKEN_MAX 65

enum access_user {
	ACCESS_ADMIN,           /* everything */
	ACCESS_READER,          /* get, list, watch; no secrets */
	ACCESS_DEPLOYER,        /* and change what applications are made of */
	ACCESS_NOBODY,          /* known, but may nothing */
	ACCESS_ANONYMOUS,       /* came without credentials */
	ACCESS_USERS
};

/* One random token for each user that has one. */
struct access_tokens {
	char text[ACCESS_ANONYMOUS][ACCESS_TOKEN_MAX];
};

/* One thing that somebody wants to do. */
struct access_wish {
	const char *verb;       /* get list watch create update patch … */
	const char *group;
	const char *resource;   /* the plural; NULL for a path */
	const char *subresource;/* "" if none */
	const char *ns;         /* "" if none */
	const char *name;       /* "" if none */
	const char *path;       /* where resource is NULL */
};

/* 0, or ERR_IO if there is no randomness. */
int access_make_tokens(struct access_tokens *tokens);
/* The user of an Authorization header; false if its token is unknown. */
bool access_by_header(const struct access_tokens *tokens, const char *header,
		      enum access_user *ret);
/* The user of a client certificate's common name. */
enum access_user access_by_name(const char *common_name);
const char *access_name(enum access_user user);

bool access_allows(enum access_user user, const struct access_wish *wish);
/* The 403 for a wish. */
void access_refuse(struct answer *answer, enum access_user user,
		   const struct access_wish *wish);

/* Whether a plural names one of the reviews below. */
bool access_is_review(const char *plural);
/*
 * Answers a POST of a SelfSubjectAccessReview, SelfSubjectRulesReview or
 * SelfSubjectReview, named by its plural. review is the object sent, which may
 * be NULL; manager is who sends it.
 */
void access_review(struct answer *answer, enum access_user user,
		   const char *plural, const json_t *review,
		   const char *manager);

#endif
