/* returned.c: whatever a plugin returns is looked at before it is used: what cannot be used is a sentence
 * that names the plugin, and neither a crash nor a number.                        */
#include "plugins/host.h"

#include "tests/engine/device.h"

#include <glib/gstdio.h>

#include <math.h>
#include <string.h>

enum
{
  BATCH = 4,
  SIZE = 16,
  CHANNELS = 1
};

static EidRegistry *registry;

static EidModel *
model_new (const char *encoder, const char *objective, const char *key, const char *what, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);

  if (key)
    g_hash_table_insert (values, (gpointer) key, (gpointer) what);
  return eid_model_new (test_device, registry, encoder, objective, values, SIZE, CHANNELS, BATCH, 3, error);
}

/* --- What is said before the first step ------------------------------------------------- */

typedef struct
{
  const char *name, *encoder, *key, *what;
  const char *sentence;
} Refusal;

#define VIEWS     "The objective “returns” returned views from views() that cannot be drawn: "
#define CORRECT   " Correct its views()."
#define DESCRIBED "The encoder “describes” described itself in build() with "

static const Refusal refusals[] = {
  { "no-views", "vit", "Objective.what", "no-views", VIEWS "count is 0; 1 to 128 were expected." CORRECT },
  { "many-views", "vit", "Objective.what", "many-views",
    VIEWS "count is 1073741824; 1 to 128 were expected." CORRECT },
  { "small-without-size", "vit", "Objective.what", "small-without-size",
    VIEWS "small_size is 0; 1 to 4096 pixels were expected." CORRECT },
  { "small-many", "vit", "Objective.what", "small-many",
    VIEWS "small_count is 4294967295; 128 at the most were expected." CORRECT },
  { "small-nan", "vit", "Objective.what", "small-nan",
    VIEWS
    "small_crop_min is nan and small_crop_max 0.4; shares above 0 and up to 1 were expected, the smaller "
    "one first." CORRECT },
  { "small-swapped", "vit", "Objective.what", "small-swapped",
    VIEWS
    "small_crop_min is 0.8 and small_crop_max 0.4; shares above 0 and up to 1 were expected, the smaller "
    "one first." CORRECT },
  { "built-with-error", "vit", "Objective.what", "built-with-error", "The moon is too far away." },
  { "silent", "describes", "Encoder.what", "silent",
    DESCRIBED "a width of 0; 1 to 1048576 were expected. Correct its call of eid_encoder_describe()." },
  { "huge", "describes", "Encoder.what", "huge",
    DESCRIBED
    "a width of 1073741824; 1 to 1048576 were expected. Correct its call of eid_encoder_describe()." },
  { "tokens-promised", "describes", "Encoder.what", "tokens-promised",
    DESCRIBED "no tokens, although EID_CAN_TOKENS is among its abilities. Correct its call of "
              "eid_encoder_describe()." },
  { "grid", "describes", "Encoder.what", "grid",
    DESCRIBED "5 tokens of patches of 8 pixels; of a picture of 16 pixels there are 4. Correct its call of "
              "eid_encoder_describe()." },
};

static void
test_refusal (gconstpointer data)
{
  const Refusal *refusal = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (EidModel) model = model_new (refusal->encoder, "returns", refusal->key, refusal->what, &error);

  g_assert_null (model);
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, refusal->sentence);
  test_device_is_well ();
}

/* What is foreseen of the views is checked as what a model asks for. */
static void
views_are_checked_when_foreseen (void)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  EidViews views;

  g_hash_table_insert (values, (gpointer) "Objective.what", (gpointer) "no-views");
  g_assert_false (
      eid_model_foresee_views (registry, "vit", "returns", values, SIZE, CHANNELS, BATCH, &views, &error));
  g_assert_cmpstr (error->message, ==, VIEWS "count is 0; 1 to 128 were expected." CORRECT);
}

/* A live setting that would make the views impossible is refused, and all stays as it was. */
static void
views_stay_when_a_live_setting_breaks_them (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidModel) model = model_new ("vit", "returns", NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (eid_model_set (model, "Objective", "views", "3", &error));
  g_assert_cmpuint (eid_model_views (model).count, ==, 3);
  g_assert_false (eid_model_set (model, "Objective", "views", "0", &error));
  g_assert_cmpstr (error->message, ==, VIEWS "count is 0; 1 to 128 were expected." CORRECT);
  g_assert_cmpuint (eid_model_views (model).count, ==, 3);
  g_clear_error (&error);
  g_assert_true (eid_model_set (model, "Objective", "views", "2", &error));
  g_assert_cmpuint (eid_model_views (model).count, ==, 2);
}

/* Of text there are one or two views: a passage has one token more than a view. */
static void
three_views_of_text_are_refused (void)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autoptr (EidModel) model = NULL;

  g_hash_table_insert (values, (gpointer) "Objective.what", (gpointer) "three-of-text");
  model = eid_model_new (test_device, registry, "gpt", "returns-text", values, SIZE, 11, BATCH, 3, &error);
  g_assert_null (model);
  g_assert_cmpstr (
      error->message, ==,
      "The objective “returns-text” returned views from views() that cannot be drawn: count is 3 and "
      "small_count 0; of text there are one or two views and no small ones." CORRECT);
}

