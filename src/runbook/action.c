/*
 * What a step does: the table of action kinds, each with its keys.
 */
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "runbook/kind.h"
#include "runbook/value.h"

#define ACTION_WITHIN_MS 30000

#define AT(member) offsetof(struct action, member)

static const struct field patch_deployment_fields[] = {
	{"deployment", value_read_object, AT(name), true, NULL},
	{"container", value_read_object, AT(container), false, NULL},
	{"env", value_read_env, AT(env), false, NULL},
	{"labels", value_read_labels, AT(labels), false, NULL},
};

static const struct field patch_service_fields[] = {
	{"service", value_read_object, AT(name), true, NULL},
	{"selector", value_read_labels, AT(selector), true,
	 N_("the labels to select, such as {version: v2}")},
};

static const struct field scale_fields[] = {
	{"deployment", value_read_object, AT(name), true, NULL},
	{"replicas", value_read_count, AT(replicas), true, NULL},
};

static const struct field delete_fields[] = {
	{"deployment", value_read_object, AT(name), true, NULL},
};

static const struct field create_fields[] = {
	{"manifest", value_read_filled, AT(manifest), true,
	 N_("the file to create it from")},
};

static const struct field request_fields[] = {
	{"method", value_read_method, AT(method), true, NULL},
	{"url", value_read_url, AT(url), true, NULL},
	{"body", value_read_text, AT(body), false, NULL},
	{"expect", value_read_status, AT(expect), false, NULL},
	{"transactions", value_read_count, AT(transactions), false, NULL},
};

static const struct field sql_fields[] = {
	{"on", value_read_database, AT(on), true, NULL},
	{"statement", value_read_filled, AT(statement), true, NULL},
};

static void finish_patch_deployment(struct reader *r, const struct node *value,
				    void *thing)
{
	(void)thing;
	if (!node_get(value, "env") && !node_get(value, "labels"))
		reader_report(r, value,
			      _("'patch' of a deployment wants 'env' or 'labels', to say what changes"));
	if (node_get(value, "env") && !node_get(value, "container"))
		reader_report(r, value,
			      _("'container' is missing in 'patch'; name the container that 'env' is for"));
}

/* What lets a database take writes, or not, passes one gate: the actions fence
 * and unfence, which are refused where two databases could take them. */
static void finish_sql(struct reader *r, const struct node *value, void *thing)
{
	static const char *const names[] = {
		"read_only", "super_read_only", "rds_set_read_only",
	};
	static const char word[] = "abcdefghijklmnopqrstuvwxyz_0123456789"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const struct action *action = thing;
	const char *at = action->statement;

	for (size_t len; *(at += strcspn(at, word)); at += len) {
		len = strspn(at, word);
		for (size_t i = 0; i < COUNT_OF(names); i++)
			if (len == strlen(names[i]) &&
			    strncasecmp(at, names[i], len) == 0)
				reader_report(r, node_get(value, "statement"),
					_("a statement with %s; write 'fence' or 'unfence' instead: only these are refused where two databases could take writes"),
					names[i]);
	}
}

#define FIELDS(table) table, COUNT_OF(table)
#define DATABASE {NULL, value_read_database, AT(on), true, NULL}
#define NO_SCALAR {NULL, NULL, 0, false, NULL}

