/* See backstage.h. */
#include "rehearsal/backstage.h"

#include "base/error.h"
#include "rehearsal/door.h"
#include "rehearsal/ending.h"

static int backstage_answer(void *data, char *line, struct buf *answer,
			    struct error *err)
{
	struct backstage *backstage = data;

	return instructor_answer(&backstage->instructor, line, answer, err);
}

int backstage_open(struct backstage *ret, const char *dir,
		   const struct stage *stage, struct ending *ending,
		   struct error *err)
{
	int rc;

	*ret = (struct backstage){.stage = *stage, .ending = ending};
	ret->instructor = (struct instructor){&ret->stage, &ret->scenes};
	rc = scenes_init(&ret->scenes, err);
	if (!rc)
		rc = door_open(&ret->door, dir, backstage_answer, ret,
				  err);
	if (!rc)
		ending->other = door_fd(ret->door);
	return rc;
}

void backstage_serve(struct backstage *backstage)
{
	door_serve(backstage->door);
}

void backstage_close(struct backstage *backstage)
{
	if (!backstage->ending)
		return;
	backstage->ending->other = -1;
	door_close(backstage->door);
	fault_clear_all(&backstage->stage);
	scenes_release(&backstage->scenes);
	*backstage = (struct backstage){.ending = NULL};
}
