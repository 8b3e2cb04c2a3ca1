/*
 * A credential plugin (client.authentication.k8s.io): a program that prints an
 * ExecCredential. It runs beside the loop, without a terminal: its input is
 * empty and its messages are captured for the error.
 */
#ifndef CUTOVER_KUBE_PLUGIN_H
#define CUTOVER_KUBE_PLUGIN_H

#include <jansson.h>
#include <stdint.h>

struct error;
struct kubeconfig;
struct loop;
struct plugin;

#define PLUGIN_TIMEOUT_MS 60000
#define PLUGIN_OUTPUT_MAX (1u << 20)
#define PLUGIN_MESSAGES_MAX 4096        /* bytes kept of its standard error */

/* Borrowed during the callback; all of it secret but the time. */
struct plugin_credential {
	const char *token;              /* or NULL */
	const char *cert_pem, *key_pem; /* or NULL */
	int64_t expires_ms;             /* UTC since 1970; 0: never */
};

/* Starts it. on_done is called once, in a later turn, unless it is stopped;
 * err is NULL on success. ERR_UNREACHABLE: it failed, as it may for a while;
 * ERR_INVALID: what it printed is no credential. The plugin is gone when on_done
 * returns. */
int plugin_start(struct plugin **ret, struct loop *loop,
		 const struct kubeconfig *config,
		 void (*on_done)(void *data,
				 const struct plugin_credential *credential,
				 const struct error *err),
		 void *data, struct error *err);
/* Ends it (SIGKILL to its group); takes NULL. */
void plugin_stop(struct plugin *plugin);

/* Reads an ExecCredential; *ret borrows from json. ERR_INVALID. Pure. */
int plugin_read(const json_t *json, const char *api_version,
		struct plugin_credential *ret, struct error *err);

#endif
