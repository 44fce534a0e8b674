/* speed.h: the cases of the table that are timed. */
#pragma once

void add_speed_tests (void);
