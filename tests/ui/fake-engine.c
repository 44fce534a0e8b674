/* fake-engine.c: an engine that trains nothing, for tests of the workbench.
 *
 * It speaks the interface of the real one with pictures that move from step to
 * step in a known way, and misbehaves when asked, so that every state of the
 * window can be had in a second and without a device:
 *
 *   FAKE_ENGINE_STEP_MS=20      one step's time
 *   FAKE_ENGINE_PREPARE_MS=300  how long "compiling" takes
 *   FAKE_ENGINE_CRASH=40        aborts at that step
 *   FAKE_ENGINE_HANG=40         goes silent at that step, deaf to every call
 *   FAKE_ENGINE_FAIL=40         fails at that step with a sentence
 *   FAKE_ENGINE_ALARM=40        finds the run collapsed at that step, and healthy 200 on
 *   FAKE_ENGINE_COLLAPSED=1     a run that is gone on with had collapsed before
 *   FAKE_ENGINE_REFUSE=Start    answers an error to that method
 *   FAKE_ENGINE_MUTE=1          opens the line and never says a word
 *
 * A run's folder holds what Resume needs: recipe.ini and the last step.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "fake-attention.h"

#include "app/wire/wire.h"

#include "fake-embedding.h"
#include "fake-history.h"
#include "fake-survey.h"

enum
{
  PICTURES = 6,
  SIZE = 32,
  PATCH = 4,
  GRID = SIZE / PATCH
};

typedef struct
{
  GDBusMethodInvocation *call;
  char *view;
  guint64 since;
  gboolean both, frozen; /* student and teacher; the colours' basis */
  GVariant *options;
} Look;

static struct
{
  GMainLoop *loop;
  EidWireEngine *wire;
  GKeyFile *recipe;
  char *folder;
  const char *state;
  guint64 step, steps;
  gboolean one_step;
  GPtrArray *looks;
} fake;

static guint
from_environment (const char *name, guint otherwise)
{
  const char *text = g_getenv (name);
  return text ? (guint) atoi (text) : otherwise;
}

static void
tell (const char *state, const char *message)
{
  fake.state = state;
  eid_wire_engine_set_state (fake.wire, state);
  eid_wire_engine_set_message (fake.wire, message);
  eid_wire_engine_emit_state_changed (fake.wire, state, message);
}

/* TRUE if this method is to be refused; the call is then answered. */
static gboolean
refuse (GDBusMethodInvocation *call)
{
  const char *name = g_dbus_method_invocation_get_method_name (call);

  if (g_strcmp0 (g_getenv ("FAKE_ENGINE_REFUSE"), name) != 0)
    return FALSE;
  g_dbus_method_invocation_return_error (
      call, G_IO_ERROR, G_IO_ERROR_FAILED,
      "Dataset.path: the folder /nowhere holds no picture; name one that does");
  return TRUE;
}

/* --- Pictures ------------------------------------------------------------- */

static GVariant *
bytes (const guint8 *data, gsize size)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1);
}

/* A disc on a gradient, moving with the step; the colour tells the picture. */
static void
draw (guint8 *pixels, guint number, double phase, int shift)
{
  double cx = SIZE / 2 + 7 * cos (phase + number), cy = SIZE / 2 + 7 * sin (phase + number);

  for (int y = 0; y < SIZE; y++)
    for (int x = 0; x < SIZE; x++)
      {
        double inside = hypot (x - cx + shift, y - cy) < 8 ? 1 : 0;
        for (int c = 0; c < 3; c++)
          *pixels++ = CLAMP (60 + 3 * x + 150 * inside * (((number >> c) & 1) ? 1 : 0.4), 0, 255);
      }
}

static void
add_common (GVariantBuilder *picture, guint size)
{
  static const char *const names[] = { "disc", "moon", "sun", "pearl", "coin", "plate", NULL };

  g_variant_builder_add (picture, "{sv}", "count", g_variant_new_uint32 (PICTURES));
  g_variant_builder_add (picture, "{sv}", "size", g_variant_new_uint32 (size));
  g_variant_builder_add (picture, "{sv}", "channels", g_variant_new_uint32 (3));
  g_variant_builder_add (picture, "{sv}", "labels", g_variant_new_strv (names, -1));
}

