/*
 * Units of perform/: from actions to the exact effects. The far ends are
 * addresses at which nothing answers: planning sends nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/dialect.h"
#include "failing_memory.h"
#include "kube/object.h"
#include "net/loop.h"
#include "perform/performance.h"
#include "perform/plan.h"
#include "perform/reach.h"
#include "script_server.h"

#define PATIENCE_MS 30000

static const char mycnf[] =
	"[rds]\nhost=127.0.0.1\nport=9\nuser=u\npassword=hunter2\nskip-ssl\n"
	"[aurora]\nhost=127.0.0.1\nport=9\nuser=u\npassword=hunter2\nskip-ssl\n";
static const char kubeconfig[] =
	"apiVersion: v1\nkind: Config\ncurrent-context: practice\n"
	"clusters: [{name: c, cluster: {server: 'https://127.0.0.1:9'}}]\n"
	"users: [{name: u, user: {token: s3cret}}]\n"
	"contexts: [{name: practice, context: {cluster: c, user: u, namespace: shop}}]\n";

struct fixture {
	char dir[64], mycnf[96], kubeconfig[96], manifest[96];
	struct runbook_connection connections[4];
	struct runbook runbook;
	struct loop *loop;
	struct reach *reach;
	struct arena arena;
	struct effects effects;
	const struct db_server *server;
	const struct kube_service *service;
	const struct kube_deployment *deployment;
};

static struct db_server mariadb = {
	.family = DB_FAMILY_MARIADB, .version = 101119, .can_gtid = true,
};
static struct kube_label selector[] = {{"app", "myapp"}, {"version", "v1"}};
static struct kube_service service = {
	.meta = {.name = "svc", .resource_version = "7"},
	.selector = {selector, 2},
};
static struct kube_env env[] = {{"ENABLE_WRITES", "false"}, {"DSN", NULL}};
static struct kube_container container = {
	.name = "app", .image = "myapp:2", .env = env, .env_count = 2,
};
static struct kube_deployment deployment = {
	.meta = {.name = "v2", .uid = "u-1", .resource_version = "41"},
	.containers = {&container, 1},
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(path, 0600);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = {0};

	snprintf(f->dir, sizeof(f->dir), "/tmp/cutover-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->mycnf, sizeof(f->mycnf), "%s/my.cnf", f->dir);
	snprintf(f->kubeconfig, sizeof(f->kubeconfig), "%s/kubeconfig", f->dir);
	snprintf(f->manifest, sizeof(f->manifest), "%s/v2.yaml", f->dir);
	write_file(f->mycnf, mycnf);
	write_file(f->kubeconfig, kubeconfig);
	f->connections[0] = (struct runbook_connection){
		.name = "rds", .kind = CONNECTION_MYSQL,
		.mysql = {f->mycnf, "rds"}};
	f->connections[1] = (struct runbook_connection){
		.name = "aurora", .kind = CONNECTION_MYSQL,
		.mysql = {f->mycnf, "aurora"}};
	f->connections[2] = (struct runbook_connection){
		.name = "cluster", .kind = CONNECTION_KUBERNETES,
		.kubernetes = {f->kubeconfig, "", ""}};
	f->connections[3] = (struct runbook_connection){
		.name = "flag", .kind = CONNECTION_FLAG,
		.flag = {.kind = FLAG_HTTP,
			 .http = {.url = "http://127.0.0.1:9/f",
				  .token_file = "/nowhere", .method = "PATCH",
				  .token_header = "X-Key: {token}",
				  .content_type = "application/json",
				  .on = "{\"on\":1}", .off = "{\"on\":0}",
				  .value = "on"},
			 .configmap = "flags", .key = "writes"}};
	f->runbook.connections = f->connections;
	f->runbook.connection_count = 4;
	assert_int_equal(loop_open(&f->loop, &err), 0);
	if (reach_open(f->loop, &f->runbook, &f->reach, &err))
		fail_msg("%s: %s", err.where, err.message);
	arena_init(&f->arena);
	f->server = &mariadb;
	f->service = &service;
	f->deployment = &deployment;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->arena);
	reach_close(f->reach);
	loop_close(f->loop);
	unlink(f->mycnf);
	unlink(f->kubeconfig);
	unlink(f->manifest);
	rmdir(f->dir);
	free(f);
	return 0;
}

static const struct db_server *world_server(void *data, const char *name)
{
	(void)name;
	return ((struct fixture *)data)->server;
}

static const struct kube_service *world_service(void *data, const char *name)
{
	(void)name;
	return ((struct fixture *)data)->service;
}

static const struct kube_deployment *world_deployment(void *data,
						      const char *name)
{
	(void)name;
	return ((struct fixture *)data)->deployment;
}

static void plan(struct fixture *f, struct action *action,
		 enum plan_mood mood)
{
	const struct plan_world world = {
		f, world_server, world_service, world_deployment,
	};
	const struct actions actions = {action, 1};
	struct error err;

	action->within_ms = 1000;
	if (!action->by_hand)
		action->by_hand = "";
	assert_int_equal(plan_actions(f->reach, &world, &actions, mood,
				      &f->arena, &f->effects, &err), 0);
	for (size_t i = 0; i < f->effects.count; i++) {
		assert_null(strstr(f->effects.items[i].request, "hunter2"));
		assert_null(strstr(f->effects.items[i].request, "s3cret"));
	}
}

static void test_a_fence_is_one_statement(void **state)
{
	struct fixture *f = *state;
	struct action a = {.kind = ACTION_FENCE, .on = "rds"};

	plan(f, &a, PLAN_NOW);
	assert_int_equal(f->effects.count, 1);
	assert_string_equal(f->effects.items[0].target, "rds (127.0.0.1:9)");
	assert_non_null(strstr(f->effects.items[0].request, "read_only"));
}

/* What no statement can say keeps its meaning; only its effect is by hand. */
static void test_by_hand_in_place_of_a_statement(void **state)
{
	static const enum action_kind kinds[] = {
		ACTION_FENCE, ACTION_UNFENCE, ACTION_PROMOTE,
	};
	static const struct db_server rds = {
		.family = DB_FAMILY_MYSQL, .version = 80436, .is_rds = true,
	};
	struct fixture *f = *state;

	f->server = &rds;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct action a = {.kind = kinds[i], .on = "rds"};

		plan(f, &a, PLAN_NOW);
		assert_non_null(f->effects.problem);
		a.by_hand = "Set read_only in the parameter group.";
		plan(f, &a, PLAN_NOW);
		assert_null(f->effects.problem);
		assert_int_equal(f->effects.count, 1);
		assert_int_equal(f->effects.items[0].kind, EFFECT_MANUAL);
		assert_string_equal(f->effects.items[0].request, a.by_hand);
	}
}

