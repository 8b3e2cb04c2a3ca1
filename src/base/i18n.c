/*
 * Opens the message catalogue; see i18n.h.
 *
 * Every text this program prints is UTF-8, so the catalogue is read as UTF-8
 * whatever the locale's own encoding is.
 */
#include "base/i18n.h"

#include <locale.h>
#include <stdlib.h>

void i18n_open(void)
{
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
#ifdef ENABLE_NLS
	const char *dir = getenv("CUTOVER_LOCALEDIR");

	bindtextdomain(PACKAGE, dir != NULL && *dir != '\0' ? dir : LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	textdomain(PACKAGE);
#endif
}