static void
show_augmentations (GVariantBuilder *picture, const Look *look)
{
  static guint8 sources[PICTURES][SIZE * SIZE * 3], views[2][PICTURES][SIZE * SIZE * 3];
  g_autoptr (GVariant) beside = g_variant_lookup_value (look->options, "beside", G_VARIANT_TYPE ("a{ss}"));
  g_autoptr (GVariant) drawn = NULL;
  GVariantBuilder draws;

  add_common (picture, SIZE);
  g_variant_builder_init (&draws, G_VARIANT_TYPE ("aa{sd}"));
  for (guint v = 0; v < 2; v++)
    for (guint i = 0; i < PICTURES; i++)
      {
        draw (sources[i], i, i, 0);
        draw (views[v][i], i, i + fake.step * 0.05, v ? 4 : -4);
        g_variant_builder_open (&draws, G_VARIANT_TYPE ("a{sd}"));
        g_variant_builder_add (&draws, "{sd}", "crop-x", 0.02 * i);
        g_variant_builder_add (&draws, "{sd}", "crop-y", 0.1 * v);
        g_variant_builder_add (&draws, "{sd}", "crop-width", 0.4 + (fake.step + i) % 9 / 20.0);
        g_variant_builder_add (&draws, "{sd}", "crop-height", 0.5 + (fake.step + v) % 9 / 20.0);
        if (v)
          g_variant_builder_add (&draws, "{sd}", "flip", 1.0);
        g_variant_builder_add (&draws, "{sd}", "brightness", 0.8 + 0.05 * (fake.step % 9));
        g_variant_builder_close (&draws);
      }
  g_variant_builder_add (picture, "{sv}", "views", g_variant_new_uint32 (2));
  g_variant_builder_add (picture, "{sv}", "view-size", g_variant_new_uint32 (SIZE));
  g_variant_builder_add (picture, "{sv}", "sources", bytes (sources[0], sizeof sources));
  g_variant_builder_add (picture, "{sv}", "pixels", bytes (views[0][0], sizeof views));
  drawn = g_variant_ref_sink (g_variant_builder_end (&draws));
  g_variant_builder_add (picture, "{sv}", "draws", drawn);
  if (beside)
    {
      g_variant_builder_add (picture, "{sv}", "beside-pixels", bytes (views[0][0], sizeof views));
      g_variant_builder_add (picture, "{sv}", "beside-draws", drawn);
    }
}

/* Three quarters hidden, or as the option `masks` has it. */
static void
fill_masks (const Look *look, guint8 mask[PICTURES][GRID * GRID])
{
  g_autoptr (GVariant) masks = g_variant_lookup_value (look->options, "masks", G_VARIANT_TYPE ("a(uay)"));

  for (guint i = 0; i < PICTURES; i++)
    for (guint patch = 0; patch < GRID * GRID; patch++)
      mask[i][patch] = ((patch * 2654435761u >> 13) + i) % 4 != 0;
  for (gsize i = 0; masks && i < g_variant_n_children (masks); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (masks, i);
      g_autoptr (GVariant) painted = g_variant_get_child_value (entry, 1);
      guint32 place;

      g_variant_get_child (entry, 0, "u", &place);
      if (place < PICTURES && g_variant_get_size (painted) == GRID * GRID)
        memcpy (mask[place], g_variant_get_data (painted), GRID * GRID);
    }
}

static void
show_reconstruction (GVariantBuilder *picture, const Look *look)
{
  static guint8 images[PICTURES][SIZE * SIZE * 3], masked[PICTURES][SIZE * SIZE * 3],
      rebuilt[PICTURES][SIZE * SIZE * 3], errors[PICTURES][SIZE * SIZE * 3], mask[PICTURES][GRID * GRID];
  double blur = exp (-(double) fake.step / 200);

  add_common (picture, SIZE);
  fill_masks (look, mask);
  for (guint i = 0; i < PICTURES; i++)
    {
      draw (images[i], i, i, 0);
      for (guint p = 0; p < SIZE * SIZE; p++)
        for (guint c = 0; c < 3; c++)
          {
            guint8 value = images[i][p * 3 + c];
            gboolean hidden = mask[i][(p / SIZE / PATCH) * GRID + p % SIZE / PATCH];

            masked[i][p * 3 + c] = hidden ? 110 : value;
            rebuilt[i][p * 3 + c] = hidden ? value + (128 - value) * blur : value;
            errors[i][p * 3 + c] = ABS (rebuilt[i][p * 3 + c] - value);
          }
    }
  g_variant_builder_add (picture, "{sv}", "patch", g_variant_new_uint32 (PATCH));
  g_variant_builder_add (picture, "{sv}", "error-max", g_variant_new_double (1));
  g_variant_builder_add (picture, "{sv}", "mask", bytes (mask[0], sizeof mask));
  g_variant_builder_add (picture, "{sv}", "images", bytes (images[0], sizeof images));
  g_variant_builder_add (picture, "{sv}", "masked", bytes (masked[0], sizeof masked));
  g_variant_builder_add (picture, "{sv}", "reconstructed", bytes (rebuilt[0], sizeof rebuilt));
  g_variant_builder_add (picture, "{sv}", "errors", bytes (errors[0], sizeof errors));
  g_variant_builder_add (picture, "{sv}", "honest", bytes (rebuilt[0], sizeof rebuilt));
  g_variant_builder_add (picture, "{sv}", "honest-errors", bytes (errors[0], sizeof errors));
}

