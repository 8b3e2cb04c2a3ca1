/*
 * The files with which `cutover`, kubectl and mysql find the world: vars.yaml,
 * my-app-v2.yaml, flag-token.
 */
#ifndef CUTOVER_REHEARSAL_WORLDFILES_H
#define CUTOVER_REHEARSAL_WORLDFILES_H

#include <jansson.h>

struct error;

/* All borrowed. */
struct worldfiles {
	const char *dir, *kubeconfig, *service_ip;
	const char *flag_url;           /* NULL: the flag is the ConfigMap */
	const char *flag_token;
	json_t *v2;                     /* v2's Deployment, read-only */
};

int worldfiles_write(const struct worldfiles *files, struct error *err);

#endif
