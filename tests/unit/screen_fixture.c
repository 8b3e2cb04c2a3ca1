/* See screen_fixture.h. */
#include "screen_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conduct/reality.h"
#include "runbook/runbook.h"

static void fixture_die(const char *what, const struct error *err)
{
	fprintf(stderr, "fixture: %s: %s\n", what, err->message);
	abort();
}

static void fixture_load(struct fixture *f)
{
	static const char *const set[] = {
		"namespace=shop", "mysql_file=/dev/null",
		"flag_url=http://flags.example/api/flags/database-writes-enabled",
		"service_url=http://127.0.0.1:8080",
	};
	const struct runbook_settings settings = {
		.set = set, .set_count = sizeof(set) / sizeof(set[0]),
		.run = "aurora-cutover-1", .require_values = true,
	};
	struct runbook_problems problems;
	struct error err = {0};

	runbook_problems_init(&problems);
	if (runbook_load(CUTOVER_SOURCE
			 "/runbooks/aurora-cutover.yaml", &settings, &f->runbook, &problems,
			 &err)) {
		runbook_problems_print(&problems, stderr);
		fixture_die("runbook", &err);
	}
	runbook_problems_release(&problems);
}

static struct stamp fixture_fresh(void)
{
	return (struct stamp){.at_ms = 99900, .fresh_ms = 2000};
}

static void fixture_databases(struct fixture *f)
{
	static const char *const names[] = {"rds", "aurora"};

	f->channel = (struct db_channel){
		.name = "", .io = DB_THREAD_YES, .sql = DB_THREAD_YES,
		.source_host = "rds.example", .source_port = 3306,
		.source_uuid = "", .received = "0-11-88123", .read_file = "",
		.exec_file = "", .io_error = "", .sql_error = "",
		.filters = ""};
	for (int side = 0; side < SIDE_COUNT; side++) {
		struct facts_database *database = &f->facts.databases[side];
		struct db_observation *seen = &f->seen[side];

		seen->reached = true;
		for (int part = 0; part < DB_PART_COUNT; part++)
			seen->known[part] = true;
		seen->server.family = DB_FAMILY_MARIADB;
		seen->server.version = 101119;
		seen->read_only = side == SIDE_SOURCE ? DB_FLAG_OFF :
							DB_FLAG_ON;
		seen->gtid_known = true;
		seen->executed_text = seen->applied_text = "0-11-88123";
		seen->oldest_query = seen->oldest_user = "";
		database->name = names[side];
		snprintf(database->host, sizeof(database->host),
			 "%s.example:3306", names[side]);
		database->stamp = fixture_fresh();
		database->seen = seen;
		database->still_since_ms = 98000;
	}
	f->seen[SIDE_TARGET].channels = &f->channel;
	f->seen[SIDE_TARGET].channel_count = 1;
}

static void fixture_pod(struct fixture *f, size_t i)
{
	static const char *const names[FIXTURE_PODS] = {
		"my-app-v1-6d4f9-aaaaa", "my-app-v1-6d4f9-bbbbb",
		"my-app-v1-6d4f9-ccccc", "my-app-v1-6d4f9-ddddd",
		"my-app-v2-7c5b8-eeeee", "my-app-v2-7c5b8-fffff",
		"my-app-v2-7c5b8-ggggg", "my-app-v2-7c5b8-hhhhh"};
	bool second = i >= FIXTURE_PODS / 2;

	f->labels[i][0] = (struct kube_label){"app", "myapp"};
	f->labels[i][1] = (struct kube_label){"version", second ? "v2" : "v1"};
	f->labels[i][2] = (struct kube_label){"writes", "enabled"};
	f->pods[i] = (struct kube_pod){
		.meta = {.name = names[i], .uid = "",
			 .labels = {f->labels[i], 2}},
		.ip = "127.1.0.1", .node = "", .phase = "Running", .owner = "",
		.template_hash = second ? "7c5b8" : "6d4f9", .reason = "",
		.ready = true};
	f->pod_list[i] = &f->pods[i];
	f->endpoints[i] = (struct kube_endpoint){
		.address = "127.1.0.1", .pod = names[i], .pod_uid = "",
		.node = "", .ready = true, .serving = true};
}

static void fixture_cluster(struct fixture *f)
{
	struct facts_cluster *cluster = &f->facts.cluster;

	for (size_t i = 0; i < FIXTURE_PODS; i++)
		fixture_pod(f, i);
	f->selector[0] = (struct kube_label){"app", "myapp"};
	f->selector[1] = (struct kube_label){"version", "v1"};
	f->service.meta.name = "my-app-service";
	f->service.selector = (struct kube_labels){f->selector, 2};
	f->service_list[0] = &f->service;
	f->slice.service = "my-app-service";
	f->slice.endpoints = f->endpoints;
	f->slice.endpoint_count = FIXTURE_PODS / 2;
	f->slice_list[0] = &f->slice;
	cluster->pods = f->pod_list;
	cluster->pod_count = FIXTURE_PODS;
	cluster->services = f->service_list;
	cluster->service_count = 1;
	cluster->slices = f->slice_list;
	cluster->slice_count = 1;
	cluster->pods_stamp = cluster->service_stamp = cluster->slices_stamp =
		cluster->deployments_stamp = fixture_fresh();
}

