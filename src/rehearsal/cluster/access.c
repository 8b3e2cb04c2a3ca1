/* See access.h. */
#include "rehearsal/cluster/access.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "rehearsal/cluster/access_rules.h"
#include "rehearsal/cluster/fields_set.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/status.h"

static const struct {
	const char *name, *uid;
	const char *group;
	enum access_role role;
	const char *reason;     /* why an allowed wish is allowed */
} users[ACCESS_USERS] = {
	[ACCESS_ADMIN] = { "practice-admin", "u-1", "system:masters",
			   ROLE_ADMIN, NULL },
	[ACCESS_READER] = {
		"practice-reader", "u-2", "practice:readers", ROLE_VIEW,
		"RBAC: allowed by ClusterRoleBinding \"practice-readers\" of "
		"ClusterRole \"view\" to Group \"practice:readers\"" },
	[ACCESS_DEPLOYER] = {
		"practice-deployer", "u-3", "practice:deployers", ROLE_EDIT,
		"RBAC: allowed by ClusterRoleBinding \"practice-deployers\" "
		"of ClusterRole \"edit\" to Group \"practice:deployers\"" },
	[ACCESS_NOBODY] = { "practice-nobody", "u-4", "practice:nobody",
			    ROLE_NONE, NULL },
	[ACCESS_ANONYMOUS] = { "system:anonymous", NULL,
			       ACCESS_UNAUTHENTICATED, ROLE_NONE, NULL },
};

int access_make_tokens(struct access_tokens *tokens)
{
	unsigned char bytes[(ACCESS_TOKEN_MAX - 1) / 2];

	for (size_t user = 0; user < ACCESS_ANONYMOUS; user++) {
		if (RAND_bytes(bytes, sizeof(bytes)) != 1)
			return ERR_IO;
		for (size_t i = 0; i < sizeof(bytes); i++)
			snprintf(tokens->text[user] + 2 * i, 3, "%02x",
				 bytes[i]);
	}
	return 0;
}

bool access_by_header(const struct access_tokens *tokens, const char *header,
		      enum access_user *ret)
{
	const char *token = header + 7;

	if (strncmp(header, "Bearer ", 7) ||
	    strlen(token) != ACCESS_TOKEN_MAX - 1)
		return false;
	for (int user = 0; user < ACCESS_ANONYMOUS; user++)
		if (!CRYPTO_memcmp(tokens->text[user], token,
				   ACCESS_TOKEN_MAX - 1)) {
			*ret = (enum access_user)user;
			return true;
		}
	return false;
}

enum access_user access_by_name(const char *common_name)
{
	for (int user = 0; user < ACCESS_ANONYMOUS; user++)
		if (!strcmp(users[user].name, common_name))
			return (enum access_user)user;
	return ACCESS_ANONYMOUS;
}

const char *access_name(enum access_user user)
{
	return users[user].name;
}

void access_become(struct access_who *who, enum access_user user)
{
	*who = (struct access_who){ .name = users[user].name,
				    .uid = users[user].uid };
	access_join(who, users[user].group);
	if (user != ACCESS_ANONYMOUS)
		access_join(who, ACCESS_AUTHENTICATED);
}

bool access_join(struct access_who *who, const char *group)
{
	if (who->group_count == ACCESS_GROUPS_MAX)
		return false;
	who->groups[who->group_count++] = group;
	return true;
}

bool access_is_in(const struct access_who *who, const char *group)
{
	for (size_t i = 0; i < who->group_count; i++)
		if (!strcmp(who->groups[i], group))
			return true;
	return false;
}

/* The user whose group gives the most. */
static enum access_user best(const struct access_who *who)
{
	enum access_user found = ACCESS_ANONYMOUS;

	for (int user = 0; user < ACCESS_ANONYMOUS; user++)
		if (users[user].role > users[found].role &&
		    access_is_in(who, users[user].group))
			found = (enum access_user)user;
	return found;
}

static enum access_role role_of(const struct access_who *who)
{
	return users[best(who)].role;
}

bool access_is_admin(const struct access_who *who)
{
	return role_of(who) == ROLE_ADMIN;
}

bool access_allows(const struct access_who *who, const struct access_wish *wish)
{
	enum access_role role = role_of(who);

	if (role == ROLE_NONE && !access_is_in(who, ACCESS_AUTHENTICATED))
		return !wish->resource && access_rules_open(wish->path);
	return access_rules_allow(role, wish);
}

static json_t *refused_details(const struct access_wish *wish)
{
	return json_pack("{s:s*,s:s*,s:s}",
			 "name", *wish->name ? wish->name : NULL,
			 "group", *wish->group ? wish->group : NULL,
			 "kind", wish->resource);
}

