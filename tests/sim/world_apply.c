/* What the world answers to an effect; see world.h. Requests are read as a
 * server reads them: by their text alone. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "trace.h"
#include "world.h"
#include "world_apply.h"

/* ---- databases ----------------------------------------------------------- */

static bool apply_shut(struct world *world, enum facts_side side)
{
	world->databases[side].read_only = true;
	return true;
}

static bool apply_open(struct world *world, enum facts_side side)
{
	world->databases[side].read_only = false;
	return true;
}

static bool apply_stop(struct world *world, enum facts_side side)
{
	if (side == SIDE_TARGET)
		world->threads = false;
	return true;
}

/* Replication that runs does not forget its source. */
static bool apply_forget(struct world *world, enum facts_side side)
{
	if (side == SIDE_TARGET && world->threads)
		return false;
	world->replicates = false;
	return true;
}

static const struct {
	const char *text;
	bool (*fn)(struct world *world, enum facts_side side);
} apply_statements[] = {
	{"SET GLOBAL super_read_only = ON", apply_shut},
	{"CALL mysql.rds_set_read_only(1)", apply_shut},
	{"SET GLOBAL read_only = OFF", apply_open},
	{"CALL mysql.rds_set_read_only(0)", apply_open},
	{"STOP REPLICA", apply_stop},
	{"CALL mysql.rds_stop_replication", apply_stop},
	{"RESET REPLICA ALL", apply_forget},
	{"CALL mysql.rds_reset_external_source", apply_forget},
};

static bool apply_sql(struct world *world, const struct effect *effect,
		      char *text, size_t size)
{
	enum facts_side side = strcmp(effect->connection, "rds") == 0 ?
			       SIDE_SOURCE : SIDE_TARGET;

	for (size_t i = 0; i < sizeof(apply_statements) /
			       sizeof(apply_statements[0]); i++) {
		if (strcmp(effect->request, apply_statements[i].text) != 0)
			continue;
		if (apply_statements[i].fn(world, side)) {
			snprintf(text, size, "OK, 0 rows affected");
			return true;
		}
		snprintf(text, size, "error 3081 (HY000): replication runs");
		return false;
	}
	snprintf(text, size, "error 1064 (42000): what is '%s'?",
		 effect->request);
	return false;
}

/* ---- Kubernetes ---------------------------------------------------------- */

static char *apply_key(struct world_selector *selector, const char *pointer)
{
	return strcmp(pointer, "/spec/selector/version") == 0 ?
		       selector->version :
	       strcmp(pointer, "/spec/selector/writes") == 0 ?
		       selector->writes :
	       strcmp(pointer, "/spec/selector/app") == 0 ? selector->app :
							    NULL;
}

static bool apply_operation(struct world_selector *selector, const json_t *item)
{
	const char *op = json_text(item, "op", "");
	const char *value = json_text(item, "value", "");
	char *key = apply_key(selector, json_text(item, "path", ""));

	if (!key || (strcmp(op, "add") != 0 && !key[0]))
		return false;
	if (strcmp(op, "test") == 0)
		return strcmp(key, value) == 0;
	snprintf(key, WORLD_VALUE_MAX, "%s", value);
	return true;
}

static bool apply_service(struct world *world, const json_t *body, char *text,
			  size_t size)
{
	struct world_selector after = world->selector;

	for (size_t i = 0; i < json_array_size(body); i++)
		if (!apply_operation(&after, json_array_get(body, i))) {
			snprintf(text, size, "422, the selector is not so");
			return false;
		}
	world->selector = after;
	world_flip(world);
	snprintf(text, size, "200, Service, resourceVersion %lld",
		 (long long)world->service_revision);
	return true;
}

static bool apply_deployment(struct world *world, const json_t *body,
			     char *text, size_t size)
{
	const char *revision = json_text(body, "metadata/resourceVersion", "");
	const json_t *template = json_at(body, "spec/template");
	const json_t *labels = json_at(template, "metadata/labels");
	char now[32];

	snprintf(now, sizeof(now), "%lld",
		 (long long)world->deployment_revision);
	if (revision[0] && strcmp(revision, now) != 0) {
		snprintf(text, size, "409, it was changed: %s", now);
		return false;
	}
	if (json_at(labels, "writes"))
		snprintf(world->template_writes, WORLD_VALUE_MAX, "%s",
			 json_text(labels, "writes", ""));
	world->template_enabled = strcmp(
		json_text(template, "spec/containers/0/env/0/value", ""),
		"true") == 0;
	world_roll(world);
	snprintf(text, size, "200, Deployment, resourceVersion %lld",
		 (long long)world->deployment_revision);
	return true;
}

static bool apply_kube(struct world *world, const struct effect *effect,
		       char *text, size_t size)
{
	json_t *body = json_loads(effect->body, 0, NULL);
	bool done = strstr(effect->path, "/services/" WORLD_SERVICE "?") ?
			    apply_service(world, body, text, size) :
		    strstr(effect->path, "/deployments/" WORLD_V2 "?") ?
			    apply_deployment(world, body, text, size) :
			    false;

	json_decref(body);
	return done;
}

/* ---- HTTP ---------------------------------------------------------------- */

static bool apply_flag(struct world *world, const struct effect *effect,
		       char *text, size_t size)
{
	json_t *body = json_loads(effect->body, 0, NULL);

	world->flag = json_flag(body, "enabled", world->flag);
	json_decref(body);
	snprintf(text, size, "200 {\"enabled\": %s}",
		 world->flag ? "true" : "false");
	return true;
}

/* The application writes it whatever the flag says, if it may write at all. */
static bool apply_sentinel(struct world *world, char *text, size_t size)
{
	for (size_t i = 0; i < WORLD_PODS; i++) {
		const struct world_pod *pod = &world->pods[i];

		if (!pod->ready || !world_selects(world, pod) ||
		    pod->version != 2 || !pod->enabled ||
		    world->databases[SIDE_TARGET].read_only)
			continue;
		world->databases[SIDE_TARGET].own++;
		world->sentinels++;
		snprintf(text, size, "200 written");
		return true;
	}
	snprintf(text, size, "answered 503");
	return false;
}

bool world_apply(struct world *world, const struct effect *effect, char *text,
		 size_t size)
{
	bool done = false;

	snprintf(text, size, "404");
	if (effect->kind == EFFECT_SQL)
		done = apply_sql(world, effect, text, size);
	else if (effect->kind == EFFECT_KUBE)
		done = apply_kube(world, effect, text, size);
	else if (strcmp(effect->path, WORLD_FLAG_URL) == 0)
		done = apply_flag(world, effect, text, size);
	else if (strcmp(effect->path, WORLD_SERVICE_URL "/sentinel") == 0)
		done = apply_sentinel(world, text, size);
	trace_say("world", "%s: %.60s: %s", effect->target, effect->request,
		  text);
	return done;
}
