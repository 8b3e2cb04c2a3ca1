/*
 * Puts variables where ${name} stands; see variables.h. What was put in is not
 * looked at again: a value may contain "${" itself.
 */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "runbook/reader.h"
#include "runbook/variables.h"

#define VARIABLE_STAND_IN "?"   /* of ${run}, where no run is known */

static void expand_name(struct reader *r, const struct node *node,
			const char *name, struct buf *to, bool *ret_assumed,
			bool *ret_bad)
{
	const struct runbook_variable *variable =
		variables_find(r->runbook, name);
	const char *near;

	if (strcmp(name, VARIABLE_RUN) == 0) {
		*ret_assumed |= !r->settings->run;
		buf_puts(to, r->settings->run ? r->settings->run : VARIABLE_STAND_IN);
	} else if (variable) {
		*ret_assumed |= variable->assumed;
		buf_puts(to, variable->value);
	} else {
		near = variables_nearest(r->runbook, name, false);
		*ret_bad = true;
		if (near)
			reader_report(r, node,
				      _("undefined variable '%s'; did you mean '%s'?"),
				      name, near);
		else
			reader_report(r, node, _("undefined variable '%s'; declare it under 'variables'"),
				      name);
	}
}

/* Takes "${name}" off *text, which begins with it. */
static void expand_reference(struct reader *r, const struct node *node,
			     const char **text, struct buf *to,
			     bool *ret_assumed, bool *ret_bad)
{
	char name[VARIABLE_NAME_MAX + 1] = "";
	const char *begin = *text + 2;
	size_t len = strspn(begin, VARIABLE_NAME_CHARS);

	if (!len || len > VARIABLE_NAME_MAX || begin[len] != '}') {
		reader_report(r, node,
			      _("'${' wants a variable's name and '}' after it; a literal '${' is written '$${'"));
		*ret_bad = true;
		*text = begin;
		return;
	}
	memcpy(name, begin, len);
	*text = begin + len + 1;
	expand_name(r, node, name, to, ret_assumed, ret_bad);
}

const char *variables_expand(struct reader *r, const struct node *node,
			     bool *ret_assumed)
{
	const char *text = node->text, *result = NULL;
	bool bad = false;
	struct buf to;

	*ret_assumed = false;
	buf_init(&to, RUNBOOK_TEXT_MAX);
	while (*text) {
		if (strncmp(text, "$${", 3) == 0) {
			buf_puts(&to, "${");
			text += 3;
		} else if (strncmp(text, "${", 2) == 0) {
			expand_reference(r, node, &text, &to, ret_assumed,
					 &bad);
		} else {
			buf_append(&to, text++, 1);
		}
	}
	if (buf_error(&to) == ERR_LIMIT)
		reader_report(r, node,
			      _("longer than %d bytes with its variables put in"),
			      RUNBOOK_TEXT_MAX);
	else if (buf_error(&to))
		r->error = ERR_NOMEM;
	else if (!bad)
		result = reader_copy(r, to.data, to.len);
	buf_release(&to);
	return result;
}