/* Pictures that are looked into, and what fake-attention.c sees in them. */
static void
add_images (GVariantBuilder *picture)
{
  static guint8 images[PICTURES][SIZE * SIZE * 3];

  add_common (picture, SIZE);
  for (guint i = 0; i < PICTURES; i++)
    draw (images[i], i, i, 0);
  g_variant_builder_add (picture, "{sv}", "images", bytes (images[0], sizeof images));
}

static void
show_attention (GVariantBuilder *picture, const Look *look)
{
  g_autofree char *objective = g_key_file_get_string (fake.recipe, "Objective", "plugin", NULL);

  add_images (picture);
  fake_attention (picture, PICTURES, GRID, fake.step, g_strcmp0 (objective, "mae") != 0, look->both);
}

static void
show_patches (GVariantBuilder *picture, const Look *look)
{
  add_images (picture);
  fake_patches (picture, PICTURES, GRID, fake.step, look->frozen);
}

static void
show_embedding (GVariantBuilder *picture, const Look *look)
{
  fake_embedding (picture, fake.step, look->options);
}

static void
show_similarity (GVariantBuilder *picture, const Look *look)
{
  fake_similarity (picture, fake.step);
}

static void
show_prototypes (GVariantBuilder *picture, const Look *look)
{
  fake_prototypes (picture, fake.step);
}

static void
show_health (GVariantBuilder *picture, const Look *look)
{
  fake_health (picture, fake.step);
}

static const struct
{
  const char *name;
  void (*show) (GVariantBuilder *picture, const Look *look);
} views[] = {
  { "augmentations", show_augmentations }, { "reconstruction", show_reconstruction },
  { "attention", show_attention },         { "patches", show_patches },
  { "embedding", show_embedding },         { "similarity", show_similarity },
  { "prototypes", show_prototypes },       { "health", show_health },
};

static void
look_free (Look *look)
{
  g_free (look->view);
  g_variant_unref (look->options);
  g_free (look);
}

/* Why this view can never be had of this run, or NULL. */
static const char *
impossible (const char *view)
{
  g_autofree char *objective = g_key_file_get_string (fake.recipe, "Objective", "plugin", NULL);
  g_autofree char *encoder = g_key_file_get_string (fake.recipe, "Encoder", "plugin", NULL);

  if (g_str_equal (view, "reconstruction") && g_strcmp0 (objective, "mae") != 0)
    return "simclr reconstructs nothing; mae (masked autoencoder) does";
  if ((g_str_equal (view, "attention") || g_str_equal (view, "patches")) && g_strcmp0 (encoder, "vit") != 0)
    return "resnet has no attention; vit (vision transformer) has";
  if (g_str_equal (view, "prototypes") && g_strcmp0 (objective, "mae") == 0)
    return "mae assigns its views to no prototypes";
  return NULL;
}

static gboolean
answer_one (Look *look)
{
  GVariantBuilder picture;

  if (fake.step <= look->since && look->since > 0)
    return FALSE;
  g_variant_builder_init (&picture, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (g_str_equal (views[i].name, look->view))
      views[i].show (&picture, look);
  eid_wire_engine_complete_look (fake.wire, look->call, fake.step, g_variant_builder_end (&picture));
  return TRUE;
}

static void
answer_looks (void)
{
  for (guint i = fake.looks->len; i-- > 0;)
    if (answer_one (g_ptr_array_index (fake.looks, i)))
      g_ptr_array_remove_index (fake.looks, i);
}

static void
answer_from_history (GDBusMethodInvocation *call, const char *view, GVariant *options, guint64 at)
{
  const guint64 now = fake.step;
  guint64 step;

  if (!fake_history_moment_at (at, &step))
    {
      g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_FAILED, "no moment was kept");
      return;
    }
  fake.step = step;
  answer_one (&(Look){ .call = call, .view = (char *) view, .options = options });
  fake.step = now;
}

static gboolean
on_look (EidWireEngine *wire, GDBusMethodInvocation *call, const char *view, GVariant *options, guint64 since)
{
  Look *look;
  guint64 at;

  if (refuse (call))
    return TRUE;
  if (fake.recipe == NULL || impossible (view))
    {
      g_dbus_method_invocation_return_error_literal (call, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                                     fake.recipe ? impossible (view)
                                                                 : "nothing has been started");
      return TRUE;
    }
  if (g_variant_lookup (options, "at", "t", &at))
    {
      answer_from_history (call, view, options, at);
      return TRUE;
    }
  look = g_new0 (Look, 1);
  *look = (Look){ call, g_strdup (view), since, FALSE, FALSE, g_variant_ref (options) };
  look->both = g_variant_lookup (options, "whose", "s", NULL);
  g_variant_lookup (options, "frozen", "b", &look->frozen);
  g_ptr_array_add (fake.looks, look);
  if (!g_str_equal (fake.state, "preparing"))
    answer_looks ();
  return TRUE;
}

