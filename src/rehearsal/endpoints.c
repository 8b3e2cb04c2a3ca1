/* See endpoints.h. */
#include "rehearsal/endpoints.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"

int endpoints_init(struct endpoints *endpoints, const char *ns,
		   const char *service)
{
	*endpoints = (struct endpoints){
		.ns = ns, .service = service, .slices = json_object()};
	return endpoints->slices ? 0 : ERR_NOMEM;
}

void endpoints_release(struct endpoints *endpoints)
{
	json_decref(endpoints->slices);
	endpoints->slices = NULL;
}

bool endpoints_event(struct endpoints *endpoints, const char *type,
		     const json_t *slice)
{
	const char *name = json_text(slice, "metadata/name", "");

	if (strcmp(json_text(slice, "metadata/namespace", ""),
		   endpoints->ns) != 0 ||
	    strcmp(json_text(slice, "metadata/labels/kubernetes.io~1"
			     "service-name", ""), endpoints->service) != 0)
		return false;
	if (!strcmp(type, "DELETED"))
		json_object_del(endpoints->slices, name);
	else    /* one reference more, which is no change to the object */
		json_object_set(endpoints->slices, name,
				(json_t *)(uintptr_t)slice);
	return true;
}

/* Appends the slice's endpoints whose condition is true; with `terminating`,
 * those that serve while they terminate. */
static size_t endpoints_of(const json_t *slice, bool terminating,
			   struct sockaddr_in *dst, size_t max)
{
	const json_t *endpoint;
	size_t i, count = 0;
	int64_t port = json_number(slice, "ports/0/port", 0);

	json_array_foreach(json_object_get(slice, "endpoints"), i, endpoint) {
		struct sockaddr_in address = {
			.sin_family = AF_INET,
			.sin_port = htons((uint16_t)port)};
		bool usable = terminating ?
			json_flag(endpoint, "conditions/serving", true) &&
			json_flag(endpoint, "conditions/terminating", false) :
			json_flag(endpoint, "conditions/ready", true);

		if (usable && count < max &&
		    inet_aton(json_text(endpoint, "addresses/0", ""),
			      &address.sin_addr))
			dst[count++] = address;
	}
	return count;
}

size_t endpoints_list(const struct endpoints *endpoints,
		      struct sockaddr_in *dst, size_t max)
{
	const char *name;
	json_t *slice;
	size_t count = 0;

	for (int terminating = 0; !count && terminating < 2; terminating++)
		json_object_foreach(endpoints->slices, name, slice)
			count += endpoints_of(slice, terminating, dst + count,
					      max - count);
	return count;
}
