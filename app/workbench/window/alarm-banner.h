/* alarm-banner.h: what ails the run, above the pages: the verdict, its evidence
 * in a sentence, and a button that leads to the setting most likely to cure it.
 *
 * Signal "cure" (section, key): the button was pressed.                      */
#pragma once

#include <adwaita.h>

#include "app/workbench/client/report.h"

G_BEGIN_DECLS

#define EID_TYPE_ALARM_BANNER (eid_alarm_banner_get_type ())
G_DECLARE_FINAL_TYPE (EidAlarmBanner, eid_alarm_banner, EID, ALARM_BANNER, AdwBin)

/* Shows what @report says, or hides where it is healthy. */
void eid_alarm_banner_set (EidAlarmBanner *self, const EidVerdictReport *report);
void eid_alarm_banner_clear (EidAlarmBanner *self);

G_END_DECLS
