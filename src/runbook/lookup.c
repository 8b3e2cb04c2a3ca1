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
#define NAMES_MAX 1024
#define SCENARIOS_MAX 256

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

/* Where a kind of file lies, and how it is missed. */
struct lookup_kind {
	const char *below;              /* the runbooks' directory, "" or "/..." */
	int (*near)(const char *name, const char *near, struct error *err);
	int (*others)(const char *name, const char *names, struct error *err);
	int (*none)(const char *name, const char *dir, struct error *err);
};

static int runbook_near(const char *name, const char *near, struct error *err)
{
	return error_set(err, ERR_NOTFOUND, NULL,
			 _("there is no runbook '%s'; did you mean '%s'?"),
			 name, near);
}

static int runbook_others(const char *name, const char *names,
			  struct error *err)
{
	return error_set(err, ERR_NOTFOUND, NULL,
			 _("there is no file and no runbook '%s'; the runbooks are: %s"),
			 name, names);
}

static int runbook_none(const char *name, const char *dir, struct error *err)
{
	return error_set(err, ERR_NOTFOUND, NULL,
			 _("there is no file '%s', and no runbooks in %s"),
			 name, dir);
}

static int scenario_near(const char *name, const char *near, struct error *err)
{
	return error_set(err, ERR_NOTFOUND, NULL,
			 _("there is no scenario '%s'; did you mean '%s'?"),
			 name, near);
}

static int scenario_others(const char *name, const char *names,
			   struct error *err)
{
	return error_set(err, ERR_NOTFOUND, NULL,
			 _("there is no file and no scenario '%s'; the scenarios are: %s"),
			 name, names);
}

static int scenario_none(const char *name, const char *dir, struct error *err)
{
	return error_set(err, ERR_NOTFOUND, NULL,
			 _("there is no file '%s', and no scenarios in %s"),
			 name, dir);
}

static const struct lookup_kind lookup_runbooks = {
	"", runbook_near, runbook_others, runbook_none};
static const struct lookup_kind lookup_rehearsals = {
	"/rehearsal", scenario_near, scenario_others, scenario_none};

/* The directories of a kind: the user's own ("": none), the program's. */
struct lookup_dirs {
	char own[PATH_MAX], shipped[PATH_MAX];
};

static int lookup_dirs(const struct lookup_kind *kind,
		       struct lookup_dirs *ret, struct error *err)
{
	const char *own = getenv("CUTOVER_RUNBOOKS");
	struct paths paths;
	int code = paths_find(&paths, err);
	int shipped, mine = 0;

	if (code < 0)
		return code;
	ret->own[0] = '\0';
	shipped = snprintf(ret->shipped, PATH_MAX, "%s%s", paths.runbooks,
			   kind->below);
	if (own && *own)
		mine = snprintf(ret->own, PATH_MAX, "%s%s", own, kind->below);
	return shipped < PATH_MAX && mine < PATH_MAX ? 0 :
	       error_set(err, ERR_LIMIT, NULL, _("path too long"));
}

/* Says what there is, and which of it was probably meant. */
static int lookup_failed(const struct lookup_kind *kind,
			 const struct lookup_dirs *dirs, const char *name,
			 struct error *err)
{
	char near[NAMES_MAX];
	struct buf names;
	int code;

	buf_init(&names, NAMES_MAX - 1);
	if (dirs->own[0])
		lookup_list(dirs->own, &names);
	lookup_list(dirs->shipped, &names);
	if (lookup_nearest(names.data, name, near))
		code = kind->near(name, near, err);
	else if (names.len)
		code = kind->others(name, names.data, err);
	else
		code = kind->none(name, dirs->shipped, err);
	buf_release(&names);
	return code;
}

static int lookup(const struct lookup_kind *kind, const char *name_or_path,
		  char ret_path[PATH_MAX], struct error *err)
{
	struct lookup_dirs dirs;
	int code;

	if (strchr(name_or_path, '/') || is_file(name_or_path)) {
		int len = snprintf(ret_path, PATH_MAX, "%s", name_or_path);

		return len < PATH_MAX ? 0 :
		       error_set(err, ERR_LIMIT, NULL, _("path too long"));
	}
	code = lookup_dirs(kind, &dirs, err);
	if (code < 0)
		return code;
	if ((dirs.own[0] && lookup_in(dirs.own, name_or_path, ret_path)) ||
	    lookup_in(dirs.shipped, name_or_path, ret_path))
		return 0;
	return lookup_failed(kind, &dirs, name_or_path, err);
}

int lookup_runbook(const char *name_or_path, char ret_path[PATH_MAX],
		   struct error *err)
{
	return lookup(&lookup_runbooks, name_or_path, ret_path, err);
}

int lookup_scenario(const char *name_or_path, char ret_path[PATH_MAX],
		    struct error *err)
{
	return lookup(&lookup_rehearsals, name_or_path, ret_path, err);
}

/* Is a file of that name among the paths? Ours stands before a shipped one. */
static bool lookup_has(char *const *paths, size_t count, const char *file)
{
	bool has = false;

	for (size_t i = 0; i < count; i++)
		has |= strcmp(strrchr(paths[i], '/') + 1, file) == 0;
	return has;
}

/* Appends DIR/NAME.yaml for each there; a list that is full takes no more. */
static int lookup_collect(const char *dir, char **paths, size_t *count,
			  struct error *err)
{
	struct dirent **entries = NULL;
	int found = scandir(dir, &entries, lookup_is_runbook, alphasort);
	int code = 0;

	for (int i = 0; i < found; i++) {
		char path[PATH_MAX];

		if (*count < SCENARIOS_MAX && !code &&
		    !lookup_has(paths, *count, entries[i]->d_name) &&
		    snprintf(path, PATH_MAX, "%s/%s", dir,
			     entries[i]->d_name) < PATH_MAX) {
			paths[*count] = strdup(path);
			if (paths[*count])
				++*count;
			else
				code = error_nomem(err);
		}
		free(entries[i]);
	}
	free(entries);
	return code;
}

int lookup_scenarios(char ***ret_paths, size_t *ret_count, struct error *err)
{
	char **paths = calloc(SCENARIOS_MAX, sizeof(*paths));
	struct lookup_dirs dirs;
	size_t count = 0;
	int code = paths ? lookup_dirs(&lookup_rehearsals, &dirs, err) :
		   error_nomem(err);

	if (!code && dirs.own[0])
		code = lookup_collect(dirs.own, paths, &count, err);
	if (!code)
		code = lookup_collect(dirs.shipped, paths, &count, err);
	if (!code) {
		*ret_paths = paths;
		*ret_count = count;
		return 0;
	}
	while (count)
		free(paths[--count]);
	free(paths);
	return code;
}
