/* compare-bar.h: the row over the pages while two runs are compared: whether they can be, in what
 * they differ, and the way back to one.
 *
 * Signals: "toggled": the second run is to pause or go on; "closed".         */
#pragma once

#include <adwaita.h>

#include "app/workbench/session/compare.h"

G_BEGIN_DECLS

#define EID_TYPE_COMPARE_BAR (eid_compare_bar_get_type ())
G_DECLARE_FINAL_TYPE (EidCompareBar, eid_compare_bar, EID, COMPARE_BAR, AdwBin)

/* Says what is to be said of @compare now; NULL: the row goes. */
void eid_compare_bar_show (EidCompareBar *self, EidCompare *compare);

G_END_DECLS
