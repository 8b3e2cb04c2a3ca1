/* What the server gives an object of its own accord, after it has been noted
 * who set what: nobody is held to have set this. */
#include "rehearsal/cluster/admit.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"

/* A Service that asks for none gets a random address of 10.96/16. */
static int allocate_address(json_t *service)
{
	char text[INET_ADDRSTRLEN];
	unsigned char b[2];

	if (*json_text(service, "spec/clusterIP", ""))
		return 0;
	if (RAND_bytes(b, sizeof(b)) != 1)
		return -1;
	snprintf(text, sizeof(text), "10.96.%u.%u", b[0], b[1] % 254 + 1);
	return object_set(service, "spec/clusterIP", json_string(text));
}

static int give_service(json_t *service)
{
	int bad = allocate_address(service);

	if (!json_at(service, "spec/clusterIPs"))
		bad |= object_set(service, "spec/clusterIPs",
				  json_pack("[s]", json_text(
					  service, "spec/clusterIP", "")));
	if (!json_at(service, "spec/ipFamilies"))
		bad |= object_set(service, "spec/ipFamilies",
				  json_pack("[s]", "IPv4"));
	if (!json_at(service, "spec/ipFamilyPolicy"))
		bad |= object_set(service, "spec/ipFamilyPolicy",
				  json_string("SingleStack"));
	return bad;
}

int admit_late(const struct resource *resource, json_t *object)
{
	static int (*const givers[RESOURCE_COUNT])(json_t *) = {
		[RESOURCE_PODS] = admit_pod,
		[RESOURCE_SERVICES] = give_service,
	};
	int (*give)(json_t *) = givers[resource_index(resource)];

	return give && give(object) ? -1 : 0;
}

int admit_keep(const struct resource *resource, json_t *object,
	       const json_t *before)
{
	static const char *const paths[] = {
		"spec/clusterIP", "spec/clusterIPs", "spec/ipFamilies",
		"spec/ipFamilyPolicy",
	};
	int bad = 0;

	if (resource != resource_at(RESOURCE_SERVICES))
		return 0;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		json_t *old = json_at(before, paths[i]);

		if (old && !json_at(object, paths[i]))
			bad |= object_set(object, paths[i], json_incref(old));
	}
	return bad ? -1 : 0;
}
