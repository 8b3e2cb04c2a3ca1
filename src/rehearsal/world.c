/*
 * See world.h. The order of the start: databases (they take longest), cluster
 * and flag, pods, users. The order of the end is the reverse, and every part's
 * close takes what was never opened.
 */
#include "rehearsal/world.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "rehearsal/balancer.h"
#include "rehearsal/certificate.h"
#include "rehearsal/child.h"
#include "rehearsal/cluster/cluster.h"
#include "rehearsal/ending.h"
#include "rehearsal/database.h"
#include "rehearsal/database_setup.h"
#include "rehearsal/endpoints.h"
#include "rehearsal/flag.h"
#include "rehearsal/flagwatch.h"
#include "rehearsal/kubelet.h"
#include "rehearsal/objects.h"
#include "rehearsal/options.h"
#include "rehearsal/readback.h"
#include "rehearsal/sql.h"
#include "rehearsal/template.h"
#include "rehearsal/users.h"
#include "rehearsal/worlddir.h"
#include "rehearsal/worldfiles.h"

#define NETWORKS 254            /* 127.1/16 to 127.254/16 */
#define SERVICE_HOST 0xff01u    /* .255.1 in each */
#define PODS_POLL_MS 20
#define PODS_LIMIT_MS 60000     /* beyond their start delay */

struct world {
	const struct options *options;
	struct ending *ending;
	struct worlddir dir;
	struct child_user user;
	struct database rds, aurora;
	char ca[PATH_MAX];
	uint32_t network;               /* host byte order */
	struct balancer *balancer;
	struct endpoints endpoints;     /* the cluster's thread's */
	struct flag *flag;
	char flag_token[SECRET_SIZE];
	struct flagwatch *watch;
	struct kubelet *kubelet;
	struct cluster *cluster;
	struct ledger ledger;
	struct users *users;
};

__attribute__((format(printf, 1, 2)))
static void world_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("world: ", stdout);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
}

static bool world_is_after(const struct world *world)
{
	return world->options->start == START_AFTER;
}

static void world_path(const struct world *world, const char *name,
		       char dst[PATH_MAX])
{
	snprintf(dst, PATH_MAX, "%.*s/%s", WORLDDIR_MAX, world->dir.path,
		 name);
}

/* ---- databases ---------------------------------------------------------- */

/* The databases' directory, which is theirs alone. */
static int world_database_dir(struct world *world, char dst[PATH_MAX],
			      struct error *err)
{
	char key[PATH_MAX];

	world_path(world, "databases", dst);
	world_path(world, "databases/server-key.pem", key);
	world_path(world, "databases/server-cert.pem", world->ca);
	if (mkdir(dst, 0711) ||
	    (world->user.change &&
	     chown(dst, world->user.uid, world->user.gid)))
		return error_errno(err, dst, "making it");
	return certificate_make(world->ca, key, world->user.uid,
				world->user.gid, err);
}

static int world_init_databases(struct world *world, const char *dir,
				struct error *err)
{
	char template[PATH_MAX];
	int rc = template_prepare(MARIADBD, dir, &world->user, world->ending,
				  template, err);

	if (!rc)
		rc = database_init(&world->rds, "rds", 1, false, dir, template,
				   &world->user, err);
	if (!rc)
		rc = database_init(&world->aurora, "aurora", 2, true, dir,
				   template, &world->user, err);
	return rc;
}

static int world_start_databases(struct world *world, struct error *err)
{
	struct database *const both[] = {&world->rds, &world->aurora};
	char dir[PATH_MAX];
	int rc;

	world_say("starting databases");
	rc = world_database_dir(world, dir, err);
	if (!rc)
		rc = world_init_databases(world, dir, err);
	for (int i = 0; !rc && i < 2; i++)
		rc = database_start(both[i], MARIADBD, dir, &world->user, err);
	for (int i = 0; !rc && i < 2; i++)
		rc = database_wait(both[i], world->ending, err);
	if (!rc)
		rc = database_setup_pair(&world->rds, &world->aurora,
					 world->ca, err);
	if (!rc && world_is_after(world))
		rc = database_setup_after(&world->rds, &world->aurora, err);
	if (!rc)
		world_say("databases up");
	return rc;
}

