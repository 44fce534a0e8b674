/* suggestions.c: which recipes fit data that somebody has just brought: a table of
 * methods with the data each is for, and the few rules by which size, batch and
 * steps follow from the data. What comes out is a recipe like any other.     */
#include "app/engine/service/suggestions.h"

#include "app/engine/service/listing.h"
#include "app/engine/setup/setup.h"

#include <glib/gi18n-lib.h>

enum
{
  SMALL = 48,      /* pixels a side of what counts as a small picture           */
  LEAST_SIZE = 16, /* pixels a side of a view, at least                        */
  LEAST_BATCH = 8,
  PASSES = 100, /* over the data, where that is within the bounds of steps     */
  LEAST_STEPS = 300,
  MOST_STEPS = 2000,
  MOST_PROPOSALS = 4,
};

typedef enum
{
  PROCESSOR = 1,
  CARD = 2
} Machine;

/* For which data, in which order (0: not proposed), and what of it. */
typedef struct
{
  const char *id;
  Machine machine;
  enum
  {
    SMALL_PICTURES,
    LARGE_PICTURES,
    TEXT
  } data;
  guint unlabelled, labelled; /* place in the list, by whether sub-folders name classes */
  guint size, patch, batch;   /* at most so many pixels a side (of text tokens), a multiple of */
  const char *values;         /* "SECTION.KEY=VALUE …", between spaces         */
  const char *reason;
} Method;

#define VIT_SMALL "Encoder.plugin=vit Encoder.patch=4 Encoder.width=96 Encoder.depth=3 Encoder.heads=3 "
#define VIT_LARGE "Encoder.plugin=vit Encoder.patch=8 Encoder.width=128 Encoder.depth=4 Encoder.heads=4 "
#define VIT_S     "Encoder.plugin=vit Encoder.patch=8 Encoder.width=384 Encoder.depth=8 Encoder.heads=6 "
#define VIT_S4    "Encoder.plugin=vit Encoder.patch=4 Encoder.width=192 Encoder.depth=8 Encoder.heads=3 "
#define RESNET_32 "Encoder.plugin=resnet Encoder.depth=18 Encoder.stem=cifar "
#define SIMCLR    "Objective.plugin=simclr Objective.temperature=0.2 Optimizer.lr=2e-3 "
#define MAE       "Objective.plugin=mae Augment.crop-min=0.5 Optimizer.lr=2e-3 Optimizer.beta2=0.95 "
#define DINO                                                                                                 \
  "Objective.plugin=dino Objective.prototypes=256 Objective.small-crops=2 Objective.small-crop-min=0.15 "    \
  "Objective.small-crop-max=0.5 Objective.teacher-momentum=0.98 Augment.crop-min=0.4 Augment.jitter=0.3 "    \
  "Optimizer.lr=1e-3 Optimizer.clip=3 "
#define SMALL_BLUR "Augment.blur=0.2 Augment.blur-max=1 "

#define WHY_SIMCLR                                                                                           \
  N_ ("Tells two crops of a picture from all other pictures: what is alike soon lies together on the map")
#define WHY_MAE                                                                                              \
  N_ ("Paints hidden parts of a picture: needs no labels and no large batch, and shows what it has "         \
      "understood")
#define WHY_DINO                                                                                             \
  N_ ("Learns from a slow copy of itself: its attention comes to rest on things without having been told "   \
      "of "                                                                                                  \
      "any")
#define WHY_RESNET                                                                                           \
  N_ ("A convolutional network learns small pictures from fewer examples than a transformer does")

