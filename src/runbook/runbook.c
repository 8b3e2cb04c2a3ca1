/*
 * Loading a runbook; see runbook.h. One tree of nodes, one table of top-level
 * keys, read in the table's order: variables before what uses them,
 * connections before what names them, steps before their rollback.
 */
#include "runbook/runbook.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "runbook/lookup.h"
#include "runbook/node.h"
#include "runbook/reader.h"
#include "runbook/sections.h"
#include "runbook/value.h"
#include "runbook/variables.h"

static const struct node_limits runbook_limits = {
	.items = RUNBOOK_ITEMS_MAX,
	.text = RUNBOOK_TEXT_MAX,
	.depth = RUNBOOK_DEPTH_MAX,
};

#define AT(member) offsetof(struct runbook, member)

static const struct field runbook_fields[] = {
	{"variables", variables_read, 0, false, NULL},
	{"runbook", value_read_id, AT(name), true, N_("the runbook's name")},
	{"title", value_read_filled, AT(title), true, NULL},
	{"summary", value_read_text, AT(summary), false, NULL},
	{"connections", connections_read, 0, true, NULL},
	{"observe", observe_read, 0, true, NULL},
	{"window", window_read, 0, false, NULL},
	{"rehearsal", rehearsal_read, 0, false, NULL},
	{"steps", steps_read, 0, true, NULL},
	{"rollback", rollback_read, 0, false, NULL},
};

static void runbook_check_rollback(struct reader *r, const struct node *root)
{
	bool undo = false;

	for (size_t i = 0; i < r->runbook->step_count; i++)
		undo |= r->runbook->steps[i].has_undo;
	if (undo && !node_get(root, "rollback"))
		reader_report(r, root,
			      _("'rollback' is missing in a runbook whose steps have an undo; list their ids in the order of undoing"));
}

/* Reads the --vars file into r->given. What is wrong in it is reported; only
 * a file that cannot be read is an error. */
static int runbook_load_vars(struct reader *r, struct error *err)
{
	const char *path = r->settings->vars_file;
	struct node *root = NULL;
	struct buf bytes;
	int code;

	if (!path)
		return 0;
	buf_init(&bytes, RUNBOOK_FILE_MAX);
	code = file_read(path, &bytes, err);
	if (code == 0 && node_read(&r->runbook->arena, path, bytes.data,
				   bytes.len, &runbook_limits, r->problems,
				   &root))
		code = error_nomem(err);
	buf_release(&bytes);
	if (root && root->kind != NODE_MAP)
		reader_note(r, runbook_problems_add(r->problems, path,
			root->line, root->column,
			_("a --vars file wants to be a mapping of names to values, not %s"),
			node_kind_name(root)));
	r->given = root;
	return code;
}

static void runbook_check_rows(struct reader *r)
{
	const struct condition *list[RUNBOOK_ROWS_MAX], *over;

	runbook_rows(r->runbook, list, &over);
	if (over)
		reader_report(r, over,
			      _("more than %d different 'rows' in one runbook; this one would never be asked"),
			      RUNBOOK_ROWS_MAX);
}

static void runbook_read(struct reader *r, const struct node *root)
{
	const struct node *steps = node_get(root, "steps");

	r->steps = steps && steps->kind == NODE_LIST ? steps : NULL;
	reader_map(r, root, runbook_fields, COUNT_OF(runbook_fields),
		   N_("a runbook"), r->runbook);
	variables_check_names(r);
	runbook_check_rollback(r, root);
	runbook_check_rows(r);
}

/* Keeps the bytes and their fingerprint. 0 or ERR_NOMEM. */
static int runbook_keep(struct runbook *runbook, const char *path,
			const char *bytes, size_t len)
{
	char whole[PATH_MAX];

	/* a run is resumed from another directory, perhaps */
	runbook->path = arena_strdup(&runbook->arena, path);
	runbook->whole_path = arena_strdup(&runbook->arena,
					   realpath(path, whole) ? whole : path);
	runbook->text = arena_strndup(&runbook->arena, bytes, len);
	runbook->name = runbook->title = runbook->summary = "";
	runbook->rehearsal_start = "full";
	runbook->observe.source = runbook->observe.target = "";
	runbook->observe.service = "";
	if (!runbook->path || !runbook->whole_path || !runbook->text)
		return ERR_NOMEM;
	return hash_sha256(bytes, len, runbook->sha256);
}

/* What the problems amount to: 0 or ERR_INVALID. */
static int runbook_outcome(struct runbook_problems *problems, const char *path,
			   struct error *err)
{
	size_t count = problems->count + problems->more;

	if (!count)
		return 0;
	runbook_problems_sort(problems);
	return error_set(err, ERR_INVALID, path,
			 ngettext("%zu problem", "%zu problems", count), count);
}

static int runbook_fill(struct reader *r, const char *bytes, size_t len,
			struct error *err)
{
	struct node *root = NULL;
	int code;

	if (runbook_keep(r->runbook, r->file, bytes, len))
		return error_nomem(err);
	code = runbook_load_vars(r, err);
	if (code < 0)
		return code;
	r->error = node_read(&r->runbook->arena, r->file, bytes, len,
			     &runbook_limits, r->problems, &root);
	if (root && !r->error)
		runbook_read(r, root);
	if (r->error)
		return error_nomem(err);
	return runbook_outcome(r->problems, r->file, err);
}

static int runbook_too_large(const char *path,
			     struct runbook_problems *problems,
			     struct error *err)
{
	if (runbook_problems_add(problems, path, 1, 1,
				 _("the file is larger than %d KiB"),
				 RUNBOOK_FILE_MAX / 1024))
		return error_nomem(err);
	return runbook_outcome(problems, path, err);
}

int runbook_parse(const char *path, const char *bytes, size_t len,
		  const struct runbook_settings *settings,
		  struct runbook **ret, struct runbook_problems *problems,
		  struct error *err)
{
	struct runbook *runbook;
	struct reader r = {
		.file = path,
		.settings = settings,
		.problems = problems,
	};
	int code;

	if (len > RUNBOOK_FILE_MAX)
		return runbook_too_large(path, problems, err);
	runbook = calloc(1, sizeof(*runbook));
	if (!runbook)
		return error_nomem(err);
	arena_init(&runbook->arena);
	r.runbook = runbook;
	code = runbook_fill(&r, bytes, len, err);
	if (code == 0)
		*ret = runbook;
	else
		runbook_free(runbook);
	return code;
}

int runbook_load(const char *name_or_path,
		 const struct runbook_settings *settings, struct runbook **ret,
		 struct runbook_problems *problems, struct error *err)
{
	char path[PATH_MAX];
	struct buf bytes;
	int code = lookup_runbook(name_or_path, path, err);

	if (code < 0)
		return code;
	buf_init(&bytes, RUNBOOK_FILE_MAX);
	code = file_read(path, &bytes, err);
	if (code == 0)
		code = runbook_parse(path, bytes.data, bytes.len, settings, ret,
				     problems, err);
	else if (code == ERR_LIMIT)
		code = runbook_too_large(path, problems, err);
	buf_release(&bytes);
	return code;
}

void runbook_free(struct runbook *runbook)
{
	if (!runbook)
		return;
	arena_release(&runbook->arena);
	free(runbook);
}
