/* See review.h. */
#include "kube/review.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

/* The next part of the path into dst, "" at its end; false: it does not fit. */
static bool review_part(const char **at, char dst[KUBE_WISH_WORD_MAX])
{
	size_t len;

	if (**at == '/')
		++*at;
	len = strcspn(*at, "/?");
	if (len >= KUBE_WISH_WORD_MAX)
		return false;
	memcpy(dst, *at, len);
	dst[len] = '\0';
	*at += len;
	return true;
}

static const char *review_verb(const char *method, bool named)
{
	static const struct {
		const char *method, *one, *all;
	} verbs[] = {
		{"GET", "get", "list"}, {"POST", "create", "create"},
		{"PUT", "update", "update"}, {"PATCH", "patch", "patch"},
		{"DELETE", "delete", "deletecollection"},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].method, method) == 0)
			return named ? verbs[i].one : verbs[i].all;
	return NULL;
}

int kube_wish_of(const char *method, const char *path, struct kube_wish *ret,
		 struct error *err)
{
	char root[KUBE_WISH_WORD_MAX], version[KUBE_WISH_WORD_MAX];
	char namespaces[KUBE_WISH_WORD_MAX];
	const char *at = path, *verb;
	bool good;

	memset(ret, 0, sizeof(*ret));
	good = review_part(&at, root) &&
	       (strcmp(root, "apis") != 0 || review_part(&at, ret->group)) &&
	       review_part(&at, version) && review_part(&at, namespaces) &&
	       review_part(&at, ret->namespace_) &&
	       review_part(&at, ret->resource) && review_part(&at, ret->name) &&
	       review_part(&at, ret->subresource);
	verb = good ? review_verb(method, ret->name[0]) : NULL;
	if (!verb || !ret->resource[0] || strncmp(root, "api", 3) != 0 ||
	    strcmp(namespaces, "namespaces") != 0)
		return error_set(err, ERR_INVALID, NULL,
				 "not a request for a resource: %s %.200s",
				 method, path);
	snprintf(ret->verb, sizeof(ret->verb), "%s", verb);
	return 0;
}

void kube_wish_text(const struct kube_wish *wish, char *dst, size_t size)
{
	snprintf(dst, size, "%s %s%s%s%s%s", wish->verb, wish->resource,
		 wish->subresource[0] ? "/" : "", wish->subresource,
		 wish->name[0] ? " " : "", wish->name);
}

json_t *kube_review_body(const struct kube_wish *wish)
{
	return json_pack("{ss ss s{s{ss ss ss ss ss ss}}}", "apiVersion",
			 "authorization.k8s.io/v1", "kind",
			 "SelfSubjectAccessReview", "spec",
			 "resourceAttributes", "namespace", wish->namespace_,
			 "verb", wish->verb, "group", wish->group, "resource",
			 wish->resource, "subresource", wish->subresource,
			 "name", wish->name);
}

bool kube_review_allows(const json_t *answer,
			char reason[KUBE_REVIEW_REASON_MAX])
{
	text_sanitise(reason, KUBE_REVIEW_REASON_MAX,
		      json_text(answer, "status/reason", ""));
	return json_is_true(json_at(answer, "status/allowed"));
}