static const Method methods[] = {
  { "simclr", PROCESSOR, SMALL_PICTURES, 1, 1, 32, 4, 128, VIT_SMALL SIMCLR SMALL_BLUR, WHY_SIMCLR },
  { "mae", PROCESSOR, SMALL_PICTURES, 2, 3, 32, 4, 128, VIT_SMALL MAE, WHY_MAE },
  { "dino", PROCESSOR, SMALL_PICTURES, 3, 2, 32, 4, 64, VIT_SMALL DINO SMALL_BLUR, WHY_DINO },

  { "simclr-resnet", CARD, SMALL_PICTURES, 1, 1, 32, 4, 256, RESNET_32 SIMCLR SMALL_BLUR, WHY_RESNET },
  { "simclr", CARD, SMALL_PICTURES, 2, 2, 32, 4, 256, VIT_S4 SIMCLR SMALL_BLUR, WHY_SIMCLR },
  { "mae", CARD, SMALL_PICTURES, 3, 4, 32, 4, 256, VIT_S4 MAE, WHY_MAE },
  { "dino", CARD, SMALL_PICTURES, 4, 3, 32, 4, 128, VIT_S4 DINO SMALL_BLUR, WHY_DINO },

  { "mae", PROCESSOR, LARGE_PICTURES, 1, 2, 64, 8, 64, VIT_LARGE MAE, WHY_MAE },
  { "simclr", PROCESSOR, LARGE_PICTURES, 3, 1, 64, 8, 64, VIT_LARGE SIMCLR, WHY_SIMCLR },
  { "dino", PROCESSOR, LARGE_PICTURES, 2, 3, 64, 8, 32, VIT_LARGE DINO, WHY_DINO },

  { "mae", CARD, LARGE_PICTURES, 1, 2, 96, 8, 256, VIT_S MAE, WHY_MAE },
  { "simclr", CARD, LARGE_PICTURES, 3, 1, 96, 8, 256, VIT_S SIMCLR, WHY_SIMCLR },
  { "dino", CARD, LARGE_PICTURES, 2, 3, 96, 8, 128, VIT_S DINO, WHY_DINO },

  { "gpt-small", PROCESSOR | CARD, TEXT, 1, 1, 64, 1, 16,
    "Encoder.plugin=gpt Encoder.width=64 Encoder.depth=2 Encoder.heads=2 Objective.plugin=next-token "
    "Optimizer.lr=2e-3 Optimizer.weight-decay=0.1 Optimizer.beta2=0.95 Optimizer.clip=1 ",
    N_ ("Guesses the next character, with a small model: it can be watched learning letters, then words") },
  { "gpt", PROCESSOR | CARD, TEXT, 2, 2, 128, 1, 16,
    "Encoder.plugin=gpt Encoder.width=128 Encoder.depth=4 Encoder.heads=4 Objective.plugin=next-token "
    "Optimizer.lr=1e-3 Optimizer.weight-decay=0.1 Optimizer.beta2=0.95 Optimizer.clip=1 ",
    N_ ("The same with a larger model and a longer memory: slower, and better in the end") },
};

static gboolean
is_for (const Method *method, const EidSurvey *survey, gboolean gpu)
{
  const int data = survey->channels == 0 ? TEXT : survey->side <= SMALL ? SMALL_PICTURES : LARGE_PICTURES;

  return (method->machine & (gpu ? CARD : PROCESSOR)) && (int) method->data == data;
}

static guint
round_to (guint value, guint unit)
{
  return MAX (value / unit, 1) * unit;
}

/* --- One recipe --------------------------------------------------------------- */

