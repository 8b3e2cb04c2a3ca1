/* See deeds.h. */
#include "rehearsal/deeds.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "rehearsal/cluster/cluster.h"
#include "rehearsal/fault.h"
#include "rehearsal/flag.h"
#include "rehearsal/objects.h"
#include "rehearsal/pair.h"
#include "rehearsal/platform.h"
#include "rehearsal/sql.h"

#define ASK_LIMIT_S 1           /* a database that hangs holds us up so long */
#define ASK_EVERY_MS 100
#define ASK_AGAIN_MS 2000       /* after one that did not answer */
#define ANSWER_MAX 256

const char *const deeds_names[DEED_COUNT + 1] = {
	[DEED_FLAG_OFF] = "flag-off",
	[DEED_FLAG_ON] = "flag-on",
	[DEED_FENCED] = "fenced",
	[DEED_PROMOTED] = "promoted",
	[DEED_V2_PATCHED] = "v2-patched",
	[DEED_FLIPPED] = "flipped",
	[DEED_FLIPPED_BACK] = "flipped-back",
};

static bool deeds_flag(const struct platform *platform)
{
	json_t *configmap;
	bool on;

	if (platform->flag)
		return flag_is_enabled(platform->flag);
	configmap = cluster_get(platform->cluster, "ConfigMap",
				OBJECTS_NAMESPACE, OBJECTS_CONFIGMAP);
	on = !strcmp(json_text(configmap, "data/" FLAG_KEY, ""), "true");
	json_decref(configmap);
	return on;
}

static bool deeds_patched(const struct platform *platform)
{
	json_t *v2 = cluster_get(platform->cluster, "Deployment",
				 OBJECTS_NAMESPACE, OBJECTS_V2);
	const json_t *env = json_at(v2, "spec/template/spec/containers/0/env");
	const json_t *entry;
	bool patched = false;
	size_t i;

	json_array_foreach(env, i, entry)
		patched |= !strcmp(json_text(entry, "name", ""),
				   "ENABLE_WRITES") &&
			   !strcmp(json_text(entry, "value", ""), "true");
	json_decref(v2);
	return patched;
}

/* Asks one database; ERR_NOTFOUND: it has no row to answer. Any other error
 * is nobody's deed: it is asked again later, on another connection. */
static int deeds_ask(MYSQL **sql, const struct database *database,
		     const char *question, char answer[ANSWER_MAX])
{
	struct sql_login login;
	int rc = 0;

	if (!*sql) {
		database_root_login(database, &login);
		rc = sql_connect(&login, ASK_LIMIT_S, sql, NULL);
		explicit_bzero(&login, sizeof(login));
	}
	if (!rc)
		rc = sql_text(*sql, question, answer, ANSWER_MAX, NULL);
	if (rc && rc != ERR_NOTFOUND && *sql) {
		mysql_close(*sql);
		*sql = NULL;
	}
	return rc;
}

static void deeds_look_databases(struct deeds *now, const struct stage *stage)
{
	char answer[ANSWER_MAX];
	int rc, again = ASK_EVERY_MS;

	if (clock_mono_ms() < now->ask_ms)
		return;
	rc = deeds_ask(&now->rds, &stage->pair->rds,
		       "SELECT @@GLOBAL.read_only", answer);
	if (!rc)
		now->fenced = strcmp(answer, "0") != 0;
	else
		again = ASK_AGAIN_MS;
	rc = deeds_ask(&now->aurora, &stage->pair->aurora,
		       "SHOW REPLICA STATUS", answer);
	if (!rc || rc == ERR_NOTFOUND)
		now->replica = !rc;
	else
		again = ASK_AGAIN_MS;
	now->ask_ms = clock_mono_ms() + again;
}

void deeds_look(struct deeds *deeds, const struct stage *stage,
		bool databases, void (*done)(void *data, enum deeds_kind deed),
		void *data)
{
	struct deeds now = *deeds;
	bool did[DEED_COUNT] = {false};

	now.looked = true;
	now.flag = deeds_flag(stage->platform);
	now.patched = deeds_patched(stage->platform);
	now.flipped = platform_serves_v2(stage->platform);
	if (databases)
		deeds_look_databases(&now, stage);
	did[DEED_FLAG_OFF] = deeds->flag && !now.flag;
	did[DEED_FLAG_ON] = !deeds->flag && now.flag;
	did[DEED_FENCED] = !deeds->fenced && now.fenced;
	did[DEED_PROMOTED] = deeds->replica && !now.replica;
	did[DEED_V2_PATCHED] = !deeds->patched && now.patched;
	did[DEED_FLIPPED] = !deeds->flipped && now.flipped;
	did[DEED_FLIPPED_BACK] = deeds->flipped && !now.flipped;
	for (int i = 0; deeds->looked && i < DEED_COUNT; i++)
		if (did[i])
			done(data, (enum deeds_kind)i);
	*deeds = now;
}

void deeds_release(struct deeds *deeds)
{
	if (deeds->rds)
		mysql_close(deeds->rds);
	if (deeds->aurora)
		mysql_close(deeds->aurora);
	*deeds = (struct deeds){.looked = false};
}
