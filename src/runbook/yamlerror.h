/* What libyaml says about broken YAML, in this program's words. */
#ifndef CUTOVER_RUNBOOK_YAMLERROR_H
#define CUTOVER_RUNBOOK_YAMLERROR_H

struct runbook_problems;
struct yaml_parser_s;

/* Adds the parser's error at the place where it helps most: where a quotation
 * began, not where the file ended. 0 or ERR_NOMEM. */
int yamlerror_report(const struct yaml_parser_s *parser, const char *file,
		     struct runbook_problems *problems);

#endif
