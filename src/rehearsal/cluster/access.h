/*
 * Who asks, and what they may: a handful of users, each with a role, as RBAC's
 * cluster-admin, edit and view would have it. Roles belong to their groups: who
 * acts as somebody else has what that one's groups have.
 */
#ifndef CUTOVER_REHEARSAL_ACCESS_H
#define CUTOVER_REHEARSAL_ACCESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct answer;

#define ACCESS_TOKEN_MAX 65
#define ACCESS_GROUPS_MAX 32
#define ACCESS_AUTHENTICATED "system:authenticated"
#define ACCESS_UNAUTHENTICATED "system:unauthenticated"

enum access_user {
	ACCESS_ADMIN,           /* everything */
	ACCESS_READER,          /* get, list, watch; no secrets */
	ACCESS_DEPLOYER,        /* and change what applications are made of */
	ACCESS_NOBODY,          /* known, but may nothing */
	ACCESS_ANONYMOUS,       /* came without credentials */
	ACCESS_USERS
};

/* Who asks, as reviews and refusals tell it. The texts are borrowed. */
struct access_who {
	const char *name, *uid; /* uid: NULL if none */
	const char *groups[ACCESS_GROUPS_MAX];
	size_t group_count;
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

/* One of the users above. */
void access_become(struct access_who *who, enum access_user user);
/* False if that would be too many. */
bool access_join(struct access_who *who, const char *group);
bool access_is_in(const struct access_who *who, const char *group);
bool access_is_admin(const struct access_who *who);

bool access_allows(const struct access_who *who, const struct access_wish *wish);
/* The 403 for a wish. */
void access_refuse(struct answer *answer, const struct access_who *who,
		   const struct access_wish *wish);

/* Whether a plural names one of the reviews below. */
bool access_is_review(const char *plural);
/*
 * Answers a POST of a SelfSubjectAccessReview, SelfSubjectRulesReview or
 * SelfSubjectReview, named by its plural. review is the object sent, which may
 * be NULL; manager is who sends it; taken, or NULL, is a verb and a resource
 * that nobody has whatever their role says.
 */
void access_review(struct answer *answer, const struct access_who *who,
		   const char *plural, const json_t *review,
		   const char *manager, const struct access_wish *taken);

#endif
