/* What a plan has found, for people: the world, each gate in turn, the verdict. */
#ifndef CUTOVER_VIEW_PROSPECT_H
#define CUTOVER_VIEW_PROSPECT_H

#include "conduct/prospect.h"
#include "view/sheet.h"

void prospect_sheet(struct sheet *sheet, const struct prospect_found *found);

#endif
