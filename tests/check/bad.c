/* bad.c: a sound objective (two views of a picture are to be alike, and pictures to differ), of which each
 * row of meson.build changes one thing. */
#include "eidoscope.h"

#include <glib-object.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef ID
#define ID NAME
#endif
#ifndef HARM
#define HARM (void) 0
#endif
#ifndef FEATURES
#define FEATURES h
#endif
#ifndef RESULT
#define RESULT loss
#endif
#ifndef CHANCE
#define CHANCE log (2.0 * eid_batch_size (self) - 1)
#endif
#ifndef LEAST
#define LEAST 0.01
#endif
#ifndef DOC
#define DOC "Divides similarities"
#endif
#ifndef REFUSES
#define REFUSES 0
#endif
#ifndef SPARE
#define SPARE 0
#endif

static const EidParam params[] = { EID_PARAM_FLOAT ("temperature", 0.2, LEAST, 10, DOC), EID_PARAM_END };

typedef struct
{
  EidModule *projector;
  guint seen;
} State;

/* --- What may be wrong -------------------------------------------------------------------- */

G_GNUC_UNUSED static guint counter;

/* Another number in each step of the process. */
G_GNUC_UNUSED static float
counted (void)
{
  return 1 + 0.01f * (float) (counter++ % 101);
}

/* Another number in each step of the instance, which no checkpoint has. */
G_GNUC_UNUSED static float
remembered (EidObjective *self)
{
  State *state = eid_objective_state (self);

  return 1 + 0.1f * (float) state->seen++;
}

/* The same numbers, read back and written again: half of h is no longer of the weights. */
G_GNUC_UNUSED static EidTensor *
again (EidStep *step, EidTensor *h)
{
  g_autofree float *values = g_new (float, eid_tensor_count (h));

  eid_tensor_read (h, values);
  return eid_scale (
      eid_add (h, eid_tensor_from_data (eid_step_device (step), EID_F32, eid_tensor_shape (h), values)),
      0.5f);
}

G_GNUC_UNUSED static void
leaks (void)
{
  gpointer volatile lost = g_malloc0 (100000);

  (void) lost;
}

G_GNUC_UNUSED static void
crashes (void)
{
  raise (SIGSEGV);
}

G_GNUC_UNUSED static void
hangs (void)
{
  for (volatile guint i = 0;; i++)
    ;
}

static gpointer
sleep_for_ever (gpointer unused)
{
  for (;;)
    pause ();
  return NULL;
}

G_GNUC_UNUSED static void
sleeps (void)
{
  g_thread_unref (g_thread_new ("bad", sleep_for_ever, NULL));
}

G_GNUC_UNUSED static void
registers (void)
{
  static const GTypeInfo info = { .class_size = sizeof (GObjectClass), .instance_size = sizeof (GObject) };

  if (g_type_from_name ("BadThing") == 0)
    g_type_register_static (G_TYPE_OBJECT, "BadThing", &info, 0);
}

/* --- The objective --------------------------------------------------------------------------- */

static gboolean
bad_build (EidObjective *self, GError **error)
{
  State *state = eid_objective_state (self);

  if (REFUSES && eid_param_float (self, "temperature") > 5)
    return FALSE;
  state->projector = eid_linear_module (self, "projector", eid_encoder_width (self), 32, TRUE);
  if (SPARE)
    eid_linear_module (self, "spare", 8, 8, FALSE);
  return TRUE;
}

static EidTensor *
bad_loss (EidObjective *self, EidStep *step)
{
  State *state = eid_objective_state (self);
  EidTensor *h = eid_encode (step, eid_all_views (step))->pooled, *loss; /* [2B, width] */

  HARM;
  h = FEATURES;
  loss = eid_nt_xent (eid_normalize (eid_apply (step, state->projector, h)),
                      eid_param_float (self, "temperature"));
  return RESULT;
}

static double
bad_chance (EidObjective *self)
{
  return CHANCE;
}

EID_API const EidDescriptor *eid_plugin (void);

const EidDescriptor *
eid_plugin (void)
{
  static const EidDescriptor descriptor = {
    .size = sizeof (EidDescriptor),
    .abi = EID_ABI,
    .kind = "objective",
    .id = ID,
    .title = "Bad",
    .source = "Of the tests",
    .params = params,
    .state_size = sizeof (State),
    .build = bad_build,
    .views = eid_views_two_crops,
    .loss = bad_loss,
    .chance = bad_chance,
  };

  return &descriptor;
}
