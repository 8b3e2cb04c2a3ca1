/* What the state of a Lease means for people, as one sentence. */
#ifndef CUTOVER_CONDUCT_LEASEWORDS_H
#define CUTOVER_CONDUCT_LEASEWORDS_H

#include "kube/lease_claim.h"

#define LEASE_WORDS_MAX 2048

/* "" while it is held and all is well. */
void lease_words(const struct lease_claim *claim, const char *namespace_,
		 char dst[LEASE_WORDS_MAX]);
/* Who else holds it, as last seen, whatever has become of our claim: "alice@bastion
 * (run R, process N) since T, last renewed T". "": nobody. */
void lease_words_elsewhere(const struct lease_claim *claim,
			   char dst[LEASE_WORDS_MAX]);

#endif
