/* Units of kube/lease and kube/lease_claim: names, identities, objects, and a
 * claim led through what an API server may answer, on a clock of the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "conduct/leasewords.h"
#include "kube/lease_claim.h"

#define ME "alice@bastion/run-1/42"
#define OTHER "bob@laptop/run-2/7"
#define PLACE "bastion:/runs/run-1/journal.jsonl"
#define LASTS_MS 30000
#define GOOD_MS 20000

/* ---- names, identities, objects ---- */

static bool is_label(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len && !name[len] && len <= 63 && name[0] != '-' &&
	       name[len - 1] != '-';
}

static void test_names_are_valid_and_distinct(void **state)
{
	static const char *const rows[][2] = {
		{"Aurora", "svc"}, {"aurora", "svc."}, {"aurora_", "svc"},
		{"aurora", "svc-"}, {"übung", "x"}, {"", ""},
		{"a-runbook-with-a-very-long-name-that-goes-on-and-on", "service-a"},
		{"a-runbook-with-a-very-long-name-that-goes-on-and-on", "service-b"},
	};
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	char names[8][LEASE_NAME_MAX], name[LEASE_NAME_MAX];

	(void)state;
	assert_int_equal(lease_name("aurora-cutover", "my-app-service", name),
			 0);
	assert_string_equal(name, "cutover-aurora-cutover-my-app-service");
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(lease_name(rows[i][0], rows[i][1], names[i]),
				 0);
		assert_true(is_label(names[i]));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(names[i], names[k]);
	}
}

static void test_identities_are_told_apart_from_other_texts(void **state)
{
	static const char *const foreign[] = {
		"mallory", "ip-10-0-0-1_6f3a", "a/b", "/b/1", "a//1", "a/b/",
		"a/b/0", "a/b/x", "a/b/99999999999999999999", "",
	};
	struct lease_identity identity;
	char text[LEASE_HOLDER_MAX];

	(void)state;
	lease_identity_read(ME, &identity);
	assert_string_equal(identity.who, "alice@bastion");
	assert_string_equal(identity.run, "run-1");
	assert_int_equal(identity.pid, 42);
	lease_identity_text(&identity, text);
	assert_string_equal(text, ME);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		lease_identity_read(foreign[i], &identity);
		assert_string_equal(identity.who, foreign[i]);
		assert_int_equal(identity.pid, 0);
	}
}

/* A Lease as the server would answer it. holder NULL: none. */
static json_t *lease_of(const char *holder, int version, const char *place)
{
	return json_pack("{ss ss s{ss so ss s{ss* ss}} s{ss* ss ss si si}}",
			 "apiVersion", "coordination.k8s.io/v1", "kind",
			 "Lease", "metadata", "name", "l", "resourceVersion",
			 json_sprintf("%d", version), "uid", "u", "annotations",
			 "cutover/journal", place, "team", "blue", "spec",
			 "holderIdentity", holder, "acquireTime",
			 "2026-11-23T14:03:20.123456Z", "renewTime",
			 "2026-11-23T14:05:01.000000Z", "leaseDurationSeconds",
			 30, "leaseTransitions", 3);
}

static void test_objects_keep_what_is_not_ours(void **state)
{
	json_t *before = lease_of(OTHER, 5, "laptop:/x"), *after;
	struct lease_record record;
	struct error err = {0};
	char stamp[LEASE_STAMP_MAX];

	(void)state;
	assert_int_equal(lease_read(before, &record, &err), 0);
	assert_string_equal(record.holder, OTHER);
	assert_string_equal(record.acquired, "2026-11-23T14:03:20.123456Z");
	assert_string_equal(record.version, "5");
	assert_string_equal(record.place, "laptop:/x");
	assert_int_equal(record.seconds, 30);
	assert_int_equal(record.transitions, 3);
	lease_stamp(INT64_C(1795442600123), stamp);
	assert_string_equal(stamp, "2026-11-23T14:03:20.123000Z");
	record.holder[0] = record.place[0] = '\0';
	after = lease_object(before, "l", &record);
	assert_null(json_at(after, "spec/holderIdentity"));
	assert_null(json_at(after, "metadata/annotations/cutover~1journal"));
	assert_string_equal(json_text(after, "metadata/annotations/team", ""),
			    "blue");
	assert_string_equal(json_text(after, "metadata/uid", ""), "u");
	assert_string_equal(json_text(after, "metadata/resourceVersion", ""),
			    "5");
	json_decref(after);
	json_object_set_new(before, "kind", json_string("Pod"));
	assert_int_equal(lease_read(before, &record, &err), ERR_INVALID);
	json_decref(before);
}