/* ---- network, flag ------------------------------------------------------ */

/* Takes the first 127.x/16 whose Service address nobody listens on; another
 * world on this machine has another one. */
static int world_take_network(struct world *world, struct error *err)
{
	unsigned int first = (unsigned int)getpid() % NETWORKS;
	int rc = ERR_BUSY;

	for (unsigned int i = 0; rc == ERR_BUSY && i < NETWORKS; i++) {
		world->network = 0x7f000000u |
				 (1 + (first + i) % NETWORKS) << 16;
		rc = balancer_open(&world->balancer,
				   world->network | SERVICE_HOST, OBJECTS_PORT,
				   err);
	}
	return rc ? error_wrap(err, "no address for the Service") : 0;
}

static void world_service_ip(const struct world *world,
			     char dst[INET_ADDRSTRLEN])
{
	struct in_addr address = {
		.s_addr = htonl(world->network | SERVICE_HOST)};

	inet_ntop(AF_INET, &address, dst, INET_ADDRSTRLEN);
}

static int world_open_flag(struct world *world, struct error *err)
{
	int rc = secret_make(world->flag_token, err);

	if (!rc && !world->options->flag_in_configmap)
		rc = flag_open(&world->flag, true, world->flag_token, err);
	if (!rc)
		rc = flagwatch_open(&world->watch, err);
	return rc;
}

static void world_on_slice(void *data, const char *type, const json_t *slice)
{
	static struct sockaddr_in list[ENDPOINTS_MAX]; /* one thread only */
	struct world *world = data;

	if (endpoints_event(&world->endpoints, type, slice))
		balancer_set(world->balancer, list,
			     endpoints_list(&world->endpoints, list,
					    ENDPOINTS_MAX));
}

static void world_on_configmap(void *data, const char *type,
			       const json_t *configmap)
{
	struct world *world = data;
	const char *value = json_text(configmap, "data/" FLAG_KEY, NULL);

	/* Deleted, or without the key: unreadable, so pods keep what they
	 * know. */
	if (value && strcmp(type, "DELETED") != 0 &&
	    !strcmp(json_text(configmap, "metadata/name", ""),
		    OBJECTS_CONFIGMAP) &&
	    !strcmp(json_text(configmap, "metadata/namespace", ""),
		    OBJECTS_NAMESPACE))
		flagwatch_configmap(world->watch, !strcmp(value, "true"));
}

/* ---- cluster ------------------------------------------------------------ */

static int world_open_cluster(struct world *world, struct error *err)
{
	struct cluster_options options = {
		.pod_network = world->network, .dir = world->dir.path};
	int rc = kubelet_open(&world->kubelet, world->options->start_delay_ms,
			      world->watch, err);

	if (rc)
		return rc;
	options.kubelet = kubelet_callbacks(world->kubelet);
	rc = cluster_open(&world->cluster, &options, err);
	if (rc)
		return rc;
	kubelet_serve(world->kubelet, world->cluster);
	if (endpoints_init(&world->endpoints, OBJECTS_NAMESPACE,
			   OBJECTS_SERVICE))
		return error_nomem(err);
	rc = cluster_subscribe(world->cluster, "EndpointSlice", world_on_slice,
			       world, err);
	if (!rc)
		rc = cluster_subscribe(world->cluster, "ConfigMap",
				       world_on_configmap, world, err);
	return rc;
}

/* Creates the object (taken; NULL: memory is out). */
static int world_create(struct world *world, json_t *object, struct error *err)
{
	int rc = object ? cluster_create(world->cluster, object, err) :
		 error_nomem(err);

	if (rc && object)
		error_wrap(err, "creating %s %s", json_text(object, "kind", ""),
			   json_text(object, "metadata/name", ""));
	json_decref(object);
	return rc;
}

