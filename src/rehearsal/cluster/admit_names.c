/* See admit_names.h. */
#include "rehearsal/cluster/admit_names.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define LABEL_MAX 63
#define NAME_MAX_LEN 253
#define PREFIX_MAX 253

/* Letters, digits and `extra` between an alphanumeric start and end. */
static bool plain_word(const char *text, size_t len, const char *extra)
{
	if (!len || !isalnum((unsigned char)text[0]) ||
	    !isalnum((unsigned char)text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) &&
		    !strchr(extra, text[i]))
			return false;
	return true;
}

bool name_is_label_value(const char *text)
{
	size_t len = strlen(text);

	return !len || (len <= LABEL_MAX && plain_word(text, len, "-_."));
}

bool name_is_label_key(const char *key)
{
	const char *slash = strchr(key, '/');
	const char *name = slash ? slash + 1 : key;

	if (slash && ((size_t)(slash - key) > PREFIX_MAX ||
		      !plain_word(key, (size_t)(slash - key), "-.")))
		return false;
	return strlen(name) <= LABEL_MAX &&
	       plain_word(name, strlen(name), "-_.");
}

bool name_is_subdomain(const char *name)
{
	for (const char *s = name; *s; s++)
		if (isupper((unsigned char)*s))
			return false;
	return strlen(name) <= NAME_MAX_LEN &&
	       plain_word(name, strlen(name), "-.");
}

bool name_is_config_key(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)key[i]) && !strchr("-._", key[i]))
			return false;
	return len && len <= NAME_MAX_LEN && strcmp(key, ".") &&
	       strcmp(key, "..");
}
