/* See keys.h. */
#include "view/keys.h"

#include "base/i18n.h"
#include "view/view.h"

const struct key keys_table[] = {
	{ACT_RESUME, {'y'}, "y", N_("go on"),
	 N_("go on with the run that was left"), DECIDE_RESUME},
	{ACT_CONFIRM, {'y'}, "y", N_("go on"),
	 N_("confirm the open gate; where it asks for a word, type the word"),
	 DECIDE_CONFIRM},
	{ACT_RETRY, {'t'}, "t", N_("try again"),
	 N_("send again what failed, or wait again for what is late"),
	 DECIDE_RETRY},
	{ACT_ROLLBACK, {'r'}, "r", N_("roll back"),
	 N_("show the way back and what it costs, then ask for its word"),
	 DECIDE_ROLLBACK},
	{ACT_SKIP, {'S'}, "S", N_("leave out"),
	 N_("leave this undo out, with a reason for the record"), DECIDE_SKIP},
	{ACT_NOTE, {'n'}, "n", N_("note"),
	 N_("write a note into the record"), DECIDE_NOTE},
	{ACT_OVERRIDE, {'o'}, "o", N_("override"),
	 N_("pass a guard that is not green, with a reason for the record"),
	 DECIDE_OVERRIDE},
	{ACT_ARM, {'a'}, "a", N_("arm"),
	 N_("confirm later gates ahead: each goes on by itself when it is green"),
	 DECIDE_ARM},
	{ACT_DISARM, {'A'}, "A", NULL,
	 N_("end all arming; where a gate goes on by itself, any key does"), DECIDE_DISARM},
	{ACT_CANCEL, {KEY_CODE_CTRL_C}, "Ctrl-C", N_("stop waiting"),
	 N_("give up waiting; what was sent may still happen"),
	 DECIDE_CANCEL},
	{ACT_TAKE_OVER, {'T'}, "T", N_("take over"),
	 N_("take the Lease from whoever let it expire; asks for a word"),
	 DECIDE_TAKE_OVER},
	{ACT_DETAILS, {'d'}, "d", N_("details"),
	 N_("every request and statement of this step in full"), -1},
	{ACT_CLUSTER, {'c'}, "c", N_("cluster"),
	 N_("pods, endpoints and deployments, one by one"), -1},
	{ACT_GTIDS, {'g'}, "g", NULL,
	 N_("replication with the GTID sets of both databases"), -1},
	{ACT_WAY_BACK, {'w'}, "w", NULL,
	 N_("the way back: each statement, in order, and what is lost"), -1},
	{ACT_JOURNAL, {'J'}, "J", NULL, N_("the journal as it grows"), -1},
	{ACT_MESSAGES, {'m'}, "m", NULL, N_("messages so far"), -1},
	{ACT_PARK, {'p'}, "p", N_("park"),
	 N_("leave everything as it is, to be resumed"), DECIDE_PARK},
	{ACT_QUIT, {'q', KEY_CODE_CTRL_C}, "q", NULL,
	 N_("leave: asks, then parks the run"), -1},
	{ACT_UP, {'k', KEY_CODE_UP}, "k Up", NULL, N_("up a row"), -1},
	{ACT_DOWN, {'j', KEY_CODE_DOWN}, "j Down", NULL, N_("down a row"), -1},
	{ACT_PAGE_UP, {KEY_CODE_PAGE_UP}, "PgUp", NULL, N_("up a page"), -1},
	{ACT_PAGE_DOWN, {KEY_CODE_PAGE_DOWN, ' '}, "PgDn", NULL,
	 N_("down a page"), -1},
	{ACT_WORD, {KEY_CODE_ENTER}, "Enter", NULL,
	 N_("back to the word that the gate asks for"), -1},
	{ACT_BACK, {KEY_CODE_ESC}, "Esc", NULL,
	 N_("back; leave a line that is being typed; dismiss a message"), -1},
	{ACT_REDRAW, {KEY_CODE_CTRL_L}, "Ctrl-L", NULL,
	 N_("draw the screen anew"), -1},
	{ACT_HELP, {'?'}, "?", N_("help"), N_("this page"), -1},
};

_Static_assert(sizeof(keys_table) / sizeof(keys_table[0]) == ACT_ACTIONS,
	       "every action has its row");

bool keys_works(const struct key *key, const struct view_input *input)
{
	if (key->decision < 0)
		return true;
	return input && input->may[key->decision];
}

const struct key *keys_find(int code, const struct view_input *input)
{
	for (size_t i = 0; i < ACT_ACTIONS; i++)
		for (size_t k = 0; k < 3 && keys_table[i].codes[k]; k++)
			if (keys_table[i].codes[k] == code &&
			    keys_works(&keys_table[i], input))
				return &keys_table[i];
	return NULL;
}
