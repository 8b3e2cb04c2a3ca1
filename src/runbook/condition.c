/*
 * Guards and checks: the table of condition kinds, each with its keys.
 */
#include "base/i18n.h"
#include "runbook/kind.h"
#include "runbook/value.h"

#define CONDITION_WITHIN_MS 60000

#define AT(member) offsetof(struct condition, member)

/* ---- the keys of each kind ----------------------------------------------- */

static const struct field count_fields[] = {
	{"on", value_read_database, AT(on), true, NULL},
	{"transactions", value_read_bound, AT(count), true, NULL},
};

static const struct field read_only_fields[] = {
	{"on", value_read_database, AT(on), true, NULL},
	{"is", value_read_bool, AT(is), true, N_("true or false")},
};

static const struct field quiet_fields[] = {
	{"on", value_read_database, AT(on), true, NULL},
	{"for", value_read_duration, AT(for_ms), true, N_("how long, such as 300ms")},
};

static const struct field transactions_fields[] = {
	{"on", value_read_database, AT(on), true, NULL},
	{"since", value_read_since, AT(since), true, N_("an earlier step's id")},
	{"count", value_read_bound, AT(count), true, NULL},
};

static const struct field pods_fields[] = {
	{"match", value_read_selector, AT(match), true, N_("their labels")},
	{"ready", value_read_bound, AT(ready), false, NULL},
	{"total", value_read_bound, AT(total), false, NULL},
};

static const struct field endpoints_fields[] = {
	{"service", value_read_object, AT(name), true, NULL},
	{"only", value_read_selector, AT(match), true,
	 N_("the labels that every endpoint's pod must have")},
	{"ready", value_read_bound, AT(ready), false, NULL},
};

static const struct field selector_fields[] = {
	{"service", value_read_object, AT(name), true, NULL},
	{"is", value_read_labels, AT(selector), true, N_("the labels it selects")},
};

static const struct field rows_fields[] = {
	{"on", value_read_database, AT(on), true, NULL},
	{"query", value_read_filled, AT(query), true,
	 N_("a SELECT of one count")},
	{"is", value_read_bound, AT(count), true, NULL},
};

/* ---- what the fields cannot tell ------------------------------------------ */

static void finish_pods(struct reader *r, const struct node *value, void *thing)
{
	struct condition *condition = thing;

	condition->has_ready = node_get(value, "ready") != NULL;
	condition->has_total = node_get(value, "total") != NULL;
	if (!condition->has_ready && !condition->has_total)
		reader_report(r, value,
			      _("'pods' wants 'ready' or 'total', a bound like \">= 1\""));
}

static void finish_endpoints(struct reader *r, const struct node *value,
			     void *thing)
{
	struct condition *condition = thing;

	(void)r;
	condition->has_ready = node_get(value, "ready") != NULL;
}

static void condition_read_any(struct reader *r, const struct node *node,
			       void *dst);

#define FIELDS(table) table, COUNT_OF(table)
#define DATABASE {NULL, value_read_database, AT(on), true, NULL}
#define NO_SCALAR {NULL, NULL, 0, false, NULL}

static const struct kind condition_kinds[] = {
	{"flag", NULL, CONDITION_FLAG,
	 {NULL, value_read_on_off, AT(is), true, NULL}, NULL, 0,
	 CONNECTION_FLAG, NULL},
	{"replicating", NULL, CONDITION_REPLICATING, DATABASE, NULL, 0,
	 CONNECTION_MYSQL, NULL},
	{"not_replicating", NULL, CONDITION_NOT_REPLICATING, DATABASE, NULL, 0,
	 CONNECTION_MYSQL, NULL},
	{"missing", NULL, CONDITION_MISSING, NO_SCALAR, FIELDS(count_fields),
	 CONNECTION_MYSQL, NULL},
	{"errant", NULL, CONDITION_ERRANT, NO_SCALAR, FIELDS(count_fields),
	 CONNECTION_MYSQL, NULL},
	{"read_only", NULL, CONDITION_READ_ONLY, NO_SCALAR,
	 FIELDS(read_only_fields), CONNECTION_MYSQL, NULL},
	{"quiet", NULL, CONDITION_QUIET, NO_SCALAR, FIELDS(quiet_fields),
	 CONNECTION_MYSQL, NULL},
	{"transactions", NULL, CONDITION_TRANSACTIONS, NO_SCALAR,
	 FIELDS(transactions_fields), CONNECTION_MYSQL, NULL},
	{"pods", NULL, CONDITION_PODS, NO_SCALAR, FIELDS(pods_fields),
	 CONNECTION_KUBERNETES, finish_pods},
	{"endpoints", NULL, CONDITION_ENDPOINTS, NO_SCALAR,
	 FIELDS(endpoints_fields), CONNECTION_KUBERNETES, finish_endpoints},
	{"selector", NULL, CONDITION_SELECTOR, NO_SCALAR,
	 FIELDS(selector_fields), CONNECTION_KUBERNETES, NULL},
	{"rows", NULL, CONDITION_ROWS, NO_SCALAR, FIELDS(rows_fields),
	 CONNECTION_MYSQL, NULL},
	{"deployment_gone", NULL, CONDITION_DEPLOYMENT_GONE,
	 {NULL, value_read_object, AT(name), true, NULL}, NULL, 0,
	 CONNECTION_KUBERNETES, NULL},
	/* last: not within itself */
	{"any", NULL, CONDITION_ANY,
	 {NULL, condition_read_any, 0, true, NULL}, NULL, 0,
	 CONNECTION_MYSQL, NULL},
};