static const struct kind action_kinds[] = {
	{"flag", NULL, ACTION_FLAG,
	 {NULL, value_read_on_off, AT(is), true, NULL}, NULL, 0,
	 CONNECTION_FLAG, NULL},
	{"fence", NULL, ACTION_FENCE, DATABASE, NULL, 0, CONNECTION_MYSQL,
	 NULL},
	{"unfence", NULL, ACTION_UNFENCE, DATABASE, NULL, 0, CONNECTION_MYSQL,
	 NULL},
	{"promote", NULL, ACTION_PROMOTE, DATABASE, NULL, 0, CONNECTION_MYSQL,
	 NULL},
	{"patch", "deployment", ACTION_PATCH_DEPLOYMENT, NO_SCALAR,
	 FIELDS(patch_deployment_fields), CONNECTION_KUBERNETES,
	 finish_patch_deployment},
	{"patch", "service", ACTION_PATCH_SERVICE, NO_SCALAR,
	 FIELDS(patch_service_fields), CONNECTION_KUBERNETES, NULL},
	{"scale", NULL, ACTION_SCALE, NO_SCALAR, FIELDS(scale_fields),
	 CONNECTION_KUBERNETES, NULL},
	{"delete", NULL, ACTION_DELETE, NO_SCALAR, FIELDS(delete_fields),
	 CONNECTION_KUBERNETES, NULL},
	{"create", NULL, ACTION_CREATE, NO_SCALAR, FIELDS(create_fields),
	 CONNECTION_KUBERNETES, NULL},
	{"request", NULL, ACTION_REQUEST, NO_SCALAR, FIELDS(request_fields),
	 CONNECTION_MYSQL, NULL},
	{"sql", NULL, ACTION_SQL, NO_SCALAR, FIELDS(sql_fields),
	 CONNECTION_MYSQL, finish_sql},
	{"manual", NULL, ACTION_MANUAL,
	 {NULL, value_read_filled, AT(text), true, NULL}, NULL, 0,
	 CONNECTION_MYSQL, NULL},
};

static const struct field action_common[] = {
	{"within", value_read_duration, AT(within_ms), false, NULL},
	{"by_hand", value_read_filled, AT(by_hand), false, NULL},
};

static const struct foreign action_foreign[] = {
	{"why", N_("an action has no 'why'; put it at the step, or in a comment")},
	{"hard", N_("only guards have 'hard'")},
};

static const struct kind_table action_table = {
	N_("an action"), N_("begin the second with a '- ' of its own"),
	FIELDS(action_kinds), FIELDS(action_common),
	FIELDS(action_foreign),
};

/* What a provider lets nobody say in SQL is done elsewhere; what it means stays
 * the same, and is looked at as if it had been said. */
static bool action_may_be_by_hand(const struct action *action)
{
	return action->kind == ACTION_FENCE || action->kind == ACTION_UNFENCE ||
	       action->kind == ACTION_PROMOTE;
}

static void action_read(struct reader *r, const struct node *node, void *dst)
{
	struct action *action = dst;
	const struct kind *kind;

	*action = (struct action){
		.on = "", .name = "", .container = "", .manifest = "",
		.method = "", .url = "", .body = "", .statement = "",
		.text = "", .by_hand = "", .within_ms = ACTION_WITHIN_MS,
		.line = node->line, .column = node->column,
	};
	kind = kind_read(r, node, &action_table, action);
	if (!kind)
		return;
	action->kind = (enum action_kind)kind->kind;
	if (action->by_hand[0] && !action_may_be_by_hand(action))
		reader_report(r, node_get(node, "by_hand"),
			      _("only 'fence', 'unfence' and 'promote' have 'by_hand'; write 'manual: TEXT' in place of the action"));
}

/* One that was read without a problem of its own. */
static bool action_is_read(const struct action *action)
{
	return *action->method || *action->statement;
}

/* After its answer was lost, nothing could follow it. */
static void action_check_once(struct reader *r, const struct node *list,
			      const struct actions *actions)
{
	const struct node *at = list->first;

	for (size_t i = 0; i + 1 < actions->count; i++, at = at->next)
		if (at->kind != NODE_BROKEN &&
		    action_is_once(&actions->items[i]) &&
		    action_is_read(&actions->items[i]))
			reader_report(r, at,
				      _("put this last, or in a step of its own: after a lost answer it is never sent again, and what follows it could not be sent"));
}

void action_read_all(struct reader *r, const struct node *node, void *dst)
{
	struct actions *actions = dst;

	actions->items = reader_items(r, node, N_("a list of actions"),
				      sizeof(*actions->items), action_read,
				      &actions->count);
	if (node->kind == NODE_LIST)
		action_check_once(r, node, actions);
	if (node->kind == NODE_LIST && !node->count)
		reader_report(r, node,
			      _("'do' is empty; it wants an action such as 'manual: TEXT'"));
}