static struct objects_app world_app(const struct world *world,
				    const char *version)
{
	bool v2 = !strcmp(version, "v2");

	return (struct objects_app){
		.version = version,
		.database = v2 ? &world->aurora : &world->rds,
		.flag = world->flag ? flag_url(world->flag) :
			FLAGWATCH_CONFIGMAP OBJECTS_CONFIGMAP,
		.replicas = world->options->pods,
		.writes_enabled = v2 && world_is_after(world),
	};
}

static int world_fill_cluster(struct world *world, struct error *err)
{
	struct objects_app v1 = world_app(world, "v1");
	struct objects_app v2 = world_app(world, "v2");
	char ip[INET_ADDRSTRLEN];
	int rc;

	world_service_ip(world, ip);
	rc = world_create(world, objects_namespace(), err);
	if (!rc)
		rc = world_create(world, objects_secret(&v1, world->flag_token),
				  err);
	if (!rc)
		rc = world_create(world, objects_secret(&v2, world->flag_token),
				  err);
	if (!rc && world->options->flag_in_configmap)
		rc = world_create(world, objects_configmap(true), err);
	if (!rc)
		rc = world_create(world, objects_service(
			ip, world_is_after(world)), err);
	if (!rc)
		rc = world_create(world, objects_deployment(&v1), err);
	if (!rc && world->options->start != START_BARE)
		rc = world_create(world, objects_deployment(&v2), err);
	return rc;
}

/* How many of our pods are ready. */
static int world_ready_pods(const struct world *world)
{
	json_t *list = cluster_list(world->cluster, "Deployment",
				    OBJECTS_NAMESPACE);
	const json_t *deployment;
	int64_t ready = 0;
	size_t i;

	json_array_foreach(list, i, deployment)
		ready += json_number(deployment, "status/readyReplicas", 0);
	json_decref(list);
	return (int)ready;
}

static int world_await_pods(struct world *world, struct error *err)
{
	int64_t deadline = clock_mono_ms() + PODS_LIMIT_MS +
			   world->options->start_delay_ms;
	int wanted = world->options->pods *
		     (world->options->start == START_BARE ? 1 : 2);
	int ready, said = 0, rc = 0;

	while (!rc && (ready = world_ready_pods(world)) < wanted) {
		if (ready != said)
			world_say("pods %d/%d ready", ready, wanted);
		said = ready;
		rc = ending_pause(world->ending, PODS_POLL_MS, err);
		if (!rc && clock_mono_ms() > deadline)
			rc = error_set(err, ERR_TIMEOUT, NULL,
				       "only %d of %d pods became ready",
				       ready, wanted);
	}
	if (!rc)
		world_say("pods %d/%d ready", wanted, wanted);
	return rc;
}

static int world_start_cluster(struct world *world, struct error *err)
{
	int rc = world_take_network(world, err);

	if (!rc)
		rc = world_open_flag(world, err);
	if (!rc)
		rc = world_open_cluster(world, err);
	if (!rc)
		rc = world_fill_cluster(world, err);
	if (!rc)
		world_say("cluster up");
	return rc ? rc : world_await_pods(world, err);
}

/* ---- users, files ------------------------------------------------------- */

static int world_start_users(struct world *world, struct error *err)
{
	struct sockaddr_in service = {
		.sin_family = AF_INET, .sin_port = htons(OBJECTS_PORT),
		.sin_addr.s_addr = htonl(world->network | SERVICE_HOST)};
	int rc = ledger_init(&world->ledger, err);

	if (!rc)
		rc = users_open(&world->users, &service, &world->ledger, err);
	if (!rc)
		world_say("users %d writes/s, %d reads/s",
			  USERS_WRITERS * 1000 / USERS_PACE_MS,
			  USERS_READERS * 1000 / USERS_PACE_MS);
	return rc;
}

