/*
 * Where a Service's new connections may go: its endpoint slices, cut down to
 * addresses, as kube-proxy reads them. One thread.
 */
#ifndef CUTOVER_REHEARSAL_ENDPOINTS_H
#define CUTOVER_REHEARSAL_ENDPOINTS_H

#include <jansson.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define ENDPOINTS_MAX 4096

struct endpoints {
	const char *ns, *service;       /* borrowed */
	json_t *slices;                 /* by name */
};

/* 0 or ERR_NOMEM. */
int endpoints_init(struct endpoints *endpoints, const char *ns,
		   const char *service);
void endpoints_release(struct endpoints *endpoints);

/* Takes a watch event; whether it concerns this Service. */
bool endpoints_event(struct endpoints *endpoints, const char *type,
		     const json_t *slice);

/* The ready endpoints, or, while there is none, those that still serve though
 * they terminate. Returns how many were written, at most max. */
size_t endpoints_list(const struct endpoints *endpoints,
		      struct sockaddr_in *dst, size_t max);

#endif
