/*
 * What becomes of the Lease, for the record: an auditor sees why gates stayed
 * shut, who drove meanwhile, and on whose word it was taken over.
 */
#include <stdio.h>

#include "base/i18n.h"
#include "base/json.h"
#include "conduct/conductor.h"
#include "conduct/lease.h"
#include "conduct/leasewords.h"

static int news_note(struct conductor *c, const char *text, bool taken,
		     struct error *err)
{
	struct engine_input input;
	int status = conduct_input(c, INPUT_NOTE, &input, err);

	if (status)
		return status;
	input.text = text;
	input.lease = conduct_lease_record(c->lease, taken);
	status = conduct_feed(c, &input, err);
	json_decref(input.lease);
	conduct_input_release(&input);
	return status;
}

static bool news_can_be_written(const struct conductor *c)
{
	return c->begun && !c->left && !c->pending.count &&
	       c->engine.phase != ENGINE_PARKED &&
	       c->engine.phase != ENGINE_CLOSED;
}

void conduct_lease_news(struct conductor *c)
{
	const struct conduct_lease_view *view = conduct_lease_look(c->lease);
	char text[LEASE_WORDS_MAX];
	struct error err = {0};

	if (!view || view->version == c->lease_version ||
	    !news_can_be_written(c))
		return;
	c->lease_version = view->version;
	if (view->coming || (view->held && !c->lease_astray))
		return;
	c->lease_astray = !view->held;
	if (view->held)
		snprintf(text, sizeof(text), _("the Lease %s is ours"),
			 view->name);
	else
		snprintf(text, sizeof(text), "%s", view->text);
	if (news_note(c, text, false, &err) && c->listener.message)
		c->listener.message(c->listener.data, &err);
}

int conduct_lease_take_over(struct conductor *c, struct error *err)
{
	json_t *lease = conduct_lease_record(c->lease, true);
	char text[LEASE_WORDS_MAX];
	int status;

	snprintf(text, sizeof(text),
		 _("the operator takes the Lease %s over from %s, last renewed %s, by the word '%s'"),
		 json_text(lease, "name", "?"), json_text(lease, "holder", "?"),
		 json_text(lease, "renewed", "?"), CONDUCT_TAKE_OVER_WORD);
	json_decref(lease);
	if (!c->pending.count)
		c->takes_over = true;
	status = news_note(c, text, true, err);
	if (status && !c->pending.count)
		c->takes_over = false;
	return status;
}
