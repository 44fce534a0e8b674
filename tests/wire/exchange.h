/* exchange.h: code that takes the place of other code in a run that trains, over a real
 * engine; what there is to take it, and what comes of the run.                    */
#pragma once

#include "tests/wire/engine.h"

#include "app/store/store.h"

/* The shared object @name.so of $EIDOSCOPE_REPLACED. Free. */
char *sample (const char *name);
/* The bytes of @from, and @tail behind them: another file to whoever compares. */
void copy_file (const char *from, const char *to, const char *tail);

/* Of a small run of the plugin “replaced”. Free. */
char *exchange_recipe (Engine *engine, guint steps);
/* An engine that rests in such a run, before its first step or soon after; @run: its folder (free). */
Engine *begin (guint steps, char **run);
guint64 step_of (Engine *engine);
void step_to (Engine *engine, guint64 step);
void run_out (Engine *engine);

/* What the engine reports of the exchange; unref. */
GVariant *replace (Engine *engine, const char *file);
GVariant *replace_by (Engine *engine, const char *name);
/* It must not take @file, and say @sentence. */
void refuse (Engine *engine, const char *file, const char *sentence);

typedef struct
{
  EidSafetensors *state; /* of the newest checkpoint */
  GArray *losses;        /* EidPoint                 */
} Outcome;

Outcome outcome_read (const char *run);
void outcome_clear (Outcome *outcome);
/* The same bits in every tensor and loss. */
void assert_same (const Outcome *a, const Outcome *b);