static void set (EidRecipe *recipe, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Nothing, once there is an error. */
static void
set (EidRecipe *recipe, GError **error, const char *format, ...)
{
  g_autofree char *assignment = NULL;
  va_list values;

  if (*error != NULL)
    return;
  va_start (values, format);
  assignment = g_strdup_vprintf (format, values);
  va_end (values);
  eid_recipe_set (recipe, assignment, error);
}

/* At most a batch of different pictures, so that no picture is its own rival. */
static guint
batch_for (const Method *method, guint count)
{
  guint batch = method->batch;

  while (batch > LEAST_BATCH && batch > count)
    batch /= 2;
  return batch;
}

static void
set_data (EidRecipe *recipe, const Method *method, const EidSurvey *survey, GError **error)
{
  g_autofree char *name = g_filename_display_basename (survey->path);
  const guint train = survey->channels == 0 ? 0 : MAX (survey->count * 9 / 10, 1);
  const guint batch = survey->channels == 0 ? method->batch : batch_for (method, train);
  const guint steps =
      survey->channels == 0 ? 1000 : CLAMP (train / batch * PASSES, LEAST_STEPS, MOST_STEPS) / 100 * 100;
  const guint side = survey->channels == 0 ? method->size : MIN (survey->side, method->size);
  const gboolean labelled = g_strv_length (survey->classes) > 1;

  set (recipe, error, "Run.title=%s", name);
  set (recipe, error, "Run.batch=%u", batch);
  set (recipe, error, "Run.steps=%u", steps);
  set (recipe, error, "Run.checkpoint-every=%u", steps / 10);
  set (recipe, error, "Run.evaluate-every=%u", labelled ? steps / 4 : 0);
  set (recipe, error, "Optimizer.warmup=%u", MIN (steps / 10, 100));
  set (recipe, error, "Dataset.reader=%s", survey->reader);
  set (recipe, error, "Dataset.path=%s", survey->path);
  set (recipe, error, "Dataset.size=%u", round_to (MAX (side, LEAST_SIZE), method->patch));
  if (survey->channels != 1)
    return;
  set (recipe, error, "Dataset.channels=1");
  /* There is no colour to change. */
  set (recipe, error, "Augment.saturation=0");
  set (recipe, error, "Augment.hue=0");
  set (recipe, error, "Augment.grey=0");
}

static EidProposal *
propose (const Method *method, const EidSurvey *survey, EidRegistry *registry, GError **error)
{
  g_autoptr (EidRecipe) recipe = eid_recipe_parse ("[Run]\n", method->id, error);
  g_auto (GStrv) values = g_strsplit (method->values, " ", -1);
  const EidDescriptor *encoder, *objective;
  GError *cause = NULL;
  EidProposal *proposal;

  if (recipe == NULL)
    return NULL;
  for (guint i = 0; values[i] != NULL; i++)
    if (*values[i] != '\0')
      set (recipe, &cause, "%s", values[i]);
  set_data (recipe, method, survey, &cause);
  if (cause != NULL)
    {
      g_propagate_error (error, cause);
      return NULL;
    }
  if (!eid_recipe_resolve (recipe, registry, error))
    return NULL;

  encoder = eid_registry_find (registry, "encoder", eid_recipe_text (recipe, "Encoder", "plugin"), NULL);
  objective =
      eid_registry_find (registry, "objective", eid_recipe_text (recipe, "Objective", "plugin"), NULL);
  proposal = g_new0 (EidProposal, 1);
  proposal->id = method->id;
  /* TRANSLATORS: an objective, then an encoder: "SimCLR · Vision transformer". */
  proposal->title = g_strdup_printf (_ ("%s · %s"), eid_plugin_title (objective), eid_plugin_title (encoder));
  proposal->reason = _ (method->reason);
  proposal->recipe = g_steal_pointer (&recipe);
  return proposal;
}

/* --- The list --------------------------------------------------------------------- */

static void
proposal_free (gpointer data)
{
  EidProposal *proposal = data;

  g_free (proposal->title);
  eid_recipe_free (proposal->recipe);
  g_free (proposal);
}

GPtrArray *
eid_proposals_make (const EidSurvey *survey, EidRegistry *registry, gboolean gpu)
{
  GPtrArray *proposals = g_ptr_array_new_with_free_func (proposal_free);
  const gboolean labelled = g_strv_length (survey->classes) > 1;

  for (guint place = 1; place <= MOST_PROPOSALS; place++)
    for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
      {
        const Method *method = &methods[i];
        g_autoptr (GError) error = NULL;
        EidProposal *proposal;

        if (!is_for (method, survey, gpu) || (labelled ? method->labelled : method->unlabelled) != place)
          continue;
        proposal = propose (method, survey, registry, &error);
        if (proposal != NULL)
          g_ptr_array_add (proposals, proposal);
        else /* its plugin is not there, or was refused */
          g_message ("%s", error->message);
      }
  return proposals;
}
