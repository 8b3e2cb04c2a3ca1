/* See lease.h. */
#include "kube/lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

#define LEASE_API "coordination.k8s.io/v1"
#define LEASE_PLACE "cutover/journal"           /* the annotation */
#define LEASE_HASH_DIGITS 8

/* ---- names --------------------------------------------------------------- */

static char lease_letter(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

int lease_name(const char *runbook, const char *service,
	       char dst[LEASE_NAME_MAX])
{
	char whole[1024], hash[HASH_HEX_SIZE];
	int wanted = snprintf(whole, sizeof(whole), "cutover-%s-%s", runbook,
			      service);
	size_t len = 0;

	for (; whole[len] && len < LEASE_NAME_MAX - 1; len++)
		dst[len] = lease_letter(whole[len]);
	dst[len] = '\0';
	if ((size_t)wanted == len && dst[len - 1] != '-' &&
	    memcmp(dst, whole, len) == 0)
		return 0;
	if (hash_sha256(whole, strlen(whole), hash))
		return ERR_NOMEM;
	if (len > LEASE_NAME_MAX - LEASE_HASH_DIGITS - 2)
		len = LEASE_NAME_MAX - LEASE_HASH_DIGITS - 2;
	snprintf(dst + len, LEASE_NAME_MAX - len, "-%.*s", LEASE_HASH_DIGITS,
		 hash);
	return 0;
}

/* ---- identities ---------------------------------------------------------- */

void lease_identity_text(const struct lease_identity *identity,
			 char dst[LEASE_HOLDER_MAX])
{
	snprintf(dst, LEASE_HOLDER_MAX, "%.200s/%.200s/%" PRId64,
		 identity->who, identity->run, identity->pid);
}

void lease_identity_read(const char *text, struct lease_identity *ret)
{
	const char *pid = strrchr(text, '/'), *run = NULL;

	memset(ret, 0, sizeof(*ret));
	for (const char *at = text; pid && at < pid; at++)
		if (*at == '/')
			run = at;
	if (!run || run == text || run + 1 == pid ||
	    text_parse_int(pid + 1, 1, INT64_MAX, &ret->pid)) {
		snprintf(ret->who, sizeof(ret->who), "%s", text);
		return;
	}
	snprintf(ret->who, sizeof(ret->who), "%.*s", (int)(run - text), text);
	snprintf(ret->run, sizeof(ret->run), "%.*s", (int)(pid - run - 1),
		 run + 1);
}

/* ---- the object ---------------------------------------------------------- */

static void lease_text(const json_t *object, const char *path, char *dst,
		       size_t size)
{
	text_sanitise(dst, size, json_text(object, path, ""));
}

int lease_read(const json_t *object, struct lease_record *ret,
	       struct error *err)
{
	memset(ret, 0, sizeof(*ret));
	if (strcmp(json_text(object, "kind", ""), "Lease") != 0)
		return error_set(err, ERR_INVALID, NULL,
				 "the API server did not answer with a Lease");
	lease_text(object, "spec/holderIdentity", ret->holder,
		   sizeof(ret->holder));
	lease_text(object, "spec/acquireTime", ret->acquired,
		   sizeof(ret->acquired));
	lease_text(object, "spec/renewTime", ret->renewed,
		   sizeof(ret->renewed));
	lease_text(object, "metadata/resourceVersion", ret->version,
		   sizeof(ret->version));
	lease_text(object, "metadata/annotations/cutover~1journal", ret->place,
		   sizeof(ret->place));
	ret->seconds = json_number(object, "spec/leaseDurationSeconds", 0);
	if (ret->seconds < 1)
		ret->seconds = 1;
	if (ret->seconds > LEASE_SECONDS_MAX)
		ret->seconds = LEASE_SECONDS_MAX;
	ret->transitions = json_number(object, "spec/leaseTransitions", 0);
	return 0;
}

void lease_stamp(int64_t wall_ms, char dst[LEASE_STAMP_MAX])
{
	char stamp[CLOCK_STAMP_MAX];

	clock_stamp(wall_ms, stamp);
	stamp[strlen(stamp) - 1] = '\0';
	snprintf(dst, LEASE_STAMP_MAX, "%s000Z", stamp);
}

/* Sets a text, or takes it away where it is "". */
static int lease_put(json_t *map, const char *key, const char *text)
{
	if (text[0])
		return json_object_set_new(map, key, json_string(text));
	json_object_del(map, key);
	return 0;
}

/* The member of that name, made if it is missing. */
static json_t *lease_member(json_t *map, const char *key)
{
	json_t *member = json_object_get(map, key);

	if (!json_is_object(member)) {
		member = json_object();
		if (json_object_set_new(map, key, member))
			return NULL;
	}
	return member;
}

static int lease_fill(json_t *object, const struct lease_record *record)
{
	json_t *spec = lease_member(object, "spec");
	json_t *metadata = lease_member(object, "metadata");
	json_t *annotations = metadata ?
		lease_member(metadata, "annotations") : NULL;

	if (!spec || !annotations ||
	    lease_put(annotations, LEASE_PLACE, record->place) ||
	    lease_put(spec, "holderIdentity", record->holder) ||
	    lease_put(spec, "acquireTime", record->acquired) ||
	    lease_put(spec, "renewTime", record->renewed))
		return ERR_NOMEM;
	if (json_object_set_new(spec, "leaseDurationSeconds",
				json_integer(record->seconds)) ||
	    json_object_set_new(spec, "leaseTransitions",
				json_integer(record->transitions)))
		return ERR_NOMEM;
	return 0;
}

json_t *lease_object(const json_t *before, const char *name,
		     const struct lease_record *record)
{
	json_t *object = before ? json_deep_copy(before) :
		json_pack("{ss ss s{ss}}", "apiVersion", LEASE_API, "kind",
			  "Lease", "metadata", "name", name);

	if (object && lease_fill(object, record)) {
		json_decref(object);
		return NULL;
	}
	return object;
}
