/*
 * A request on somebody else's behalf (kubectl --as): Impersonate-User, -Group,
 * -Uid and -Extra-KEY. Each of them is a thing that its sender must be allowed
 * to impersonate; then the request runs as that user with those groups, and
 * with no more than they have. An extra is checked and told nowhere.
 */
#include "rehearsal/cluster/http_private.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rehearsal/cluster/status.h"

#define AUTHENTICATION "authentication.k8s.io"
#define ACCOUNT "system:serviceaccount:"
#define EXTRA "Impersonate-Extra-"
#define PART_MAX 64             /* a namespace of a service account */

struct impersonation {
	struct exchange *x;
	struct access_who who;  /* whom it will be */
	bool any, good;
};

static bool header_is(const char *key, const char *name)
{
	return !strcasecmp(key, name);
}

static bool may_be(struct exchange *x, const struct access_wish *wish)
{
	if (http_allows(x, wish))
		return true;
	access_refuse(&x->answer, &x->who, wish);
	return false;
}

/* A service account is named by its namespace and name, and is in groups of its
 * own where none are given. */
static bool become_user(struct impersonation *act, const char *user,
			bool groups_given)
{
	struct access_wish wish = { .verb = "impersonate", .group = "",
				    .resource = "users", .subresource = "",
				    .ns = "", .name = user };
	const char *place = user + sizeof(ACCOUNT) - 1, *colon = NULL;
	char ns[PART_MAX];

	if (!strncmp(user, ACCOUNT, sizeof(ACCOUNT) - 1))
		colon = strchr(place, ':');
	if (colon && colon > place && colon - place < PART_MAX && colon[1]) {
		snprintf(ns, sizeof(ns), "%.*s", (int)(colon - place), place);
		wish.resource = "serviceaccounts";
		wish.ns = ns;
		wish.name = colon + 1;
		snprintf(act->x->ns_group, sizeof(act->x->ns_group),
			 "system:serviceaccounts:%s", ns);
		if (!groups_given) {
			access_join(&act->who, "system:serviceaccounts");
			access_join(&act->who, act->x->ns_group);
		}
	}
	act->who.name = user;
	return may_be(act->x, &wish);
}

static enum MHD_Result look_at_header(void *data, enum MHD_ValueKind kind,
				      const char *key, const char *value)
{
	struct impersonation *act = data;
	struct access_wish wish = { .verb = "impersonate",
				    .group = AUTHENTICATION,
				    .subresource = "", .ns = "",
				    .name = value ? value : "" };

	(void)kind;
	if (header_is(key, "Impersonate-Group")) {
		wish.group = "";
		wish.resource = "groups";
		/* one more may join by itself */
		if (act->who.group_count + 1 == ACCESS_GROUPS_MAX ||
		    !access_join(&act->who, wish.name)) {
			status_bad_request(&act->x->answer,
					   "impersonating more than %d groups",
					   ACCESS_GROUPS_MAX - 1);
			act->good = false;
			return MHD_NO;
		}
	} else if (header_is(key, "Impersonate-Uid")) {
		wish.resource = "uids";
		act->who.uid = wish.name;
	} else if (!strncasecmp(key, EXTRA, sizeof(EXTRA) - 1)) {
		wish.resource = "userextras";
		wish.subresource = key + sizeof(EXTRA) - 1;
	} else {
		return MHD_YES;
	}
	act->good = may_be(act->x, &wish);
	return act->good ? MHD_YES : MHD_NO;
}

static enum MHD_Result count_header(void *data, enum MHD_ValueKind kind,
				    const char *key, const char *value)
{
	(void)kind;
	(void)value;
	if (!strncasecmp(key, "Impersonate-", 12))
		*(bool *)data = true;
	return MHD_YES;
}

/* Everybody is in one of the two, unless the groups that were given say so. */
static void join_all(struct access_who *who)
{
	bool anonymous = !strcmp(who->name, access_name(ACCESS_ANONYMOUS));

	if (!access_is_in(who, ACCESS_UNAUTHENTICATED) &&
	    (anonymous || !access_is_in(who, ACCESS_AUTHENTICATED)))
		access_join(who, anonymous ? ACCESS_UNAUTHENTICATED :
			    ACCESS_AUTHENTICATED);
}

bool http_impersonate(struct exchange *x)
{
	struct impersonation act = { .x = x, .good = true };
	const char *user = http_request_header(x, "Impersonate-User");

	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, count_header,
				  &act.any);
	if (!act.any)
		return true;
	if (!user || !*user) {
		answer_set(&x->answer, 500, status_object(
			500, "InternalError", json_object(),
			"Internal error occurred: impersonation without a user"));
		return false;
	}
	if (!become_user(&act, user, http_request_header(
		x, "Impersonate-Group")))
		return false;
	MHD_get_connection_values(x->connection, MHD_HEADER_KIND,
				  look_at_header, &act);
	if (!act.good)
		return false;
	join_all(&act.who);
	x->who = act.who;
	return true;
}
