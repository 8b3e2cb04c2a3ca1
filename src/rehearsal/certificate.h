/* The database servers' certificate: self-signed, for 127.0.0.1, two days. */
#ifndef CUTOVER_REHEARSAL_CERTIFICATE_H
#define CUTOVER_REHEARSAL_CERTIFICATE_H

#include <sys/types.h>

struct error;

/* Writes cert_path (0644) and key_path (0600, given to uid and gid if we are
 * root). The certificate is its own authority: clients take it as ssl-ca. */
int certificate_make(const char *cert_path, const char *key_path, uid_t uid,
		     gid_t gid, struct error *err);

#endif
