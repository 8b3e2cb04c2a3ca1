/* A Deployment with its replica sets, as the controller sees them. */
#ifndef CUTOVER_REHEARSAL_DEPLOYMENT_H
#define CUTOVER_REHEARSAL_DEPLOYMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rollout;
struct round;
struct store;

#define FAMILY_OLD_MAX 64
/* Paths of what the controller keeps in its objects. */
#define DEPLOYMENT_HASH "metadata/labels/pod-template-hash"
#define DEPLOYMENT_REVISION \
	"metadata/annotations/deployment.kubernetes.io~1revision"
#define DEPLOYMENT_HISTORY \
	"metadata/annotations/deployment.kubernetes.io~1revision-history"
#define DEPLOYMENT_DESIRED \
	"metadata/annotations/deployment.kubernetes.io~1desired-replicas"
#define DEPLOYMENT_MOST \
	"metadata/annotations/deployment.kubernetes.io~1max-replicas"

/* All borrowed from the store, valid until its next change. */
struct family {
	const json_t *deployment;
	json_t *fresh;          /* of the present template; may be NULL */
	json_t *old[FAMILY_OLD_MAX];    /* the oldest first */
	size_t old_count;
};

/* 0, or -1 if there are more than FAMILY_OLD_MAX or memory is out. */
int family_find(struct family *family, struct store *store,
		const json_t *deployment);
/* The revision annotation of a Deployment or a set; 0 if it has none. */
int64_t family_revision(const json_t *object);
/* The pods that a set wants, and those of them that are available. */
int64_t family_wanted(const json_t *set);
int64_t family_available(const json_t *set);
/* How many pods its sets want and have. */
void family_count(const struct family *family, struct rollout *rollout);

/*
 * The set of the present template has the revision, the annotations and
 * minReadySeconds that it should. Where there is none it is made, if `make`
 * says so, and *created is set. 0 or -1.
 */
int deployment_sync_set(struct store *store, const struct family *family,
			const struct rollout *rollout, bool make,
			bool *created);

/* Notes on a set what it was last sized for. 0 or -1. */
int deployment_note_size(json_t *set, const struct rollout *rollout);
/* Sizes one set. 0 or -1. */
int deployment_scale(struct store *store, const struct family *family,
		     const struct rollout *rollout, json_t *set,
		     int64_t wanted);
/* The deployment's size is another than that for which its sets were sized. */
bool deployment_is_resized(const struct family *family,
			   const struct rollout *rollout);
/* Sizes all of its sets for its size, none rolling further. 0 or -1. */
int deployment_resize(struct store *store, const struct family *family,
		      const struct rollout *rollout);

/* Writes the deployment's status; created says that its new replica set was
 * made just now. 0 or -1. */
int deployment_report(struct round *round, const struct family *family,
		      bool created);

#endif