static void test_promotion_stops_and_forgets(void **state)
{
	struct fixture *f = *state;
	struct action a = {.kind = ACTION_PROMOTE, .on = "aurora"};

	plan(f, &a, PLAN_NOW);
	assert_int_equal(f->effects.count, 2);
	assert_string_equal(f->effects.items[0].request, "STOP SLAVE");
	assert_string_equal(f->effects.items[1].request, "RESET SLAVE ALL");
}

static void test_an_unseen_server_cannot_be_planned_for(void **state)
{
	struct fixture *f = *state;
	struct action a = {.kind = ACTION_FENCE, .on = "rds"};

	f->server = NULL;
	plan(f, &a, PLAN_NOW);
	assert_int_equal(f->effects.count, 0);
	assert_non_null(strstr(f->effects.problem, "has not been seen yet"));
}

static void test_a_patch_is_conditional_but_not_on_the_way_back(void **state)
{
	struct fixture *f = *state;
	struct pair vars[] = {{"ENABLE_WRITES", "true"}};
	struct pair labels[] = {{"writes", "enabled"}};
	struct action a = {.kind = ACTION_PATCH_DEPLOYMENT, .name = "v2",
			   .container = "app", .env = {vars, 1},
			   .labels = {labels, 1}};

	plan(f, &a, PLAN_NOW);
	assert_string_equal(f->effects.items[0].path,
		"/apis/apps/v1/namespaces/shop/deployments/v2?fieldManager=cutover");
	assert_non_null(strstr(f->effects.items[0].body,
			       "\"resourceVersion\":\"41\""));
	assert_non_null(strstr(f->effects.items[0].body,
			       "{\"name\":\"ENABLE_WRITES\",\"value\":\"true\"}"));
	plan(f, &a, PLAN_UNDO);
	assert_null(strstr(f->effects.items[0].body, "resourceVersion"));
	vars[0].value = NULL;
	labels[0].value = NULL;
	plan(f, &a, PLAN_UNDO);
	assert_non_null(strstr(f->effects.items[0].body, "\"$patch\":\"delete\""));
	assert_non_null(strstr(f->effects.items[0].body, "\"writes\":null"));
}

