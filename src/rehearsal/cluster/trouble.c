/* See trouble.h. A few settings under one lock. */
#include "rehearsal/cluster/trouble.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "rehearsal/cluster/access.h"
#include "rehearsal/cluster/api.h"
#include "rehearsal/cluster/object.h"
#include "rehearsal/cluster/resource.h"

/* A colleague at another terminal, whose change is harmless but is one. */
#define COLLEAGUE "kubectl-annotate"
#define COLLEAGUE_PATCH \
	"{\"metadata\":{\"annotations\":{\"practice/reviewed\":\"%s\"}}}"

struct trouble {
	pthread_mutex_t lock;           /* guards all below */
	int retry_after_s;
	int slow_ms;
	char verb[TROUBLE_WORD_MAX], resource[TROUBLE_WORD_MAX];
	char contested[TROUBLE_WORD_MAX];
	int conflicts;                  /* still to come */
};

struct trouble *trouble_new(void)
{
	struct trouble *trouble = calloc(1, sizeof(*trouble));

	if (trouble)
		pthread_mutex_init(&trouble->lock, NULL);
	return trouble;
}

void trouble_free(struct trouble *trouble)
{
	if (!trouble)
		return;
	pthread_mutex_destroy(&trouble->lock);
	free(trouble);
}

static void set_number(struct trouble *trouble, int *number, int value)
{
	pthread_mutex_lock(&trouble->lock);
	*number = value;
	pthread_mutex_unlock(&trouble->lock);
}

static int get_number(struct trouble *trouble, const int *number)
{
	int value;

	pthread_mutex_lock(&trouble->lock);
	value = *number;
	pthread_mutex_unlock(&trouble->lock);
	return value;
}

void trouble_throttle(struct trouble *trouble, int retry_after_s)
{
	set_number(trouble, &trouble->retry_after_s, retry_after_s);
}

void trouble_slow(struct trouble *trouble, int ms)
{
	set_number(trouble, &trouble->slow_ms, ms);
}

static int check_word(const char *word, struct error *err)
{
	return strlen(word) < TROUBLE_WORD_MAX ? 0 :
	       error_set(err, ERR_LIMIT, NULL, "\"%.32s...\" is too long",
			 word);
}

int trouble_forbid(struct trouble *trouble, const char *verb,
		   const char *resource, struct error *err)
{
	int rc = verb ? check_word(verb, err) : 0;

	if (!rc && verb)
		rc = check_word(resource, err);
	if (rc)
		return rc;
	pthread_mutex_lock(&trouble->lock);
	snprintf(trouble->verb, TROUBLE_WORD_MAX, "%s", verb ? verb : "");
	snprintf(trouble->resource, TROUBLE_WORD_MAX, "%s",
		 verb ? resource : "");
	pthread_mutex_unlock(&trouble->lock);
	return 0;
}

int trouble_conflict(struct trouble *trouble, const char *resource, int count,
		     struct error *err)
{
	int rc = check_word(resource, err);

	if (rc)
		return rc;
	pthread_mutex_lock(&trouble->lock);
	snprintf(trouble->contested, TROUBLE_WORD_MAX, "%s", resource);
	trouble->conflicts = count;
	pthread_mutex_unlock(&trouble->lock);
	return 0;
}

int trouble_delay(struct trouble *trouble)
{
	return get_number(trouble, &trouble->slow_ms);
}

int trouble_throttled(struct trouble *trouble)
{
	return get_number(trouble, &trouble->retry_after_s);
}

int trouble_conflicts(struct trouble *trouble)
{
	return get_number(trouble, &trouble->conflicts);
}

/* Reviews may ask for "*". */
static bool includes(const char *wished, const char *word)
{
	return !strcmp(wished, "*") || !strcmp(wished, word);
}

bool trouble_forbids(struct trouble *trouble, const struct access_wish *wish)
{
	bool forbidden;

	if (!wish->resource)
		return false;
	pthread_mutex_lock(&trouble->lock);
	forbidden = trouble->verb[0] && includes(wish->verb, trouble->verb) &&
		    includes(wish->resource, trouble->resource);
	pthread_mutex_unlock(&trouble->lock);
	return forbidden;
}

bool trouble_forbidden(struct trouble *trouble, char verb[TROUBLE_WORD_MAX],
		       char resource[TROUBLE_WORD_MAX])
{
	pthread_mutex_lock(&trouble->lock);
	snprintf(verb, TROUBLE_WORD_MAX, "%s", trouble->verb);
	snprintf(resource, TROUBLE_WORD_MAX, "%s", trouble->resource);
	pthread_mutex_unlock(&trouble->lock);
	return verb[0];
}

static bool take_conflict(struct trouble *trouble, const char *plural)
{
	bool taken;

	pthread_mutex_lock(&trouble->lock);
	taken = trouble->conflicts > 0 && !strcmp(trouble->contested, plural);
	if (taken)
		trouble->conflicts--;
	pthread_mutex_unlock(&trouble->lock);
	return taken;
}

void trouble_before_write(struct trouble *trouble, struct store *store,
			  const struct api_request *request)
{
	struct api_request other = {
		.resource = request->resource, .manager = COLLEAGUE,
		.patch = API_PATCH_MERGE, .validation = API_STRICT,
	};
	struct answer answer = { 0 };
	char body[256], id[OBJECT_UID_MAX];

	if (!*request->name || request->dry_run ||
	    !take_conflict(trouble, request->resource->plural))
		return;
	object_make_uid(id);    /* each of these changes differs */
	snprintf(body, sizeof(body), COLLEAGUE_PATCH, id);
	snprintf(other.ns, sizeof(other.ns), "%s", request->ns);
	snprintf(other.name, sizeof(other.name), "%s", request->name);
	other.body = body;
	other.body_len = strlen(body);
	api_patch(store, &other, &answer);
	answer_release(&answer);
}
