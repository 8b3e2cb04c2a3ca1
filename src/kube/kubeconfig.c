/*
 * See kubeconfig.h. The files are read whole, the wanted context is picked out
 * of them into the arena, and the trees are wiped: only what is used stays.
 */
#include "kube/kubeconfig.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "kube/base64.h"
#include "kube/kubeconfig_files.h"
#include "kube/kubeconfig_yaml.h"

#define KUBECONFIG_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"
#define KUBECONFIG_GROUPS_MAX 64

/* Copies the text at path to *dst if it is there; NULL stays. */
static int config_text(struct kubeconfig *config, const json_t *from,
		       const char *path, const char **dst, struct error *err)
{
	const char *text = json_text(from, path, NULL);

	if (!text || !*text)
		return 0;
	*dst = arena_strdup(&config->arena, text);
	return *dst ? 0 : error_nomem(err);
}

/* A path of a file, relative to the kubeconfig that names it. */
static int config_path(struct kubeconfig *config,
		       const struct kubeconfig_entry *from, const char *path,
		       const char **dst, struct error *err)
{
	const char *text = json_text(from->value, path, NULL);
	const char *slash;

	if (!text || !*text)
		return 0;
	slash = strrchr(from->file->path, '/');
	if (text[0] == '/' || !slash)
		*dst = arena_strdup(&config->arena, text);
	else
		*dst = arena_printf(&config->arena, "%.*s/%s",
				    (int)(slash - from->file->path),
				    from->file->path, text);
	return *dst ? 0 : error_nomem(err);
}

/* "NAME-data" as decoded text, else the file of "NAME". */
static int config_pem(struct kubeconfig *config,
		      const struct kubeconfig_entry *from, const char *name,
		      const char *data_name, const char **pem,
		      const char **file, struct error *err)
{
	const char *text = json_text(from->value, data_name, NULL);
	size_t len;
	char *bytes;
	int status;

	if (!text || !*text)
		return config_path(config, from, name, file, err);
	status = base64_decode(text, &bytes, &len);
	if (status == ERR_NOMEM)
		return error_nomem(err);
	if (status)
		return error_set(err, ERR_INVALID, from->file->path,
				 "%s is not Base64", data_name);
	*pem = arena_strndup(&config->arena, bytes, len);
	text_wipe(bytes, len);
	free(bytes);
	return *pem ? 0 : error_nomem(err);
}

static int config_cluster(struct kubeconfig *config,
			  const struct kubeconfig_entry *from,
			  struct error *err)
{
	const json_t *value = from->value;
	const char *insecure = json_text(value, "insecure-skip-tls-verify", "");
	char *end;
	int status;

	config->insecure = !strcmp(insecure, "true");
	status = config_text(config, value, "server", &config->server, err);
	if (!status)
		status = config_text(config, value, "tls-server-name",
				     &config->tls_server_name, err);
	if (!status)
		status = config_text(config, value, "proxy-url",
				     &config->proxy, err);
	if (!status)
		status = config_pem(config, from, "certificate-authority",
				    "certificate-authority-data",
				    &config->ca_pem, &config->ca_file, err);
	if (status)
		return status;
	if (!config->server)
		return error_set(err, ERR_INVALID, from->file->path,
				 "cluster \"%s\" has no server",
				 config->cluster);
	end = (char *)(uintptr_t)config->server + strlen(config->server);
	while (end > config->server && end[-1] == '/')
		*--end = '\0';
	return 0;
}

/* An array of strings at path, NULL-terminated. */
static int config_list(struct kubeconfig *config, const json_t *array,
		       size_t max, const char *const **dst, struct error *err)
{
	size_t count = json_array_size(array);
	const char **list;

	if (count > max)
		return error_set(err, ERR_LIMIT, NULL,
				 "a list of more than %zu texts in the "
				 "kubeconfig", max);
	list = arena_array(&config->arena, count + 1, sizeof(*list));
	if (!list)
		return error_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		list[i] = arena_strdup(&config->arena, text ? text : "");
		if (!list[i])
			return error_nomem(err);
	}
	*dst = list;
	return 0;
}

