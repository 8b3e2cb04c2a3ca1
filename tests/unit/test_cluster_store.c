/* What is kept and shown of many or large objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "rehearsal/cluster/controller.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"
#include "rehearsal/cluster/store.h"
#include "rehearsal/cluster/table.h"

/* An event of that message is there. */
static bool is_known(struct store *store, int number)
{
	const struct resource *events = resource_at(RESOURCE_EVENTS);
	char message[32];

	snprintf(message, sizeof(message), "number %d.", number);
	for (size_t i = 0; i < store_count(store, events); i++)
		if (!strcmp(json_text(store_at(store, events, i), "message",
				      ""), message))
			return true;
	return false;
}

/* However many there are, the last ones are among them. */
static void many_events(void **state)
{
	struct store *store = store_new();
	json_t *pod = json_pack("{s:s,s:s,s:{s:s,s:s}}", "kind", "Pod",
				"apiVersion", "v1", "metadata", "name", "a",
				"namespace", "shop");

	(void)state;
	assert_non_null(store);
	store_lock(store);
	for (int i = 1; i <= 5200; i++)
		event_record(store, pod, "Normal", "test", "Counted",
			     "number %d.", i);
	assert_in_range(store_count(store, resource_at(RESOURCE_EVENTS)),
			4000, 5000);
	assert_true(is_known(store, 5200));
	assert_true(is_known(store, 5001));
	assert_true(is_known(store, 600));
	assert_false(is_known(store, 1));
	store_unlock(store);
	json_decref(pod);
	store_free(store);
}

/* A Service with a selector and ports that fill more than a cell. */
static json_t *wide_service(void)
{
	json_t *service = json_pack("{s:{s:s,s:s},s:{s:s}}", "metadata",
				    "name", "wide", "namespace", "shop",
				    "spec", "type", "ClusterIP");
	char path[96];

	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "spec/selector/label-%d", i);
		assert_int_equal(object_set(service, path,
					    json_string("value")), 0);
	}
	assert_int_equal(object_set(service, "spec/ports", json_array()), 0);
	for (int i = 1; i <= 1000; i++)
		json_array_append_new(json_at(service, "spec/ports"),
				      json_pack("{s:i}", "port", i));
	return service;
}

/* It is cut, and the others are shown all the same. */
static void wide_cells(void **state)
{
	json_t *service = wide_service(), *table;
	const char *text;

	(void)state;
	table = table_of(resource_at(RESOURCE_SERVICES), service,
			 TABLE_OBJECT, false);
	assert_non_null(table);
	for (int cell = 4; cell <= 6; cell += 2) {
		text = json_string_value(json_array_get(
			json_at(table, "rows/0/cells"), (size_t)cell));
		assert_non_null(text);
		assert_in_range(strlen(text), 4000, 4100);
		assert_string_equal(text + strlen(text) - 3, "...");
	}
	json_decref(table);
	json_decref(service);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_events),
		cmocka_unit_test(wide_cells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
