/* proposals.c: every kind of data and machine has proposals, and a model can be built
 * of each: their sizes fit each other.                                       */
#include "app/engine/service/suggestions.h"

static const struct
{
  const char *name;
  guint count, side, channels, classes;
} kinds[] = {
  { "small-grey-labelled", 70000, 28, 1, 10 },
  { "small-colour", 500, 33, 3, 0 },
  { "tiny", 2, 9, 3, 0 },
  { "large", 100, 354, 3, 0 },
  { "large-labelled", 5000, 51, 3, 4 },
  { "one-folder", 100, 300, 3, 1 },
  { "text", 100000, 0, 0, 0 },
};

static EidSurvey *
survey_of (guint kind)
{
  EidSurvey *survey = g_new0 (EidSurvey, 1);

  survey->reader = g_strdup (kinds[kind].channels == 0 ? "text" : "folder");
  survey->path = g_strdup ("/pictures/of mine = ours");
  survey->count = kinds[kind].count;
  survey->side = kinds[kind].side;
  survey->channels = kinds[kind].channels;
  survey->classes = g_new0 (char *, kinds[kind].classes + 1);
  for (guint i = 0; i < kinds[kind].classes; i++)
    survey->classes[i] = g_strdup_printf ("class %u", i);
  survey->notes = g_ptr_array_new_with_free_func (g_free);
  return survey;
}

static void
build (EidDevice *device, EidRegistry *registry, EidRecipe *recipe, guint channels)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (recipe);
  g_autoptr (EidModel) model =
      eid_model_new (device, registry, eid_recipe_text (recipe, "Encoder", "plugin"),
                     eid_recipe_text (recipe, "Objective", "plugin"), values,
                     (guint) eid_recipe_int (recipe, "Dataset", "size"), channels, 2, 1, &error);

  g_assert_no_error (error);
  g_assert_nonnull (model);
}

static void
test_proposals_fit (gconstpointer data)
{
  const guint kind = GPOINTER_TO_UINT (data);
  g_autoptr (EidSurvey) survey = survey_of (kind);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (EidDevice) device = eid_device_open (NULL, &error);

  g_assert_no_error (error);
  for (int gpu = FALSE; gpu <= TRUE; gpu++)
    {
      g_autoptr (GPtrArray) proposals = eid_proposals_make (survey, registry, gpu);

      g_assert_cmpuint (proposals->len, >=, 2);
      g_assert_cmpuint (proposals->len, <=, 4);
      for (guint i = 0; i < proposals->len; i++)
        {
          const EidProposal *proposal = g_ptr_array_index (proposals, i);

          g_test_message ("%s: %s", proposal->id, proposal->title);
          g_assert_true (eid_recipe_check (proposal->recipe, &error));
          g_assert_no_error (error);
          g_assert_cmpstr (eid_recipe_text (proposal->recipe, "Dataset", "path"), ==, survey->path);
          build (device, registry, proposal->recipe, kinds[kind].channels ? kinds[kind].channels : 65);
        }
    }
}

/* Without labels there is nothing to measure on the way. */
static void
test_labels_are_measured_where_there_are_some (void)
{
  g_autoptr (EidSurvey) labelled = survey_of (0), unlabelled = survey_of (1);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (GPtrArray) first = eid_proposals_make (labelled, registry, FALSE);
  g_autoptr (GPtrArray) second = eid_proposals_make (unlabelled, registry, FALSE);
  EidRecipe *a = ((EidProposal *) g_ptr_array_index (first, 0))->recipe;
  EidRecipe *b = ((EidProposal *) g_ptr_array_index (second, 0))->recipe;

  g_assert_cmpint (eid_recipe_int (a, "Run", "evaluate-every"), >, 0);
  g_assert_cmpint (eid_recipe_int (b, "Run", "evaluate-every"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/proposals/fit/%s", kinds[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_proposals_fit);
    }
  g_test_add_func ("/proposals/labels-are-measured-where-there-are-some",
                   test_labels_are_measured_where_there_are_some);
  return g_test_run ();
}
