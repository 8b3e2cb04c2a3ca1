/*
 * See gtid.h. A set is built by appending and sorted once at the end, so that
 * reading one of a million intervals takes no quadratic time; all operations
 * then walk sorted lists. Both forms share them: a MariaDB position is the one
 * interval from 1 to its sequence number.
 */
#include "db/gtid.h"

#include <stdlib.h>
#include <string.h>

void gtid_init(struct gtid_set *set)
{
	memset(set, 0, sizeof(*set));
}

void gtid_release(struct gtid_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->sources[i].intervals);
	free(set->sources);
	gtid_init(set);
}

/* Orders by origin; a MariaDB server is not part of it. */
static int source_compare(const void *left, const void *right)
{
	const struct gtid_source *a = left, *b = right;
	int order;

	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	order = memcmp(a->uuid, b->uuid, sizeof(a->uuid));
	return order ? order : strcmp(a->tag, b->tag);
}

static int interval_compare(const void *left, const void *right)
{
	const struct gtid_interval *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* Room for one more in a list that doubles; NULL without memory. */
static void *list_grow(void *list, size_t count, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap * 2 : 4;
	void *grown;

	if (count < *cap)
		return list;
	grown = realloc(list, wanted * size);
	if (grown)
		*cap = wanted;
	return grown;
}

static int source_append(struct gtid_source *source, uint64_t from,
			 uint64_t to, struct error *err)
{
	struct gtid_interval *grown;

	grown = list_grow(source->intervals, source->count, &source->cap,
			  sizeof(*grown));
	if (!grown)
		return error_nomem(err);
	source->intervals = grown;
	source->intervals[source->count++] = (struct gtid_interval){from, to};
	return 0;
}

/* A source behind the last. */
static int set_append(struct gtid_set *set, const struct gtid_source *origin,
		      struct error *err)
{
	struct gtid_source *grown, *source;

	if (set->count == GTID_SOURCES_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "gtid set: more than %u sources",
				 GTID_SOURCES_MAX);
	grown = list_grow(set->sources, set->count, &set->cap, sizeof(*grown));
	if (!grown)
		return error_nomem(err);
	set->sources = grown;
	source = &set->sources[set->count++];
	*source = *origin;
	source->intervals = NULL;
	source->count = source->cap = 0;
	return 0;
}

int gtid_add(struct gtid_set *set, const struct gtid_source *origin,
	     uint64_t from, uint64_t to, struct error *err)
{
	struct gtid_source *last;
	int rc = 0;

	if (set->intervals == GTID_INTERVALS_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "gtid set: more than %u intervals",
				 GTID_INTERVALS_MAX);
	if (!set->count ||
	    source_compare(&set->sources[set->count - 1], origin) ||
	    set->sources[set->count - 1].server != origin->server)
		rc = set_append(set, origin, err);
	if (rc)
		return rc;
	last = &set->sources[set->count - 1];
	rc = source_append(last, from, to, err);
	if (!rc)
		set->intervals++;
	return rc;
}

static uint64_t source_last(const struct gtid_source *source)
{
	uint64_t last = 0;

	for (size_t i = 0; i < source->count; i++)
		if (source->intervals[i].to > last)
			last = source->intervals[i].to;
	return last;
}

/* Sorts, and joins what overlaps or adjoins. */
static void source_normalise(struct gtid_source *source)
{
	struct gtid_interval *out = source->intervals;

	if (source->count < 2)
		return;
	qsort(source->intervals, source->count, sizeof(*out),
	      interval_compare);
	for (size_t i = 1; i < source->count; i++) {
		const struct gtid_interval *next = &source->intervals[i];

		if (next->from <= out->to || next->from - out->to == 1) {
			if (next->to > out->to)
				out->to = next->to;
		} else {
			*++out = *next;
		}
	}
	source->count = (size_t)(out - source->intervals) + 1;
}

/* Adds the intervals of another source of the same origin. */
static int source_join(struct gtid_source *into,
		       const struct gtid_source *from, struct error *err)
{
	int rc = 0;

	if (source_last(from) >= source_last(into))
		into->server = from->server;
	for (size_t i = 0; i < from->count && !rc; i++)
		rc = source_append(into, from->intervals[i].from,
				   from->intervals[i].to, err);
	return rc;
}

int gtid_normalise(struct gtid_set *set, struct error *err)
{
	size_t kept = 0;
	int rc = 0;

	if (set->count > 1)
		qsort(set->sources, set->count, sizeof(*set->sources),
		      source_compare);
	for (size_t i = 1; i < set->count && !rc; i++) {
		struct gtid_source *into = &set->sources[kept];
		struct gtid_source *next = &set->sources[i];

		if (!source_compare(into, next)) {
			rc = source_join(into, next, err);
			free(next->intervals);
		} else {
			set->sources[++kept] = *next;
		}
		if (&set->sources[kept] != next)
			next->intervals = NULL;
		if (rc)
			return rc;
	}
	if (set->count)
		set->count = kept + 1;
	set->intervals = 0;
	for (size_t i = 0; i < set->count; i++) {
		source_normalise(&set->sources[i]);
		set->intervals += set->sources[i].count;
	}
	return 0;
}

bool gtid_is_empty(const struct gtid_set *set)
{
	return set->count == 0;
}

uint64_t gtid_count(const struct gtid_set *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct gtid_source *source = &set->sources[i];

		for (size_t j = 0; j < source->count; j++) {
			uint64_t more = source->intervals[j].to -
					source->intervals[j].from + 1;

			if (more > UINT64_MAX - count)
				return UINT64_MAX;
			count += more;
		}
	}
	return count;
}

