/* See objects.h. */
#include "rehearsal/objects.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "rehearsal/database.h"
#include "rehearsal/flag.h"
#include "rehearsal/sql.h"

json_t *objects_namespace(void)
{
	return json_pack("{s:s, s:s, s:{s:s}}", "apiVersion", "v1", "kind",
			 "Namespace", "metadata", "name", OBJECTS_NAMESPACE);
}

/* The name of both an application's Deployment and its Secret. */
static json_t *objects_metadata(const struct objects_app *app)
{
	return json_pack("{s:o, s:s, s:{s:s, s:s}}",
			 "name", json_sprintf("my-app-%s", app->version),
			 "namespace", OBJECTS_NAMESPACE,
			 "labels", "app", OBJECTS_APP, "version",
			 app->version);
}

/* Base64, as the API has a Secret's data. */
static json_t *objects_base64(const char *text)
{
	unsigned char encoded[2 * SECRET_SIZE];
	size_t len = strnlen(text, SECRET_SIZE);

	EVP_EncodeBlock(encoded, (const unsigned char *)text, (int)len);
	return json_string((const char *)encoded);
}

json_t *objects_secret(const struct objects_app *app, const char *flag_token)
{
	struct sql_login login;

	database_login(app->database, "app", &login);
	return json_pack("{s:s, s:s, s:o, s:s, s:{s:o, s:o}}",
			 "apiVersion", "v1", "kind", "Secret",
			 "metadata", objects_metadata(app), "type", "Opaque",
			 "data", "db-password", objects_base64(login.password),
			 "flag-token", objects_base64(flag_token));
}

static json_t *objects_env(const char *name, const char *value)
{
	return json_pack("{s:s, s:s}", "name", name, "value", value);
}

static json_t *objects_env_secret(const char *name, const char *version,
				  const char *key)
{
	return json_pack("{s:s, s:{s:{s:o, s:s}}}", "name", name, "valueFrom",
			 "secretKeyRef",
			 "name", json_sprintf("my-app-%s", version),
			 "key", key);
}

static json_t *objects_environment(const struct objects_app *app)
{
	struct sql_login login;
	char port[16];
	json_t *env = json_array();

	database_login(app->database, "app", &login);
	snprintf(port, sizeof(port), "%u", login.port);
	json_array_append_new(env, objects_env("APP_VERSION", app->version));
	json_array_append_new(env, objects_env("DB_HOST", login.host));
	json_array_append_new(env, objects_env("DB_PORT", port));
	json_array_append_new(env, objects_env("DB_NAME", "app"));
	json_array_append_new(env, objects_env("DB_USER", login.user));
	if (login.tls)
		json_array_append_new(env, objects_env("DB_TLS", "required"));
	json_array_append_new(env, objects_env_secret(
		"DB_PASSWORD", app->version, "db-password"));
	json_array_append_new(env, objects_env("FLAG", app->flag));
	json_array_append_new(env, objects_env_secret(
		"FLAG_TOKEN", app->version, "flag-token"));
	if (app->writes_enabled)
		json_array_append_new(env, objects_env("ENABLE_WRITES",
						       "true"));
	return env;
}

static json_t *objects_container(const struct objects_app *app)
{
	return json_pack(
		"{s:s, s:o, s:o, s:[{s:s, s:i}], s:{s:{s:s, s:i}, s:i}}",
		"name", OBJECTS_CONTAINER,
		"image", json_sprintf("myapp:%s.0", app->version + 1),
		"env", objects_environment(app),
		"ports", "name", "http", "containerPort", OBJECTS_PORT,
		"readinessProbe", "httpGet", "path", "/readyz", "port",
		OBJECTS_PORT, "periodSeconds", 1);
}

static json_t *objects_template(const struct objects_app *app)
{
	json_t *labels = json_pack("{s:s, s:s}", "app", OBJECTS_APP, "version",
				   app->version);

	if (app->writes_enabled)
		json_object_set_new(labels, "writes", json_string("enabled"));
	return json_pack("{s:{s:o}, s:{s:[o]}}", "metadata", "labels", labels,
			 "spec", "containers", objects_container(app));
}

json_t *objects_deployment(const struct objects_app *app)
{
	json_t *strategy = app->rolls_carefully ? json_pack(
		"{s:s, s:{s:s, s:i}}", "type", "RollingUpdate",
		"rollingUpdate", "maxSurge", "25%", "maxUnavailable", 0) : NULL;

	return json_pack(
		"{s:s, s:s, s:o, s:{s:i, s:{s:{s:s, s:s}}, s:o*, s:o}}",
		"apiVersion", "apps/v1", "kind", "Deployment",
		"metadata", objects_metadata(app),
		"spec", "replicas", app->replicas,
		"selector", "matchLabels", "app", OBJECTS_APP, "version",
		app->version, "strategy", strategy,
		"template", objects_template(app));
}

json_t *objects_service(const char *cluster_ip, bool after)
{
	json_t *selector = json_pack("{s:s, s:s}", "app", OBJECTS_APP,
				     "version", after ? "v2" : "v1");

	if (after)
		json_object_set_new(selector, "writes", json_string("enabled"));
	return json_pack(
		"{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:o, s:[{s:s, s:i, s:i}]}}",
		"apiVersion", "v1", "kind", "Service",
		"metadata", "name", OBJECTS_SERVICE, "namespace",
		OBJECTS_NAMESPACE,
		"spec", "clusterIP", cluster_ip, "selector", selector,
		"ports", "name", "http", "port", OBJECTS_PORT, "targetPort",
		OBJECTS_PORT);
}

json_t *objects_configmap(bool enabled)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s}}",
			 "apiVersion", "v1", "kind", "ConfigMap",
			 "metadata", "name", OBJECTS_CONFIGMAP, "namespace",
			 OBJECTS_NAMESPACE,
			 "data", FLAG_KEY, enabled ? "true" : "false");
}
