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

/* Appends the names of a directory's runbooks, as many as fit. */
static void lookup_list(const char *dir, struct buf *names)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, lookup_is_runbook, alphasort);

	for (int i = 0; i < count; i++) {
		size_t len = strlen(entries[i]->d_name) - strlen(SUFFIX);

		buf_printf(names, "%s%.*s", names->len ? ", " : "", (int)len,
			   entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

/* The word of "a, b, c" that is nearest to name, in dst; false: none is. */
static bool lookup_nearest(const char *names, const char *name,
			   char dst[NAMES_MAX])
{
	struct nearest nearest;
	char word[NAMES_MAX];

	nearest_init(&nearest, name);
	while (*names) {
		size_t len = strcspn(names, ",");

		snprintf(word, sizeof(word), "%.*s", (int)len, names);
		nearest_offer(&nearest, word);
		if (nearest.best == word)
			snprintf(dst, NAMES_MAX, "%s", word);
		nearest.best = nearest.best ? dst : NULL;
		names += len + strspn(names + len, ", ");
	}
	return nearest.best;
}

/* Says what there is, and which of it was probably meant. */
static int lookup_failed(const char *own, const char *dir, const char *name,
			 struct error *err)
{
	char near[NAMES_MAX];
	struct buf names;

	buf_init(&names, NAMES_MAX - 1);
	if (own)
		lookup_list(own, &names);
	lookup_list(dir, &names);
	if (lookup_nearest(names.data, name, near))
		error_set(err, ERR_NOTFOUND, NULL,
			  _("there is no runbook '%s'; did you mean '%s'?"),
			  name, near);
	else if (names.len)
		error_set(err, ERR_NOTFOUND, NULL,
			  _("there is no file and no runbook '%s'; the runbooks are: %s"),
			  name, names.data);
	else
		error_set(err, ERR_NOTFOUND, NULL,
			  _("there is no file '%s', and no runbooks in %s"),
			  name, dir);
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
	return lookup_failed(own, paths.runbooks, name_or_path, err);
}
