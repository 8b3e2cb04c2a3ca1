/* See hash.h. */
#include "base/hash.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "base/error.h"

int hash_sha256(const void *bytes, size_t len, char dst[HASH_HEX_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (!EVP_Digest(bytes, len, digest, &size, EVP_sha256(), NULL)) {
		ERR_clear_error();      /* nobody looks into its queue */
		return ERR_NOMEM;
	}
	for (unsigned int i = 0; i < size && i < 32; i++)
		snprintf(dst + (size_t)i * 2, 3, "%02x", digest[i]);
	return 0;
}