static void test_strange_lengths_are_bounded(void **state)
{
	json_t *lease = lease_of(OTHER, 5, NULL);
	json_t *spec = json_object_get(lease, "spec");
	struct lease_record record;

	(void)state;
	json_object_set_new(spec, "leaseDurationSeconds",
			    json_integer(1 << 30));
	assert_int_equal(lease_read(lease, &record, NULL), 0);
	assert_int_equal(record.seconds, LEASE_SECONDS_MAX);
	json_object_del(spec, "leaseDurationSeconds");
	json_object_set_new(spec, "holderIdentity", json_string("a\033[2Jb"));
	assert_int_equal(lease_read(lease, &record, NULL), 0);
	assert_int_equal(record.seconds, 1);
	assert_string_equal(record.holder, "a?[2Jb");
	json_decref(lease);
}

/* ---- the claim ---- */

struct world {
	struct lease_claim claim;
	int64_t now;
};

static void begin(struct world *w, bool resumes)
{
	struct lease_terms terms = {
		.name = "l", .me = {"alice@bastion", "run-1", 42},
		.place = PLACE, .resumes = resumes, .lasts_ms = LASTS_MS,
	};

	w->now = 1000;
	lease_claim_init(&w->claim, &terms, w->now);
}

/* The next request must be this one; ms pass before its answer. */
static void asks(struct world *w, enum lease_request wanted)
{
	lease_claim_pass(&w->claim, w->now);
	assert_int_equal(lease_claim_next(&w->claim, w->now), wanted);
}

static void answer(struct world *w, enum lease_request request, int64_t ms,
		   json_t *body, enum error_code code)
{
	struct error err = {.code = code, .message = "it said no"};
	int64_t sent = w->now;

	w->now += ms;
	lease_claim_answered(&w->claim, request, sent, w->now, body,
			     code ? &err : NULL);
	json_decref(body);
}

static void expect(struct world *w, enum lease_request request, json_t *body,
		   enum error_code code)
{
	asks(w, request);
	answer(w, request, 10, body, code);
}

/* Time passes until something is due. */
static void later(struct world *w)
{
	if (w->claim.due_ms > w->now)
		w->now = w->claim.due_ms;
}

static bool held(const struct world *w)
{
	return lease_claim_is_held(&w->claim, w->now);
}

static void take_it(struct world *w)
{
	expect(w, LEASE_GET, NULL, ERR_NOTFOUND);
	expect(w, LEASE_POST, lease_of(ME, 1, PLACE), 0);
	assert_true(held(w));
}

static void test_free_is_taken_and_renewed(void **state)
{
	struct world w;
	json_t *object;

	(void)state;
	begin(&w, false);
	assert_false(held(&w));
	expect(&w, LEASE_GET, NULL, ERR_NOTFOUND);
	object = lease_claim_object(&w.claim, 0);
	assert_string_equal(json_text(object, "spec/holderIdentity", ""), ME);
	assert_string_equal(json_text(object, "kind", ""), "Lease");
	assert_int_equal(json_number(object, "spec/leaseDurationSeconds", 0),
			 30);
	json_decref(object);
	expect(&w, LEASE_POST, lease_of(ME, 1, PLACE), 0);
	assert_true(held(&w));
	asks(&w, LEASE_REST);
	later(&w);
	object = lease_claim_object(&w.claim, 0);
	/* a renewal is no change of hands */
	assert_int_equal(json_number(object, "spec/leaseTransitions", 0), 3);
	assert_string_equal(json_text(object, "spec/acquireTime", ""),
			    "2026-11-23T14:03:20.123456Z");
	json_decref(object);
	expect(&w, LEASE_PUT, lease_of(ME, 2, PLACE), 0);
	assert_true(held(&w));
	lease_claim_release(&w.claim);
}

