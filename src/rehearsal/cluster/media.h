/* The Accept header: in which form the answer is wanted. */
#ifndef CUTOVER_REHEARSAL_MEDIA_H
#define CUTOVER_REHEARSAL_MEDIA_H

enum media {
	MEDIA_JSON,
	MEDIA_TABLE,            /* as=Table */
	MEDIA_METADATA,         /* as=PartialObjectMetadata[List] */
	MEDIA_DISCOVERY,        /* as=APIGroupDiscoveryList */
	MEDIA_NONE,             /* nothing that can be served: 406 */
};

/* The first of the header's types that can be served; accept may be NULL. */
enum media media_choose(const char *accept);

#endif
