/* The arguments and the environment of a credential plugin. */
#ifndef CUTOVER_KUBE_PLUGIN_ENV_H
#define CUTOVER_KUBE_PLUGIN_ENV_H

struct error;
struct kubeconfig;

#define PLUGIN_ENV_MAX 4096     /* variables */

struct plugin_env {
	char **argv;            /* NULL-terminated; texts borrowed */
	char **env;             /* ours, then the listed ones */
	char *info;             /* KUBERNETES_EXEC_INFO=…, owned */
};

/* Builds both; ERR_NOMEM, ERR_LIMIT. Release it after an error too. */
int plugin_env_fill(struct plugin_env *env, const struct kubeconfig *config,
		    struct error *err);
void plugin_env_release(struct plugin_env *env);

#endif
