/*
 * Who we say we are, request by request: a fixed token or certificate, a token
 * file (read again each time, since it is rotated), or what a credential
 * plugin gave (used until it ends, and renewed in the background before that).
 */
#ifndef CUTOVER_KUBE_AUTH_H
#define CUTOVER_KUBE_AUTH_H

#include <stdbool.h>

struct error;
struct kube_auth;
struct kubeconfig;
struct loop;

#define AUTH_EARLY_MS 60000     /* a credential is renewed so long before */
#define AUTH_AGAIN_MS 10000     /* between two attempts at that */
#define AUTH_WAIT 1             /* auth_get: the plugin is running */

/* Valid until the next call of auth_get. Absent members are NULL. */
struct auth_secret {
	const char *bearer;
	const char *cert_pem, *key_pem;
	unsigned int number;            /* of the plugin's credentials, from 1 on */
};

/* Opens it; config stays the caller's and must live longer. on_ready is called
 * when a plugin that auth_get started has ended, whichever way. */
int auth_open(struct kube_auth **ret, struct loop *loop,
	      const struct kubeconfig *config, void (*on_ready)(void *data),
	      void *data, struct error *err);
void auth_close(struct kube_auth *auth);

/* 0 and the secret; AUTH_WAIT: ask again in on_ready; or an error. */
int auth_get(struct kube_auth *auth, struct auth_secret *ret,
	     struct error *err);
/* The server refused the credential of that number: true if another can be had,
 * or has come meanwhile: several requests are refused at once. */
bool auth_refused(struct kube_auth *auth, unsigned int number);

#endif