/* A draft's pictures: those of the step that the option `draw` names; refused without an objective. */
static gboolean
on_preview (EidWireEngine *wire, GDBusMethodInvocation *call, const char *text, GVariant *options)
{
  const guint64 step = fake.step;
  GVariantBuilder picture;
  guint32 draw = 0;

  if (refuse (call))
    return TRUE;
  if (strstr (text, "[Objective]") == NULL)
    {
      g_dbus_method_invocation_return_error_literal (call, G_IO_ERROR, G_IO_ERROR_FAILED,
                                                     "recipe: [Objective] plugin must be given");
      return TRUE;
    }
  g_variant_lookup (options, "draw", "u", &draw);
  fake.step = draw;
  g_variant_builder_init (&picture, G_VARIANT_TYPE_VARDICT);
  show_augmentations (&picture, &(Look){ .options = options });
  fake.step = step;
  eid_wire_engine_complete_preview (wire, call, g_variant_builder_end (&picture));
  return TRUE;
}

/* --- Steps ---------------------------------------------------------------- */

static double
loss_at (guint64 step)
{
  return 4.5 * exp (-(double) step / 150) + 0.8 + 0.05 * sin (step * 1.7);
}

static void
save (void)
{
  g_autofree char *file = g_build_filename (fake.folder, "step", NULL);
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, fake.step);

  g_file_set_contents (file, text, -1, NULL);
  fake_history_event (fake.step, "checkpoint", file);
  eid_wire_engine_emit_event (fake.wire, fake.step, "checkpoint", "Checkpoint saved");
}

/* At most ten a second, as the real one. */
static void
report (gboolean surely)
{
  static gint64 last;
  const gint64 now = g_get_monotonic_time ();
  GVariantDict dict;
  guint ms = from_environment ("FAKE_ENGINE_STEP_MS", 20);

  if (now - last < G_USEC_PER_SEC / 10 && !surely)
    return;
  last = now;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", fake.step);
  g_variant_dict_insert (&dict, "steps", "t", fake.steps);
  g_variant_dict_insert (&dict, "loss", "d", loss_at (fake.step));
  g_variant_dict_insert (&dict, "chance", "d", 5.541);
  g_variant_dict_insert (&dict, "learning-rate", "d", 1e-3);
  g_variant_dict_insert (&dict, "gradient-norm", "d", 0.7);
  g_variant_dict_insert (&dict, "samples-per-second", "d", 128e3 / ms);
  g_variant_dict_insert (&dict, "memory", "t", G_GUINT64_CONSTANT (300) << 20);
  g_variant_dict_insert (&dict, "seconds-left", "d", (fake.steps - fake.step) * ms / 1e3);
  eid_wire_engine_emit_progress (fake.wire, g_variant_dict_end (&dict));
}

static void
evaluate (void)
{
  GVariantDict dict;
  double learnt = 1 - exp (-(double) fake.step / 150);

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", fake.step);
  g_variant_dict_insert (&dict, "knn", "d", 0.5 + 0.35 * learnt);
  g_variant_dict_insert (&dict, "linear", "d", 0.55 + 0.33 * learnt);
  g_variant_dict_insert (&dict, "knn-random", "d", 0.61);
  g_variant_dict_insert (&dict, "linear-random", "d", 0.66);
  g_variant_dict_insert (&dict, "knn-pixels", "d", 0.72);
  g_variant_dict_insert (&dict, "linear-pixels", "d", 0.7);
  g_variant_dict_insert (&dict, "rank", "d", 4 + 24 * learnt);
  g_variant_dict_insert (&dict, "z-std", "d", 0.04 + 0.08 * learnt);
  eid_wire_engine_emit_evaluated (fake.wire, g_variant_dict_end (&dict));
}

static GVariant *
pack_health (gboolean healthy)
{
  GVariantDict dict;
  GVariantBuilder cures;

  g_variant_builder_init (&cures, G_VARIANT_TYPE ("a(sss)"));
  if (!healthy)
    g_variant_builder_add (&cures, "(sss)", "Optimizer", "lr", "lower");
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "step", "t", fake.step);
  g_variant_dict_insert (&dict, "verdict", "s", healthy ? "healthy" : "complete-collapse");
  g_variant_dict_insert (&dict, "title", "s", healthy ? "Healthy" : "Complete collapse");
  g_variant_dict_insert (&dict, "evidence", "s", healthy ? "" : "Mean cosine of 512 pictures is 0.97.");
  g_variant_dict_insert_value (&dict, "cure", g_variant_builder_end (&cures));
  g_variant_dict_insert (&dict, "rank", "d", healthy ? 20.0 : 1.2);
  return g_variant_dict_end (&dict);
}

