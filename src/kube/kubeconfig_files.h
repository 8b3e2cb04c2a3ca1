/*
 * The files that together make the kubeconfig, and the entries in them. For
 * kubeconfig.c alone.
 */
#ifndef CUTOVER_KUBE_KUBECONFIG_FILES_H
#define CUTOVER_KUBE_KUBECONFIG_FILES_H

#include <jansson.h>

#include "kube/kubeconfig.h"

struct kubeconfig_file {
	char *path;
	json_t *tree;
};

struct kubeconfig_files {
	struct kubeconfig_file list[KUBECONFIG_FILES_MAX];
	size_t count;
};

/* An entry, and the file whose directory its relative paths start from. */
struct kubeconfig_entry {
	const json_t *value;    /* borrowed; NULL: there is none */
	const struct kubeconfig_file *file;
};

/* Reads path, or (NULL) what the environment names; missing files of a list
 * are skipped. Finding none is no error: count is 0. */
int kubeconfig_files_open(struct kubeconfig_files *files, const char *path,
			  struct error *err);
/* Wipes and frees; takes a zeroed one. */
void kubeconfig_files_close(struct kubeconfig_files *files);

/* The entry of that name in a list ("clusters"), its inner value ("cluster"):
 * from the first file that has it. */
struct kubeconfig_entry kubeconfig_files_entry(
	const struct kubeconfig_files *files, const char *list,
	const char *inner, const char *name);
/* current-context of the first file that has one, or NULL. */
const char *kubeconfig_files_current(const struct kubeconfig_files *files);

#endif
