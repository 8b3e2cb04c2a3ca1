/* See yamlerror.h. A table from libyaml's sentences to ours. */
#include "runbook/yamlerror.h"

#include <stdbool.h>
#include <string.h>
#include <yaml.h>

#include "base/i18n.h"
#include "runbook/problems.h"

struct wording {
	const char *context;    /* how libyaml's context begins; "": any */
	const char *problem;    /* how libyaml's problem begins */
	bool at_context;        /* report where the context begins */
	const char *ours;
};

static const struct wording wordings[] = {
	{"while scanning a quoted scalar", "found unexpected", true,
	 N_("this quotation is never closed")},
	{"while parsing a quoted scalar", "found unknown escape character",
	 false,
	 N_("an unknown escape; write '\\\\' for a backslash, or use single quotes")},
	{"while parsing a flow mapping", "", true,
	 N_("after this '{' a ',' or '}' is missing")},
	{"while parsing a flow sequence", "", true,
	 N_("after this '[' a ',' or ']' is missing")},
	{"while scanning a simple key", "could not find expected ':'", true,
	 N_("a ':' is missing after this key, or the line is indented wrongly")},
	{"while parsing a block mapping", "did not find expected key", false,
	 N_("this line does not fit the mapping it is in; look at its indentation")},
	{"while parsing a block collection", "", false,
	 N_("this line does not fit the list it is in; items begin with '- ', all indented alike")},
	{"while scanning for the next token",
	 "found character that cannot start any token", false,
	 N_("no value can begin with this character (indent with blanks, not tabs); put the text in quotes")},
	{"", "found a tab character", false,
	 N_("a tab here; indent with blanks")},
	{"", "mapping values are not allowed in this context", false,
	 N_("no ':' is expected here; put a text with ': ' in it in quotes, or look at the indentation")},
	{"", "block sequence entries are not allowed in this context", false,
	 N_("no '-' is expected here; a list begins on a line of its own")},
	{"", "did not find expected <document start>", false,
	 N_("nothing is expected after the document's end; look at the indentation")},
	{"while scanning an alias", "", false,
	 N_("a '*' begins no text; put it in quotes")},
	{"while scanning an anchor", "", false,
	 N_("a '&' begins no text; put it in quotes")},
	{"", "did not find expected node content", false,
	 N_("a value is missing here")},
	{"while scanning a directive", "", false,
	 N_("a '%' begins no text; put it in quotes")},
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text ? text : "", with, strlen(with)) == 0;
}

int yamlerror_report(const yaml_parser_t *parser, const char *file,
		     struct runbook_problems *problems)
{
	yaml_mark_t mark = parser->problem_mark;
	const char *text = parser->problem ? parser->problem : "broken YAML";

	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		const struct wording *wording = &wordings[i];

		if (!begins(parser->context, wording->context) ||
		    !begins(parser->problem, wording->problem))
			continue;
		text = _(wording->ours);
		if (wording->at_context)
			mark = parser->context_mark;
		break;
	}
	return runbook_problems_add(problems, file, (int)mark.line + 1,
				    (int)mark.column + 1, "%s", text);
}