static void fixture_plans(struct fixture *f)
{
	f->effect_items[0] = (struct effect){
		.target = "aurora (aurora.example:3306)",
		.request = "CALL mysql.rds_stop_replication"};
	f->effect_items[1] = (struct effect){
		.target = f->effect_items[0].target,
		.request = "CALL mysql.rds_reset_external_master"};
	f->effects = (struct effects){f->effect_items, 2, NULL};
	f->undo_items[0] = (struct effect){
		.target = "rds (rds.example:3306)",
		.request = "SET GLOBAL read_only = 0"};
	f->undo_items[1] = (struct effect){
		.target = "flag (flags.example)",
		.request = "PATCH http://flags.example/api/flags/database-writes-enabled\n{\"enabled\": true}"};
	f->way_back = (struct way_back){.steps = {1, 0}, .step_count = 2};
	f->way_back.effects[0] = (struct effects){f->undo_items, 1, NULL};
	f->way_back.effects[1] = (struct effects){f->undo_items + 1, 1, NULL};
}

/* As the conductor does it. */
static void fixture_takes(struct fixture *f)
{
	pace_undo(&f->pace, f->way_back.steps, f->way_back.step_count,
		  &f->way_back.takes);
}

void fixture_measure(struct fixture *f)
{
	for (size_t i = 0; i < f->runbook->step_count; i++) {
		int64_t ms = 1000 * (int64_t)(i + 1);

		f->pace.steps[i].undone = (struct pace_times){
			.median_ms = ms, .max_ms = ms + 500, .rehearsals = 2};
		f->pace.steps[i].done = (struct pace_times){
			.median_ms = 300, .max_ms = 300, .rehearsals = 2};
	}
	fixture_takes(f);
}

void fixture_open(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	fixture_load(f);
	engine_init(&f->engine, f->runbook);
	f->facts.now_ms = 100000;
	fixture_databases(f);
	fixture_cluster(f);
	f->facts.flag = (struct facts_flag){.configured = true,
					    .stamp = fixture_fresh(),
					    .on = true};
	f->facts.missing_stamp = f->facts.errant_stamp = fixture_fresh();
	fixture_plans(f);
	f->options = (struct conduct_options){
		.run = "aurora-cutover-1", .argument = "aurora-cutover-1",
		.version = "0",
		.operator_name = "op@host", .rehearsal = true,
		.pace = &f->pace};
	fixture_takes(f);
	fixture_record(f, "run.opened", json_pack("{ss}", "run",
						  f->options.run));
	fixture_walk_to(f, f->runbook->steps[0].id);
}

void fixture_close(struct fixture *f)
{
	engine_release(&f->engine);
	runbook_free(f->runbook);
}

void fixture_record(struct fixture *f, const char *event, json_t *fields)
{
	struct error err = {0};

	json_object_set_new(fields, "seq", json_integer(++f->seq));
	json_object_set_new(fields, "mono", json_integer(f->mono));
	json_object_set_new(fields, "event", json_string(event));
	if (engine_apply(&f->engine, fields, &err))
		fixture_die(event, &err);
	json_decref(fields);
}

void fixture_act(struct fixture *f, const char *id)
{
	fixture_record(f, "gate.confirmed", json_pack(
		"{ss sb s[{ss ss}] s{ss ss}}", "step", id, "undo", 0, "effects",
		"target", "there", "request", "this", "positions", "rds",
		"0-11-88123", "aurora", "0-11-88123"));
	if (f->runbook->steps[f->engine.step].downtime == DOWNTIME_STARTS)
		fixture_record(f, "window.opened", json_pack("{ss}", "step",
							     id));
	fixture_record(f, "action.intended",
		       json_pack("{ss si}", "step", id, "action", 0));
	f->mono += 1000;
	fixture_record(f, "action.done", json_pack("{ss si}", "step", id,
						   "action", 0));
}

static void fixture_pass(struct fixture *f, const char *id)
{
	fixture_act(f, id);
	fixture_record(f, "step.done", json_pack("{ss s{ss ss}}", "step", id,
						 "positions", "rds",
						 "0-11-88123", "aurora",
						 "0-11-88123"));
}

void fixture_walk_to(struct fixture *f, const char *id)
{
	int to = runbook_find_step(f->runbook, id);
	int from = f->engine.phase == ENGINE_NEW ? 0 : (int)f->engine.step;

	for (int i = from; i <= to; i++) {
		if (i > from || f->engine.phase == ENGINE_NEW)
			fixture_record(f, "gate.opened",
				       json_pack("{ss}", "step",
						 f->runbook->steps[i].id));
		if (i < to)
			fixture_pass(f, f->runbook->steps[i].id);
	}
}

