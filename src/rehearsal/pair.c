/* See pair.h. */
#include "rehearsal/pair.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "rehearsal/certificate.h"
#include "rehearsal/database_setup.h"
#include "rehearsal/files.h"
#include "rehearsal/heartbeat.h"
#include "rehearsal/kind.h"
#include "rehearsal/procedures.h"
#include "rehearsal/template.h"

/* The databases' directory, which is theirs alone, with their certificate. */
static int pair_make_dir(struct pair *pair, const char *dir, struct error *err)
{
	char key[PATH_MAX];

	snprintf(key, sizeof(key), "%.*s/server-key.pem", PATH_MAX - 32, dir);
	snprintf(pair->certificate, sizeof(pair->certificate),
		 "%.*s/server-cert.pem", PATH_MAX - 32, dir);
	if (mkdir(dir, 0711) ||
	    (pair->user.change &&
	     chown(dir, pair->user.uid, pair->user.gid)))
		return error_errno(err, dir, "making it");
	if (pair->user.change && !files_all_may_pass(dir))
		return error_set(err, ERR_DENIED, dir,
				 "the databases run as another user, who can't "
				 "get there: let all pass (chmod o+x) the "
				 "directories above it, or name another --dir");
	return certificate_make(pair->certificate, key, pair->user.uid,
				pair->user.gid, err);
}

static int pair_init(struct pair *pair, const struct kind *kind,
		     const char *server, const char *dir,
		     struct ending *ending, struct error *err)
{
	char template[PATH_MAX];
	int rc = template_prepare(kind, server, dir, &pair->user, ending,
				  template, err);

	if (!rc)
		rc = database_init(&pair->rds, kind, false, dir, template,
				   &pair->user, err);
	if (!rc)
		rc = database_init(&pair->aurora, kind, true, dir, template,
				   &pair->user, err);
	return rc;
}

static int pair_start(struct pair *pair, const char *server, const char *dir,
		      struct ending *ending, struct error *err)
{
	struct database *const both[] = {&pair->rds, &pair->aurora};
	int rc = 0;

	for (int i = 0; !rc && i < 2; i++)
		rc = database_start(both[i], server, dir, &pair->user, err);
	for (int i = 0; !rc && i < 2; i++)
		rc = database_wait(both[i], ending, err);
	return rc;
}

int pair_open(struct pair *ret, const char *dir,
	      const struct pair_options *options, struct ending *ending,
	      struct error *err)
{
	char own[PATH_MAX], server[PATH_MAX];
	int rc;

	*ret = (struct pair){.rds.pid = 0};
	snprintf(own, sizeof(own), "%.*s/databases", PATH_MAX - 16, dir);
	rc = child_user_find(&ret->user, err);
	if (!rc)
		rc = pair_make_dir(ret, own, err);
	if (!rc)
		rc = kind_program(options->kind, own, &ret->user, ending,
				  server, err);
	if (!rc)
		rc = pair_init(ret, options->kind, server, own, ending, err);
	if (!rc)
		rc = pair_start(ret, server, own, ending, err);
	if (!rc)
		rc = database_setup_pair(&ret->rds, &ret->aurora,
					 ret->certificate, err);
	if (!rc && options->rds_delay_ms)
		rc = pair_set_delay(ret, options->rds_delay_ms, err);
	if (!rc && options->after)
		rc = database_setup_after(&ret->rds, &ret->aurora, err);
	return rc ? rc : pair_set_heartbeat(ret, options->heartbeat_ms, err);
}

int pair_set_heartbeat(struct pair *pair, int ms, struct error *err)
{
	heartbeat_close(pair->heartbeat);
	pair->heartbeat = NULL;
	return ms ? heartbeat_open(&pair->heartbeat, &pair->rds, ms, err) : 0;
}

int pair_set_delay(const struct pair *pair, int ms, struct error *err)
{
	const struct database *const both[] = {&pair->rds, &pair->aurora};
	int rc = 0;

	for (int i = 0; !rc && i < 2; i++) {
		rc = procedures_delay(both[i], PROCEDURES_STOP, ms, err);
		if (!rc)
			rc = procedures_delay(both[i], PROCEDURES_RESET,
					      (int)(2 * (int64_t)ms / 3), err);
	}
	return rc;
}

void pair_close(struct pair *pair)
{
	heartbeat_close(pair->heartbeat);
	database_close(&pair->aurora);
	database_close(&pair->rds);
	explicit_bzero(pair, sizeof(*pair));
}

const char *pair_died(struct pair *pair)
{
	struct database *const both[] = {&pair->rds, &pair->aurora};

	for (int i = 0; i < 2; i++)
		if (both[i]->pid && database_died(both[i]))
			return both[i]->name;
	return NULL;
}
