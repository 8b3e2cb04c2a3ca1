/* See reach.h. */
#include "perform/reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "db/connection.h"
#include "db/optionfile.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "net/http.h"
#include "perform/acting.h"

#define REACH_DATABASES_MAX 8

struct reach_db {
	const struct runbook_connection *connection;
	struct db_config config;
	struct acting acting;
};

struct reach {
	struct loop *loop;
	const struct runbook *runbook;
	struct reach_db databases[REACH_DATABASES_MAX];
	size_t database_count;
	struct kube_client *cluster;
	const char *cluster_name;
	const struct runbook_connection *flag;
	char flag_where[HTTP_WHERE_MAX];        /* "": not at a URL */
};

static int reach_open_database(struct reach *reach,
			       const struct runbook_connection *connection,
			       struct error *err)
{
	struct reach_db *db;
	int status;

	if (reach->database_count == REACH_DATABASES_MAX)
		return error_set(err, ERR_LIMIT, NULL,
				 _("more than %d databases"),
				 REACH_DATABASES_MAX);
	db = &reach->databases[reach->database_count];
	status = db_optionfile_read(connection->mysql.file,
				    connection->mysql.group, &db->config, err);
	if (status)
		return error_wrap(err, _("connection %s"), connection->name);
	db->connection = connection;
	snprintf(db->config.name, sizeof(db->config.name), "%s",
		 connection->name);
	reach->database_count++;
	status = acting_open(&db->acting, reach->loop, &db->config, err);
	return status ? status : acting_keep(&db->acting, ACTING_KEEP_MS, err);
}

static const char *reach_given(const char *text)
{
	return text && text[0] ? text : NULL;
}

static int reach_load_cluster(const struct runbook_connection *connection,
			      struct kubeconfig *config, struct error *err)
{
	const struct kubeconfig_options options = {
		.path = reach_given(connection->kubernetes.kubeconfig),
		.context = reach_given(connection->kubernetes.context),
		.namespace_ = reach_given(connection->kubernetes.namespace),
	};

	if (kubeconfig_load(config, &options, err))
		return error_wrap(err, _("connection %s"), connection->name);
	return 0;
}

static int reach_open_cluster(struct reach *reach,
			      const struct runbook_connection *connection,
			      struct error *err)
{
	struct kubeconfig config = {0};
	int status;

	if (reach->cluster)
		return error_set(err, ERR_INVALID, NULL,
				 _("more than one cluster"));
	reach->cluster_name = connection->name;
	status = reach_load_cluster(connection, &config, err);
	return status ? status :
	       kube_client_open(&reach->cluster, reach->loop, &config, err);
}

static int reach_open_connection(struct reach *reach,
				 const struct runbook_connection *connection,
				 struct error *err)
{
	switch (connection->kind) {
	case CONNECTION_MYSQL:
		return reach_open_database(reach, connection, err);
	case CONNECTION_KUBERNETES:
		return reach_open_cluster(reach, connection, err);
	case CONNECTION_FLAG:
		reach->flag = connection;
		/* a ConfigMap has none, and a bad one is refused by the plan */
		return http_where(connection->flag.http.url, reach->flag_where,
				  NULL) == ERR_NOMEM ? error_nomem(err) : 0;
	}
	return 0;
}

int reach_open(struct loop *loop, const struct runbook *runbook,
	       struct reach **ret, struct error *err)
{
	struct reach *reach = calloc(1, sizeof(*reach));

	if (!reach)
		return error_nomem(err);
	reach->loop = loop;
	reach->runbook = runbook;
	for (size_t i = 0; i < runbook->connection_count; i++) {
		int status = reach_open_connection(
			reach, &runbook->connections[i], err);

		if (status) {
			reach_close(reach);
			return status;
		}
	}
	*ret = reach;
	return 0;
}

void reach_close(struct reach *reach)
{
	if (!reach)
		return;
	for (size_t i = 0; i < reach->database_count; i++) {
		acting_close(&reach->databases[i].acting);
		db_config_wipe(&reach->databases[i].config);
	}
	kube_client_close(reach->cluster);
	free(reach);
}

