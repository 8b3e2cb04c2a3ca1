/*
 * What the application runs on: the practice cluster with its node, the
 * Service's address, the flag; and what stands in the cluster at first. Main
 * thread.
 */
#ifndef CUTOVER_REHEARSAL_PLATFORM_H
#define CUTOVER_REHEARSAL_PLATFORM_H

#include <netinet/in.h>

#include "rehearsal/endpoints.h"
#include "rehearsal/objects.h"
#include "rehearsal/secret.h"

struct cluster;
struct error;
struct options;
struct pair;

struct platform {
	const struct options *options;  /* borrowed, as is the pair */
	const struct pair *pair;
	uint32_t network;               /* host byte order */
	struct balancer *balancer;
	struct endpoints endpoints;     /* the cluster's thread's */
	struct flag *flag;              /* NULL: it is the ConfigMap */
	char flag_token[SECRET_SIZE];
	struct flagwatch *watch;
	struct kubelet *kubelet;
	struct cluster *cluster;
};

/* Opens all of it and creates the objects; pods then start by themselves.
 * Kept at its address until platform_close, which is needed also after an
 * error. dir is where the kubeconfig goes. */
int platform_open(struct platform *platform, const struct options *options,
		  const struct pair *pair, const char *dir,
		  struct error *err);
/* Takes all zeroes. */
void platform_close(struct platform *platform);

/* How many pods the Deployments want, and how many are ready. */
int platform_wanted_pods(const struct platform *platform);
int platform_ready_pods(const struct platform *platform);

/* The application's version v1 or v2, as it is at first. */
struct objects_app platform_app(const struct platform *platform,
				const char *version);
/* Where users reach the Service. */
struct sockaddr_in platform_service(const struct platform *platform);
/* Whether the Service selects v2 now. */
bool platform_serves_v2(const struct platform *platform);

#endif
