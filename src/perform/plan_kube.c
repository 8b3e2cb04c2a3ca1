/* Planning what goes to the API server; see planning.h. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/object.h"
#include "kube/patch.h"
#include "perform/planning.h"
#include "perform/reach.h"
#include "runbook/runbook.h"

static const char *plan_kube_text(struct planning *plan,
				  const struct effect *effect,
				  const char *body)
{
	return arena_printf(plan->arena, "%s %s\nContent-Type: %s\n%s",
			    effect->method, effect->path, effect->content_type,
			    body);
}

/* Adds a request to the API server; takes body (NULL: memory is out). */
static int plan_kube(struct planning *plan, const char *method,
		     struct buf *path, const char *content_type, json_t *body)
{
	struct kube_client *cluster = reach_cluster(plan->reach);
	struct effect *effect = NULL;
	char *text = body ? json_print(body, JSON_COMPACT) : NULL;
	int status = error_nomem(plan->err);

	if (!cluster || !text || buf_error(path))
		goto out;
	effect = plan_add(plan, EFFECT_KUBE,
			  reach_cluster_name(plan->reach));
	if (!effect)
		goto out;
	effect->method = method;
	effect->content_type = content_type;
	effect->path = arena_strdup(plan->arena, path->data);
	effect->body = arena_strdup(plan->arena, text);
	effect->request = plan_kube_text(plan, effect, text);
	if (effect->path && effect->body && effect->request)
		status = 0;
out:
	free(text);
	json_decref(body);
	buf_release(path);
	return status;
}

static void plan_path(struct planning *plan, struct buf *path,
		      enum kube_kind kind, const char *name, const char *sub)
{
	buf_init(path, KUBE_PATH_MAX);
	kube_path(path, kind, kube_client_namespace(reach_cluster(plan->reach)),
		  name, sub);
	kube_path_query(path, "fieldManager", KUBE_MANAGER);
}

/* The runbook's pairs as the changes that kube/patch takes; in the arena. */
static int plan_changes(struct planning *plan, const struct pairs *pairs,
			struct kube_changes *ret)
{
	struct kube_change *list =
		arena_array(plan->arena, pairs->count + 1, sizeof(*list));

	if (!list)
		return error_nomem(plan->err);
	for (size_t i = 0; i < pairs->count; i++) {
		list[i].key = pairs->items[i].key;
		list[i].value = pairs->items[i].value;
	}
	ret->list = list;
	ret->count = pairs->count;
	return 0;
}

/* The Deployment that the action names; NULL after a problem was noted. */
static const struct kube_deployment *plan_deployment(struct planning *plan)
{
	const struct kube_deployment *deployment = plan->world->deployment(
		plan->world->data, plan->action->name);

	if (!deployment)
		plan_problem(plan, arena_printf(plan->arena,
			_("Deployment %s is not there"), plan->action->name));
	return deployment;
}

/* A wrong container's name would append a container; an env that comes from
 * elsewhere cannot be given a value. Why not, or NULL. */
static const char *plan_env_problem(struct planning *plan,
				    const struct kube_deployment *deployment)
{
	const struct action *action = plan->action;

	if (action->env.count == 0)
		return NULL;
	if (!kube_container_find(&deployment->containers, action->container))
		return arena_printf(plan->arena,
			_("Deployment %s has no container '%s'"), action->name,
			action->container);
	for (size_t i = 0; i < action->env.count; i++) {
		const struct kube_env *env = kube_env_find(
			&deployment->containers, action->container,
			action->env.items[i].key);

		if (env && !env->value)
			return arena_printf(plan->arena,
				_("Deployment %s takes %s from elsewhere (valueFrom)"),
				action->name, env->name);
	}
	return NULL;
}