static int config_exec_env(struct kubeconfig *config, const json_t *array,
			   struct error *err)
{
	size_t count = json_array_size(array);
	const char **list;

	if (count > KUBECONFIG_EXEC_ARGS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "more than %d variables for the credential "
				 "plugin", KUBECONFIG_EXEC_ARGS_MAX);
	list = arena_array(&config->arena, count + 1, sizeof(*list));
	if (!list)
		return error_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(array, i);

		list[i] = arena_printf(&config->arena, "%s=%s",
				       json_text(one, "name", ""),
				       json_text(one, "value", ""));
		if (!list[i])
			return error_nomem(err);
	}
	config->exec.env = list;
	return 0;
}

static int config_exec(struct kubeconfig *config,
		       const struct kubeconfig_entry *user, struct error *err)
{
	const struct kubeconfig_entry from = {
		json_object_get(user->value, "exec"), user->file,
	};
	struct kubeconfig_exec *exec = &config->exec;
	const char *command = json_text(from.value, "command", "");
	int status;

	if (!json_is_object(from.value))
		return 0;
	config->has_exec = true;
	exec->provide_cluster_info =
		!strcmp(json_text(from.value, "provideClusterInfo", ""), "true");
	status = config_text(config, from.value, "apiVersion",
			     &exec->api_version, err);
	/* A bare name is looked up in PATH. */
	if (!status)
		status = strchr(command, '/') ?
			config_path(config, &from, "command", &exec->command,
				    err) :
			config_text(config, from.value, "command",
				    &exec->command, err);
	if (!status)
		status = config_text(config, from.value, "installHint",
				     &exec->install_hint, err);
	if (!status)
		status = config_list(config, json_object_get(from.value, "args"),
				     KUBECONFIG_EXEC_ARGS_MAX, &exec->args,
				     err);
	if (!status)
		status = config_exec_env(config,
					 json_object_get(from.value, "env"),
					 err);
	if (!status && (!exec->command || !exec->api_version))
		status = error_set(err, ERR_INVALID, user->file->path,
				   "the credential plugin of user \"%s\" needs "
				   "a command and an apiVersion", config->user);
	return status;
}

static int config_user(struct kubeconfig *config,
		       const struct kubeconfig_entry *from, struct error *err)
{
	const struct {
		const char *path;
		const char **dst;
	} texts[] = {
		{"token", &config->token},
		{"username", &config->username},
		{"password", &config->password},
		{"as", &config->as_user},
	};
	const json_t *value = from->value;
	int status = 0;

	if (json_object_get(value, "auth-provider"))
		return error_set(err, ERR_INVALID, from->file->path,
				 "user \"%s\" uses an auth-provider, which "
				 "Kubernetes has removed: use a credential "
				 "plugin (exec) instead", config->user);
	for (size_t i = 0; !status && i < sizeof(texts) / sizeof(texts[0]); i++)
		status = config_text(config, value, texts[i].path,
				     texts[i].dst, err);
	if (!status)
		status = config_path(config, from, "tokenFile",
				     &config->token_file, err);
	if (!status)
		status = config_pem(config, from, "client-certificate",
				    "client-certificate-data",
				    &config->cert_pem, &config->cert_file, err);
	if (!status)
		status = config_pem(config, from, "client-key",
				    "client-key-data", &config->key_pem,
				    &config->key_file, err);
	if (!status && json_object_get(value, "as-groups"))
		status = config_list(config,
				     json_object_get(value, "as-groups"),
				     KUBECONFIG_GROUPS_MAX, &config->as_groups,
				     err);
	return status ? status : config_exec(config, from, err);
}

/* The entry of that name, which must be there. */
static int config_need(const struct kubeconfig_files *files, const char *list,
		       const char *inner, const char *name,
		       struct kubeconfig_entry *ret, struct error *err)
{
	*ret = kubeconfig_files_entry(files, list, inner, name);
	if (ret->file)
		return 0;
	return error_set(err, ERR_NOTFOUND, files->list[0].path,
			 "the kubeconfig has no %s named \"%s\"", inner, name);
}

