/* See media.h. Quality values are read over: clients of Kubernetes put what
 * they like best first. */
#include "rehearsal/cluster/media.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ITEM_MAX 256

/* The value of a parameter in "type;a=b;c=d", or "" . */
static void parameter(const char *item, const char *name, char dst[ITEM_MAX])
{
	size_t len = strlen(name);

	dst[0] = '\0';
	for (const char *s = strchr(item, ';'); s; s = strchr(s + 1, ';'))
		if (!strncmp(s + 1, name, len) && s[len + 1] == '=')
			snprintf(dst, ITEM_MAX, "%.*s",
				 (int)strcspn(s + len + 2, ";"),
				 s + len + 2);
}

static bool is_json(const char *item)
{
	static const char *const types[] = { "application/json", "*/*",
					     "application/*" };
	size_t len = strcspn(item, ";");

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strlen(types[i]) == len &&
		    !strncasecmp(item, types[i], len))
			return true;
	return false;
}

/* One type, with all white space taken out. */
static enum media choose_one(const char *item)
{
	static const struct {
		const char *as, *group, *version;
		enum media media;
	} forms[] = {
		{ "Table", "meta.k8s.io", "v1", MEDIA_TABLE },
		{ "PartialObjectMetadata", "meta.k8s.io", "v1",
		  MEDIA_METADATA },
		{ "PartialObjectMetadataList", "meta.k8s.io", "v1",
		  MEDIA_METADATA },
		{ "APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2",
		  MEDIA_DISCOVERY },
	};
	char as[ITEM_MAX], group[ITEM_MAX], version[ITEM_MAX];

	if (!is_json(item))
		return MEDIA_NONE;
	parameter(item, "as", as);
	parameter(item, "g", group);
	parameter(item, "v", version);
	if (!*as)
		return MEDIA_JSON;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (!strcmp(forms[i].as, as) &&
		    !strcmp(forms[i].group, group) &&
		    !strcmp(forms[i].version, version))
			return forms[i].media;
	return MEDIA_NONE;
}

enum media media_choose(const char *accept)
{
	enum media media = MEDIA_NONE;

	if (!accept || !*accept)
		return MEDIA_JSON;
	while (*accept && media == MEDIA_NONE) {
		char item[ITEM_MAX];
		size_t len = 0;

		for (; *accept && *accept != ','; accept++)
			if (!isspace((unsigned char)*accept) &&
			    len + 1 < sizeof(item))
				item[len++] = *accept;
		item[len] = '\0';
		media = choose_one(item);
		accept += *accept == ',';
	}
	return media;
}
