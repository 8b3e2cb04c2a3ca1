/*
 * Where the cluster is and who we are there: kubeconfig files, or the service
 * account inside a pod.
 *
 * As kubectl does it: $KUBECONFIG is a ':' list whose missing files are
 * skipped; the first file that has an entry of a name gives all of that entry;
 * relative paths are relative to their own file; *-data beats files.
 */
#ifndef CUTOVER_KUBE_KUBECONFIG_H
#define CUTOVER_KUBE_KUBECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct error;

#define KUBECONFIG_FILES_MAX 32
#define KUBECONFIG_FILE_MAX (4u << 20)  /* bytes of one file */
#define KUBECONFIG_DEPTH_MAX 32         /* nesting */
#define KUBECONFIG_NODES_MAX 200000     /* scalars and containers of one file */
#define KUBECONFIG_EXEC_ARGS_MAX 128
#define KUBECONFIG_SECRET_MAX 65536     /* bytes of a token or PEM file */

/* A credential plugin: client.authentication.k8s.io. */
struct kubeconfig_exec {
	const char *api_version;
	const char *command;            /* resolved against its kubeconfig */
	const char *const *args;        /* NULL-terminated; without the command */
	const char *const *env;         /* NULL-terminated "NAME=VALUE" */
	const char *install_hint;       /* or NULL */
	bool provide_cluster_info;
};

/* All texts live in the arena; members that are absent are NULL. */
struct kubeconfig {
	const char *source;             /* file names, or "in-cluster" */
	const char *context, *cluster, *user;
	const char *server;             /* URL without a '/' at its end */
	const char *namespace_;         /* never NULL: "default" at last */
	const char *ca_pem, *ca_file;
	const char *tls_server_name;
	bool insecure;
	const char *proxy;
	const char *cert_pem, *cert_file;
	const char *key_pem, *key_file;         /* key_pem is a secret */
	const char *token, *token_file;         /* token is a secret */
	const char *username, *password;        /* password is a secret */
	const char *as_user;                    /* impersonation */
	const char *const *as_groups;           /* NULL-terminated, or NULL */
	bool has_exec;
	struct kubeconfig_exec exec;
	struct arena arena;
};

struct kubeconfig_options {
	const char *path;       /* one file; NULL: $KUBECONFIG, ~/.kube/config,
				   then in-cluster */
	const char *context;    /* NULL: current-context */
	const char *namespace_; /* NULL: the context's */
};

/*
 * Reads it into *config. Errors: ERR_NOTFOUND (no file, context, cluster or
 * user of that name), ERR_SYNTAX and ERR_INVALID (where = file:line:column if
 * known), ERR_LIMIT. On an error *config is released.
 */
int kubeconfig_load(struct kubeconfig *config,
		    const struct kubeconfig_options *options,
		    struct error *err);
/* Wipes the secrets and frees everything; takes a zeroed or half-built one. */
void kubeconfig_release(struct kubeconfig *config);

#endif
