/* replace.h: tests of replaced code that stand in files of their own. */
#pragma once

/* A hundred exchanges in a row, and the time from a saved source to its first step. */
void replace_add_endurance (void);