void access_refuse(struct answer *answer, const struct access_who *who,
		   const struct access_wish *wish)
{
	char subject[RESOURCE_TEXT_MAX * 4], place[RESOURCE_TEXT_MAX * 4];

	if (!wish->resource)
		return answer_set(answer, 403, status_object(
			403, "Forbidden", json_object(),
			"forbidden: User \"%s\" cannot %s path \"%s\"",
			who->name, wish->verb, wish->path));
	snprintf(subject, sizeof(subject), "%s%s%s%s%s%s", wish->resource,
		 *wish->group ? "." : "", wish->group,
		 *wish->name ? " \"" : "", wish->name,
		 *wish->name ? "\"" : "");
	snprintf(place, sizeof(place), *wish->ns ? " in the namespace \"%s\""
						  : " at the cluster scope%s",
		 wish->ns);
	answer_set(answer, 403, status_object(
		403, "Forbidden", refused_details(wish),
		"%s is forbidden: User \"%s\" cannot %s resource \"%s%s%s\" "
		"in API group \"%s\"%s", subject, who->name,
		wish->verb, wish->resource, *wish->subresource ? "/" : "",
		wish->subresource, wish->group, place));
}

static struct access_wish wish_of(const json_t *attributes)
{
	return (struct access_wish){
		.verb = json_text(attributes, "verb", ""),
		.group = json_text(attributes, "group", ""),
		.resource = json_text(attributes, "resource", ""),
		.subresource = json_text(attributes, "subresource", ""),
		.ns = json_text(attributes, "namespace", ""),
		.name = json_text(attributes, "name", ""),
	};
}

/* What the sender is held to have set in a review that is kept nowhere. */
static json_t *review_metadata(const json_t *review, const char *manager)
{
	json_t *spec = json_pack("{s:O*}", "spec",
				 json_object_get(review, "spec"));
	json_t *set = fields_changed(spec, NULL);

	json_decref(spec);
	return json_pack("{s:[{s:s,s:s,s:s,s:o,s:s,s:o}]}", "managedFields",
			 "manager", manager, "operation", "Update",
			 "apiVersion", "authorization.k8s.io/v1",
			 "time", object_now(), "fieldsType", "FieldsV1",
			 "fieldsV1", set);
}

/* What is empty is not told. */
static void drop_empty(json_t *attributes)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(attributes, next, key, value)
		if (!*json_text(value, "", "-"))
			json_object_del(attributes, key);
}

static json_t *review_access(const struct access_who *who, const json_t *review,
			     const char *manager,
			     const struct access_wish *taken)
{
	const json_t *spec = json_at(review, "spec");
	json_t *attributes = json_at(spec, "resourceAttributes");
	struct access_wish wish = wish_of(attributes);
	bool allowed;

	(void)taken;
	if (!attributes) {
		wish.resource = NULL;
		wish.path = json_text(spec, "nonResourceAttributes/path", "");
	}
	allowed = access_allows(who, &wish);
	drop_empty(attributes);
	return json_pack("{s:s,s:s,s:o,s:O,s:{s:b,s:s*}}",
			 "kind", "SelfSubjectAccessReview",
			 "apiVersion", "authorization.k8s.io/v1", "metadata",
			 review_metadata(review, manager),
			 "spec", spec ? spec : json_null(),
			 "status", "allowed", allowed,
			 "reason", allowed ? users[best(who)].reason : NULL);
}

static json_t *review_rules(const struct access_who *who, const json_t *review,
			    const char *manager,
			    const struct access_wish *taken)
{
	enum access_role role = role_of(who);

	(void)review;
	(void)manager;
	return json_pack("{s:s,s:s,s:{},s:{},s:{s:o,s:o,s:b}}",
			 "kind", "SelfSubjectRulesReview",
			 "apiVersion", "authorization.k8s.io/v1", "metadata",
			 "spec", "status", "resourceRules",
			 access_rules_resources(role, taken), "nonResourceRules",
			 access_rules_paths(role), "incomplete", 0);
}

static json_t *groups_of(const struct access_who *who)
{
	json_t *groups = json_array();

	for (size_t i = 0; i < who->group_count; i++)
		json_array_append_new(groups, json_string(who->groups[i]));
	return groups;
}

static json_t *review_self(const struct access_who *who, const json_t *review,
			   const char *manager,
			   const struct access_wish *taken)
{
	(void)review;
	(void)manager;
	(void)taken;
	return json_pack("{s:s,s:s,s:{s:o},s:{s:{s:s,s:s*,s:o}}}",
			 "kind", "SelfSubjectReview",
			 "apiVersion", "authentication.k8s.io/v1", "metadata",
			 "creationTimestamp", object_now(), "status",
			 "userInfo", "username", who->name, "uid", who->uid,
			 "groups", groups_of(who));
}

static const struct {
	const char *plural;
	json_t *(*fn)(const struct access_who *who, const json_t *review,
		      const char *manager, const struct access_wish *taken);
} reviews[] = {
	{ "selfsubjectaccessreviews", review_access },
	{ "selfsubjectrulesreviews", review_rules },
	{ "selfsubjectreviews", review_self },
};

#define REVIEW_COUNT (sizeof(reviews) / sizeof(*reviews))

bool access_is_review(const char *plural)
{
	for (size_t i = 0; i < REVIEW_COUNT; i++)
		if (!strcmp(reviews[i].plural, plural))
			return true;
	return false;
}

void access_review(struct answer *answer, const struct access_who *who,
		   const char *plural, const json_t *review,
		   const char *manager, const struct access_wish *taken)
{
	for (size_t i = 0; i < REVIEW_COUNT; i++)
		if (!strcmp(reviews[i].plural, plural))
			answer_set(answer, 201, reviews[i].fn(who, review,
							 manager, taken));
}
