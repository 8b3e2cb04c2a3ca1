/* See rollout.h. */
#include "rehearsal/cluster/rollout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define PERCENT_MAX 1000

int64_t rollout_share(const json_t *value, int64_t total, bool up)
{
	const char *text = json_string_value(value);
	char digits[16];
	int64_t percent;

	if (json_is_integer(value))
		return json_integer_value(value);
	if (!text || !*text || text[strlen(text) - 1] != '%')
		return 0;
	snprintf(digits, sizeof(digits), "%.*s", (int)strlen(text) - 1, text);
	if (text_parse_int(digits, 0, PERCENT_MAX, &percent))
		return 0;
	return (total * percent + (up ? 99 : 0)) / 100;
}

void rollout_limits(struct rollout *rollout, const json_t *deployment)
{
	const json_t *rolling = json_at(deployment,
					"spec/strategy/rollingUpdate");

	rollout->surge = rollout->unavailable = 0;
	if (!strcmp(json_text(deployment, "spec/strategy/type", ""),
		    "Recreate"))
		return;
	rollout->surge = rollout_share(json_at(rolling, "maxSurge"),
				       rollout->desired, true);
	rollout->unavailable = rollout_share(
		json_at(rolling, "maxUnavailable"), rollout->desired, false);
	if (!rollout->surge && !rollout->unavailable)
		rollout->unavailable = 1;
	if (rollout->unavailable > rollout->desired)
		rollout->unavailable = rollout->desired;
}

int64_t rollout_fresh(const struct rollout *rollout)
{
	int64_t room = rollout->desired + rollout->surge -
		       (rollout->fresh + rollout->old);
	int64_t missing = rollout->desired - rollout->fresh;

	if (missing <= 0)
		return rollout->desired;
	if (room <= 0)
		return rollout->fresh;
	return rollout->fresh + (room < missing ? room : missing);
}

static int64_t least(const struct rollout *rollout)
{
	return rollout->desired - rollout->unavailable;
}

int64_t rollout_removable(const struct rollout *rollout)
{
	int64_t pending = rollout->fresh - rollout->fresh_available;
	int64_t count = rollout->fresh + rollout->old - least(rollout) -
			pending;

	return count > 0 ? count : 0;
}

int64_t rollout_removable_available(const struct rollout *rollout)
{
	int64_t count = rollout->fresh_available + rollout->old_available -
			least(rollout);

	return count > 0 && rollout_removable(rollout) ? count : 0;
}

/* The largest first; of two alike the newer one. */
static int by_size_newer(const void *a, const void *b)
{
	const struct rollout_part *part_a = a, *part_b = b;

	if (part_a->wanted != part_b->wanted)
		return part_a->wanted > part_b->wanted ? -1 : 1;
	return part_a->age > part_b->age ? -1 : part_a->age < part_b->age;
}

static int by_size_older(const void *a, const void *b)
{
	const struct rollout_part *part_a = a, *part_b = b;

	if (part_a->wanted != part_b->wanted)
		return part_a->wanted > part_b->wanted ? -1 : 1;
	return part_a->age < part_b->age ? -1 : part_a->age > part_b->age;
}

/* By how much it would grow on its own, rounded; negative to shrink. */
static int64_t share_of(const struct rollout *rollout,
			const struct rollout_part *part)
{
	double most = (double)(rollout->desired + rollout->surge);
	double size;

	if (!rollout->desired)
		return -part->wanted;
	if (part->most <= 0)
		return 0;
	size = (double)part->wanted * most / (double)part->most + 0.5;
	return (size < INT32_MAX ? (int64_t)size : INT32_MAX) - part->wanted;
}

void rollout_spread(const struct rollout *rollout, struct rollout_part *parts,
		    size_t count)
{
	int64_t left = rollout->desired ? rollout->desired + rollout->surge
					: 0;
	bool grow;

	for (size_t i = 0; i < count; i++)
		left -= parts[i].wanted;
	if (!left || !count)
		return;
	grow = left > 0;
	qsort(parts, count, sizeof(*parts),
	      grow ? by_size_newer : by_size_older);
	for (size_t i = 0; i < count && left; i++) {
		int64_t share = share_of(rollout, &parts[i]);

		if (grow ? share > left : share < left)
			share = left;
		parts[i].wanted += share;
		left -= share;
	}
	parts[0].wanted += left;
	if (parts[0].wanted < 0)
		parts[0].wanted = 0;
}