static void test_a_patch_that_would_do_harm_is_not_planned(void **state)
{
	struct fixture *f = *state;
	struct pair vars[] = {{"ENABLE_WRITES", "true"}};
	struct action a = {.kind = ACTION_PATCH_DEPLOYMENT, .name = "v2",
			   .container = "ap", .env = {vars, 1}};

	plan(f, &a, PLAN_NOW);
	assert_string_equal(f->effects.problem,
			    "Deployment v2 has no container 'ap'");
	a.container = "app";
	vars[0].key = "DSN";
	plan(f, &a, PLAN_NOW);
	assert_non_null(strstr(f->effects.problem, "valueFrom"));
	f->deployment = NULL;
	plan(f, &a, PLAN_NOW);
	assert_string_equal(f->effects.problem, "Deployment v2 is not there");
}

static void test_a_flip_compares_before_it_sets(void **state)
{
	struct fixture *f = *state;
	struct pair pairs[] = {{"version", "v2"}, {"writes", "enabled"}};
	struct action a = {.kind = ACTION_PATCH_SERVICE, .name = "svc",
			   .selector = {pairs, 2}};

	plan(f, &a, PLAN_NOW);
	assert_string_equal(f->effects.items[0].content_type,
			    "application/json-patch+json");
	assert_non_null(strstr(f->effects.items[0].body, "\"op\":\"test\""));
	assert_non_null(strstr(f->effects.items[0].body, "\"value\":\"v1\""));
	f->service = NULL;
	plan(f, &a, PLAN_NOW);
	assert_string_equal(f->effects.problem, "Service svc is not there");
}

static void test_the_flag_goes_to_its_service_or_config_map(void **state)
{
	struct fixture *f = *state;
	struct action a = {.kind = ACTION_FLAG, .is = false};

	plan(f, &a, PLAN_NOW);
	assert_string_equal(f->effects.items[0].request,
			    "PATCH http://127.0.0.1:9/f\n{\"on\":0}");
	assert_string_equal(f->effects.items[0].token_file, "/nowhere");
	assert_string_equal(f->effects.items[0].token_header, "X-Key: {token}");
	f->connections[3].flag.http.off_url = "http://127.0.0.1:9/f/off";
	f->connections[3].flag.http.content_type = "text/x; a=b";
	plan(f, &a, PLAN_NOW);
	assert_string_equal(f->effects.items[0].path,
			    "http://127.0.0.1:9/f/off");
	assert_string_equal(f->effects.items[0].request,
			    "PATCH http://127.0.0.1:9/f/off\n"
			    "Content-Type: text/x; a=b\n{\"on\":0}");
	f->connections[3].flag.kind = FLAG_CONFIGMAP;
	a.is = true;
	plan(f, &a, PLAN_NOW);
	assert_int_equal(f->effects.items[0].kind, EFFECT_KUBE);
	assert_string_equal(f->effects.items[0].body,
			    "{\"data\":{\"writes\":\"true\"}}");
}

static void test_a_manifest_is_read_or_refused(void **state)
{
	struct fixture *f = *state;
	struct action a = {.kind = ACTION_CREATE, .manifest = f->manifest};

	plan(f, &a, PLAN_NOW);
	assert_non_null(f->effects.problem);
	write_file(f->manifest, "kind: Service\nmetadata: {name: x}\n");
	plan(f, &a, PLAN_NOW);
	assert_non_null(strstr(f->effects.problem, "not the manifest of a Deployment"));
	write_file(f->manifest, "kind: Deployment\nmetadata: {name: x}\n");
	plan(f, &a, PLAN_NOW);
	assert_null(f->effects.problem);
	assert_string_equal(f->effects.items[0].method, "POST");
	assert_non_null(strstr(f->effects.items[0].body, "\"name\":\"x\""));
}

