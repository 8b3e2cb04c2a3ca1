/* See kubeconfig_files.h. */
#include "kube/kubeconfig_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "kube/kubeconfig_yaml.h"

#define KUBECONFIG_PATH_MAX 4096

static int files_add(struct kubeconfig_files *files, const char *path,
		     bool must_exist, struct error *err)
{
	struct kubeconfig_file *file = &files->list[files->count];
	struct error inner = {0};
	int status;

	if (files->count >= KUBECONFIG_FILES_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 "more than %d kubeconfig files",
				 KUBECONFIG_FILES_MAX);
	status = kubeconfig_yaml_read(path, &file->tree, &inner);
	if (status == ERR_NOTFOUND && !must_exist)
		return 0;
	if (status) {
		if (err)
			*err = inner;
		return status;
	}
	file->path = strdup(path);
	if (!file->path) {
		kubeconfig_yaml_wipe(file->tree);
		return error_nomem(err);
	}
	files->count++;
	return 0;
}

static int files_add_list(struct kubeconfig_files *files, const char *list,
			  struct error *err)
{
	char path[KUBECONFIG_PATH_MAX];
	int status = 0;

	while (!status && *list) {
		size_t len = strcspn(list, ":");

		if (len >= sizeof(path))
			return error_set(err, ERR_LIMIT, NULL,
					 "a path in $KUBECONFIG is too long");
		snprintf(path, sizeof(path), "%.*s", (int)len, list);
		if (len)
			status = files_add(files, path, false, err);
		list += len + (list[len] == ':');
	}
	return status;
}

int kubeconfig_files_open(struct kubeconfig_files *files, const char *path,
			  struct error *err)
{
	const char *list = getenv("KUBECONFIG"), *home = getenv("HOME");
	char standard[KUBECONFIG_PATH_MAX];
	int status = 0;

	memset(files, 0, sizeof(*files));
	if (path) {
		status = files_add(files, path, true, err);
	} else if (list && *list) {
		status = files_add_list(files, list, err);
	} else if (home && snprintf(standard, sizeof(standard),
				    "%s/.kube/config", home) <
			   (int)sizeof(standard)) {
		status = files_add(files, standard, false, err);
	}
	if (status)
		kubeconfig_files_close(files);
	return status;
}

void kubeconfig_files_close(struct kubeconfig_files *files)
{
	while (files->count) {
		struct kubeconfig_file *file = &files->list[--files->count];

		kubeconfig_yaml_wipe(file->tree);
		free(file->path);
	}
}

struct kubeconfig_entry kubeconfig_files_entry(
	const struct kubeconfig_files *files, const char *list,
	const char *inner, const char *name)
{
	for (size_t i = 0; i < files->count; i++) {
		const json_t *array = json_object_get(files->list[i].tree,
						      list);

		for (size_t k = 0; k < json_array_size(array); k++) {
			const json_t *one = json_array_get(array, k);

			if (!strcmp(json_text(one, "name", ""), name))
				return (struct kubeconfig_entry){
					json_object_get(one, inner),
					&files->list[i],
				};
		}
	}
	return (struct kubeconfig_entry){NULL, NULL};
}

const char *kubeconfig_files_current(const struct kubeconfig_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *name = json_text(files->list[i].tree,
					     "current-context", "");

		if (*name)
			return name;
	}
	return NULL;
}
