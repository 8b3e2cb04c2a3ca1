/* What the front door does in trouble (trouble.h): holds requests back, turns
 * them away, forbids. And how it is closed for a while. */
#include "rehearsal/cluster/http_private.h"

#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/delay.h"
#include "rehearsal/cluster/trouble.h"

bool http_hold(struct exchange *x)
{
	int ms = trouble_delay(x->http->options.trouble);

	if (x->held || !ms)
		return false;
	x->held = true;
	return !delay_hold(x->http->delay, x->connection, ms);
}

/* Health checks are exempt from priority and fairness, and so answer. */
bool http_throttled(const struct exchange *x)
{
	return trouble_throttled(x->http->options.trouble) &&
	       strcmp(x->path, "/readyz") && strcmp(x->path, "/livez") &&
	       strcmp(x->path, "/healthz");
}

bool http_allows(const struct exchange *x, const struct access_wish *wish)
{
	return access_allows(&x->who, wish) &&
	       !trouble_forbids(x->http->options.trouble, wish);
}

void http_review(struct exchange *x, const json_t *review)
{
	const json_t *asked = json_at(review, "spec/resourceAttributes");
	struct access_wish wish = {
		.verb = json_text(asked, "verb", ""),
		.resource = json_text(asked, "resource", NULL),
	};
	char verb[TROUBLE_WORD_MAX], resource[TROUBLE_WORD_MAX];
	const struct access_wish taken = { .verb = verb, .resource = resource };
	bool forbidden = trouble_forbids(x->http->options.trouble, &wish);
	bool any = trouble_forbidden(x->http->options.trouble, verb, resource);

	/* it takes from the review what its words point at */
	access_review(&x->answer, &x->who, x->route.plural, review,
		      http_manager(x), any ? &taken : NULL);
	if (x->answer.code == 201 && forbidden)
		json_object_set_new(x->answer.body, "status",
				    json_pack("{s:b}", "allowed", 0));
}