/* --- What is computed ------------------------------------------------------------------ */

typedef enum
{
  STEP,
  WATCH,
  SHOW,
  ATTENTION
} Act;

typedef struct
{
  const char *name, *encoder, *key, *what;
  Act act;
  const char *sentence;
} Failure;

static const Failure failures[] = {
  { "whole-loss", "vit", "Objective.what", "whole-loss", STEP,
    "The objective “returns” returned a whole number from loss(): a loss is one floating-point number, of "
    "shape "
    "[1]." },
  { "momentum-nan", "vit", "Objective.what", "momentum-nan", STEP,
    "The objective “returns” wants its teacher to follow with a momentum of nan; 0 to 1 were expected." },
  { "tokens-missing", "describes", "Encoder.what", "tokens-missing", STEP,
    "The encoder “describes” returned tokens of shape NULL from encode(); they must be [4, 4, 16], pictures "
    "by "
    "tokens by what it called its width." },
  { "tokens-shape", "describes", "Encoder.what", "tokens-shape", STEP,
    "The encoder “describes” returned tokens of shape [4, 3, 16] from encode(); they must be [4, 4, 16], "
    "pictures "
    "by tokens by what it called its width." },
  { "class-token", "describes", "Encoder.what", "class-token", STEP,
    "The encoder “describes” returned a class token of shape [4, 7] from encode(); it must be [4, 16], "
    "pictures "
    "by what it called its width." },
  { "scalar-null", "vit", "Objective.what", "scalar-null", WATCH,
    "The plugin “returns” gave eid_publish_scalar() a tensor of shape NULL; [1] of floating-point numbers "
    "was "
    "expected." },
  { "scalar-unnamed", "vit", "Objective.what", "scalar-unnamed", WATCH,
    "The plugin “returns” publishes a number without a name: 1 to 64 bytes of UTF-8 were expected." },
  { "assignments-differ", "vit", "Objective.what", "assignments-differ", WATCH,
    "The plugin “returns” gave eid_publish_assignments() a teacher of shape [4, 5] and a student of shape "
    "[4, 6]; "
    "both must be [M, K]." },
  { "reconstruction-null", "vit", "Objective.what", "reconstruction-null", SHOW,
    "The plugin “returns” gave eid_publish_reconstruction() a tensor of shape NULL; [B, N] of floating-point "
    "numbers was expected." },
  { "reconstruction-shape", "vit", "Objective.what", "reconstruction-shape", SHOW,
    "The plugin “returns” gave eid_publish_reconstruction() pictures, a mask and a reconstruction that do "
    "not "
    "belong together: [B, H, W, C], [B, 16] and [B, H, W, C] were expected." },
  { "attention", "describes", "Encoder.what", "attention", ATTENTION,
    "The plugin “describes” gave eid_publish_attention() weights of shape [4, 1, 4, 4] with 9 extra tokens; "
    "[B, "
    "heads, N, N] was expected, of the same shape in every layer, with up to N extra tokens." },
};

static void
test_failure (gconstpointer data)
{
  const Failure *failure = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (EidModel) model = model_new (failure->encoder, "returns", failure->key, failure->what, &error);
  EidTensor *images;
  EidArtefacts *artefacts = NULL;

  g_assert_no_error (error);
  eid_arena_push (test_device);
  images = test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1);
  if (failure->act == STEP)
    eid_model_loss (model, (EidViewTensors){ images }, NULL, 0, 1, TRUE);
  else if (failure->act == WATCH)
    eid_model_watch (model, (EidViewTensors){ images }, NULL, 0, 1, &artefacts);
  else
    g_assert_null (eid_model_show (model, images,
                                   failure->act == SHOW ? EID_SHOW_RECONSTRUCTION : EID_SHOW_ATTENTION, 1));
  g_assert_false (eid_device_check (test_device, &error));
  eid_arena_pop (test_device);
  eid_artefacts_free (artefacts);
  g_assert_cmpint (error->code, ==, EID_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, failure->sentence);
}

/* The guards refuse nothing that is sound. */
static void
what_is_sound_goes_through (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidModel) model = model_new ("describes", "returns", NULL, NULL, &error);
  EidTensor *images;

  g_assert_no_error (error);
  eid_arena_push (test_device);
  images = test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1);
  g_assert_cmpfloat (eid_tensor_scalar (eid_model_loss (model, (EidViewTensors){ images }, NULL, 0, 1, TRUE)),
                     >, 0);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
add_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strconcat ("/returned/refused/", refusals[i].name, NULL);

      g_test_add_data_func (path, &refusals[i], test_refusal);
    }
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autofree char *path = g_strconcat ("/returned/failed/", failures[i].name, NULL);

      g_test_add_data_func (path, &failures[i], test_failure);
    }
  g_test_add_func ("/returned/foreseen", views_are_checked_when_foreseen);
  g_test_add_func ("/returned/live", views_stay_when_a_live_setting_breaks_them);
  g_test_add_func ("/returned/text", three_views_of_text_are_refused);
  g_test_add_func ("/returned/sound", what_is_sound_goes_through);
}

int
main (int argc, char **argv)
{
  int status;

  registry = eid_registry_new ();
  status = test_main (argc, argv, add_tests);
  eid_registry_free (registry);
  return status;
}
