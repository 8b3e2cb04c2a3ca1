/* SHA-256 in hexadecimal: the journal's chain and the runbook's fingerprint. */
#ifndef CUTOVER_BASE_HASH_H
#define CUTOVER_BASE_HASH_H

#include <stddef.h>

#define HASH_HEX_SIZE 65        /* 64 digits and a NUL */

/* 0, or ERR_NOMEM if libcrypto has no memory. */
int hash_sha256(const void *bytes, size_t len, char dst[HASH_HEX_SIZE]);

#endif