static const struct gtid_source *set_find(const struct gtid_set *set,
					  const struct gtid_source *origin)
{
	if (!set->count)
		return NULL;
	return bsearch(origin, set->sources, set->count,
		       sizeof(*set->sources), source_compare);
}

static bool forms_differ(const struct gtid_set *a, const struct gtid_set *b)
{
	return a->count && b->count && a->form != b->form;
}

/* Whether every interval of part lies within one of whole. */
static bool source_contains(const struct gtid_source *whole,
			    const struct gtid_source *part)
{
	size_t w = 0;

	for (size_t p = 0; p < part->count; p++) {
		while (w < whole->count &&
		       whole->intervals[w].to < part->intervals[p].to)
			w++;
		if (w == whole->count ||
		    whole->intervals[w].from > part->intervals[p].from)
			return false;
	}
	return true;
}

bool gtid_contains(const struct gtid_set *whole, const struct gtid_set *part)
{
	if (forms_differ(whole, part))
		return false;
	for (size_t i = 0; i < part->count; i++) {
		const struct gtid_source *found;

		found = set_find(whole, &part->sources[i]);
		if (!found || !source_contains(found, &part->sources[i]))
			return false;
	}
	return true;
}

bool gtid_equal(const struct gtid_set *a, const struct gtid_set *b)
{
	return gtid_contains(a, b) && gtid_contains(b, a);
}

/* Adds to out what source has and what (may be NULL) has not. */
static int subtract_source(struct gtid_set *out,
			   const struct gtid_source *source,
			   const struct gtid_source *what, struct error *err)
{
	size_t count = what ? what->count : 0, w = 0;
	int rc = 0;

	for (size_t i = 0; i < source->count && !rc; i++) {
		uint64_t from = source->intervals[i].from;
		uint64_t to = source->intervals[i].to;
		bool rest = true;

		while (w < count && what->intervals[w].to < from)
			w++;
		for (size_t k = w; !rc && rest && k < count &&
		     what->intervals[k].from <= to; k++) {
			if (what->intervals[k].from > from)
				rc = gtid_add(out, source, from,
					      what->intervals[k].from - 1, err);
			rest = what->intervals[k].to < to;
			from = rest ? what->intervals[k].to + 1 : from;
		}
		if (rest && !rc)
			rc = gtid_add(out, source, from, to, err);
	}
	return rc;
}

/* Hands out over to *ret_set, or throws it away after an error. */
static int finish(struct gtid_set *out, int rc, struct gtid_set *ret_set,
		  struct error *err)
{
	if (!rc)
		rc = gtid_normalise(out, err);
	if (rc) {
		gtid_release(out);
		return rc;
	}
	gtid_release(ret_set);
	*ret_set = *out;
	return 0;
}

static int refuse_forms(struct error *err)
{
	return error_set(err, ERR_INVALID, NULL,
			 "a MySQL and a MariaDB gtid set can't be compared");
}

int gtid_subtract(const struct gtid_set *from, const struct gtid_set *what,
		  struct gtid_set *ret_set, struct error *err)
{
	struct gtid_set out = {.form = from->form};
	int rc = 0;

	if (forms_differ(from, what))
		return refuse_forms(err);
	for (size_t i = 0; i < from->count && !rc; i++)
		rc = subtract_source(&out, &from->sources[i],
				     set_find(what, &from->sources[i]), err);
	return finish(&out, rc, ret_set, err);
}

int gtid_union(const struct gtid_set *a, const struct gtid_set *b,
	       struct gtid_set *ret_set, struct error *err)
{
	const struct gtid_set *both[] = {a, b};
	struct gtid_set out = {.form = a->count ? a->form : b->form};
	int rc = 0;

	if (forms_differ(a, b))
		return refuse_forms(err);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->count && !rc; i++)
			rc = subtract_source(&out, &both[k]->sources[i], NULL,
					     err);
	return finish(&out, rc, ret_set, err);
}

int gtid_copy(const struct gtid_set *set, struct gtid_set *ret_set,
	      struct error *err)
{
	static const struct gtid_set nothing;

	return gtid_union(set, &nothing, ret_set, err);
}
