/* See logtail.h. */
#include "rehearsal/logtail.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LINE_SIZE 1024

void logtail_read(const char *path, char dst[LOGTAIL_SIZE])
{
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE], kept[LINE_SIZE] = "";
	bool is_error = false;

	while (file && fgets(line, sizeof(line), file)) {
		bool error = strstr(line, "[ERROR]") != NULL;

		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || (is_error && !error) ||
		    strstr(line, "Aborting"))
			continue;
		is_error = error;
		memcpy(kept, line, sizeof(kept));
	}
	if (file)
		fclose(file);
	if (!kept[0])
		snprintf(kept, sizeof(kept), "nothing in %.*s", LINE_SIZE / 2,
			 path);
	text_sanitise(dst, LOGTAIL_SIZE, kept);
}
