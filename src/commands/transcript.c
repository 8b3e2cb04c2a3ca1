/* cutover transcript: a run's records as a document, or just their proof. */
#include <getopt.h>
#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "commands/command.h"
#include "journal/journal.h"
#include "journal/rundir.h"
#include "report/report.h"

static int transcript_run(int argc, char **argv);

const struct command command_transcript = {
	"transcript",
	N_("[RUN] [--format FORMAT] [--output FILE] [--verify]"),
	N_("Print what happened in a run, for people or for an audit"),
	N_("RUN is the name of a run, the beginning of one, or the path of its\n"
	   "directory; without it, the latest ('cutover runs' lists them).\n\n"
	   "  --format FORMAT   text (80 columns), markdown, html or json\n"
	   "  --output FILE     write to FILE, replacing it, for its owner only\n"
	   "  --verify          print no transcript: check every record against the\n"
	   "                    chain, say how many there are and the SHA-256 of the\n"
	   "                    last, which proves them all\n\n"
	   "A last line that was cut short by a crash never counted: it is left out,\n"
	   "with a notice. Exit status: 0 printed, or verified; 1 the record is\n"
	   "damaged: line and reason are named.\n"),
	transcript_run,
};

struct transcript {
	const char *run, *output;
	bool verify;
	struct report_options options;
};

static const struct option transcript_options[] = {
	{"format", required_argument, NULL, 'f'},
	{"output", required_argument, NULL, 'o'},
	{"verify", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static int transcript_verified(const struct journal_contents *contents)
{
	size_t count = json_array_size(contents->records);

	printf(ngettext("verified: %zu record, head %s\n",
			"verified: %zu records, head %s\n", count), count,
	       contents->hash);
	return EXIT_COMPLETED;
}

static int transcript_write(const struct transcript *t, const struct buf *text)
{
	struct error err = {0};
	int status = 0;

	if (t->output)
		status = file_replace(t->output, 0600, text->data, text->len,
				      &err);
	else if (fwrite(text->data, 1, text->len, stdout) != text->len ||
		 fflush(stdout))
		status = error_errno(&err, NULL,
				     _("the transcript cannot be written"));
	return status ? command_fail(EXIT_FAILED, &err) : EXIT_COMPLETED;
}

static int transcript_print(struct transcript *t,
			    const struct journal_contents *contents)
{
	struct error err = {0};
	struct buf text;
	int status;

	t->options.hash = contents->hash;
	t->options.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	buf_init(&text, REPORT_SIZE_MAX);
	if (report_transcript(contents->records, &t->options, &text, &err))
		status = command_fail(EXIT_FAILED, &err);
	else
		status = transcript_write(t, &text);
	buf_release(&text);
	return status;
}

static int transcript_do(struct transcript *t)
{
	struct journal_contents contents;
	struct error err = {0};
	struct rundir dir;
	int status;

	if (rundir_find(t->run, &dir, &err))
		return command_fail(EXIT_USAGE, &err);
	if (journal_load(dir.path, &contents, &err))
		return command_fail(EXIT_FAILED, &err);
	if (contents.torn)
		fprintf(stderr, _("cutover: %s: the last line is torn: %zu bytes of a record that never counted are left out\n"),
			dir.name, contents.torn);
	if (t->verify) {
		status = transcript_verified(&contents);
	} else if (!json_array_size(contents.records)) {
		error_set(&err, ERR_NOTFOUND, dir.path,
			  _("nothing is recorded yet"));
		status = command_fail(EXIT_FAILED, &err);
	} else {
		status = transcript_print(t, &contents);
	}
	json_decref(contents.records);
	return status;
}

static int transcript_run(int argc, char **argv)
{
	struct transcript t = {.options = {.format = REPORT_TEXT}};
	bool prints = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", transcript_options,
				     NULL)) >= 0) {
		if (option == 'h') {
			command_help(&command_transcript);
			return EXIT_COMPLETED;
		}
		if (option == '?')
			return command_usage(&command_transcript, _("'%s' is not known, or lacks its value"),
					     argv[optind - 1]);
		if (option == 'f')
			t.options.format = report_format_parse(optarg);
		if (option == 'f' && t.options.format == REPORT_FORMATS)
			return command_usage(&command_transcript, _("'%s' is no format: text, markdown, html or json"),
					     optarg);
		if (option == 'o')
			t.output = optarg;
		t.verify |= option == 'v';
		prints |= option != 'v';
	}
	if (t.verify && prints)
		return command_usage(&command_transcript,
				     _("--verify prints no transcript: it goes without --format and --output"));
	if (optind + 1 < argc)
		return command_usage(&command_transcript,
				     _("'transcript' wants one run at most"));
	t.run = argv[optind];
	return transcript_do(&t);
}
