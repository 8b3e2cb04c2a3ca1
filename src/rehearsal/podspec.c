/* See podspec.h. */
#include "rehearsal/podspec.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "rehearsal/cluster/cluster.h"

#define VALUE_MAX SQL_TEXT_MAX
#define APP_PORT 8080

struct podspec_env {
	struct cluster *cluster;
	const char *ns;
	const json_t *list;     /* the container's env */
};

/* The entry of a list of objects whose `name` is name, or NULL. */
static const json_t *podspec_named(const json_t *list, const char *name)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
		if (!strcmp(json_text(entry, "name", ""), name))
			return entry;
	return NULL;
}

/* Decodes base64 into dst; false if it is none or too long. */
static bool podspec_decode(const char *base64, char *dst, size_t size)
{
	size_t len = strlen(base64), padding = 0;
	int got;

	while (padding < 2 && padding < len &&
	       base64[len - 1 - padding] == '=')
		padding++;
	if (len % 4 || len / 4 * 3 + 1 > size)
		return false;
	got = EVP_DecodeBlock((unsigned char *)dst,
			      (const unsigned char *)base64, (int)len);
	if (got < (int)padding)
		return false;
	dst[(size_t)got - padding] = '\0';
	return true;
}

static int podspec_secret(const struct podspec_env *env, const json_t *ref,
			  char *dst, size_t size, struct error *err)
{
	const char *name = json_text(ref, "name", "");
	const char *key = json_text(ref, "key", "");
	json_t *secret = cluster_get(env->cluster, "Secret", env->ns, name);
	const char *value = json_string_value(
		json_object_get(json_object_get(secret, "data"), key));
	int rc = 0;

	if (!secret)
		rc = error_set(err, ERR_NOTFOUND, NULL,
			       "secret \"%s\" not found", name);
	else if (!value)
		rc = error_set(err, ERR_NOTFOUND, NULL,
			       "couldn't find key %s in Secret %s/%s", key,
			       env->ns, name);
	else if (!podspec_decode(value, dst, size))
		rc = error_set(err, ERR_INVALID, NULL,
			       "secret %s: %s is no base64, or too long", name,
			       key);
	json_decref(secret);
	return rc;
}

/* The value of a variable; ERR_NOTFOUND if there is none and fallback is
 * NULL. */
static int podspec_env(const struct podspec_env *env, const char *name,
		       const char *fallback, char *dst, size_t size,
		       struct error *err)
{
	const json_t *entry = podspec_named(env->list, name);
	const json_t *secret = json_at(entry, "valueFrom/secretKeyRef");
	const char *value = json_text(entry, "value", fallback);

	if (secret)
		return podspec_secret(env, secret, dst, size, err);
	if (!value)
		return error_set(err, ERR_INVALID, NULL, "env %s is not set",
				 name);
	if (strlen(value) >= size)
		return error_set(err, ERR_LIMIT, NULL, "env %s: too long",
				 name);
	memcpy(dst, value, strlen(value) + 1);
	return 0;
}

static int podspec_login(const struct podspec_env *env,
			 struct sql_login *login, struct error *err)
{
	char port[16], tls[16] = "";
	int64_t number;
	int rc = podspec_env(env, "DB_HOST", NULL, login->host, VALUE_MAX, err);

	if (!rc)
		rc = podspec_env(env, "DB_USER", NULL, login->user, VALUE_MAX,
				 err);
	if (!rc)
		rc = podspec_env(env, "DB_PASSWORD", NULL, login->password,
				 VALUE_MAX, err);
	if (!rc)
		rc = podspec_env(env, "DB_NAME", "app", login->database,
				 VALUE_MAX, err);
	if (!rc)
		rc = podspec_env(env, "DB_PORT", "3306", port, sizeof(port),
				 err);
	if (!rc)
		rc = podspec_env(env, "DB_TLS", "", tls, sizeof(tls), err);
	if (!rc && tls[0] && strcmp(tls, "required") != 0)
		rc = error_set(err, ERR_INVALID, NULL,
			       "env DB_TLS: %s is not \"required\"", tls);
	if (!rc && text_parse_int(port, 1, 65535, &number))
		rc = error_set(err, ERR_INVALID, NULL,
			       "env DB_PORT: %s is no port", port);
	if (!rc)
		login->port = (unsigned int)number;
	login->tls = tls[0] != '\0';
	return rc;
}

static int podspec_app(const struct podspec_env *env, struct podspec *spec,
		       struct error *err)
{
	char enable[16];
	int rc = podspec_env(env, "APP_VERSION", NULL, spec->app.version,
			     sizeof(spec->app.version), err);

	if (!rc)
		rc = podspec_env(env, "ENABLE_WRITES", "false", enable,
				 sizeof(enable), err);
	if (!rc)
		rc = podspec_env(env, "FLAG", NULL, spec->flag,
				 sizeof(spec->flag), err);
	if (!rc)
		rc = podspec_env(env, "FLAG_TOKEN", "", spec->flag_token,
				 sizeof(spec->flag_token), err);
	if (!rc)
		rc = podspec_login(env, &spec->app.login, err);
	if (!rc)
		spec->app.rules = writer_rules_of(spec->app.version, enable);
	return rc;
}

int podspec_read(struct cluster *cluster, const json_t *pod,
		 struct podspec *ret, struct error *err)
{
	struct podspec_env env = {.cluster = cluster, .ns = ret->ns};
	const json_t *container = podspec_named(json_at(pod, "spec/containers"),
						PODSPEC_CONTAINER);
	struct in_addr address;

	*ret = (struct podspec){.app.port = APP_PORT};
	snprintf(ret->ns, sizeof(ret->ns), "%s",
		 json_text(pod, "metadata/namespace", ""));
	snprintf(ret->name, sizeof(ret->name), "%s",
		 json_text(pod, "metadata/name", ""));
	snprintf(ret->uid, sizeof(ret->uid), "%s",
		 json_text(pod, "metadata/uid", ""));
	snprintf(ret->app.pod, sizeof(ret->app.pod), "%s", ret->name);
	if (!container)
		return error_set(err, ERR_INVALID, ret->name,
				 "no container %s", PODSPEC_CONTAINER);
	if (!inet_aton(json_text(pod, "status/podIP", ""), &address))
		return error_set(err, ERR_INVALID, ret->name, "no address");
	ret->app.address = ntohl(address.s_addr);
	env.list = json_object_get(container, "env");
	return podspec_app(&env, ret, err);
}
