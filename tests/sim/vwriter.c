/*
 * Stands in for journal/writer.c: the thread that writes the journal, without a
 * thread. A disk that stalls takes virtual time; what it was given is written
 * when it was begun or when it ends, so that a death in between finds it on the
 * disk, or a part of it, or nothing. It is safe once somebody is told that it
 * is there.
 */
#include <stdlib.h>

#include "disk.h"
#include "journal/writer.h"
#include "net/loop.h"
#include "sim.h"
#include "trace.h"

#define VWRITER_STALL_MS 9000

struct writer {
	int (*work)(void *data, struct error *err);
	void *data;
	int64_t done_ms;
	bool worked;
	int status;
	struct error err;
};

int writer_open(int (*work)(void *data, struct error *err), void *data,
		struct writer **ret, struct error *err)
{
	struct writer *writer = calloc(1, sizeof(*writer));

	(void)err;
	if (!writer)
		abort();
	*writer = (struct writer){.work = work, .data = data, .worked = true};
	*ret = writer;
	return 0;
}

static void vwriter_work(struct writer *writer)
{
	if (writer->worked)
		return;
	disk_hold(true);
	writer->status = writer->work(writer->data, &writer->err);
	disk_hold(false);
	writer->worked = true;
}

void writer_begin(struct writer *writer)
{
	int64_t calm = sim.weather.calm_ms - loop_now(sim.loop);
	int64_t stall = 0;

	if (sim_is_stormy() &&
	    chance_permille(&sim.chance, sim.weather.stall_permille))
		stall = chance_between(&sim.chance, 1, VWRITER_STALL_MS);
	if (stall > calm)
		stall = calm > 0 ? calm : 0;
	writer->done_ms = loop_now(sim.loop) + stall;
	writer->worked = false;
	error_clear(&writer->err);
	if (stall)
		trace_say("disk", "stalls for %.3f s", (double)stall / 1000);
	if (!stall || chance_permille(&sim.chance, 500))
		vwriter_work(writer);
}

bool writer_wait(struct writer *writer, int64_t ms)
{
	if (ms != WRITER_AS_LONG_AS_IT_TAKES &&
	    loop_now(sim.loop) < writer->done_ms)
		return false;
	vwriter_work(writer);
	return true;
}

int writer_result(const struct writer *writer, struct error *err)
{
	if (writer->status && err)
		*err = writer->err;
	else if (writer->worked && !writer->status)
		disk_release();
	return writer->status;
}

void writer_close(struct writer *writer)
{
	if (!writer)
		return;
	vwriter_work(writer);
	free(writer);
}
