/* See fault.h. */
#include "rehearsal/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

const struct fault *const fault_tables[] = {
	faults_flag,
	faults_pods,
	faults_users,
	faults_api,
	faults_gitops,
	faults_promotion,
	faults_failover,
	faults_replication,
	faults_writers,
	NULL,
};

void fault_each(bool (*each)(const struct fault *fault, void *data),
		void *data)
{
	for (size_t i = 0; fault_tables[i]; i++)
		for (const struct fault *fault = fault_tables[i]; fault->name;
		     fault++)
			if (!each(fault, data))
				return;
}

struct fault_search {
	const char *name;
	const struct fault *found;
};

static bool fault_is_it(const struct fault *fault, void *data)
{
	struct fault_search *search = data;

	if (!strcmp(fault->name, search->name))
		search->found = fault;
	return !search->found;
}

const struct fault *fault_find(const char *name)
{
	struct fault_search search = {.name = name};

	fault_each(fault_is_it, &search);
	return search.found;
}

/* Whether "seconds=N pods=N" has a word NAME=... */
static bool fault_lists(const char *parameters, const char *name)
{
	size_t len = strlen(name);

	while (*parameters) {
		if (!strncmp(parameters, name, len) && parameters[len] == '=')
			return true;
		parameters += strcspn(parameters, " ");
		parameters += strspn(parameters, " ");
	}
	return false;
}

int fault_check(const struct fault *fault, const json_t *parameters,
		struct error *err)
{
	const char *name;
	json_t *value;

	/* Jansson's iteration wants what it does not change to be changeable. */
	json_object_foreach((json_t *)parameters, name, value) {
		if (!fault_lists(fault->parameters, name))
			return error_set(err, ERR_INVALID, NULL,
					 "%s does not take '%s' (it takes: %s)",
					 fault->name, name,
					 fault->parameters[0] ?
					 fault->parameters : "nothing");
		if (!json_is_string(value) && !json_is_integer(value))
			return error_set(err, ERR_INVALID, NULL,
					 "%s wants text or a number as '%s'",
					 fault->name, name);
	}
	return 0;
}

void fault_describe(const struct fault *fault, const json_t *parameters,
		    struct buf *dst)
{
	const char *name, *gap = " (";
	json_t *value;

	buf_puts(dst, fault->about);
	if (!json_object_size(parameters)) {
		if (fault->usual[0])
			buf_printf(dst, " (%s)", fault->usual);
		return;
	}
	json_object_foreach((json_t *)parameters, name, value) {
		buf_printf(dst, "%s%s=", gap, name);
		if (json_is_string(value))
			buf_puts(dst, json_string_value(value));
		else
			buf_printf(dst, "%" JSON_INTEGER_FORMAT,
				   json_integer_value(value));
		gap = ", ";
	}
	buf_puts(dst, ")");
}

int fault_begin(struct stage *stage, const struct fault *fault,
		const json_t *parameters, struct error *err)
{
	int rc = fault_check(fault, parameters, err);

	return rc ? rc : fault->begin(stage, parameters, err);
}

bool fault_wants_flag_service(const struct fault *fault)
{
	const struct fault *flag = faults_flag;

	while (flag->name && flag != fault)
		flag++;
	return flag->name;
}

bool fault_lasts(const struct fault *fault)
{
	return fault->clear || fault->mend;
}

int fault_clear(struct stage *stage, const struct fault *fault,
		struct error *err)
{
	if (fault->clear)
		fault->clear(stage);
	return fault->mend ? fault->mend(stage, err) : 0;
}

static bool fault_clear_one(const struct fault *fault, void *data)
{
	fault_clear(data, fault, NULL);
	return true;
}

void fault_clear_all(struct stage *stage)
{
	fault_each(fault_clear_one, stage);
}

int fault_number(const json_t *parameters, const char *name, int64_t fallback,
		 int64_t min, int64_t max, int64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(parameters, name);
	int64_t number = json_integer_value(value);

	if (!value)
		number = fallback;
	if ((json_is_string(value) &&
	     text_parse_int(json_string_value(value), min, max, &number)) ||
	    number < min || number > max)
		return error_set(err, ERR_INVALID, NULL,
				 "'%s' is a number from %" PRId64 " to %" PRId64,
				 name, min, max);
	*ret = number;
	return 0;
}

int fault_text(const json_t *parameters, const char *name,
	       const char *fallback, char *dst, size_t size,
	       struct error *err)
{
	const json_t *value = json_object_get(parameters, name);
	const char *text = value ? json_string_value(value) : fallback;
	int len = text ? snprintf(dst, size, "%s", text) :
		  snprintf(dst, size, "%" JSON_INTEGER_FORMAT,
			   json_integer_value(value));

	if (len < 0 || (size_t)len >= size)
		return error_set(err, ERR_INVALID, NULL,
				 "'%s' is longer than %zu bytes", name,
				 size - 1);
	return 0;
}
