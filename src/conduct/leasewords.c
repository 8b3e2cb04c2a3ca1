/* See leasewords.h. */
#include "conduct/leasewords.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"

#define LEASE_HOLDER_WORDS_MAX (LEASE_WORDS_MAX / 2)

/* "2026-11-23T14:03:20.123456Z" to the second, which is all that anybody needs. */
static void lease_words_stamp(const char *stamp, char dst[LEASE_STAMP_MAX])
{
	size_t len = strcspn(stamp, ".Z");

	snprintf(dst, LEASE_STAMP_MAX, "%.*sZ", (int)len, stamp);
	if (!len)
		snprintf(dst, LEASE_STAMP_MAX, "?");
}

/* Who, with which run, since when, last renewed when. */
static void lease_words_holder(const struct lease_claim *claim,
			       char dst[LEASE_HOLDER_WORDS_MAX])
{
	char since[LEASE_STAMP_MAX], renewed[LEASE_STAMP_MAX];
	struct lease_identity holder;

	lease_identity_read(claim->other.holder, &holder);
	lease_words_stamp(claim->other.acquired, since);
	lease_words_stamp(claim->other.renewed, renewed);
	if (holder.pid)
		snprintf(dst, LEASE_HOLDER_WORDS_MAX,
			 _("%.300s (run %.300s, process %" PRId64 ") since %s, last renewed %s"),
			 holder.who, holder.run, holder.pid, since, renewed);
	else
		snprintf(dst, LEASE_HOLDER_WORDS_MAX,
			 _("%.500s since %s, last renewed %s"),
			 holder.who, since, renewed);
}

static void lease_words_other(const struct lease_claim *claim,
			      const char *namespace_, char dst[LEASE_WORDS_MAX])
{
	char holder[LEASE_HOLDER_WORDS_MAX];

	(void)namespace_;
	lease_words_holder(claim, holder);
	snprintf(dst, LEASE_WORDS_MAX, claim->trouble.code ?
		 _("HELD BY %s; nothing is sent from here, and whether it still is cannot be seen: %.500s") :
		 _("HELD BY %s; nothing is sent from here"), holder,
		 claim->trouble.message);
}

static void lease_words_expired(const struct lease_claim *claim,
				const char *namespace_,
				char dst[LEASE_WORDS_MAX])
{
	char holder[LEASE_HOLDER_WORDS_MAX];

	(void)namespace_;
	lease_words_holder(claim, holder);
	snprintf(dst, LEASE_WORDS_MAX, _("EXPIRED, HELD BY %s; make sure that this one acts no more, then the word 'takeover' takes over"),
		 holder);
}

static void lease_words_given_up(const struct lease_claim *claim,
				 const char *namespace_,
				 char dst[LEASE_WORDS_MAX])
{
	(void)namespace_;
	snprintf(dst, LEASE_WORDS_MAX, _("GIVEN UP by %.400s, who may have changed things; look, then the word 'takeover' takes over"),
		 claim->other.holder);
}

static void lease_words_acquiring(const struct lease_claim *claim,
				  const char *namespace_,
				  char dst[LEASE_WORDS_MAX])
{
	snprintf(dst, LEASE_WORDS_MAX, claim->trouble.code ?
		 _("the Lease %s/%s cannot be taken: %.700s") :
		 _("the Lease %s/%s is being taken"), namespace_,
		 claim->terms.name, claim->trouble.message);
}

static void lease_words_lost(const struct lease_claim *claim,
			     const char *namespace_, char dst[LEASE_WORDS_MAX])
{
	snprintf(dst, LEASE_WORDS_MAX, claim->trouble.code ?
		 _("the Lease %s/%s could not be renewed in time (%.700s); nothing is sent until it is ours again") :
		 _("the Lease %s/%s was not renewed in time, or changed by somebody; nothing is sent until it is ours again"),
		 namespace_, claim->terms.name, claim->trouble.message);
}

static void lease_words_forbidden(const struct lease_claim *claim,
				  const char *namespace_,
				  char dst[LEASE_WORDS_MAX])
{
	snprintf(dst, LEASE_WORDS_MAX, _("no right to the Lease that keeps others from driving this cutover: get, create and update on leases.coordination.k8s.io in namespace %s are needed (README, rights): %.700s"),
		 namespace_, claim->trouble.message);
}

static void lease_words_held(const struct lease_claim *claim,
			     const char *namespace_, char dst[LEASE_WORDS_MAX])
{
	char limit[CLOCK_STAMP_MAX];

	dst[0] = '\0';
	if (!claim->trouble.code)
		return;
	clock_duration(lease_claim_good_ms(claim), limit);
	snprintf(dst, LEASE_WORDS_MAX, _("the Lease %s/%s could not be renewed (%.700s); it is good for %s after the last renewal"),
		 namespace_, claim->terms.name, claim->trouble.message, limit);
}

static void lease_words_released(const struct lease_claim *claim,
				 const char *namespace_,
				 char dst[LEASE_WORDS_MAX])
{
	snprintf(dst, LEASE_WORDS_MAX, _("the Lease %s/%s was given up"),
		 namespace_, claim->terms.name);
}

void lease_words(const struct lease_claim *claim, const char *namespace_,
		 char dst[LEASE_WORDS_MAX])
{
	static void (*const words[])(const struct lease_claim *, const char *,
				     char *) = {
		[LEASE_ACQUIRING] = lease_words_acquiring,
		[LEASE_HELD] = lease_words_held,
		[LEASE_LOST] = lease_words_lost,
		[LEASE_HELD_BY_OTHER] = lease_words_other,
		[LEASE_EXPIRED_OTHER] = lease_words_expired,
		[LEASE_GIVEN_UP] = lease_words_given_up,
		[LEASE_FORBIDDEN] = lease_words_forbidden,
		[LEASE_RELEASED] = lease_words_released,
	};

	words[claim->state](claim, namespace_, dst);
}

void lease_words_elsewhere(const struct lease_claim *claim,
			   char dst[LEASE_WORDS_MAX])
{
	char holder[LEASE_HOLDER_WORDS_MAX] = "";

	/* who let it expire may be gone: nobody is said to go on */
	if (claim->stranger && !claim->expired && claim->object &&
	    claim->seen.holder[0] &&
	    strcmp(claim->seen.holder, claim->me) != 0)
		lease_words_holder(claim, holder);
	snprintf(dst, LEASE_WORDS_MAX, "%s", holder);
}
