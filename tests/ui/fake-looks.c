/* fake-looks.c: what the fake engine shows: pictures that move from step to step in a
 * known way; see fake-engine.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/ui/fake-attention.h"
#include "tests/ui/fake-embedding.h"
#include "tests/ui/fake-engine.h"
#include "tests/ui/fake-health.h"
#include "tests/ui/fake-history.h"
#include "tests/ui/fake-own.h"

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
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));

  /* Of text there are no pictures to ask for. */
  fake_embedding (picture, fake.step, fake_tokens () > 0 ? none : look->options);
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

static void
show_own (GVariantBuilder *picture, const Look *look)
{
  fake_own (picture, fake.step, fake_tokens () > 0 ? look->options : NULL);
}

static const struct
{
  const char *name;
  void (*show) (GVariantBuilder *picture, const Look *look);
} views[] = {
  { "augmentations", show_augmentations },
  { "reconstruction", show_reconstruction },
  { "attention", show_attention },
  { "patches", show_patches },
  { "embedding", show_embedding },
  { "similarity", show_similarity },
  { "prototypes", show_prototypes },
  { "health", show_health },
  { "own", show_own },
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
  if (g_str_equal (view, "own") && g_getenv ("FAKE_ENGINE_OWN") == NULL)
    return "simclr and vit publish no views of their own";
  if (g_str_equal (view, "prototypes") && g_strcmp0 (objective, "mae") == 0)
    return "mae assigns its views to no prototypes";
  return NULL;
}

/* The view that is answered: a page that is not shown cannot be asked what it has. */
static void
log_look (const char *view)
{
  g_autofree char *name = g_build_filename (g_get_user_data_dir (), "looks", NULL);
  FILE *file = fopen (name, "a");

  g_assert_nonnull (file);
  fprintf (file, "%s\n", view);
  fclose (file);
}

static gboolean
answer_one (Look *look)
{
  GVariantBuilder picture;

  if (fake.step == 0 || (fake.step <= look->since && look->since > 0))
    return FALSE;
  g_variant_builder_init (&picture, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (g_str_equal (views[i].name, look->view))
      views[i].show (&picture, look);
  if (g_getenv ("FAKE_ENGINE_LOOKS"))
    log_look (look->view);
  eid_wire_engine_complete_look (fake.wire, look->call, fake.step, g_variant_builder_end (&picture));
  return TRUE;
}

void
fake_answer_looks (void)
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

  if (fake_refuse (call))
    return TRUE;
  if (fake.recipe == NULL || impossible (view))
    {
      g_dbus_method_invocation_return_error_literal (call, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                                     fake.recipe ? impossible (view)
                                                                 : "nothing has been started");
      return TRUE;
    }
  if (g_variant_lookup (options, "at", "t", &at) && g_str_equal (view, "health"))
    {
      g_autoptr (GVariant) record = g_variant_ref_sink (fake_look_at (MIN (at, fake.step)));
      guint64 step;

      g_variant_lookup (record, "step", "t", &step);
      eid_wire_engine_complete_look (wire, call, step, record);
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
    fake_answer_looks ();
  return TRUE;
}

/* A draft's pictures: those of the step that the option `draw` names; refused without an objective. */
static gboolean
on_preview (EidWireEngine *wire, GDBusMethodInvocation *call, const char *text, GVariant *options)
{
  const guint64 step = fake.step;
  GVariantBuilder picture;
  guint32 draw = 0;

  if (fake_refuse (call))
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

void
fake_looks_connect (EidWireEngine *wire)
{
  fake.looks = g_ptr_array_new_with_free_func ((GDestroyNotify) look_free);
  g_signal_connect (wire, "handle-look", G_CALLBACK (on_look), NULL);
  g_signal_connect (wire, "handle-preview", G_CALLBACK (on_preview), NULL);
}
