/*
 * A run at hand for the tests of screens: the shipped runbook, the engine's
 * own fold, and facts set by hand. No connection, no clock.
 */
#ifndef CUTOVER_TESTS_SCREEN_FIXTURE_H
#define CUTOVER_TESTS_SCREEN_FIXTURE_H

#include "engine/engine.h"
#include "view/view.h"

#define FIXTURE_PODS 8
#define FIXTURE_SCREEN_MAX (64 * 1024)

struct fixture {
	struct runbook *runbook;
	struct engine engine;
	struct facts facts;
	struct db_observation seen[SIDE_COUNT];
	struct db_channel channel;
	struct kube_pod pods[FIXTURE_PODS];
	const struct kube_pod *pod_list[FIXTURE_PODS];
	struct kube_label labels[FIXTURE_PODS][3];
	struct kube_endpoint endpoints[FIXTURE_PODS];
	struct kube_slice slice;
	const struct kube_slice *slice_list[1];
	struct kube_service service;
	const struct kube_service *service_list[1];
	struct kube_label selector[2];
	struct verdict verdicts[RUNBOOK_ITEMS_MAX];
	struct verdict seen_effect;     /* STUCK: is it in place? */
	const struct reality *reality;  /* NULL: the run goes on */
	struct effect effect_items[2];
	struct effects effects;
	struct effect undo_items[2];
	struct way_back way_back;
	struct pace pace;
	struct conduct_options options;
	const struct conduct_lease_view *lease; /* NULL: none is needed */
	enum conduct_unwritten unwritten;
	int64_t mono;
	int64_t seq;
};

/* Loads the shipped aurora-cutover and stands before gate 1, all well. */
void fixture_open(struct fixture *fixture);
void fixture_close(struct fixture *fixture);

/* Applies a record (taken) at fixture->mono; fails loudly. */
void fixture_record(struct fixture *fixture, const char *event, json_t *fields);
/* Walks the steps before `id` as done, one second each, and opens its gate. */
void fixture_walk_to(struct fixture *fixture, const char *id);
/* Confirms the gate of that step and does its action: its checks are due. */
void fixture_act(struct fixture *fixture, const char *id);
/* At the promotion: the first of its two requests was sent, and its answer lost. */
void fixture_lose_promotion(struct fixture *fixture);
/* Holds every guard (or check) of the deed at hand to be so, in the fold too. */
void fixture_verdicts(struct fixture *fixture, enum verdict_state state);
void fixture_verdict(struct fixture *fixture, size_t guard,
		     enum verdict_state state, const char *text);
/* Every undoing was measured in two rehearsals, from the first step on 1 s, 2 s
 * and so on; it took half a second more at most. The steps took 300 ms. */
void fixture_measure(struct fixture *fixture);
/* Which decisions are possible follows from the engine's state. */
void fixture_input(const struct fixture *fixture, bool utf8,
		   struct view_input *input);
/* The screen as text, to be freed. */
char *fixture_screen(const struct fixture *fixture, struct view_ui *ui,
		     int width, int height, bool utf8);

#endif