static void test_only_lost_answers_are_unknown(void **state)
{
	struct error err = {.code = ERR_LOST};

	(void)state;
	assert_int_equal(perform_outcome_of(&err, true), PERFORM_UNKNOWN);
	err.code = ERR_TIMEOUT;
	assert_int_equal(perform_outcome_of(&err, true), PERFORM_UNKNOWN);
	err.code = ERR_UNREACHABLE;
	assert_int_equal(perform_outcome_of(&err, false), PERFORM_FAILED);
	err.code = ERR_CONFLICT;
	assert_int_equal(perform_outcome_of(&err, true), PERFORM_FAILED);
}

/* What was sent may be done, whatever we could not do with the answer. */
static void test_an_answer_that_cannot_be_kept_is_unknown(void **state)
{
	static const enum error_code ours[] = {ERR_NOMEM, ERR_LIMIT, ERR_IO};

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		const struct error err = {.code = ours[i]};

		assert_int_equal(perform_outcome_of(&err, true),
				 PERFORM_UNKNOWN);
		assert_int_equal(perform_outcome_of(&err, false),
				 PERFORM_FAILED);
	}
}

static void test_a_server_that_failed_may_have_acted(void **state)
{
	static const int open[] = {500, 502, 504, 507, 520};
	static const int refused[] = {200, 400, 404, 409, 422, 429, 501, 503,
				      505};

	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		assert_true(perform_status_is_unknown(open[i]));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(perform_status_is_unknown(refused[i]));
}

struct heard {
	enum perform_outcome outcome;
	char text[PERFORM_TEXT_MAX];
	bool done;
};

static void hear(void *data, enum perform_outcome outcome, const char *text)
{
	struct heard *heard = data;

	heard->outcome = outcome;
	heard->done = true;
	snprintf(heard->text, sizeof(heard->text), "%s", text);
}

static void perform_first(struct fixture *f, struct heard *heard)
{
	const struct perform_caller caller = {.done = hear, .data = heard};
	int64_t until = clock_mono_ms() + PATIENCE_MS;
	struct performance *performance;
	struct error err;

	assert_int_equal(perform_start(f->reach, &f->effects.items[0], &caller,
				       &performance, &err), 0);
	while (!heard->done) {
		assert_true(clock_mono_ms() < until);
		loop_turn(f->loop, 50, &err);
	}
}

static void test_nobody_there_is_a_failure(void **state)
{
	struct fixture *f = *state;
	struct action a = {.kind = ACTION_FENCE, .on = "rds"};
	struct heard heard = {0};

	plan(f, &a, PLAN_NOW);
	perform_first(f, &heard);
	assert_int_equal(heard.outcome, PERFORM_FAILED);
	assert_null(strstr(heard.text, "hunter2"));
}

static bool serve_flag(int fd, const char *request, int number, void *data)
{
	(void)number;
	snprintf(data, SCRIPT_REQUEST_MAX, "%s", request);
	script_answer(fd, "200 OK", "", "{}");
	return false;
}

/* Each service wants to be told in a way of its own. */
static void test_a_flag_is_sent_as_its_service_wants_it(void **state)
{
	static char seen[SCRIPT_REQUEST_MAX];
	struct fixture *f = *state;
	struct flag_http *http = &f->connections[3].flag.http;
	struct script_server *server = script_server_start(serve_flag, seen);
	struct action a = {.kind = ACTION_FLAG, .is = true};
	struct heard heard = {0};
	char url[64];

	setenv("no_proxy", "127.0.0.1", 1);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/f/on",
		 script_server_port(server));
	write_file(f->manifest, "s3cret\n");
	http->on_url = url;
	http->method = "POST";
	http->token_file = f->manifest;
	http->content_type = "application/json; domain-model=x";
	plan(f, &a, PLAN_NOW);
	perform_first(f, &heard);
	assert_int_equal(heard.outcome, PERFORM_DONE);
	script_server_stop(server);
	assert_non_null(strstr(seen, "POST /f/on HTTP/1.1\r\n"));
	assert_non_null(strstr(seen, "X-Key: s3cret\r\n"));
	assert_non_null(strstr(seen, "Content-Type: application/json; "
			       "domain-model=x\r\n"));
	assert_non_null(strstr(seen, "\r\n\r\n{\"on\":1}"));
}

/* ---- without memory ------------------------------------------------------- */

struct planned {
	struct fixture *f;
	enum plan_mood mood;
	struct actions actions;
	size_t count;           /* effects of the whole plan */
};

