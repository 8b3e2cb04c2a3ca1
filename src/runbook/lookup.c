/* See lookup.h. */
#include "runbook/lookup.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/paths.h"
#include "runbook/reader.h"

#define SUFFIX ".yaml"
#define NAMES_MAX 512

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* DIR/NAME.yaml, if it is there. */
static bool lookup_in(const char *dir, const char *name,
		      char ret_path[PATH_MAX])
{
	int len = snprintf(ret_path, PATH_MAX, "%s/%s" SUFFIX, dir, name);

	return len > 0 && len < PATH_MAX && is_file(ret_path);
}

static int lookup_is_runbook(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > strlen(SUFFIX) &&
	       strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) == 0;
}

/* Says what there is, and which of it was probably meant. */
static int lookup_failed(const char *dir, const char *name, struct error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, lookup_is_runbook, alphasort);
	struct nearest nearest;
	struct buf names;

	buf_init(&names, NAMES_MAX);
	nearest_init(&nearest, name);
	for (int i = 0; i < count; i++) {
		char *word = entries[i]->d_name;

		word[strlen(word) - strlen(SUFFIX)] = '\0';
		nearest_offer(&nearest, word);
		buf_printf(&names, "%s%s", i ? ", " : "", word);
	}
	if (nearest.best)
		error_set(err, ERR_NOTFOUND, NULL,
			  _("there is no runbook '%s'; did you mean '%s'?"),
			  name, nearest.best);
	else if (names.len)
		error_set(err, ERR_NOTFOUND, NULL,
			  _("there is no file and no runbook '%s'; the runbooks are: %s"),
			  name, names.data);
	else
		error_set(err, ERR_NOTFOUND, NULL,
			  _("there is no file '%s', and no runbooks in %s"),
			  name, dir);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	buf_release(&names);
	return ERR_NOTFOUND;
}

int lookup_runbook(const char *name_or_path, char ret_path[PATH_MAX],
		   struct error *err)
{
	const char *own = getenv("CUTOVER_RUNBOOKS");
	struct paths paths;
	int code;

	if (strchr(name_or_path, '/') || is_file(name_or_path)) {
		int len = snprintf(ret_path, PATH_MAX, "%s", name_or_path);

		return len < PATH_MAX ? 0 :
		       error_set(err, ERR_LIMIT, NULL, _("path too long"));
	}
	if (own && *own && lookup_in(own, name_or_path, ret_path))
		return 0;
	code = paths_find(&paths, err);
	if (code < 0)
		return code;
	if (lookup_in(paths.runbooks, name_or_path, ret_path))
		return 0;
	return lookup_failed(paths.runbooks, name_or_path, err);
}
