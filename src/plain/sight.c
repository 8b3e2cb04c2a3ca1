/* See sight.h. A connection that breaks and is back within a second is not
 * worth a line. */
#include "plain/sight.h"

#include "base/clock.h"
#include "base/i18n.h"

#define SIGHT_LOST_MS 1000

/* One thing that is looked at. */
struct sight_thing {
	const char *name;
	const struct stamp *stamp;
};

/* The cluster is out of sight when any of its lists is. */
static const struct stamp *sight_cluster(const struct facts_cluster *cluster)
{
	const struct stamp *const stamps[] = {
		&cluster->pods_stamp, &cluster->service_stamp,
		&cluster->slices_stamp, &cluster->deployments_stamp,
	};
	size_t worst = 0;

	for (size_t i = 1; i < sizeof(stamps) / sizeof(stamps[0]); i++)
		if (stamps[i]->problem[0] &&
		    (!stamps[worst]->problem[0] ||
		     stamps[i]->at_ms < stamps[worst]->at_ms))
			worst = i;
	return stamps[worst];
}

static void sight_things(const struct view_input *input,
			 struct sight_thing things[SIGHT_THINGS])
{
	const struct facts *facts = input->facts;

	things[0] = (struct sight_thing){
		facts->databases[SIDE_SOURCE].name,
		&facts->databases[SIDE_SOURCE].stamp};
	things[1] = (struct sight_thing){
		facts->databases[SIDE_TARGET].name,
		&facts->databases[SIDE_TARGET].stamp};
	things[2] = (struct sight_thing){
		_("the cluster"), sight_cluster(&facts->cluster)};
	things[3] = (struct sight_thing){
		facts->flag.configured ? _("the flag") : NULL,
		&facts->flag.stamp};
}

static bool sight_is_lost(const struct stamp *stamp, int64_t now_ms)
{
	return stamp->problem[0] && stamp->at_ms >= 0 &&
	       now_ms - stamp->at_ms >= SIGHT_LOST_MS;
}

void sight_say(struct sight *sight, const struct printer *printer,
	       const struct view_input *input)
{
	struct sight_thing things[SIGHT_THINGS];
	int64_t now_ms = input->facts->now_ms;

	sight_things(input, things);
	for (size_t i = 0; i < SIGHT_THINGS; i++) {
		const struct stamp *stamp = things[i].stamp;
		char text[CLOCK_STAMP_MAX];

		if (!things[i].name)
			continue;
		if (!sight->things[i].lost && sight_is_lost(stamp, now_ms)) {
			sight->things[i].lost = true;
			sight->things[i].since_ms = stamp->at_ms;
			stamp_age(stamp, now_ms, text);
			print_line(printer,
				   _("BLIND: %s was last seen %s ago: %s"),
				   things[i].name, text, stamp->problem);
		} else if (sight->things[i].lost && !stamp->problem[0]) {
			sight->things[i].lost = false;
			clock_duration(stamp->at_ms -
				       sight->things[i].since_ms, text);
			print_line(printer, _("SEEN again: %s, after %s"),
				   things[i].name, text);
		}
	}
}