static void test_held_only_while_renewed_in_time(void **state)
{
	struct world w;
	int64_t sent;

	(void)state;
	begin(&w, false);
	expect(&w, LEASE_GET, NULL, ERR_NOTFOUND);
	sent = w.now;
	/* a slow answer: it counts from when the request was sent */
	asks(&w, LEASE_POST);
	answer(&w, LEASE_POST, 4000, lease_of(ME, 1, PLACE), 0);
	w.now = sent + GOOD_MS - 1;
	assert_true(held(&w));
	w.now = sent + GOOD_MS;
	assert_false(held(&w));
	lease_claim_pass(&w.claim, w.now);
	assert_int_equal(w.claim.state, LEASE_LOST);
	expect(&w, LEASE_PUT, NULL, ERR_TIMEOUT);
	assert_false(held(&w));
	assert_int_equal(w.claim.trouble.code, ERR_TIMEOUT);
	asks(&w, LEASE_REST);
	later(&w);
	expect(&w, LEASE_GET, lease_of(ME, 1, PLACE), 0);
	expect(&w, LEASE_PUT, lease_of(ME, 2, PLACE), 0);
	assert_true(held(&w));
	assert_int_equal(w.claim.trouble.code, 0);
	lease_claim_release(&w.claim);
}

static void test_lost_answer_is_found_again(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	expect(&w, LEASE_GET, NULL, ERR_NOTFOUND);
	expect(&w, LEASE_POST, NULL, ERR_LOST);
	later(&w);
	expect(&w, LEASE_GET, lease_of(ME, 1, PLACE), 0);
	/* ours, but since when? a renewal tells */
	assert_false(held(&w));
	expect(&w, LEASE_PUT, lease_of(ME, 2, PLACE), 0);
	assert_true(held(&w));
	lease_claim_release(&w.claim);
}

/* The renewal's own trace is no conflict: it stays ours throughout. */
static void test_lost_renewal_is_looked_for(void **state)
{
	static const enum error_code lost[] = {ERR_TIMEOUT, ERR_LOST,
					       ERR_REMOTE};
	struct world w;

	(void)state;
	begin(&w, false);
	take_it(&w);
	for (int i = 0; i < 3; i++) {
		later(&w);
		expect(&w, LEASE_PUT, NULL, lost[i]);
		assert_true(held(&w));
		later(&w);
		expect(&w, LEASE_GET, lease_of(ME, 2 * i + 2, PLACE), 0);
		assert_int_equal(w.claim.state, LEASE_HELD);
		expect(&w, LEASE_PUT, lease_of(ME, 2 * i + 3, PLACE), 0);
		assert_true(held(&w));
	}
	/* nobody waits for that look at the end */
	later(&w);
	expect(&w, LEASE_PUT, NULL, ERR_LOST);
	lease_claim_end(&w.claim, w.now);
	expect(&w, LEASE_PUT, NULL, ERR_CONFLICT);
	assert_int_equal(w.claim.state, LEASE_RELEASED);
	lease_claim_release(&w.claim);
}

