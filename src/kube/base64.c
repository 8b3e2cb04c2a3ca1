/* See base64.h. */
#include "kube/base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int base64_decode(const char *text, char **ret_bytes, size_t *ret_len)
{
	size_t len = strlen(text);
	EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
	unsigned char *bytes = len < INT_MAX / 2 ? malloc(len + 4) : NULL;
	int used = 0, rest = 0;
	int status = ERR_NOMEM;

	if (context && bytes) {
		EVP_DecodeInit(context);
		status = EVP_DecodeUpdate(context, bytes, &used,
					  (const unsigned char *)text,
					  (int)len) >= 0 &&
			 EVP_DecodeFinal(context, bytes + used, &rest) == 1 ?
			 0 : ERR_SYNTAX;
	}
	EVP_ENCODE_CTX_free(context);
	if (status) {
		free(bytes);
		return status;
	}
	*ret_len = (size_t)(used + rest);
	bytes[*ret_len] = '\0';
	*ret_bytes = (char *)bytes;
	return 0;
}

char *base64_encode(const void *bytes, size_t len)
{
	unsigned char *text = len < INT_MAX / 2 ? malloc(len / 3 * 4 + 5) : NULL;

	if (text)
		EVP_EncodeBlock(text, bytes, (int)len);
	return (char *)text;
}