static void
tell_health (gboolean healthy)
{
  eid_wire_engine_emit_health (fake.wire, pack_health (healthy));
  eid_wire_engine_emit_event (fake.wire, fake.step, healthy ? "recovery" : "alarm", "Complete collapse");
}

static gboolean
on_step_due (gpointer unused)
{
  if (!g_str_equal (fake.state, "running"))
    return G_SOURCE_REMOVE;
  fake.step++;
  if (fake.step == from_environment ("FAKE_ENGINE_CRASH", 0))
    {
      g_printerr ("fake-engine: simclr: illegal access in loss()\n");
      abort ();
    }
  while (fake.step == from_environment ("FAKE_ENGINE_HANG", 0))
    pause ();
  if (fake.step == from_environment ("FAKE_ENGINE_FAIL", 0))
    {
      tell ("failed", "The loss is not finite at step 40 (learning rate 0.001): lower Optimizer.lr");
      return G_SOURCE_REMOVE;
    }
  report (fake.one_step || fake.step >= fake.steps);
  if (fake.step == from_environment ("FAKE_ENGINE_ALARM", 0))
    tell_health (FALSE);
  if (g_getenv ("FAKE_ENGINE_ALARM") && fake.step == from_environment ("FAKE_ENGINE_ALARM", 0) + 200)
    tell_health (TRUE);
  if (fake.step % 20 == 0)
    {
      fake_history_moment (fake.step);
      eid_wire_engine_emit_event (fake.wire, fake.step, "moment", "");
    }
  if (fake.step % 50 == 0)
    evaluate ();
  if (fake.step % 100 == 0)
    save ();
  answer_looks ();
  if (fake.step >= fake.steps)
    {
      save ();
      tell ("done", fake.folder);
    }
  else if (fake.one_step)
    tell ("paused", "");
  fake.one_step = FALSE;
  return g_str_equal (fake.state, "running");
}

static void
run (void)
{
  tell ("running", "");
  g_timeout_add (from_environment ("FAKE_ENGINE_STEP_MS", 20), on_step_due, NULL);
}

static gboolean
on_prepared (gpointer unused)
{
  evaluate ();
  run ();
  return G_SOURCE_REMOVE;
}

static void
prepare (void)
{
  fake.steps = MAX (1, g_key_file_get_uint64 (fake.recipe, "Run", "steps", NULL));
  tell ("preparing", "compiling attention");
  g_timeout_add (from_environment ("FAKE_ENGINE_PREPARE_MS", 300), on_prepared, NULL);
}

/* --- Methods -------------------------------------------------------------- */

static gboolean
on_list_devices (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  static const char *const names[] = { "Two fake cores", "A fake card" };
  GVariantBuilder devices;

  if (refuse (call))
    return TRUE;
  g_variant_builder_init (&devices, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < 2; i++)
    {
      g_variant_builder_open (&devices, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&devices, "{sv}", "index", g_variant_new_uint32 (i));
      g_variant_builder_add (&devices, "{sv}", "name", g_variant_new_string (names[i]));
      g_variant_builder_add (&devices, "{sv}", "platform", g_variant_new_string ("Fake"));
      g_variant_builder_add (&devices, "{sv}", "gpu", g_variant_new_boolean (i == 1));
      g_variant_builder_add (&devices, "{sv}", "memory", g_variant_new_uint64 (G_GUINT64_CONSTANT (8) << 30));
      g_variant_builder_close (&devices);
    }
  eid_wire_engine_complete_list_devices (wire, call, g_variant_builder_end (&devices));
  return TRUE;
}

typedef struct
{
  const char *key, *type, *value;
  double min, max;
  const char *choices, *doc;
  gboolean live;
} Param;

static const Param vit_params[] = {
  { "width", "int", "192", 16, 4096, "", "Channels of a token", FALSE },
  { "depth", "int", "6", 1, 48, "", "Transformer blocks", FALSE },
  { "pool", "choice", "mean", 0, 0, "class|mean", "What the pooled feature is", FALSE },
  { NULL },
};
static const Param resnet_params[] = {
  { "width", "int", "64", 16, 512, "", "Channels of the first stage", FALSE },
  { NULL },
};
static const Param simclr_params[] = {
  { "temperature", "float", "0.2", 0.01, 2, "", "Sharpness of the softmax", TRUE },
  { "hidden", "int", "512", 16, 8192, "", "Width of the projector", FALSE },
  { NULL },
};
static const Param mae_params[] = {
  { "mask-ratio", "float", "0.75", 0.1, 0.95, "", "Share of patches that are hidden", TRUE },
  { "norm-pix", "bool", "true", 0, 1, "", "Normalise the pixels of each patch", FALSE },
  { NULL },
};

