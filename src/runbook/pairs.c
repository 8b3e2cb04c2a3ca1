/*
 * Mappings whose keys are the runbook's own: labels and environment variables.
 * A value of null (or ~) means: remove it. See value.h.
 */
#include <ctype.h>
#include <string.h>

#include "base/i18n.h"
#include "runbook/value.h"

#define LABEL_MAX 63
#define LABEL_PREFIX_MAX 253
#define LABEL_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

struct pair_kind {
	const char *what;       /* the whole mapping */
	const char *key, *value;/* what each wants */
	bool (*key_fits)(const char *text);
	bool (*value_fits)(const char *text);
};

/* Begins and ends with a letter or digit. */
static bool fits_label_value(const char *text)
{
	size_t len = strspn(text, LABEL_CHARS);

	if (!len)
		return !*text;
	return len <= LABEL_MAX && !text[len] && !strchr("-_.", text[0]) &&
	       !strchr("-_.", text[len - 1]);
}

static bool fits_label_key(const char *text)
{
	const char *slash = strchr(text, '/');

	if (slash && (slash == text || slash - text > LABEL_PREFIX_MAX ||
		      strspn(text, LABEL_CHARS) != (size_t)(slash - text)))
		return false;
	text = slash ? slash + 1 : text;
	return *text && fits_label_value(text);
}

static bool fits_env_key(const char *text)
{
	return *text && !isdigit((unsigned char)*text) &&
	       !text[strspn(text, LABEL_CHARS)];
}

static bool fits_any(const char *text)
{
	(void)text;
	return true;
}

static const struct pair_kind pair_labels = {
	N_("a mapping of labels such as {version: v2}"),
	N_("a label's name, such as version or example.com/version"),
	N_("a label's value, at most 63 letters, digits, '-', '_' and '.'"),
	fits_label_key, fits_label_value,
};

static const struct pair_kind pair_env = {
	N_("a mapping of environment variables such as {NAME: \"value\"}"),
	N_("an environment variable's name, such as ENABLE_WRITES"),
	N_("a text"),
	fits_env_key, fits_any,
};

static void pair_read(struct reader *r, const struct node *node,
		      const struct pair_kind *kind, struct pair *pair)
{
	bool assumed = false;

	pair->key = node->key;
	if (!kind->key_fits(node->key))
		reader_report_key(r, node, _("'%.80s' is not %s"), node->key,
				  _(kind->key));
	if (node->kind == NODE_BROKEN || node_is_null(node))
		return;
	pair->value = value_text(r, node, kind->value, &assumed);
	if (pair->value && !assumed && !kind->value_fits(pair->value))
		reader_wants(r, node, kind->value, pair->value);
}

static void pairs_read(struct reader *r, const struct node *node,
		       const struct pair_kind *kind, struct pairs *pairs)
{
	if (!reader_is_map(r, node, kind->what))
		return;
	if (!node->count)
		reader_report(r, node, _("'%s' is empty; it wants %s"),
			      node->key, _(kind->what));
	pairs->items = reader_array(r, node->count, sizeof(*pairs->items));
	for (const struct node *at = node->first; pairs->items && at;
	     at = at->next)
		pair_read(r, at, kind, &pairs->items[pairs->count++]);
}

void value_read_labels(struct reader *r, const struct node *node, void *dst)
{
	pairs_read(r, node, &pair_labels, dst);
}

void value_read_env(struct reader *r, const struct node *node, void *dst)
{
	pairs_read(r, node, &pair_env, dst);
}
