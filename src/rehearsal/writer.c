/* See writer.h. */
#include "rehearsal/writer.h"

#include <string.h>

struct writer_rules writer_rules_of(const char *version,
				    const char *enable_writes)
{
	return (struct writer_rules){
		.needs_enabling = strcmp(version, "v1") != 0,
		.enabled = enable_writes && !strcmp(enable_writes, "true"),
	};
}

enum writer_answer writer_may_test(const struct writer_rules *rules)
{
	return rules->needs_enabling && !rules->enabled ?
	       WRITER_READ_ONLY_MODE : WRITER_MAY;
}

enum writer_answer writer_may_write(const struct writer_rules *rules,
				    bool flag)
{
	enum writer_answer answer = writer_may_test(rules);

	return answer == WRITER_MAY && !flag ? WRITER_FLAG_OFF : answer;
}

const char *writer_reason(enum writer_answer answer)
{
	static const char *const reasons[] = {
		[WRITER_MAY] = "none",
		[WRITER_FLAG_OFF] = "flag-off",
		[WRITER_READ_ONLY_MODE] = "read-only-mode",
	};

	return reasons[answer];
}
