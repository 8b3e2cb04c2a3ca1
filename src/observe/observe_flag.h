/* The flag as its own service asserts it: asked over HTTP once a second. Part
 * of observer.c; a flag in a ConfigMap is read from the cluster's cache. */
#ifndef CUTOVER_OBSERVE_OBSERVE_FLAG_H
#define CUTOVER_OBSERVE_OBSERVE_FLAG_H

#include "base/error.h"
#include "observe/facts.h"
#include "runbook/model.h"

struct loop;
struct observe_flag;

int observe_flag_open(struct loop *loop, const struct flag_http *http,
		      struct facts_flag *facts, void (*changed)(void *data),
		      void *data, struct observe_flag **ret,
		      struct error *err);
/* Takes NULL. */
void observe_flag_close(struct observe_flag *flag);
/* Asks, unless an answer is awaited still. */
void observe_flag_round(struct observe_flag *flag);

#endif
