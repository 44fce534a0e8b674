/* preview.c: see preview.h. */
#include "app/engine/views/preview.h"

#include "app/engine/views/pack.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _EidPreview
{
  EidRegistry *registry;
  char *device_name;
  EidDevice *device;
  char *data_name; /* what `data` was opened as */
  EidDataset *data;
  guint64 seed;          /* that the pictures were chosen by */
  EidPictures *pictures; /* the first of the first step      */
  guint32 *samples;
};

EidPreview *
eid_preview_new (EidRegistry *registry)
{
  EidPreview *preview = g_new0 (EidPreview, 1);

  preview->registry = registry;
  return preview;
}

static void
drop_pictures (EidPreview *preview)
{
  g_clear_pointer (&preview->pictures, eid_pictures_free);
  g_clear_pointer (&preview->samples, g_free);
}

static void
drop_data (EidPreview *preview)
{
  drop_pictures (preview);
  g_clear_pointer (&preview->data, eid_dataset_unref);
  g_clear_pointer (&preview->data_name, g_free);
}

static void
drop_device (EidPreview *preview)
{
  g_clear_pointer (&preview->device, eid_device_close);
  g_clear_pointer (&preview->device_name, g_free);
}

void
eid_preview_free (EidPreview *preview)
{
  if (preview == NULL)
    return;
  drop_data (preview);
  drop_device (preview);
  g_free (preview);
}

/* --- What stays open ---------------------------------------------------------- */

static gboolean
open_device (EidPreview *preview, GVariant *options, GError **error)
{
  const char *name = "";

  g_variant_lookup (options, "device", "&s", &name);
  if (preview->device != NULL && g_str_equal (preview->device_name, name))
    return TRUE;
  drop_device (preview);
  preview->device = eid_device_open (*name != '\0' ? name : NULL, error);
  preview->device_name = g_strdup (name);
  return preview->device != NULL;
}

/* The keys of [Dataset] that say what pictures there are and how large. */
static char *
name_data (EidRecipe *recipe)
{
  static const char *const keys[] = { "reader", "path", "size", "limit", "channels" };
  GString *name = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_string_append_printf (name, "%s\n", eid_recipe_text (recipe, "Dataset", keys[i]));
  return g_string_free (name, FALSE);
}

static gboolean
open_data (EidPreview *preview, EidRecipe *recipe, GError **error)
{
  g_autofree char *name = name_data (recipe);

  if (preview->data != NULL && g_str_equal (preview->data_name, name))
    return TRUE;
  drop_data (preview);
  preview->data = eid_setup_open_data (recipe, "train", error);
  preview->data_name = g_steal_pointer (&name);
  return preview->data != NULL;
}

/* The first pictures that a run would train on. */
static gboolean
read_pictures (EidPreview *preview, EidSetup *setup, guint count, GError **error)
{
  g_autoptr (EidLoader) loader = NULL;
  const EidBatch *batch;

  count = MIN (count, eid_dataset_count (preview->data));
  if (preview->pictures != NULL && preview->pictures->count == count && preview->seed == setup->seed)
    return TRUE;
  drop_pictures (preview);
  loader = eid_loader_new (preview->data, count, setup->seed, 0, 1);
  batch = eid_loader_next (loader, error);
  if (batch == NULL)
    return FALSE;
  preview->samples = g_memdup2 (batch->samples, count * sizeof (guint32));
  preview->pictures = eid_pictures_of_train (setup, preview->samples, count, error);
  preview->seed = setup->seed;
  return preview->pictures != NULL;
}

/* --- A look --------------------------------------------------------------------- */

/* As much of a setup as views need: pixels stay what they are, in 0 … 1. */
static EidSetup
small_setup (EidPreview *preview, EidRecipe *recipe)
{
  return (EidSetup){
    .registry = preview->registry,
    .recipe = recipe,
    .device = preview->device,
    .train = preview->data,
    .augment = eid_augment_from_recipe (recipe),
    .batch = (guint) eid_recipe_int (recipe, "Run", "batch"),
    .size = eid_dataset_size (preview->data),
    .channels = eid_dataset_channels (preview->data),
    .seed = (guint64) eid_recipe_int (recipe, "Run", "seed"),
    .std = { 1, 1, 1 },
  };
}

static gboolean
foresee_views (EidSetup *setup, EidViews *views, GError **error)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (setup->recipe);

  return eid_model_foresee_views (setup->registry, eid_recipe_text (setup->recipe, "Encoder", "plugin"),
                                  eid_recipe_text (setup->recipe, "Objective", "plugin"), values, setup->size,
                                  setup->channels, setup->batch, views, error);
}

GVariant *
eid_preview_look (EidPreview *preview, const char *text, GVariant *options, GError **error)
{
  g_autoptr (EidRecipe) recipe = eid_recipe_parse (text, _ ("recipe"), error);
  g_autoptr (EidAugmentationsView) view = NULL;
  g_auto (GVariantBuilder) out = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  gboolean has_beside = FALSE;
  EidAugment beside;
  EidViews views;
  EidSetup setup;
  guint draw = 0;

  if (recipe == NULL || !eid_recipe_check (recipe, error)
      || !eid_recipe_resolve (recipe, preview->registry, error) || !open_data (preview, recipe, error)
      || !open_device (preview, options, error))
    return NULL;
  setup = small_setup (preview, recipe);
  g_variant_lookup (options, "draw", "u", &draw);
  if (!eid_check_pictures (&setup, error) || !foresee_views (&setup, &views, error)
      || !eid_look_beside (recipe, options, &beside, &has_beside, error)
      || !read_pictures (preview, &setup, eid_look_count (options), error))
    return NULL;
  view = eid_show_views (&setup, views, preview->pictures, preview->samples, draw,
                         has_beside ? &beside : NULL, error);
  if (view == NULL)
    {
      drop_device (preview); /* one that has failed stays failed */
      return NULL;
    }
  eid_look_pack_augmentations (view, &out);
  return g_variant_builder_end (&out);
}