static void test_of_two_at_once_one_wins(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	expect(&w, LEASE_GET, NULL, ERR_NOTFOUND);
	expect(&w, LEASE_POST, NULL, ERR_CONFLICT);
	expect(&w, LEASE_GET, lease_of(OTHER, 1, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	assert_string_equal(w.claim.other.holder, OTHER);
	lease_claim_release(&w.claim);
}

static void test_another_expires_only_in_our_sight(void **state)
{
	struct world w;
	int64_t first;

	(void)state;
	begin(&w, false);
	expect(&w, LEASE_GET, lease_of(OTHER, 1, NULL), 0);
	first = w.now;
	/* its stamps are years old: that is its clock, not ours */
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	/* renewed while we could not see */
	w.now = first + 60000;
	expect(&w, LEASE_GET, NULL, ERR_UNREACHABLE);
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	later(&w);
	expect(&w, LEASE_GET, lease_of(OTHER, 2, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	first = w.now;
	w.now = first + LASTS_MS;
	expect(&w, LEASE_GET, lease_of(OTHER, 2, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	assert_false(lease_claim_can_take(&w.claim));
	w.now = first + LASTS_MS + LASTS_MS;
	expect(&w, LEASE_GET, lease_of(OTHER, 2, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_EXPIRED_OTHER);
	/* nothing follows without the word */
	later(&w);
	expect(&w, LEASE_GET, lease_of(OTHER, 2, NULL), 0);
	/* it lives after all */
	later(&w);
	expect(&w, LEASE_GET, lease_of(OTHER, 3, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	lease_claim_take(&w.claim, w.now);
	asks(&w, LEASE_GET);
	lease_claim_release(&w.claim);
}

static void expire(struct world *w)
{
	char words[LEASE_WORDS_MAX];

	expect(w, LEASE_GET, lease_of(OTHER, 1, NULL), 0);
	lease_words_elsewhere(&w->claim, words);
	assert_non_null(strstr(words, "bob"));
	w->now += LASTS_MS + 1;
	expect(w, LEASE_GET, lease_of(OTHER, 1, NULL), 0);
	assert_true(lease_claim_can_take(&w->claim));
	lease_words_elsewhere(&w->claim, words);
	assert_string_equal(words, "");
}

static void test_the_word_takes_what_was_seen(void **state)
{
	struct world w;
	json_t *object;

	(void)state;
	begin(&w, false);
	expire(&w);
	lease_claim_take(&w.claim, w.now);
	object = lease_claim_object(&w.claim, 0);
	assert_string_equal(json_text(object, "spec/holderIdentity", ""), ME);
	assert_int_equal(json_number(object, "spec/leaseTransitions", 0), 4);
	assert_string_equal(json_text(object, "metadata/resourceVersion", ""),
			    "1");
	json_decref(object);
	/* somebody was faster: the word counts no more */
	expect(&w, LEASE_PUT, NULL, ERR_CONFLICT);
	expect(&w, LEASE_GET, lease_of("carol@desk/run-3/9", 2, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	w.now += LASTS_MS + 1;
	expect(&w, LEASE_GET, lease_of("carol@desk/run-3/9", 2, NULL), 0);
	lease_claim_take(&w.claim, w.now);
	expect(&w, LEASE_PUT, lease_of(ME, 3, PLACE), 0);
	assert_true(held(&w));
	lease_claim_release(&w.claim);
}

static void test_stolen_and_given_up_takes_the_word(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	take_it(&w);
	later(&w);
	expect(&w, LEASE_PUT, NULL, ERR_CONFLICT);
	assert_false(held(&w));
	expect(&w, LEASE_GET, lease_of("mallory", 9, PLACE), 0);
	assert_int_equal(w.claim.state, LEASE_HELD_BY_OTHER);
	later(&w);
	expect(&w, LEASE_GET, lease_of(NULL, 10, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_GIVEN_UP);
	later(&w);
	/* gone altogether: the same */
	expect(&w, LEASE_GET, NULL, ERR_NOTFOUND);
	assert_int_equal(w.claim.state, LEASE_GIVEN_UP);
	lease_claim_take(&w.claim, w.now);
	expect(&w, LEASE_POST, lease_of(ME, 11, PLACE), 0);
	assert_true(held(&w));
	lease_claim_release(&w.claim);
}

static void test_touched_or_deleted_is_ours_again(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	take_it(&w);
	later(&w);
	expect(&w, LEASE_PUT, NULL, ERR_CONFLICT);
	expect(&w, LEASE_GET, lease_of(ME, 7, PLACE), 0);
	expect(&w, LEASE_PUT, lease_of(ME, 8, PLACE), 0);
	assert_true(held(&w));
	later(&w);
	expect(&w, LEASE_PUT, NULL, ERR_NOTFOUND);
	assert_false(held(&w));
	expect(&w, LEASE_GET, NULL, ERR_NOTFOUND);
	expect(&w, LEASE_POST, lease_of(ME, 9, PLACE), 0);
	assert_true(held(&w));
	lease_claim_release(&w.claim);
}

static void test_conflicts_do_not_spin(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	take_it(&w);
	later(&w);
	expect(&w, LEASE_PUT, NULL, ERR_CONFLICT);
	expect(&w, LEASE_GET, lease_of(ME, 7, PLACE), 0);
	expect(&w, LEASE_PUT, NULL, ERR_CONFLICT);
	asks(&w, LEASE_REST);
	lease_claim_release(&w.claim);
}

/* The same run goes on at once; whatever else is alike proves nothing. */
static void test_only_this_run_goes_on_at_once(void **state)
{
	static const struct {
		const char *holder, *place;
		bool resumes, goes_on;
	} rows[] = {
		{"alice@bastion/run-1/17", PLACE, true, true},
		{"root@bastion/run-1/17", PLACE, true, true},
		{"alice@bastion/run-1/17", PLACE, false, false},
		{"alice@bastion/run-1/17", "bastion:/elsewhere", true, false},
		{"alice@bastion/run-1/17", NULL, true, false},
		{"alice@laptop/run-1/17", PLACE, true, false},
		{"mallory", PLACE, true, false},
		{"mallory@bastion", PLACE, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;

		begin(&w, rows[i].resumes);
		expect(&w, LEASE_GET, lease_of(rows[i].holder, 1,
					       rows[i].place), 0);
		later(&w);
		asks(&w, rows[i].goes_on ? LEASE_PUT : LEASE_GET);
		lease_claim_release(&w.claim);
	}
}

static void test_given_up_at_the_end(void **state)
{
	struct world w;
	json_t *object;

	(void)state;
	begin(&w, false);
	take_it(&w);
	lease_claim_end(&w.claim, w.now);
	assert_false(held(&w));
	asks(&w, LEASE_PUT);
	object = lease_claim_object(&w.claim, 0);
	assert_null(json_at(object, "spec/holderIdentity"));
	json_decref(object);
	answer(&w, LEASE_PUT, 10, lease_of(NULL, 2, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_RELEASED);
	asks(&w, LEASE_REST);
	lease_claim_release(&w.claim);
	/* a renewal in flight at the end is not the giving up */
	begin(&w, false);
	take_it(&w);
	later(&w);
	asks(&w, LEASE_PUT);
	lease_claim_end(&w.claim, w.now);
	answer(&w, LEASE_PUT, 10, lease_of(ME, 2, PLACE), 0);
	assert_int_not_equal(w.claim.state, LEASE_RELEASED);
	expect(&w, LEASE_PUT, lease_of(NULL, 3, NULL), 0);
	assert_int_equal(w.claim.state, LEASE_RELEASED);
	lease_claim_release(&w.claim);
	/* another's is left alone */
	begin(&w, false);
	expect(&w, LEASE_GET, lease_of(OTHER, 1, NULL), 0);
	lease_claim_end(&w.claim, w.now);
	asks(&w, LEASE_REST);
	assert_int_equal(w.claim.state, LEASE_RELEASED);
	lease_claim_release(&w.claim);
}

static void test_forbidden_is_said_once(void **state)
{
	struct world w;
	unsigned long version;

	(void)state;
	begin(&w, false);
	expect(&w, LEASE_GET, NULL, ERR_NOTFOUND);
	expect(&w, LEASE_POST, NULL, ERR_DENIED);
	assert_int_equal(w.claim.state, LEASE_FORBIDDEN);
	version = w.claim.version;
	for (int i = 0; i < 3; i++) {
		later(&w);
		expect(&w, LEASE_POST, NULL, ERR_DENIED);
	}
	assert_int_equal(w.claim.version, version);
	assert_false(held(&w));
	later(&w);
	/* the right was granted */
	expect(&w, LEASE_POST, lease_of(ME, 1, PLACE), 0);
	assert_true(held(&w));
	lease_claim_release(&w.claim);
}

static void test_nonsense_is_no_lease(void **state)
{
	struct world w;

	(void)state;
	begin(&w, false);
	expect(&w, LEASE_GET, json_pack("{ss}", "kind", "Status"), 0);
	assert_int_equal(w.claim.trouble.code, ERR_INVALID);
	assert_false(held(&w));
	asks(&w, LEASE_REST);
	later(&w);
	asks(&w, LEASE_GET);
	/* written, and somebody's webhook made another holder of it */
	answer(&w, LEASE_GET, 10, NULL, ERR_NOTFOUND);
	expect(&w, LEASE_POST, lease_of(OTHER, 1, NULL), 0);
	assert_false(held(&w));
	lease_claim_release(&w.claim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_valid_and_distinct),
		cmocka_unit_test(test_identities_are_told_apart_from_other_texts),
		cmocka_unit_test(test_objects_keep_what_is_not_ours),
		cmocka_unit_test(test_strange_lengths_are_bounded),
		cmocka_unit_test(test_free_is_taken_and_renewed),
		cmocka_unit_test(test_held_only_while_renewed_in_time),
		cmocka_unit_test(test_lost_answer_is_found_again),
		cmocka_unit_test(test_lost_renewal_is_looked_for),
		cmocka_unit_test(test_of_two_at_once_one_wins),
		cmocka_unit_test(test_another_expires_only_in_our_sight),
		cmocka_unit_test(test_the_word_takes_what_was_seen),
		cmocka_unit_test(test_stolen_and_given_up_takes_the_word),
		cmocka_unit_test(test_touched_or_deleted_is_ours_again),
		cmocka_unit_test(test_conflicts_do_not_spin),
		cmocka_unit_test(test_only_this_run_goes_on_at_once),
		cmocka_unit_test(test_given_up_at_the_end),
		cmocka_unit_test(test_forbidden_is_said_once),
		cmocka_unit_test(test_nonsense_is_no_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