/* ---- where a condition stands -------------------------------------------- */

static const struct field guard_common[] = {
	{"why", value_read_text, AT(why), false, NULL},
	{"hard", value_read_bool, AT(hard), false, NULL},
};

static const struct field check_common[] = {
	{"why", value_read_text, AT(why), false, NULL},
	{"within", value_read_duration, AT(within_ms), false, NULL},
};

static const struct foreign guard_foreign[] = {
	{"within", N_("only checks and actions have 'within'; a guard must hold when its gate is confirmed")},
};

static const struct foreign check_foreign[] = {
	{"hard", N_("only guards have 'hard'; a check is awaited, never overridden")},
};

static const struct foreign any_foreign[] = {
	{"any", N_("an 'any' within an 'any' says no more than one list; put them together")},
	{"hard", N_("'hard' belongs beside 'any', not within it")},
	{"within", N_("'within' belongs beside 'any', not within it")},
};

#define APART N_("begin the second with a '- ' of its own")

static const struct kind_table guard_table = {
	N_("a guard"), APART, FIELDS(condition_kinds), FIELDS(guard_common),
	FIELDS(guard_foreign),
};

static const struct kind_table check_table = {
	N_("a check"), APART, FIELDS(condition_kinds), FIELDS(check_common),
	FIELDS(check_foreign),
};

static const struct kind_table any_table = {
	N_("a condition within 'any'"), APART, condition_kinds,
	COUNT_OF(condition_kinds) - 1, guard_common, 1, FIELDS(any_foreign),
};

static void condition_read(struct reader *r, const struct node *node,
			   const struct kind_table *table,
			   struct condition *condition)
{
	const struct kind *kind;

	*condition = (struct condition){
		.why = "", .match = "", .since = "", .query = "",
		.within_ms = CONDITION_WITHIN_MS,
		.line = node->line, .column = node->column,
	};
	kind = kind_read(r, node, table, condition);
	if (kind)
		condition->kind = (enum condition_kind)kind->kind;
}

static void condition_read_guard(struct reader *r, const struct node *node,
				 void *dst)
{
	condition_read(r, node, &guard_table, dst);
}

static void condition_read_check(struct reader *r, const struct node *node,
				 void *dst)
{
	condition_read(r, node, &check_table, dst);
}

static void condition_read_alternative(struct reader *r,
				       const struct node *node, void *dst)
{
	condition_read(r, node, &any_table, dst);
}

static void condition_read_any(struct reader *r, const struct node *node,
			       void *dst)
{
	struct condition *condition = dst;

	condition->any = reader_items(r, node, N_("a list of conditions"),
				      sizeof(*condition->any),
				      condition_read_alternative,
				      &condition->any_count);
	if (node->kind == NODE_LIST && node->count < 2)
		reader_report(r, node,
			      _("'any' wants two conditions or more; one of them must hold"));
}

void condition_read_guards(struct reader *r, const struct node *node, void *dst)
{
	struct conditions *conditions = dst;

	conditions->items = reader_items(r, node, N_("a list of guards"),
					 sizeof(*conditions->items),
					 condition_read_guard,
					 &conditions->count);
}

void condition_read_checks(struct reader *r, const struct node *node, void *dst)
{
	struct conditions *conditions = dst;

	r->in_guards = false;
	conditions->items = reader_items(r, node, N_("a list of checks"),
					 sizeof(*conditions->items),
					 condition_read_check,
					 &conditions->count);
}