struct loop *reach_loop(const struct reach *reach)
{
	return reach->loop;
}

/* Among the databases; their count: there is none of that name. */
static size_t reach_find(const struct reach *reach, const char *name)
{
	size_t i = 0;

	while (i < reach->database_count &&
	       strcmp(reach->databases[i].connection->name, name) != 0)
		i++;
	return i;
}

const struct db_config *reach_database(const struct reach *reach,
				       const char *name)
{
	size_t i = reach_find(reach, name);

	return i < reach->database_count ? &reach->databases[i].config : NULL;
}

struct acting *reach_acting(struct reach *reach, const char *name)
{
	size_t i = reach_find(reach, name);

	return i < reach->database_count ? &reach->databases[i].acting : NULL;
}

bool reach_has_answered(struct reach *reach, const char *name, int64_t session)
{
	const struct acting *acting = reach_acting(reach, name);

	return acting && !acting->given_up &&
	       session == (int64_t)db_connection_session(acting->connection);
}

void reach_settle_all(struct reach *reach)
{
	for (size_t i = 0; i < reach->database_count; i++)
		acting_settle(&reach->databases[i].acting);
}

struct kube_client *reach_cluster(const struct reach *reach)
{
	return reach->cluster;
}

const char *reach_cluster_name(const struct reach *reach)
{
	return reach->cluster_name;
}

const struct runbook_connection *reach_flag(const struct reach *reach)
{
	return reach->flag;
}

/* "aurora (127.0.0.1:3307)", or the name alone. */
static void reach_write(const char *name, const char *where,
			char dst[REACH_TARGET_MAX])
{
	snprintf(dst, REACH_TARGET_MAX, where[0] ? "%s (%s)" : "%s%s", name,
		 where);
}

void reach_target(const struct reach *reach, const char *name,
		  char dst[REACH_TARGET_MAX])
{
	const struct db_config *database = reach_database(reach, name);
	char where[DB_WHERE_MAX] = "";

	if (database)
		db_config_where(database, where);
	else if (reach->cluster && strcmp(name, reach->cluster_name) == 0)
		snprintf(where, sizeof(where), "%s, %s",
			 kube_client_where(reach->cluster),
			 kube_client_namespace(reach->cluster));
	else if (reach->flag && strcmp(name, reach->flag->name) == 0)
		snprintf(where, sizeof(where), "%s", reach->flag_where);
	reach_write(name, where, dst);
}

static int foresee_database(const struct runbook_connection *connection,
			    char dst[DB_WHERE_MAX], struct error *err)
{
	struct db_config config;
	int status = db_optionfile_read(connection->mysql.file,
					connection->mysql.group, &config, err);

	if (status)
		return error_wrap(err, _("connection %s"), connection->name);
	db_config_where(&config, dst);
	db_config_wipe(&config);
	return 0;
}

static int foresee_cluster(const struct runbook_connection *connection,
			   char dst[DB_WHERE_MAX], struct error *err)
{
	struct kubeconfig config = {0};
	char where[HTTP_WHERE_MAX];
	int status = reach_load_cluster(connection, &config, err);

	if (status)
		return status;
	status = http_where(config.server, where, err);
	if (!status)
		snprintf(dst, DB_WHERE_MAX, "%s, %s", where, config.namespace_);
	kubeconfig_release(&config);
	return status;
}

int reach_foresee(const struct runbook_connection *connection,
		  char dst[REACH_TARGET_MAX], struct error *err)
{
	char where[DB_WHERE_MAX] = "", flag[HTTP_WHERE_MAX] = "";
	int status = 0;

	switch (connection->kind) {
	case CONNECTION_MYSQL:
		status = foresee_database(connection, where, err);
		break;
	case CONNECTION_KUBERNETES:
		status = foresee_cluster(connection, where, err);
		break;
	case CONNECTION_FLAG:
		/* a ConfigMap has none */
		if (!http_where(connection->flag.http.url, flag, NULL))
			snprintf(where, sizeof(where), "%s", flag);
		break;
	}
	if (!status)
		reach_write(connection->name, where, dst);
	return status;
}
