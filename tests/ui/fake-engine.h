/* fake-engine.h: the fake engine's state, for the files that make it. */
#pragma once

#include "app/wire/wire.h"

typedef struct
{
  GMainLoop *loop;
  EidWireEngine *wire;
  GKeyFile *recipe;
  char *folder;
  const char *state;
  guint64 step, steps;
  guint due; /* the source of the next step */
  gboolean one_step;
  gboolean evaluating; /* no step is made meanwhile */
  GPtrArray *looks;    /* that wait, of fake-looks.c */
} Fake;

extern Fake fake;

/* Tokens of a passage, where the recipe's data are text; else 0. */
guint fake_tokens (void);
/* TRUE if this method is to be refused; the call is then answered. */
gboolean fake_refuse (GDBusMethodInvocation *call);

/* fake-lists.c: devices, plugins, recipes. */
void fake_lists_connect (EidWireEngine *wire);

/* fake-looks.c: the views of a run and of a draft. */
void fake_looks_connect (EidWireEngine *wire);
/* Answers those that wait for a newer picture. */
void fake_answer_looks (void);