static int act_plan(void *data, struct error *err)
{
	struct planned *p = data;
	const struct plan_world world = {
		p->f, world_server, world_service, world_deployment,
	};

	return plan_actions(p->f->reach, &world, &p->actions, p->mood,
			    &p->f->arena, &p->f->effects, err);
}

/* What is planned is planned in full, or not at all. */
static void check_plan(void *data, int code)
{
	struct planned *p = data;

	if (!code) {
		assert_null(p->f->effects.problem);
		assert_int_equal(p->f->effects.count, p->count);
		for (size_t i = 0; i < p->count; i++)
			assert_non_null(p->f->effects.items[i].request);
	}
	arena_release(&p->f->arena);
	arena_init(&p->f->arena);
}

static void test_every_allocation_of_a_plan_fails_in_turn(void **state)
{
	static struct pair pairs[] = {{"version", "v2"}};
	static struct pair writes[] = {{"ENABLE_WRITES", "true"}};
	struct fixture *f = *state;
	struct action actions[] = {
		{.kind = ACTION_FENCE, .on = "rds", .by_hand = ""},
		{.kind = ACTION_PROMOTE, .on = "aurora", .by_hand = ""},
		{.kind = ACTION_PATCH_DEPLOYMENT, .name = "v2",
		 .container = "app", .env = {writes, 1}, .labels = {pairs, 1}},
		{.kind = ACTION_PATCH_SERVICE, .name = "svc",
		 .selector = {pairs, 1}},
		{.kind = ACTION_SCALE, .name = "v2", .replicas = 3},
		{.kind = ACTION_DELETE, .name = "v2"},
		{.kind = ACTION_FLAG, .is = true},
		{.kind = ACTION_REQUEST, .method = "POST", .url = "http://x/",
		 .body = "{}"},
		{.kind = ACTION_SQL, .on = "rds", .statement = "SELECT 1"},
		{.kind = ACTION_MANUAL, .text = "by hand"},
	};
	struct planned p = {.f = f, .count = 11, .actions = {
		actions, sizeof(actions) / sizeof(actions[0])}};

	for (p.mood = PLAN_NOW; p.mood <= PLAN_UNDO; p.mood++) {
		assert_int_equal(act_plan(&p, NULL), 0);
		check_plan(&p, 0);
		failing_memory_try(&(struct failing_case){
			.name = "plan", .act = act_plan, .check = check_plan,
			.data = &p});
	}
}

/* What is foreseen of a connection is what it is called once it is open. */
static void test_a_connection_is_foreseen_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};

	for (size_t i = 0; i < f->runbook.connection_count; i++) {
		const struct runbook_connection *one =
			&f->runbook.connections[i];
		char open[REACH_TARGET_MAX], foreseen[REACH_TARGET_MAX];

		reach_target(f->reach, one->name, open);
		assert_int_equal(reach_foresee(one, foreseen, &err), 0);
		assert_string_equal(foreseen, open);
		assert_non_null(strstr(open, "127.0.0.1:9"));
	}
	unlink(f->mycnf);
	assert_int_equal(reach_foresee(&f->runbook.connections[0],
				       (char[REACH_TARGET_MAX]){""}, &err),
			 ERR_NOTFOUND);
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_a_fence_is_one_statement),
		UNIT(test_by_hand_in_place_of_a_statement),
		UNIT(test_promotion_stops_and_forgets),
		UNIT(test_an_unseen_server_cannot_be_planned_for),
		UNIT(test_a_patch_is_conditional_but_not_on_the_way_back),
		UNIT(test_a_patch_that_would_do_harm_is_not_planned),
		UNIT(test_a_flip_compares_before_it_sets),
		UNIT(test_the_flag_goes_to_its_service_or_config_map),
		UNIT(test_a_manifest_is_read_or_refused),
		UNIT(test_only_lost_answers_are_unknown),
		UNIT(test_an_answer_that_cannot_be_kept_is_unknown),
		UNIT(test_a_server_that_failed_may_have_acted),
		UNIT(test_nobody_there_is_a_failure),
		UNIT(test_a_flag_is_sent_as_its_service_wants_it),
		UNIT(test_a_connection_is_foreseen_as_it_is),
		UNIT(test_every_allocation_of_a_plan_fails_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
