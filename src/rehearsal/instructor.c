/* See instructor.h. */
#include "rehearsal/instructor.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "rehearsal/fault.h"
#include "rehearsal/scenes.h"
#include "rehearsal/users.h"

/* The next word of *rest, terminated in place; "" at the end. */
static char *instructor_word(char **rest)
{
	char *word = *rest + strspn(*rest, " "), *end;

	end = word + strcspn(word, " ");
	*rest = end;
	if (*end) {
		*end = '\0';
		*rest = end + 1;
	}
	return word;
}

static int instructor_find(const char *name, const struct fault **ret,
			   struct error *err)
{
	*ret = fault_find(name);
	return *ret ? 0 : error_set(err, ERR_NOTFOUND, NULL,
				    "no fault is named '%s'; 'list' names all",
				    name);
}

/* What instructor_list_one walks with. */
struct instructor_listing {
	const char *indent;
	struct buf *answer;
};

static bool instructor_list_one(const struct fault *fault, void *data)
{
	const struct instructor_listing *listing = data;
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", fault->name,
		 fault->parameters[0] ? " " : "", fault->parameters);
	buf_printf(listing->answer, "%s%-36s ", listing->indent, name);
	fault_describe(fault, NULL, listing->answer);
	return !buf_puts(listing->answer, "\n");
}

void instructor_list(const char *indent, struct buf *answer)
{
	struct instructor_listing listing = {indent, answer};

	fault_each(instructor_list_one, &listing);
}

static int instructor_faults(struct instructor *instructor, char *rest,
			     struct buf *answer, struct error *err)
{
	(void)instructor;
	(void)rest;
	(void)err;
	instructor_list(" ", answer);
	return 0;
}

static int instructor_status(struct instructor *instructor, char *rest,
			     struct buf *answer, struct error *err)
{
	const struct scenes *scenes = instructor->scenes;
	struct users_record record;
	const char *name;
	json_t *at;

	(void)rest;
	(void)err;
	json_object_foreach(scenes->begun, name, at)
		buf_printf(answer, " fault: %s since %s\n", name,
			   json_string_value(at));
	if (!json_object_size(scenes->begun))
		buf_puts(answer, " fault: none\n");
	users_look(instructor->stage->users, &record);
	buf_printf(answer, " users: writes %s, reads %s\n",
		   record.writes.open ? "fail" : "work",
		   record.reads.open ? "fail" : "work");
	buf_printf(answer, " outage so far: writes %.3f s, reads %.3f s\n",
		   (double)outage_total_us(&record.writes, record.end_us) / 1e6,
		   (double)outage_total_us(&record.reads, record.end_us) / 1e6);
	return 0;
}

/* KEY=VALUE words as an object; *ret is owned. */
static int instructor_parameters(char *rest, json_t **ret, struct error *err)
{
	json_t *object = json_object();
	int rc = object ? 0 : error_nomem(err);

	for (char *word; !rc && *(word = instructor_word(&rest));) {
		char *value = strchr(word, '=');

		if (!value || value == word) {
			rc = error_set(err, ERR_INVALID, NULL,
				       "'%s' is not KEY=VALUE", word);
			break;
		}
		*value++ = '\0';
		if (json_object_set_new(object, word, json_string(value)))
			rc = error_set(err, ERR_INVALID, NULL,
				       "'%s' is no text", word);
	}
	if (rc)
		json_decref(object);
	else
		*ret = object;
	return rc;
}

static int instructor_inject(struct instructor *instructor, char *rest,
			     struct buf *answer, struct error *err)
{
	const struct fault *fault = NULL;
	json_t *parameters = NULL;
	int rc = instructor_find(instructor_word(&rest), &fault, err);

	if (!rc)
		rc = instructor_parameters(rest, &parameters, err);
	if (!rc)
		rc = fault_begin(instructor->stage, fault, parameters, err);
	if (!rc) {
		scenes_begin(instructor->scenes, SCENE_BY_INSTRUCTOR, fault,
			     parameters, NULL);
		buf_printf(answer, " %s %s\n", fault->name,
			   fault_lasts(fault) ? "begun" : "done");
	}
	json_decref(parameters);
	return rc;
}

static int instructor_clear_one(struct instructor *instructor,
				const struct fault *fault, struct buf *answer,
				struct error *err)
{
	bool was_on = scenes_is_on(instructor->scenes, fault->name);

	if (fault_clear(instructor->stage, fault, err))
		return error_wrap(err, "%s is not cleared yet", fault->name);
	if (!was_on)
		return 0;
	scenes_add(instructor->scenes, SCENE_CLEARED, SCENE_BY_INSTRUCTOR,
		   fault->name, NULL);
	buf_printf(answer, " %s cleared\n", fault->name);
	return 0;
}

/* What instructor_clear_any walks with. */
struct instructor_clearing {
	struct instructor *instructor;
	struct buf *answer;
	struct error *err;              /* the last one */
	int status;
};

static bool instructor_clear_any(const struct fault *fault, void *data)
{
	struct instructor_clearing *all = data;
	int status = instructor_clear_one(all->instructor, fault, all->answer,
					  all->err);

	if (status)
		all->status = status;
	return true;
}

/* Which it could be, where none was named. */
static int instructor_clear_none(const struct scenes *scenes,
				 struct error *err)
{
	const char *name, *gap = "";
	struct buf names;
	json_t *at;
	int rc;

	if (!json_object_size(scenes->begun))
		return error_set(err, ERR_INVALID, NULL,
				 "'clear' wants a fault's name, or 'all'; none has begun");
	buf_init(&names, ERROR_MESSAGE_MAX);
	json_object_foreach(scenes->begun, name, at) {
		buf_printf(&names, "%s%s", gap, name);
		gap = ", ";
	}
	rc = error_set(err, ERR_INVALID, NULL,
		       "'clear' wants a fault's name, or 'all'; begun: %s",
		       buf_error(&names) ? "'status' tells" : names.data);
	buf_release(&names);
	return rc;
}

static int instructor_clear(struct instructor *instructor, char *rest,
			    struct buf *answer, struct error *err)
{
	struct instructor_clearing all = {instructor, answer, err, 0};
	const char *name = instructor_word(&rest);
	const struct fault *fault = NULL;
	int rc;

	if (!*name)
		return instructor_clear_none(instructor->scenes, err);
	if (!strcmp(name, "all")) {
		fault_each(instructor_clear_any, &all);
		return all.status;
	}
	rc = instructor_find(name, &fault, err);
	if (!rc && !scenes_is_on(instructor->scenes, name))
		rc = error_set(err, ERR_NOTFOUND, NULL, "%s has not begun",
			       name);
	if (!rc)
		rc = instructor_clear_one(instructor, fault, answer, err);
	return rc;
}

int instructor_answer(struct instructor *instructor, char *line,
		      struct buf *answer, struct error *err)
{
	static const struct {
		const char *name;
		int (*run)(struct instructor *instructor, char *rest,
			   struct buf *answer, struct error *err);
	} commands[] = {
		{"faults", instructor_faults},
		{"status", instructor_status},
		{"inject", instructor_inject},
		{"clear", instructor_clear},
	};
	char *rest = line;
	const char *word = instructor_word(&rest);

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(word, commands[i].name))
			return commands[i].run(instructor, rest, answer, err);
	return error_set(err, ERR_NOTFOUND, NULL, "no such command: '%s'",
			 word);
}