static const struct
{
  const char *id, *kind, *title, *refused;
  const Param *params;
} plugins[] = {
  { "vit", "encoder", "Vision transformer", "", vit_params },
  { "resnet", "encoder", "Residual network", "", resnet_params },
  { "simclr", "objective", "SimCLR", "", simclr_params },
  { "mae", "objective", "Masked autoencoder", "", mae_params },
  { "broken", "objective", "", "broken.so speaks ABI 99; this program speaks 1", simclr_params + 2 },
};

static gboolean
on_list_plugins (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  GVariantBuilder list;

  if (refuse (call))
    return TRUE;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < G_N_ELEMENTS (plugins); i++)
    {
      GVariantBuilder params;
      g_variant_builder_init (&params, G_VARIANT_TYPE ("aa{sv}"));
      for (const Param *p = plugins[i].params; p->key; p++)
        {
          g_auto (GStrv) choices = g_strsplit (p->choices, "|", -1);
          g_variant_builder_open (&params, G_VARIANT_TYPE_VARDICT);
          g_variant_builder_add (&params, "{sv}", "key", g_variant_new_string (p->key));
          g_variant_builder_add (&params, "{sv}", "type", g_variant_new_string (p->type));
          g_variant_builder_add (&params, "{sv}", "default", g_variant_new_string (p->value));
          g_variant_builder_add (&params, "{sv}", "min", g_variant_new_double (p->min));
          g_variant_builder_add (&params, "{sv}", "max", g_variant_new_double (p->max));
          g_variant_builder_add (&params, "{sv}", "choices",
                                 g_variant_new_strv ((const char *const *) choices, -1));
          g_variant_builder_add (&params, "{sv}", "doc", g_variant_new_string (p->doc));
          g_variant_builder_add (&params, "{sv}", "live", g_variant_new_boolean (p->live));
          g_variant_builder_close (&params);
        }
      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "id", g_variant_new_string (plugins[i].id));
      g_variant_builder_add (&list, "{sv}", "kind", g_variant_new_string (plugins[i].kind));
      g_variant_builder_add (&list, "{sv}", "title", g_variant_new_string (plugins[i].title));
      g_variant_builder_add (&list, "{sv}", "source", g_variant_new_string (""));
      g_variant_builder_add (&list, "{sv}", "file", g_variant_new_string (plugins[i].id));
      g_variant_builder_add (&list, "{sv}", "refused", g_variant_new_string (plugins[i].refused));
      g_variant_builder_add (&list, "{sv}", "params", g_variant_builder_end (&params));
      g_variant_builder_close (&list);
    }
  eid_wire_engine_complete_list_plugins (wire, call, g_variant_builder_end (&list));
  return TRUE;
}

static gboolean
read_recipe (GDBusMethodInvocation *call, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fake.recipe, g_key_file_unref);
  fake.recipe = g_key_file_new ();
  if (g_key_file_load_from_data (fake.recipe, text, -1, G_KEY_FILE_NONE, &error))
    return TRUE;
  g_clear_pointer (&fake.recipe, g_key_file_unref);
  g_dbus_method_invocation_return_gerror (call, error);
  return FALSE;
}

static gboolean
on_resolve_recipe (EidWireEngine *wire, GDBusMethodInvocation *call, const char *name)
{
  g_autoptr (GKeyFile) recipe = g_key_file_new ();
  g_autofree char *text = NULL, *title = g_path_get_basename (name);

  if (refuse (call))
    return TRUE;
  if (!g_key_file_load_from_file (recipe, name, G_KEY_FILE_NONE, NULL))
    {
      g_key_file_set_string (recipe, "Run", "title", title);
      g_key_file_set_string (recipe, "Run", "steps", "400");
      g_key_file_set_string (recipe, "Encoder", "plugin", "vit");
      g_key_file_set_string (recipe, "Objective", "plugin", strstr (name, "mae") ? "mae" : "simclr");
    }
  text = g_key_file_to_data (recipe, NULL, NULL);
  eid_wire_engine_complete_resolve_recipe (wire, call, text);
  return TRUE;
}

