/* From a URL's path and an HTTP method to a resource and a verb. */
#ifndef CUTOVER_REHEARSAL_ROUTE_H
#define CUTOVER_REHEARSAL_ROUTE_H

#include <stdbool.h>

#include "rehearsal/cluster/api.h"

/* "/api/v1/namespaces/NS/pods/NAME/SUB" taken apart; "" for what is absent. */
struct route {
	char group[API_NAME_MAX];
	char version[API_NAME_MAX];
	char ns[API_NAME_MAX];
	char plural[API_NAME_MAX];
	char name[API_NAME_MAX];
	char subresource[API_NAME_MAX];
};

/* False for a path that names no resource (discovery, health …). */
bool route_parse(const char *path, struct route *ret);

/* "get", "list", "watch", "create" …; NULL for a method that is not allowed
 * there. */
const char *route_verb(const struct route *route, const char *method,
		       bool watch);

/* The namespace in which one asks; a namespace lies in itself. "" for all, or
 * none. */
const char *route_place(const struct route *route);

#endif
