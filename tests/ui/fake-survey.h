/* fake-survey.h: the fake engine's answers before a run. */
#pragma once

#include "app/wire/wire.h"

/* Two proposals for a folder that is there, an error for one that is not, and
 * the same times for every recipe.                                           */
void fake_survey_connect (EidWireEngine *wire);