static gboolean
on_start (EidWireEngine *wire, GDBusMethodInvocation *call, const char *text, const char *device,
          const char *folder)
{
  g_autofree char *file = NULL;

  if (refuse (call) || !read_recipe (call, text))
    return TRUE;
  g_free (fake.folder);
  fake.folder = *folder
                    ? g_strdup (folder)
                    : g_strdup_printf ("%s/eidoscope/runs/fake-%u", g_get_user_data_dir (), g_random_int ());
  g_mkdir_with_parents (fake.folder, 0700);
  file = g_build_filename (fake.folder, "recipe.ini", NULL);
  g_file_set_contents (file, text, -1, NULL);
  fake.step = 0;
  fake_history_clear ();
  eid_wire_engine_complete_start (wire, call, fake.folder);
  prepare ();
  return TRUE;
}

static gboolean
on_resume (EidWireEngine *wire, GDBusMethodInvocation *call, const char *folder, const char *device)
{
  g_autofree char *recipe = g_build_filename (folder, "recipe.ini", NULL);
  g_autofree char *step = g_build_filename (folder, "step", NULL);
  g_autofree char *text = NULL, *number = NULL;
  g_autoptr (GError) error = NULL;

  if (refuse (call))
    return TRUE;
  if (!g_file_get_contents (recipe, &text, NULL, &error))
    {
      g_dbus_method_invocation_return_gerror (call, error);
      return TRUE;
    }
  if (!read_recipe (call, text))
    return TRUE;
  fake.step = g_file_get_contents (step, &number, NULL, NULL) ? g_ascii_strtoull (number, NULL, 10) : 0;
  g_free (fake.folder);
  fake.folder = g_strdup (folder);
  fake_history_clear ();
  g_unsetenv ("FAKE_ENGINE_CRASH");
  g_unsetenv ("FAKE_ENGINE_HANG");
  eid_wire_engine_complete_resume (wire, call, fake.step);
  prepare ();
  return TRUE;
}

static gboolean
on_pause (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (refuse (call))
    return TRUE;
  report (TRUE);
  tell ("paused", "");
  eid_wire_engine_complete_pause (wire, call);
  return TRUE;
}

static gboolean
on_continue (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (refuse (call))
    return TRUE;
  run ();
  eid_wire_engine_complete_continue (wire, call);
  return TRUE;
}

static gboolean
on_step (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (refuse (call))
    return TRUE;
  fake.one_step = TRUE;
  if (g_str_equal (fake.state, "paused"))
    run ();
  eid_wire_engine_complete_step (wire, call);
  return TRUE;
}

static gboolean
on_stop (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (refuse (call))
    return TRUE;
  if (fake.folder)
    save ();
  tell ("done", fake.folder ? fake.folder : "");
  eid_wire_engine_complete_stop (wire, call);
  return TRUE;
}

static gboolean
on_set (EidWireEngine *wire, GDBusMethodInvocation *call, const char *section, const char *key,
        const char *value)
{
  g_autofree char *before = g_key_file_get_string (fake.recipe, section, key, NULL);
  g_autofree char *text = g_strdup_printf ("%s.%s: %s → %s", section, key, before ? before : "0", value);

  if (refuse (call))
    return TRUE;
  g_key_file_set_string (fake.recipe, section, key, value);
  fake_history_event (fake.step, "edit", text);
  eid_wire_engine_emit_event (wire, fake.step, "edit", text);
  eid_wire_engine_complete_set (wire, call);
  return TRUE;
}

static gboolean
on_save (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  if (refuse (call))
    return TRUE;
  save ();
  eid_wire_engine_complete_save (wire, call, fake.step);
  return TRUE;
}

static gboolean
on_undo (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  g_autofree char *edit = NULL;

  if (refuse (call))
    return TRUE;
  if (!fake_history_undo (&fake.step, &edit))
    g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_FAILED, "there is no edit to undo");
  else
    {
      /* "Optimizer.lr: 0.1 → 0.2" */
      g_auto (GStrv) parts = g_regex_split_simple ("[.](.*): (.*) → ", edit, G_REGEX_UNGREEDY, 0);

      g_key_file_set_string (fake.recipe, parts[0], parts[1], parts[2]);
      g_unsetenv ("FAKE_ENGINE_FAIL");
      eid_wire_engine_complete_undo (wire, call, fake.step, edit);
      if (g_str_equal (fake.state, "failed"))
        prepare ();
    }
  return TRUE;
}

static gboolean
on_branch (EidWireEngine *wire, GDBusMethodInvocation *call, guint64 step, const char *recipe,
           const char *folder)
{
  if (refuse (call))
    return TRUE;
  if (step == G_MAXUINT64)
    {
      save ();
      step = fake.step;
    }
  if (!fake_history_has_checkpoint (step))
    {
      g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_FAILED,
                                             "there is no checkpoint of it");
      return TRUE;
    }
  if (!read_recipe (call, recipe))
    return TRUE;
  g_free (fake.folder);
  fake.folder = g_strdup_printf ("%s/eidoscope/runs/branch-%u", g_get_user_data_dir (), g_random_int ());
  g_mkdir_with_parents (fake.folder, 0700);
  fake_history_rewind (step);
  fake_history_event (step, "branch", "Branched");
  fake.step = step;
  save ();
  eid_wire_engine_complete_branch (wire, call, fake.folder, step);
  if (!g_str_equal (fake.state, "running"))
    prepare ();
  return TRUE;
}

