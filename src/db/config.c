/* See config.h. */
#include "db/config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void db_config_where(const struct db_config *config, char dst[DB_WHERE_MAX])
{
	bool v6 = strchr(config->host, ':') != NULL;
	char raw[DB_WHERE_MAX];

	if (*config->socket)
		snprintf(raw, sizeof(raw), "%.*s", DB_WHERE_MAX - 1,
			 config->socket);
	else
		snprintf(raw, sizeof(raw), "%s%.160s%s:%u", v6 ? "[" : "",
			 *config->host ? config->host : "localhost",
			 v6 ? "]" : "", config->port);
	text_sanitise(dst, DB_WHERE_MAX, raw);
}

void db_config_wipe(struct db_config *config)
{
	text_wipe(config, sizeof(*config));
}
