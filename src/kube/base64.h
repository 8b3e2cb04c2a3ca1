/* Base64 of the standard alphabet, as in kubeconfig's *-data and in plugins'
 * input. */
#ifndef CUTOVER_KUBE_BASE64_H
#define CUTOVER_KUBE_BASE64_H

#include <stddef.h>

/* The bytes, NUL-terminated, for the caller to free. Line ends are skipped. 0,
 * ERR_NOMEM, or ERR_SYNTAX: text is not Base64. */
int base64_decode(const char *text, char **ret_bytes, size_t *ret_len);
/* The text, for the caller to free; NULL when memory is out. */
char *base64_encode(const void *bytes, size_t len);

#endif
