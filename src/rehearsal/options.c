/* See options.h. */
#include "rehearsal/options.h"

#include <getopt.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

const char options_usage[] =
	"usage: cutover-world [--dir DIR] [--pods N] [--start-delay MS]\n"
	"                     [--flag http|configmap] [--start full|bare|after]\n"
	"                     [--heartbeat MS] [--control]\n";

/* The index of a word in a list that ends with NULL, or -1. */
static int options_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

static int options_number(const char *name, const char *text, int min, int max,
			  int *ret, struct error *err)
{
	int64_t value;

	if (text_parse_int(text, min, max, &value))
		return error_set(err, ERR_INVALID, NULL,
				 "--%s takes a number from %d to %d, not %s",
				 name, min, max, text);
	*ret = (int)value;
	return 0;
}

static int options_choice(const char *name, const char *const *words,
			  const char *word, int *ret, struct error *err)
{
	*ret = options_word(words, word);
	if (*ret < 0)
		return error_set(err, ERR_INVALID, NULL,
				 "--%s does not know %s", name, word);
	return 0;
}

static int options_take(struct options *options, int letter, struct error *err)
{
	static const char *const flags[] = {"http", "configmap", NULL};
	static const char *const starts[] = {"full", "bare", "after", NULL};
	int choice = 0, rc = 0;

	switch (letter) {
	case 'd':
		options->dir = optarg;
		return 0;
	case 'p':
		return options_number("pods", optarg, 1, OPTIONS_PODS_MAX,
				      &options->pods, err);
	case 's':
		return options_number("start-delay", optarg, 0,
				      OPTIONS_DELAY_MAX_MS,
				      &options->start_delay_ms, err);
	case 'b':
		return options_number("heartbeat", optarg, 0,
				      OPTIONS_DELAY_MAX_MS,
				      &options->heartbeat_ms, err);
	case 'f':
		rc = options_choice("flag", flags, optarg, &choice, err);
		options->flag_in_configmap = choice == 1;
		return rc;
	case 'S':
		rc = options_choice("start", starts, optarg, &choice, err);
		options->start = (enum options_start)choice;
		return rc;
	case 'c':
		options->control = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	default:
		return error_set(err, ERR_INVALID, NULL, "unknown option");
	}
}

int options_parse(int argc, char **argv, struct options *ret,
		  struct error *err)
{
	static const struct option known[] = {
		{"dir", required_argument, NULL, 'd'},
		{"pods", required_argument, NULL, 'p'},
		{"start-delay", required_argument, NULL, 's'},
		{"heartbeat", required_argument, NULL, 'b'},
		{"flag", required_argument, NULL, 'f'},
		{"start", required_argument, NULL, 'S'},
		{"control", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter, rc;

	*ret = (struct options){.pods = 4, .start_delay_ms = 1500,
				.heartbeat_ms = OPTIONS_HEARTBEAT_MS};
	while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1)
		if ((rc = options_take(ret, letter, err)))
			return rc;
	if (optind < argc)
		return error_set(err, ERR_INVALID, NULL,
				 "what is %s for? it takes options only",
				 argv[optind]);
	return 0;
}
