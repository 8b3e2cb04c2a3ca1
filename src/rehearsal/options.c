/* See options.h. */
#include "rehearsal/options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "rehearsal/kind.h"
#include "rehearsal/scenario.h"

/* A rollout replaces a quarter of the pods at a time. */
#define ROUNDS 4

const char options_usage[] =
	"usage: cutover-world [--dir DIR] [--pods N] [--start-delay MS]\n"
	"                     [--flag http|configmap] [--start full|bare|after]\n"
	"                     [--heartbeat MS] [--database mariadb|mysql]\n"
	"                     [--scenario FILE] [--seed N]\n"
	"                     [--speed fast|realistic] [--rollout MS]\n"
	"                     [--flag-poll MS] [--rds-delay MS] [--control]\n"
	"       cutover-world --describe SCENARIO-FILE...\n"
	"       cutover-world --faults\n";

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

/* Options with a time or a count. */
static const struct options_value {
	char letter;
	const char *name;
	int min, max;
	size_t offset;
} options_values[] = {
#define VALUE(letter, name, min, max, member) \
	{letter, name, min, max, offsetof(struct options, member)}
	VALUE('p', "pods", 1, OPTIONS_PODS_MAX, pods),
	VALUE('s', "start-delay", 0, OPTIONS_DELAY_MAX_MS, start_delay_ms),
	VALUE('b', "heartbeat", 0, OPTIONS_DELAY_MAX_MS, heartbeat_ms),
	VALUE('r', "rollout", 0, OPTIONS_DELAY_MAX_MS, rollout_ms),
	VALUE('P', "flag-poll", 0, OPTIONS_DELAY_MAX_MS, flag_poll_ms),
	VALUE('R', "rds-delay", 0, OPTIONS_DELAY_MAX_MS, rds_delay_ms),
};

static int options_take_kind(struct options *options, struct error *err)
{
	const struct kind *kind = kind_find(optarg);

	if (!kind)
		return error_set(err, ERR_INVALID, NULL,
				 "--database does not know %s", optarg);
	options->database = kind;
	return 0;
}

static int options_take_seed(struct options *options, struct error *err)
{
	int64_t seed;

	if (text_parse_int(optarg, 0, INT64_MAX, &seed))
		return error_set(err, ERR_INVALID, NULL,
				 "--seed takes a number, not %s", optarg);
	options->seed = (uint64_t)seed;
	options->has_seed = true;
	return 0;
}

static int options_take_choice(struct options *options, int letter,
			       struct error *err)
{
	static const char *const flags[] = {"http", "configmap", NULL};
	static const char *const starts[] = {"full", "bare", "after", NULL};
	static const char *const speeds[] = {"fast", "realistic", NULL};
	int choice = 0, rc;

	switch (letter) {
	case 'f':
		return options_choice("flag", flags, optarg,
				      &options->flag_in_configmap, err);
	case 'S':
		rc = options_choice("start", starts, optarg, &choice, err);
		options->start = (enum options_start)choice;
		return rc;
	default:
		rc = options_choice("speed", speeds, optarg, &choice, err);
		options->realistic = choice == 1;
		return rc;
	}
}

static int options_take(struct options *options, int letter, struct error *err)
{
	for (size_t i = 0; i < sizeof(options_values) /
				sizeof(options_values[0]); i++) {
		const struct options_value *value = &options_values[i];

		if (value->letter == letter)
			return options_number(value->name, optarg, value->min,
					      value->max,
					      (int *)((char *)options +
						      value->offset), err);
	}
	switch (letter) {
	case 'd':
		options->dir = optarg;
		return 0;
	case 'n':
		options->scenario = optarg;
		return 0;
	case 'e':
		return options_take_seed(options, err);
	case 'k':
		return options_take_kind(options, err);
	case 'f':
	case 'S':
	case 'v':
		return options_take_choice(options, letter, err);
	case 'c':
		options->control = true;
		return 0;
	case 'D':
		options->describes = true;
		return 0;
	case 'l':
		options->lists_faults = true;
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
		{"database", required_argument, NULL, 'k'},
		{"flag", required_argument, NULL, 'f'},
		{"start", required_argument, NULL, 'S'},
		{"scenario", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 'e'},
		{"speed", required_argument, NULL, 'v'},
		{"rollout", required_argument, NULL, 'r'},
		{"flag-poll", required_argument, NULL, 'P'},
		{"rds-delay", required_argument, NULL, 'R'},
		{"describe", no_argument, NULL, 'D'},
		{"faults", no_argument, NULL, 'l'},
		{"control", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int letter, rc;

	*ret = (struct options){.flag_in_configmap = OPTIONS_NOT_SAID,
				.database = &kind_mariadb};
	for (size_t i = 0; i < sizeof(options_values) /
				sizeof(options_values[0]); i++)
		*(int *)((char *)ret + options_values[i].offset) =
			OPTIONS_NOT_SAID;
	while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1)
		if ((rc = options_take(ret, letter, err)))
			return rc;
	if (ret->describes)
		ret->describe = argv + optind;
	else if (optind < argc)
		return error_set(err, ERR_INVALID, NULL,
				 "what is %s for? it takes options only",
				 argv[optind]);
	return 0;
}

static void options_default(int *value, int64_t said, int fallback)
{
	if (*value == OPTIONS_NOT_SAID)
		*value = said != OPTIONS_NOT_SAID ? (int)said : fallback;
}

void options_settle(struct options *options, const struct scenario *scenario)
{
	static const struct scenario silent = {
		.pods = OPTIONS_NOT_SAID, .heartbeat_ms = OPTIONS_NOT_SAID,
		.start_delay_ms = OPTIONS_NOT_SAID, .flag = OPTIONS_NOT_SAID};
	const struct scenario *said = scenario ? scenario : &silent;
	bool real = options->realistic;

	options_default(&options->pods, said->pods, OPTIONS_PODS);
	options_default(&options->start_delay_ms, said->start_delay_ms,
			OPTIONS_START_DELAY_MS);
	options_default(&options->heartbeat_ms, said->heartbeat_ms,
			OPTIONS_HEARTBEAT_MS);
	options_default(&options->flag_in_configmap, said->flag, 0);
	options_default(&options->rollout_ms, OPTIONS_NOT_SAID,
			real ? OPTIONS_REAL_ROLLOUT_MS : 0);
	options_default(&options->flag_poll_ms, OPTIONS_NOT_SAID,
			real ? OPTIONS_REAL_FLAG_POLL_MS : 0);
	options_default(&options->rds_delay_ms, OPTIONS_NOT_SAID,
			real ? OPTIONS_REAL_RDS_DELAY_MS : 0);
}

int options_pod_delay(const struct options *options)
{
	int surge = (options->pods + ROUNDS - 1) / ROUNDS;
	int rounds = (options->pods + surge - 1) / surge;

	return options->rollout_ms ? options->rollout_ms / rounds :
	       options->start_delay_ms;
}
