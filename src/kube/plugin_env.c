/*
 * See plugin_env.h. A listed variable replaces the inherited one of its name:
 * with both in the list, which one counts would be the plugin's choice.
 */
#include "kube/plugin_env.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "kube/base64.h"
#include "kube/kubeconfig.h"
#include "kube/kubeconfig_yaml.h"

#define PLUGIN_INFO_MAX (256u << 10)

static size_t env_count(const char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

/* certificate-authority-data of the cluster, or NULL; the caller frees it. */
static char *env_ca(const struct kubeconfig *config)
{
	char *text = NULL, *data;
	size_t len;

	if (config->ca_pem)
		return base64_encode(config->ca_pem, strlen(config->ca_pem));
	if (!config->ca_file ||
	    kubeconfig_file_read(config->ca_file, KUBECONFIG_SECRET_MAX, &text,
				 &len, NULL))
		return NULL;
	data = base64_encode(text, len);
	free(text);
	return data;
}

static json_t *env_cluster(const struct kubeconfig *config)
{
	char *ca = env_ca(config);
	json_t *cluster = json_pack("{s:s, s:s*, s:b, s:s*, s:s*}",
		"server", config->server,
		"tls-server-name", config->tls_server_name,
		"insecure-skip-tls-verify", config->insecure,
		"certificate-authority-data", ca,
		"proxy-url", config->proxy);

	free(ca);
	return cluster;
}

static int env_info(struct plugin_env *env, const struct kubeconfig *config,
		    struct error *err)
{
	json_t *spec = json_pack("{s:b}", "interactive", 0), *info = NULL;
	char *text = NULL;
	struct buf line;
	int failed = !spec;

	buf_init(&line, PLUGIN_INFO_MAX);
	if (!failed && config->exec.provide_cluster_info)
		failed = json_object_set_new(spec, "cluster",
					     env_cluster(config));
	info = json_pack("{s:s, s:s, s:o}", "apiVersion",
			 config->exec.api_version, "kind", "ExecCredential",
			 "spec", spec);
	if (!failed && info)
		text = json_print(info, JSON_COMPACT);
	if (text && !buf_printf(&line, "KUBERNETES_EXEC_INFO=%s", text))
		env->info = buf_detach(&line);
	free(text);
	json_decref(info);
	buf_release(&line);
	return env->info ? 0 : error_nomem(err);
}

/* Whether a variable of this name stands in the first count of list. */
static bool env_names(const char *variable, const char *const *list,
		      size_t count)
{
	size_t len = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < count; i++)
		if (!strncmp(variable, list[i], len))
			return true;
	return false;
}

int plugin_env_fill(struct plugin_env *env, const struct kubeconfig *config,
		    struct error *err)
{
	const struct kubeconfig_exec *exec = &config->exec;
	size_t args = env_count(exec->args), listed = env_count(exec->env);
	size_t inherited = env_count((const char *const *)environ), used = 0;

	if (inherited > PLUGIN_ENV_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "more than %d environment variables",
				 PLUGIN_ENV_MAX);
	env->argv = calloc(args + 2, sizeof(*env->argv));
	env->env = calloc(inherited + listed + 2, sizeof(*env->env));
	if (!env->argv || !env->env)
		return error_nomem(err);
	env->argv[0] = (char *)(uintptr_t)exec->command;
	for (size_t i = 0; i < args; i++)
		env->argv[i + 1] = (char *)(uintptr_t)exec->args[i];
	for (size_t i = 0; i < inherited; i++)
		if (!env_names(environ[i], exec->env, listed) &&
		    strncmp(environ[i], "KUBERNETES_EXEC_INFO=", 21))
			env->env[used++] = environ[i];
	for (size_t i = 0; i < listed; i++)
		env->env[used++] = (char *)(uintptr_t)exec->env[i];
	if (env_info(env, config, err))
		return ERR_NOMEM;
	env->env[used] = env->info;
	return 0;
}

void plugin_env_release(struct plugin_env *env)
{
	free(env->argv);
	free(env->env);
	free(env->info);
}
