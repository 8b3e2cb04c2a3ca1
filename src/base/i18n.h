/*
 * Words for people, in their language.
 *
 * _("…") where a text is shown, N_("…") where it stands in a table and is
 * translated later, ngettext("%d row", "%d rows", n) for a count. Whole
 * sentences, so that a translator can order the words; journal keys, SQL and
 * anything a program reads stay as they are. Without NLS all three are the
 * English text itself and cost nothing.
 */
#ifndef CUTOVER_BASE_I18N_H
#define CUTOVER_BASE_I18N_H

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(text) gettext(text)
#else
#define _(text) (text)
#define ngettext(one, many, n) ((n) == 1 ? (one) : (many))
#endif

#define N_(text) text

/*
 * Takes the user's locale and finds the translations; call it once, first in
 * main(). Numbers keep their decimal point in every language: transcripts and
 * the last lines of a rehearsal are read by programs too. CUTOVER_LOCALEDIR
 * names another directory of translations (uninstalled ones, in tests).
 */
void i18n_open(void);

#endif
