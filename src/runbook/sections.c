/* The short sections: what is observed, the window, the rehearsal. */
#include "runbook/sections.h"

#include <string.h>

#include "base/i18n.h"
#include "runbook/reader.h"
#include "runbook/value.h"

/* ---- observe ------------------------------------------------------------- */

#define IN_VERSION(member) offsetof(struct runbook_version, member)

static const struct field version_fields[] = {
	{"deployment", value_read_object, IN_VERSION(deployment), true, NULL},
	{"match", value_read_selector, IN_VERSION(match), true,
	 N_("the labels of its pods")},
	{"writable", value_read_selector, IN_VERSION(writable), false, NULL},
	{"database", value_read_database, IN_VERSION(database), true, NULL},
};

static void read_versions(struct reader *r, const struct node *node, void *dst)
{
	struct runbook_observe *observe = &r->runbook->observe;

	(void)dst;
	if (!reader_is_map(r, node, N_("a mapping of names to versions")))
		return;
	observe->versions = reader_array(r, node->count,
					 sizeof(*observe->versions));
	for (const struct node *at = node->first; at && observe->versions;
	     at = at->next) {
		struct runbook_version *version =
			&observe->versions[observe->version_count++];

		*version = (struct runbook_version){
			.name = at->key, .deployment = "", .match = "",
			.database = "",
		};
		if (at->kind != NODE_BROKEN)
			reader_map(r, at, version_fields,
				   COUNT_OF(version_fields), N_("a version"),
				   version);
	}
	if (!observe->version_count)
		reader_report(r, node,
			      _("'versions' is empty; it wants the application's versions, such as v1 and v2"));
}

#define IN_OBSERVE(member) offsetof(struct runbook_observe, member)

static const struct field observe_fields[] = {
	{"source", value_read_database, IN_OBSERVE(source), true,
	 N_("the database that serves users before")},
	{"target", value_read_database, IN_OBSERVE(target), true,
	 N_("the database that serves users after")},
	{"service", value_read_object, IN_OBSERVE(service), true, NULL},
	{"versions", read_versions, 0, true, NULL},
};

void observe_read(struct reader *r, const struct node *node, void *dst)
{
	struct runbook_observe *observe = &r->runbook->observe;

	(void)dst;
	reader_map(r, node, observe_fields, COUNT_OF(observe_fields),
		   "'observe'", observe);
	if (*observe->source && strcmp(observe->source, observe->target) == 0)
		reader_report(r, node_get(node, "target"),
			      _("'target' is the source itself, \"%s\""),
			      observe->source);
	if (!runbook_find_kind(r->runbook, CONNECTION_KUBERNETES) &&
	    r->runbook->connection_count)
		reader_report_key(r, node,
			_("'observe' needs a kubernetes connection; add one under 'connections'"));
}

/* ---- window, rehearsal --------------------------------------------------- */

static const struct field window_fields[] = {
	{"budget", value_read_duration, offsetof(struct runbook, budget_ms),
	 true, N_("the longest outage that was agreed")},
	{"way_back", value_read_duration,
	 offsetof(struct runbook, way_back_budget_ms), false, NULL},
};

void window_read(struct reader *r, const struct node *node, void *dst)
{
	(void)dst;
	reader_map(r, node, window_fields, COUNT_OF(window_fields), "'window'",
		   r->runbook);
}

static void read_start(struct reader *r, const struct node *node, void *dst)
{
	static const char *const words[] = {"full", "bare", "after", NULL};
	int start = value_choice(r, node, N_("full, bare or after"), words);

	if (start >= 0)
		*(const char **)dst = words[start];
}

static const struct field rehearsal_fields[] = {
	{"start", read_start, offsetof(struct runbook, rehearsal_start), true,
	 N_("full, bare or after")},
};

void rehearsal_read(struct reader *r, const struct node *node, void *dst)
{
	(void)dst;
	reader_map(r, node, rehearsal_fields, COUNT_OF(rehearsal_fields),
		   "'rehearsal'", r->runbook);
}
