/* The kubeconfig by which kubectl and cutover reach the practice cluster. */
#ifndef CUTOVER_REHEARSAL_KUBECONFIG_H
#define CUTOVER_REHEARSAL_KUBECONFIG_H

struct access_tokens;
struct error;
struct tls_material;

/*
 * Writes path (mode 0600; an old file is replaced as a whole): contexts
 * practice (client certificate), practice-token, practice-reader. 0, ERR_IO or
 * ERR_NOMEM.
 */
int practice_kubeconfig_write(const char *path, const char *url,
			      const struct tls_material *tls,
			      const struct access_tokens *tokens,
			      struct error *err);

#endif