static int world_write_files(struct world *world, struct error *err)
{
	struct objects_app v2 = world_app(world, "v2");
	char ip[INET_ADDRSTRLEN], path[PATH_MAX];
	struct worldfiles files = {
		.dir = world->dir.path,
		.kubeconfig = cluster_kubeconfig(world->cluster),
		.service_ip = ip,
		.flag_url = world->flag ? flag_url(world->flag) : NULL,
		.flag_token = world->flag_token,
	};
	int rc;

	world_service_ip(world, ip);
	v2.writes_enabled = false;
	files.v2 = objects_deployment(&v2);
	world_path(world, "my.cnf", path);
	rc = database_setup_option_file(path, &world->rds, &world->aurora,
					world->ca, err);
	if (!rc)
		rc = worldfiles_write(&files, err);
	json_decref(files.v2);
	return rc;
}

/* ---- the whole ---------------------------------------------------------- */

static int world_prepare(struct world *world, struct error *err)
{
	int rc = child_user_find(&world->user, err);

	worlddir_sweep();
	if (!rc)
		rc = world->options->dir ?
		     worlddir_take(&world->dir, world->options->dir, err) :
		     worlddir_make(&world->dir, err);
	return rc;
}

int world_open(struct world **ret, const struct options *options,
	       struct ending *ending, struct error *err)
{
	struct world *world = calloc(1, sizeof(*world));
	int rc;

	if (!world)
		return error_nomem(err);
	world->options = options;
	world->ending = ending;
	world->dir.lock = -1;
	rc = world_prepare(world, err);
	if (!rc)
		rc = world_start_databases(world, err);
	if (!rc)
		rc = world_start_cluster(world, err);
	if (!rc)
		rc = world_write_files(world, err);
	if (!rc)
		rc = world_start_users(world, err);
	if (rc) {
		world_close(world);
		return rc;
	}
	world_say("ready %s", world->dir.path);
	*ret = world;
	return 0;
}

int world_run(struct world *world, bool *ret_finish, struct error *err)
{
	struct database *const both[] = {&world->rds, &world->aurora};
	enum ending_event event;

	for (;;) {
		event = ending_wait(world->ending, -1);
		if (event == ENDING_FINISH || event == ENDING_STOP)
			break;
		for (int i = 0; i < 2; i++)
			if (database_died(both[i]))
				return error_set(err, ERR_LOST, both[i]->name,
						 "the database has ended by "
						 "itself");
	}
	*ret_finish = event == ENDING_FINISH || !world->options->control;
	return 0;
}

/* The database behind the version that the Service selects. */
static const struct database *world_serving(const struct world *world)
{
	json_t *service = cluster_get(world->cluster, "Service",
				      OBJECTS_NAMESPACE, OBJECTS_SERVICE);
	bool v2 = !strcmp(json_text(service, "spec/selector/version", "v1"),
			  "v2");

	json_decref(service);
	return v2 ? &world->aurora : &world->rds;
}

int world_count(struct world *world, int64_t deadline_ms, struct error *err)
{
	struct users_record record;
	struct ledger_counts counts;
	struct sql_login login;
	int rc;

	users_stop(world->users, &record);
	database_root_login(world_serving(world), &login);
	rc = readback_orders(&login, deadline_ms, &world->ledger, err);
	if (rc)
		return rc;
	ledger_count(&world->ledger, &counts);
	printf("ledger: acknowledged %" PRIu64 ", present %" PRIu64
	       ", lost %" PRIu64 ", duplicated %" PRIu64 "\n",
	       counts.acknowledged, counts.present, counts.lost,
	       counts.duplicated);
	printf("outage: writes %.3f s, reads %.3f s\n",
	       (double)outage_total_us(&record.writes, record.end_us) / 1e6,
	       (double)outage_total_us(&record.reads, record.end_us) / 1e6);
	fflush(stdout);
	return 0;
}

void world_close(struct world *world)
{
	if (!world)
		return;
	users_close(world->users);
	if (world->kubelet)
		kubelet_stop(world->kubelet);
	cluster_close(world->cluster);
	kubelet_close(world->kubelet);
	flagwatch_close(world->watch);
	flag_close(world->flag);
	balancer_close(world->balancer);
	endpoints_release(&world->endpoints);
	database_stop(&world->aurora, 0);
	database_stop(&world->rds, 0);
	ledger_release(&world->ledger);
	worlddir_remove(&world->dir);
	explicit_bzero(world, sizeof(*world));
	free(world);
}
