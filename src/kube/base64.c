/* See base64.h. */
#include "kube/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

char *base64_decode(const char *text, size_t *ret_len)
{
	size_t len = strlen(text);
	EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
	unsigned char *bytes = len < INT_MAX / 2 ? malloc(len + 4) : NULL;
	int used = 0, rest = 0;
	bool good = false;

	if (context && bytes) {
		EVP_DecodeInit(context);
		good = EVP_DecodeUpdate(context, bytes, &used,
					(const unsigned char *)text,
					(int)len) >= 0 &&
		       EVP_DecodeFinal(context, bytes + used, &rest) == 1;
	}
	EVP_ENCODE_CTX_free(context);
	if (!good) {
		free(bytes);
		return NULL;
	}
	*ret_len = (size_t)(used + rest);
	bytes[*ret_len] = '\0';
	return (char *)bytes;
}

char *base64_encode(const void *bytes, size_t len)
{
	unsigned char *text = len < INT_MAX / 2 ? malloc(len / 3 * 4 + 5) : NULL;

	if (text)
		EVP_EncodeBlock(text, bytes, (int)len);
	return (char *)text;
}
