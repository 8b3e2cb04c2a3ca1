/*
 * One kubeconfig file as a JSON tree: every scalar is a string (or null).
 * Aliases, duplicate keys, and files beyond the limits of kubeconfig.h are
 * refused, with where = file:line:column.
 */
#ifndef CUTOVER_KUBE_KUBECONFIG_YAML_H
#define CUTOVER_KUBE_KUBECONFIG_YAML_H

#include <jansson.h>

struct error;

/* ERR_NOTFOUND, ERR_DENIED, ERR_IO, ERR_SYNTAX, ERR_INVALID, ERR_LIMIT,
 * ERR_NOMEM. The caller wipes and decrefs *ret (kubeconfig_yaml_wipe). */
int kubeconfig_yaml_read(const char *path, json_t **ret, struct error *err);

/* Overwrites all strings, then decrefs; takes NULL. */
void kubeconfig_yaml_wipe(json_t *tree);

/* A small file as text (NUL-terminated; *ret_len without it), at most max
 * bytes; the caller wipes and frees it. */
int kubeconfig_file_read(const char *path, size_t max, char **ret,
			 size_t *ret_len, struct error *err);

#endif
