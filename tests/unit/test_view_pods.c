/* Pods that are not well: why can be read, on the run's screen and on the page
 * of the cluster, at the least width. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "screen_words.h"

#define V2 (FIXTURE_PODS / 2)   /* v2's first pod */

static void draw(enum view_page page, int width, int height)
{
	struct view_ui ui = {.page = page};

	screen_draw(ui, width, height);
}

static void is_not_well(const char *name, const char *phase, const char *reason,
			int64_t restarts)
{
	struct kube_pod *pod = &fixture.pods[V2];

	pod->meta.name = name;
	pod->template_hash = "77458d878";
	pod->phase = phase;
	pod->reason = reason;
	pod->restarts = restarts;
	pod->ready = false;
}

static void test_why_at_80_columns(void **state)
{
	(void)state;
	is_not_well("my-app-v2-77458d878-2xpxz", "Pending", "ImagePullBackOff",
		    0);
	draw(VIEW_CLUSTER, 80, 24);
	there(" ○ my-app-v2-77458d878-2xpxz  77458d878  not selected         ImagePullBackOff\n");
	is_not_well("my-app-v2-77458d878-2xpxz", "Running", "CrashLoopBackOff",
		    12);
	draw(VIEW_CLUSTER, 80, 24);
	there(" ○ my-app-v2-77458d878-2xpxz  not selected         CrashLoopBackOff, 12 restarts\n");
	is_not_well("my-app-v2-77458d878-2xpxz", "Pending",
		    "CreateContainerConfigError", 0);
	draw(VIEW_CLUSTER, 80, 24);
	there(" ○ my-app-v2-77458d878-2xpxz  not selected         CreateContainerConfigError\n");
	there(" ● my-app-v1-6d4f9-aaaaa      takes traffic        ready\n");
}

/* A name gives way from its front, where names are alike. */
static void test_a_long_name_gives_way(void **state)
{
	(void)state;
	is_not_well("the-department-s-own-app-v2-77458d878-2xpxz", "Running",
		    "CrashLoopBackOff", 2);
	draw(VIEW_CLUSTER, 80, 24);
	there(" ○ …wn-app-v2-77458d878-2xpxz  not selected         CrashLoopBackOff, 2 restarts\n");
	draw(VIEW_CLUSTER, 120, 40);
	there(" ○ the-department-s-own-app-v2-77458d878-2xpxz  77458d878  not selected         CrashLoopBackOff, 2 restarts\n");
}

static void test_one_restart(void **state)
{
	(void)state;
	fixture.pods[0].restarts = 1;
	draw(VIEW_CLUSTER, 80, 24);
	there("takes traffic        ready, 1 restart\n");
}

/* The title of the pane keeps the reason whole, and drops headings for it. */
static void test_why_on_the_run_s_screen(void **state)
{
	(void)state;
	draw(VIEW_RUN, 80, 24);
	there("│PODS              ready  writable restarts\n");
	is_not_well("p", "Pending", "ImagePullBackOff", 0);
	draw(VIEW_RUN, 80, 24);
	there("│PODS ImagePullBackOff    writable restarts\n");
	is_not_well("p", "Pending", "CreateContainerConfigError", 0);
	draw(VIEW_RUN, 80, 24);
	there("│PODS CreateContainerConfigError   restarts\n");
	draw(VIEW_CLUSTER, 80, 24);
	there("PODS CreateContainerConfigError                         ready  writable restarts\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_why_at_80_columns),
		UNIT(test_a_long_name_gives_way),
		UNIT(test_one_restart),
		UNIT(test_why_on_the_run_s_screen),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