/* The patch that asks for that resourceVersion, and its gist that does not. */
static int plan_template(struct planning *plan,
			 struct kube_template_patch *patch,
			 const char *resource_version)
{
	struct effect *effect;
	struct buf path;
	json_t *body;
	char *gist;
	int status;

	if (plan->mood == PLAN_NOW)
		patch->resource_version = resource_version;
	plan_path(plan, &path, KUBE_DEPLOYMENT, plan->action->name, NULL);
	status = plan_kube(plan, "PATCH", &path, KUBE_STRATEGIC_PATCH,
			   kube_patch_template(patch));
	if (status || plan->effects->problem || plan->mood != PLAN_NOW)
		return status;
	patch->resource_version = NULL;
	body = kube_patch_template(patch);
	gist = body ? json_print(body, JSON_COMPACT) : NULL;
	json_decref(body);
	effect = &plan->effects->items[plan->effects->count - 1];
	effect->gist = gist ? plan_kube_text(plan, effect, gist) : NULL;
	free(gist);
	return effect->gist ? 0 : error_nomem(plan->err);
}

int plan_patch_deployment(struct planning *plan)
{
	const struct kube_deployment *deployment = plan_deployment(plan);
	struct kube_template_patch patch = {0};
	const char *problem;

	if (!deployment)
		return 0;
	problem = plan_env_problem(plan, deployment);
	if (problem)
		return plan_problem(plan, problem);
	if (plan_changes(plan, &plan->action->labels, &patch.labels) ||
	    plan_changes(plan, &plan->action->env, &patch.env))
		return ERR_NOMEM;
	patch.container = plan->action->container;
	return plan_template(plan, &patch, deployment->meta.resource_version);
}

int plan_patch_service(struct planning *plan)
{
	const struct kube_service *service = plan->world->service(
		plan->world->data, plan->action->name);
	struct kube_changes changes;
	struct buf path;

	if (!service)
		return plan_problem(plan, arena_printf(plan->arena,
			_("Service %s is not there"), plan->action->name));
	if (plan_changes(plan, &plan->action->selector, &changes))
		return ERR_NOMEM;
	plan_path(plan, &path, KUBE_SERVICE, plan->action->name, NULL);
	return plan_kube(plan, "PATCH", &path, KUBE_JSON_PATCH,
			 kube_patch_selector(&service->selector, &changes));
}

int plan_scale(struct planning *plan)
{
	struct buf path;

	plan_path(plan, &path, KUBE_DEPLOYMENT, plan->action->name, "scale");
	return plan_kube(plan, "PATCH", &path, KUBE_MERGE_PATCH,
			 kube_patch_scale(NULL, plan->action->replicas));
}

int plan_delete(struct planning *plan)
{
	const struct kube_deployment *deployment = plan_deployment(plan);
	json_t *options;
	struct buf path;

	if (!deployment)
		return 0;
	options = kube_delete_options(deployment->meta.uid, NULL);
	if (options)
		json_object_set_new(options, "propagationPolicy",
				    json_string("Background"));
	plan_path(plan, &path, KUBE_DEPLOYMENT, plan->action->name, NULL);
	return plan_kube(plan, "DELETE", &path, KUBE_JSON, options);
}

int plan_create(struct planning *plan)
{
	struct error why = {0};
	json_t *manifest = NULL;
	struct buf path;
	char text[ERROR_WHERE_MAX + ERROR_MESSAGE_MAX];

	if (runbook_yaml_json(plan->action->manifest, &manifest, &why)) {
		error_text(&why, text, sizeof(text));
		return plan_problem(plan, arena_strdup(plan->arena, text));
	}
	if (strcmp(json_text(manifest, "kind", ""), "Deployment") != 0) {
		json_decref(manifest);
		return plan_problem(plan, arena_printf(plan->arena,
			_("%s: not the manifest of a Deployment"),
			plan->action->manifest));
	}
	plan_path(plan, &path, KUBE_DEPLOYMENT, NULL, NULL);
	return plan_kube(plan, "POST", &path, KUBE_JSON, manifest);
}

int plan_flag_configmap(struct planning *plan,
			       const struct runbook_connection *flag)
{
	const struct kube_change change = {
		flag->flag.key, plan->action->is ? "true" : "false",
	};
	const struct kube_changes changes = {&change, 1};
	struct buf path;

	plan_path(plan, &path, KUBE_CONFIGMAP, flag->flag.configmap, NULL);
	return plan_kube(plan, "PATCH", &path, KUBE_MERGE_PATCH,
			 kube_patch_data(NULL, &changes));
}
