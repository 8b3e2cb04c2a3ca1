/* See planworld.h. */
#include "conduct/planworld.h"

static const struct db_server *planworld_server(void *data, const char *name)
{
	const struct facts_database *database = facts_database(data, name);

	return database && database->seen ? &database->seen->server : NULL;
}

static const struct kube_service *planworld_service(void *data,
						    const char *name)
{
	return facts_service(data, name);
}

static const struct kube_deployment *planworld_deployment(void *data,
							  const char *name)
{
	return facts_deployment(data, name);
}

struct plan_world planworld_of(const struct facts *facts)
{
	return (struct plan_world){
		.data = (void *)facts, .server = planworld_server,
		.service = planworld_service,
		.deployment = planworld_deployment,
	};
}
