/*
 * What a pod of the practice cluster says about the application in it: the
 * container's env, references to secrets resolved.
 *
 *	APP_VERSION  v1 or v2            DB_HOST DB_PORT DB_USER DB_PASSWORD DB_NAME
 *	DB_TLS  required: over TLS       ENABLE_WRITES  true or not
 *	FLAG, FLAG_TOKEN  see flagwatch.h
 */
#ifndef CUTOVER_REHEARSAL_PODSPEC_H
#define CUTOVER_REHEARSAL_PODSPEC_H

#include <jansson.h>

#include "rehearsal/app.h"

struct cluster;

#define PODSPEC_CONTAINER "app"
#define PODSPEC_TOKEN_MAX 128
#define PODSPEC_FLAG_MAX 256

struct podspec {
	char ns[APP_NAME_MAX];
	char name[APP_NAME_MAX];
	char uid[64];
	struct app_config app;          /* all but the flag's function */
	char flag[PODSPEC_FLAG_MAX];
	char flag_token[PODSPEC_TOKEN_MAX];
};

/* ERR_NOTFOUND: a secret, or its key, that the node needs to make the container;
 * ERR_INVALID: what the application itself refuses at its start: no container
 * `app`, no variable it needs, a value that can't be. Any thread. */
int podspec_read(struct cluster *cluster, const json_t *pod,
		 struct podspec *ret, struct error *err);

#endif