void fixture_verdict(struct fixture *f, size_t guard, enum verdict_state state,
		     const char *text)
{
	static const char *const names[] = {"unknown", "red", "green"};

	f->verdicts[guard].state = state;
	snprintf(f->verdicts[guard].text, sizeof(f->verdicts[guard].text),
		 "%s", text);
	if (engine_judges_guards(&f->engine))
		fixture_record(f, "guard.changed", json_pack(
			"{ss si ss ss}", "step",
			f->runbook->steps[f->engine.step].id, "guard",
			(int)guard, "state", names[state], "text", text));
}

static const struct conditions *fixture_conditions(const struct fixture *f)
{
	const struct deed *deed = engine_deed(&f->engine);

	return engine_judges_guards(&f->engine) ? &deed->guards :
	       f->engine.phase == ENGINE_CHECKING ? &deed->checks : NULL;
}

void fixture_lose_promotion(struct fixture *f)
{
	fixture_walk_to(f, "promote");
	fixture_record(f, "gate.confirmed", json_pack(
		"{ss s[{ss ss} {ss ss}]}", "step", "promote", "effects",
		"target", "aurora", "request", "CALL stop", "target",
		"aurora", "request", "CALL reset"));
	fixture_record(f, "action.intended",
		       json_pack("{ss si}", "step", "promote", "action", 0));
	fixture_record(f, "action.failed",
		       json_pack("{ss ss ss}", "step", "promote", "outcome",
				 "unknown", "error", "it broke"));
}

void fixture_verdicts(struct fixture *f, enum verdict_state state)
{
	const struct conditions *conditions = fixture_conditions(f);

	for (size_t i = 0; conditions && i < conditions->count; i++) {
		char text[64];

		snprintf(text, sizeof(text), "what condition %zu asks for",
			 i + 1);
		fixture_verdict(f, i, state, text);
	}
}

void fixture_input(const struct fixture *f, bool utf8, struct view_input *input)
{
	const struct conditions *conditions = fixture_conditions(f);
	enum engine_phase phase = f->engine.phase;
	bool waiting = phase == ENGINE_GATE || phase == ENGINE_CHECKING ||
		       phase == ENGINE_STUCK;

	*input = (struct view_input){
		.engine = &f->engine, .facts = &f->facts,
		.options = &f->options, .verdicts = f->verdicts,
		.verdict_count = conditions ? conditions->count : 0,
		.effects = &f->effects, .way_back = &f->way_back,
		.reality = f->reality, .seen = &f->seen_effect, .forbidden = "",
		.lease = f->lease, .unwritten = f->unwritten, .mono = f->mono, .wall_ms = 1800000000000,
		.utf8 = utf8};
	input->may[DECIDE_CONFIRM] = engine_gate_is_open(&f->engine);
	input->may[DECIDE_OVERRIDE] = phase == ENGINE_GATE &&
				      engine_shut_guards(&f->engine);
	input->may[DECIDE_ROLLBACK] = waiting && !f->engine.rolling_back;
	input->may[DECIDE_RETRY] = phase == ENGINE_STUCK;
	input->may[DECIDE_NOTE] = waiting || phase == ENGINE_ACTING;
	input->may[DECIDE_PARK] = waiting;
	input->may[DECIDE_ARM] = engine_may_arm(&f->engine, f->engine.step + 1,
						NULL);
	input->may[DECIDE_DISARM] = engine_is_armed(&f->engine);
	input->may[DECIDE_RESUME] = f->reality && f->reality->looked;
	input->may[DECIDE_TAKE_OVER] = f->lease && f->lease->takeable;
	if (f->lease && !f->lease->held)
		input->may[DECIDE_CONFIRM] = input->may[DECIDE_OVERRIDE] =
			input->may[DECIDE_ARM] = false;
	if (f->lease && !f->lease->held && f->way_back.step_count)
		input->may[DECIDE_ROLLBACK] = false;
	input->may[DECIDE_CANCEL] = phase == ENGINE_ACTING ||
				    phase == ENGINE_CHECKING;
	for (int d = 0; f->unwritten && d < VIEW_DECISIONS; d++)
		input->may[d] = d == DECIDE_PARK;
	for (int d = 0; f->reality && d < VIEW_DECISIONS; d++)
		input->may[d] = d == DECIDE_PARK ||
				(d == DECIDE_RESUME && f->reality->looked);
}

char *fixture_screen(const struct fixture *f, struct view_ui *ui, int width,
		     int height, bool utf8)
{
	struct view_input input;
	struct frame frame;
	struct error err = {0};
	struct buf buf;
	char *text = NULL;

	ui->width = width;
	ui->height = height;
	fixture_input(f, utf8, &input);
	buf_init(&buf, FIXTURE_SCREEN_MAX);
	if (!frame_init(&frame, width, height) &&
	    !view_draw(&input, ui, &frame, NULL) && !frame_print(&frame, &buf))
		text = buf_detach(&buf);
	if (!text)
		fixture_die("screen", &err);
	frame_release(&frame);
	return text;
}