static int config_context(struct kubeconfig *config,
			  const struct kubeconfig_files *files,
			  const char *wanted, struct error *err)
{
	const char *name = wanted ? wanted : kubeconfig_files_current(files);
	struct kubeconfig_entry entry;
	int status;

	if (!name)
		return error_set(err, ERR_NOTFOUND, files->list[0].path,
				 "the kubeconfig has no current-context: name "
				 "a context");
	config->context = arena_strdup(&config->arena, name);
	if (!config->context)
		return error_nomem(err);
	status = config_need(files, "contexts", "context", name, &entry, err);
	if (!status)
		status = config_text(config, entry.value, "cluster",
				     &config->cluster, err);
	if (!status)
		status = config_text(config, entry.value, "user",
				     &config->user, err);
	if (!status)
		status = config_text(config, entry.value, "namespace",
				     &config->namespace_, err);
	if (!status && !config->cluster)
		status = error_set(err, ERR_INVALID, entry.file->path,
				   "context \"%s\" names no cluster", name);
	if (!status)
		status = config_need(files, "clusters", "cluster",
				     config->cluster, &entry, err);
	if (!status)
		status = config_cluster(config, &entry, err);
	if (status || !config->user)
		return status;
	status = config_need(files, "users", "user", config->user, &entry, err);
	return status ? status : config_user(config, &entry, err);
}

/* What a pod finds in itself. */
static int config_in_cluster(struct kubeconfig *config, struct error *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	char *text;
	size_t len;

	if (!host || !port)
		return error_set(err, ERR_NOTFOUND, NULL,
				 "no kubeconfig: set KUBECONFIG, or name the "
				 "file");
	config->source = config->context = "in-cluster";
	config->server = arena_printf(&config->arena, strchr(host, ':') ?
				      "https://[%s]:%s" : "https://%s:%s",
				      host, port);
	config->ca_file = KUBECONFIG_ACCOUNT "ca.crt";
	config->token_file = KUBECONFIG_ACCOUNT "token";
	if (!config->server)
		return error_nomem(err);
	if (!kubeconfig_file_read(KUBECONFIG_ACCOUNT "namespace",
				  KUBECONFIG_SECRET_MAX, &text, &len, NULL)) {
		config->namespace_ = arena_strndup(&config->arena, text,
						   strcspn(text, " \r\n"));
		free(text);
	}
	return 0;
}

static int config_source(struct kubeconfig *config,
			 const struct kubeconfig_files *files,
			 struct error *err)
{
	config->source = arena_strdup(&config->arena, files->list[0].path);
	for (size_t i = 1; config->source && i < files->count; i++)
		config->source = arena_printf(&config->arena, "%s:%s",
					      config->source,
					      files->list[i].path);
	return config->source ? 0 : error_nomem(err);
}

int kubeconfig_load(struct kubeconfig *config,
		    const struct kubeconfig_options *options, struct error *err)
{
	struct kubeconfig_files files;
	int status;

	memset(config, 0, sizeof(*config));
	arena_init(&config->arena);
	status = kubeconfig_files_open(&files, options->path, err);
	if (status)
		return status;
	if (files.count) {
		status = config_source(config, &files, err);
		if (!status)
			status = config_context(config, &files,
						options->context, err);
	} else {
		status = config_in_cluster(config, err);
	}
	if (!config->namespace_)
		config->namespace_ = "default";
	if (!status && options->namespace_) {
		config->namespace_ = arena_strdup(&config->arena,
						  options->namespace_);
		if (!config->namespace_)
			status = error_nomem(err);
	}
	kubeconfig_files_close(&files);
	if (status)
		kubeconfig_release(config);
	return status;
}

static void config_wipe(const char *text)
{
	if (text)
		text_wipe((char *)(uintptr_t)text, strlen(text));
}

void kubeconfig_release(struct kubeconfig *config)
{
	config_wipe(config->token);
	config_wipe(config->password);
	config_wipe(config->key_pem);
	for (size_t i = 0; config->exec.env && config->exec.env[i]; i++)
		config_wipe(config->exec.env[i]);
	arena_release(&config->arena);
	memset(config, 0, sizeof(*config));
}