static gboolean
on_keep (EidWireEngine *wire, GDBusMethodInvocation *call, guint64 step, gboolean keep)
{
  if (refuse (call))
    return TRUE;
  fake_history_keep (step, keep);
  eid_wire_engine_complete_keep (wire, call);
  return TRUE;
}

static gboolean
on_timeline (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  g_autofree char *recipe = fake.recipe ? g_key_file_to_data (fake.recipe, NULL, NULL) : g_strdup ("");

  if (refuse (call))
    return TRUE;
  eid_wire_engine_complete_timeline (
      wire, call,
      fake_history_timeline (fake.step, fake.steps, recipe,
                             g_getenv ("FAKE_ENGINE_COLLAPSED") ? pack_health (FALSE) : NULL));
  return TRUE;
}

static gboolean
on_history (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  GVariantBuilder series;

  if (refuse (call))
    return TRUE;
  g_variant_builder_init (&series, G_VARIANT_TYPE ("a{sa(td)}"));
  g_variant_builder_open (&series, G_VARIANT_TYPE ("{sa(td)}"));
  g_variant_builder_add (&series, "s", "loss");
  g_variant_builder_open (&series, G_VARIANT_TYPE ("a(td)"));
  for (guint64 step = 1; step <= fake.step; step++)
    g_variant_builder_add (&series, "(td)", step, loss_at (step));
  g_variant_builder_close (&series);
  g_variant_builder_close (&series);
  eid_wire_engine_complete_history (wire, call, g_variant_builder_end (&series));
  return TRUE;
}

static void
on_closed (GDBusConnection *connection, gboolean remote, GError *error, gpointer unused)
{
  g_main_loop_quit (fake.loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();

  if (argc != 4 || !g_str_equal (argv[1], "serve") || !g_str_equal (argv[2], "--fd"))
    {
      g_printerr ("usage: fake-engine serve --fd N\n");
      return 2;
    }
  fake.loop = g_main_loop_new (NULL, FALSE);
  fake_history_clear ();
  fake.looks = g_ptr_array_new_with_free_func ((GDestroyNotify) look_free);
  fake.state = "idle";
  if (g_getenv ("FAKE_ENGINE_MUTE"))
    g_main_loop_run (fake.loop);
  socket = g_socket_new_from_fd (atoi (argv[3]), &error);
  g_assert_no_error (error);
  stream = g_socket_connection_factory_create_connection (socket);
  connection = g_dbus_connection_new_sync (G_IO_STREAM (stream), guid,
                                           G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                               | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS
                                               | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                           NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), NULL);

  fake.wire = eid_wire_engine_skeleton_new ();
  eid_wire_engine_set_state (fake.wire, "idle");
  eid_wire_engine_set_message (fake.wire, "");
  static const struct
  {
    const char *signal;
    GCallback callback;
  } methods[] = {
    { "handle-list-devices", G_CALLBACK (on_list_devices) },
    { "handle-list-plugins", G_CALLBACK (on_list_plugins) },
    { "handle-resolve-recipe", G_CALLBACK (on_resolve_recipe) },
    { "handle-start", G_CALLBACK (on_start) },
    { "handle-resume", G_CALLBACK (on_resume) },
    { "handle-pause", G_CALLBACK (on_pause) },
    { "handle-continue", G_CALLBACK (on_continue) },
    { "handle-step", G_CALLBACK (on_step) },
    { "handle-stop", G_CALLBACK (on_stop) },
    { "handle-set", G_CALLBACK (on_set) },
    { "handle-save", G_CALLBACK (on_save) },
    { "handle-undo", G_CALLBACK (on_undo) },
    { "handle-branch", G_CALLBACK (on_branch) },
    { "handle-keep", G_CALLBACK (on_keep) },
    { "handle-timeline", G_CALLBACK (on_timeline) },
    { "handle-look", G_CALLBACK (on_look) },
    { "handle-preview", G_CALLBACK (on_preview) },
    { "handle-history", G_CALLBACK (on_history) },
  };
  fake_survey_connect (fake.wire);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_signal_connect (fake.wire, methods[i].signal, methods[i].callback, NULL);
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (fake.wire), connection, EID_WIRE_PATH, &error);
  g_assert_no_error (error);
  g_dbus_connection_start_message_processing (connection);
  g_main_loop_run (fake.loop);
  return 0;
}
