/* See auth.h. */
#include "kube/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "kube/kubeconfig.h"
#include "kube/plugin.h"

struct kube_auth {
	struct loop *loop;
	const struct kubeconfig *config;
	void (*on_ready)(void *data);
	void *data;
	struct plugin *plugin;          /* running, or NULL */
	bool have;                      /* the plugin's, kept */
	bool fresh;                     /* it has just come */
	char *token, *cert_pem, *key_pem;
	unsigned int number;            /* of that */
	int64_t expires_ms;             /* by the wall's clock; 0: never */
	bool early;                     /* the plugin runs though we have one */
	int64_t again_ms;               /* not early again before that (monotonic) */
	struct error failure;           /* of the last plugin; told once */
	char file_token[SECRET_MAX];
};

int auth_open(struct kube_auth **ret, struct loop *loop,
	      const struct kubeconfig *config, void (*on_ready)(void *data),
	      void *data, struct error *err)
{
	struct kube_auth *auth = calloc(1, sizeof(*auth));

	if (!auth)
		return error_nomem(err);
	auth->loop = loop;
	auth->config = config;
	auth->on_ready = on_ready;
	auth->data = data;
	*ret = auth;
	return 0;
}

static void auth_wipe(char **text)
{
	if (*text)
		text_wipe(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

static void auth_forget(struct kube_auth *auth)
{
	auth_wipe(&auth->token);
	auth_wipe(&auth->cert_pem);
	auth_wipe(&auth->key_pem);
	auth->have = false;
}

void auth_close(struct kube_auth *auth)
{
	if (!auth)
		return;
	plugin_stop(auth->plugin);
	auth_forget(auth);
	text_wipe(auth->file_token, sizeof(auth->file_token));
	free(auth);
}

/* Copies if there is something to copy; false when memory is out. */
static bool auth_copy(char **dst, const char *text)
{
	*dst = text ? strdup(text) : NULL;
	return !text || *dst;
}

static void auth_plugin_done(void *data,
			     const struct plugin_credential *credential,
			     const struct error *err)
{
	struct kube_auth *auth = data;

	auth->plugin = NULL;
	if (auth->early)
		auth->again_ms = clock_mono_ms() + AUTH_AGAIN_MS;
	auth->early = false;
	if (err && auth->have)
		return;         /* it will do until it ends: nobody waits */
	auth_forget(auth);
	if (err) {
		auth->failure = *err;
	} else if (auth_copy(&auth->token, credential->token) &&
		   auth_copy(&auth->cert_pem, credential->cert_pem) &&
		   auth_copy(&auth->key_pem, credential->key_pem)) {
		auth->expires_ms = credential->expires_ms;
		auth->have = true;
		auth->number++;
	} else {
		error_nomem(&auth->failure);
	}
	/* Those who waited take it however short its life: with two clocks that
	 * differ, the plugin would else be run without end. */
	auth->fresh = true;
	auth->on_ready(auth->data);
	auth->fresh = false;
	error_clear(&auth->failure);    /* the next request tries anew */
}

/* Nobody waits for it, so nobody is told if it cannot be started. */
static void auth_renew_early(struct kube_auth *auth)
{
	if (auth->plugin || clock_mono_ms() < auth->again_ms)
		return;
	auth->early = !plugin_start(&auth->plugin, auth->loop, auth->config,
				    auth_plugin_done, auth, NULL);
	auth->again_ms = clock_mono_ms() + AUTH_AGAIN_MS;
}

static int auth_from_plugin(struct kube_auth *auth, struct auth_secret *ret,
			    struct error *err)
{
	int64_t left = auth->expires_ms ? auth->expires_ms - clock_wall_ms() :
					  INT64_MAX;
	int status;

	if (auth->have && !auth->fresh && left <= 0)
		auth_forget(auth);
	if (auth->have) {
		if (!auth->fresh && left < AUTH_EARLY_MS)
			auth_renew_early(auth);
		ret->bearer = auth->token;
		ret->number = auth->number;
		if (auth->cert_pem) {
			ret->cert_pem = auth->cert_pem;
			ret->key_pem = auth->key_pem;
		}
		return 0;
	}
	if (auth->failure.code) {
		if (err)
			*err = auth->failure;
		return auth->failure.code;
	}
	if (auth->plugin)
		return AUTH_WAIT;
	status = plugin_start(&auth->plugin, auth->loop, auth->config,
			      auth_plugin_done, auth, err);
	return status ? status : AUTH_WAIT;
}

int auth_get(struct kube_auth *auth, struct auth_secret *ret,
	     struct error *err)
{
	const struct kubeconfig *config = auth->config;
	int status;

	*ret = (struct auth_secret){
		.cert_pem = config->cert_pem,
		.key_pem = config->key_pem,
	};
	if (config->has_exec)
		return auth_from_plugin(auth, ret, err);
	ret->bearer = config->token;
	if (!config->token_file)
		return 0;
	status = secret_read(config->token_file, auth->file_token, err);
	if (status)
		return status;
	ret->bearer = auth->file_token;
	return 0;
}

bool auth_refused(struct kube_auth *auth, unsigned int number)
{
	if (!auth->config->has_exec)
		return false;
	if (auth->have && number == auth->number)
		auth_forget(auth);
	return true;
}
