/* fuzz-wire.c: what an engine sends to the workbench: the pictures of Look, reports, lists and histories, as
 * they are unpacked, shown and written as tables. An input is the number of a message, a way, and then
 * changes to the message as it should be, or the bytes of one.                */
#include "tests/fuzz/fuzz.h"

#include <adwaita.h>

#include "app/wire/wire.h"
#include "app/workbench/pages/augmentations/settings.h"
#include "app/workbench/client/inventory.h"
#include "app/workbench/client/history.h"
#include "app/workbench/pages/augmentations/description.h"
#include "app/workbench/pages/export.h"
#include "app/workbench/pages/private.h"
#include "app/workbench/pages/pages.h"
#include "app/workbench/plugin/text.h"
#include "app/workbench/client/survey.h"
#include "app/workbench/session/timeline.h"
#include "tests/ui/fake-attention.h"
#include "tests/ui/fake-embedding.h"
#include "tests/ui/fake-own.h"
#include "ui/ui.h"

#include "tests/fuzz/mutate-variant.h"

#define WIDTH        800
#define HEIGHT       600
#define MOST_CHANGES 8
#define PICTURES     3
#define SIDE         8
#define GRID         2

static GtkWidget *window;
static GtkStack *stack;
static EidPage *attention, *reconstruction, *augmentations, *embedding, *own, *progress;
static EidTimeline *timeline;

/* --- Pages ------------------------------------------------------------------------ */

/* What a frame would draw, without waiting for one. */
static void
draw (GtkWidget *widget)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  cairo_t *cairo = cairo_create (surface);

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, WIDTH, NULL, NULL, NULL, NULL);
  gtk_widget_allocate (widget, WIDTH, HEIGHT, -1, NULL);
  gtk_widget_snapshot_child (gtk_widget_get_parent (widget), widget, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node); /* else nothing of it was tried */
  gsk_render_node_draw (node, cairo);
  cairo_destroy (cairo);
  cairo_surface_destroy (surface);
}

static void
show (EidPage *page, const char *view, GVariant *picture)
{
  EidPageClass *class = EID_PAGE_GET_CLASS (page);
  g_autofree char *table = NULL;
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  class->add_options (page, &options);
  g_variant_dict_clear (&options);
  gtk_stack_set_visible_child (stack, GTK_WIDGET (page));
  if (class->show (page, 7, picture))
    {
      gtk_stack_set_visible_child_name (eid_page_private (page)->stack, "view");
      draw (GTK_WIDGET (stack));
    }
  table = eid_export_table (view, picture);
  if (table != NULL)
    fuzz_assert_text (table);
}

/* Another of a page's views is chosen, as a page beside it would have it. */
static void
choose (EidPage *page, const char *choice)
{
  g_autoptr (GVariant) parsed = g_variant_ref_sink (g_variant_new_parsed (choice));
  GVariantDict dict;

  g_variant_dict_init (&dict, parsed);
  EID_PAGE_GET_CLASS (page)->take_choice (page, &dict);
  g_variant_dict_clear (&dict);
}

#define PATCHES(MODE)                                                                                        \
  "{'mode': <uint32 " MODE ">, 'whose': <uint32 1>, 'layer': <-1>, 'head': <-1>, 'rest': <uint32 0>,"        \
  " 'frozen': <false>, 'mass': <0.6>, 'overlay': <0.5>}"

static void
take_attention (GVariant *picture)
{
  choose (attention, PATCHES ("0"));
  show (attention, EID_WIRE_VIEW_ATTENTION, picture);
}

static void
take_patches (GVariant *picture)
{
  choose (attention, PATCHES ("1"));
  show (attention, EID_WIRE_VIEW_PATCHES, picture);
}

static void
take_reconstruction (GVariant *picture)
{
  show (reconstruction, EID_WIRE_VIEW_RECONSTRUCTION, picture);
}

static void
take_augmentations (GVariant *picture)
{
  show (augmentations, EID_WIRE_VIEW_AUGMENTATIONS, picture);
}

static void
take_embedding (GVariant *picture)
{
  choose (embedding, "{'view': <uint32 0>}");
  show (embedding, EID_WIRE_VIEW_EMBEDDING, picture);
  choose (embedding, "{'view': <uint32 2>}");
  show (embedding, EID_WIRE_VIEW_EMBEDDING, picture);
}

static void
take_similarity (GVariant *picture)
{
  choose (embedding, "{'view': <uint32 1>}");
  show (embedding, EID_WIRE_VIEW_SIMILARITY, picture);
}

static void
take_prototypes (GVariant *picture)
{
  choose (embedding, "{'view': <uint32 3>}");
  show (embedding, EID_WIRE_VIEW_PROTOTYPES, picture);
}

static void
take_own (GVariant *picture)
{
  show (own, EID_WIRE_VIEW_OWN, picture);
}

/* --- Reports ------------------------------------------------------------------------ */

static void
take_health (GVariant *dictionary)
{
  g_auto (EidVerdictReport) report = eid_verdict_report_read (dictionary);

  choose (embedding, "{'view': <uint32 4>}");
  show (embedding, EID_WIRE_VIEW_HEALTH, dictionary);
  EID_PAGE_GET_CLASS (embedding)->health (embedding, &report);
  draw (GTK_WIDGET (stack));
}

static void
take_report (GVariant *dictionary)
{
  const EidReport report = eid_report_read (dictionary);
  const EidEvaluation evaluation = eid_evaluation_read (dictionary);
  EidPageClass *class = EID_PAGE_GET_CLASS (progress);

  class->progress (progress, &report);
  class->evaluated (progress, &evaluation);
  gtk_stack_set_visible_child (stack, GTK_WIDGET (progress));
  draw (GTK_WIDGET (stack));
}

static void
take_history (GVariant *series)
{
  g_autofree char *table = eid_export_history (series);

  fuzz_assert_text (table);
  EID_PAGE_GET_CLASS (progress)->clear (progress);
  EID_PAGE_GET_CLASS (embedding)->clear (embedding);
  EID_PAGE_GET_CLASS (progress)->history (progress, series);
  EID_PAGE_GET_CLASS (embedding)->history (embedding, series);
  eid_timeline_history (timeline, series);
  gtk_stack_set_visible_child (stack, GTK_WIDGET (progress));
  draw (GTK_WIDGET (stack));
}

static void
take_timeline (GVariant *dictionary)
{
  g_autoptr (EidChronicle) chronicle = eid_chronicle_read (dictionary);
  guint64 step = 0;

  for (guint i = 0; i < chronicle->events->len; i++)
    {
      const EidHappening *happening = g_ptr_array_index (chronicle->events, i);
      g_autofree char *edit = eid_edit_in_words (happening->text);

      fuzz_assert_text (edit);
    }
  eid_chronicle_edited_lately (chronicle);
  eid_chronicle_checkpoint (chronicle, 3, &step);
  if (EID_PAGE_GET_CLASS (progress)->chronicle != NULL)
    EID_PAGE_GET_CLASS (progress)->chronicle (progress, chronicle);
  eid_timeline_set_chronicle (timeline, chronicle);
  if (chronicle->recipe != NULL)
    g_variant_unref (eid_augment_settings_read (chronicle->recipe));
  draw (GTK_WIDGET (timeline));
}

/* --- Lists --------------------------------------------------------------------------- */

static void
take_devices (GVariant *list)
{
  g_autoptr (GPtrArray) devices = eid_catalogue_read_devices (list);

  for (guint i = 0; i < devices->len; i++)
    {
      g_autofree char *words = eid_device_info_describe (g_ptr_array_index (devices, i));

      fuzz_assert_text (words);
    }
}

static void
take_plugins (GVariant *list)
{
  g_autoptr (GPtrArray) plugins = eid_catalogue_read_plugins (list);

  eid_catalogue_find (plugins, "encoder", "vit");
  eid_catalogue_find_title (plugins, "encoder", "ViT");
}

static void
take_survey (GVariant *answer)
{
  g_autoptr (EidSurveyInfo) info = eid_survey_info_read (answer);

  fuzz_assert_text (info->title);
  fuzz_assert_text (info->summary);
}

static void
take_estimate (GVariant *estimate)
{
  g_autofree char *words = eid_estimate_describe (estimate);

  if (words != NULL)
    fuzz_assert_text (words);
}

static void
take_replaced (GVariant *report)
{
  const EidBuilt built = { .good = TRUE, .output = (char *) "", .file = (char *) "/a.so", .seconds = 1 };
  g_autofree char *words = eid_plugin_words_swapped (&built, report);

  fuzz_assert_text (words);
}

/* --- Messages as they should be ------------------------------------------------------ */

static void
add_bytes (GVariantBuilder *picture, const char *key, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 37);
  g_variant_builder_add (picture, "{sv}", key,
                         g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size, 1));
}

static void
add_shape (GVariantBuilder *picture)
{
  g_variant_builder_add_parsed (picture, "{'count', <uint32 3>}");
  g_variant_builder_add_parsed (picture, "{'size', <uint32 8>}");
  g_variant_builder_add_parsed (picture, "{'channels', <uint32 3>}");
  g_variant_builder_add_parsed (picture, "{'labels', <['cat', 'dog', '']>}");
}

static void
make_attention (GVariantBuilder *picture)
{
  add_shape (picture);
  add_bytes (picture, "images", PICTURES * SIDE * SIDE * 3);
  fake_attention (picture, PICTURES, GRID, 3, TRUE, TRUE);
}

static void
make_patches (GVariantBuilder *picture)
{
  add_shape (picture);
  add_bytes (picture, "images", PICTURES * SIDE * SIDE * 3);
  fake_patches (picture, PICTURES, GRID, 3, FALSE);
}

static void
make_reconstruction (GVariantBuilder *picture)
{
  static const char *const pixels[] = { "images", "masked", "reconstructed",
                                        "errors", "honest", "honest-errors" };

  add_shape (picture);
  g_variant_builder_add_parsed (picture, "{'patch', <uint32 4>}");
  g_variant_builder_add_parsed (picture, "{'error-max', <1.0>}");
  add_bytes (picture, "mask", PICTURES * GRID * GRID);
  for (guint i = 0; i < G_N_ELEMENTS (pixels); i++)
    add_bytes (picture, pixels[i], PICTURES * SIDE * SIDE * 3);
}

static void
make_augmentations (GVariantBuilder *picture)
{
  add_shape (picture);
  g_variant_builder_add_parsed (picture, "{'views', <uint32 1>}");
  g_variant_builder_add_parsed (picture, "{'view-size', <uint32 8>}");
  add_bytes (picture, "sources", PICTURES * SIDE * SIDE * 3);
  add_bytes (picture, "pixels", PICTURES * SIDE * SIDE * 3);
  add_bytes (picture, "beside-pixels", PICTURES * SIDE * SIDE * 3);
  g_variant_builder_add_parsed (
      picture, "{'draws', <[{'crop-x': 0.1, 'crop-y': 0.1, 'crop-width': 0.5, 'crop-height': 0.5},"
               " {'flip': 1.0, 'brightness': 0.8, 'hue': 0.1}, {'blur': 1.2, 'solarise': 1.0}]>}");
  g_variant_builder_add_parsed (picture, "{'beside-draws', <[{'grey': 1.0}, {'contrast': 1.1}, @a{sd} {}]>}");
}

static void
make_embedding (GVariantBuilder *picture)
{
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_parsed ("{'pictures': <true>}"));

  fake_embedding (picture, 3, options);
}

static void
make_similarity (GVariantBuilder *picture)
{
  fake_similarity (picture, 3);
}

static void
make_prototypes (GVariantBuilder *picture)
{
  fake_prototypes (picture, 3);
}

static void
make_health (GVariantBuilder *picture)
{
  fake_health (picture, 3);
  g_variant_builder_add_parsed (picture, "{'own.entropy', <0.5>}");
}

static void
make_own (GVariantBuilder *picture)
{
  g_autoptr (GVariant) options = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));

  fake_own (picture, 3, options);
}

static const struct
{
  void (*take) (GVariant *message);
  const char *type;
  void (*make) (GVariantBuilder *picture); /* of a{sv}, where that is long; else the text */
  const char *text;
} messages[] = {
  { take_attention, "a{sv}", make_attention, NULL },
  { take_patches, "a{sv}", make_patches, NULL },
  { take_reconstruction, "a{sv}", make_reconstruction, NULL },
  { take_augmentations, "a{sv}", make_augmentations, NULL },
  { take_embedding, "a{sv}", make_embedding, NULL },
  { take_similarity, "a{sv}", make_similarity, NULL },
  { take_prototypes, "a{sv}", make_prototypes, NULL },
  { take_own, "a{sv}", make_own, NULL },
  { take_health, "a{sv}", make_health, NULL },
  { take_report, "a{sv}", NULL,
    "{'step': <uint64 3>, 'steps': <uint64 9>, 'loss': <1.5>, 'chance': <2.0>, 'learning-rate': <0.1>,"
    " 'gradient-norm': <1.0>, 'samples-per-second': <90.0>, 'seconds-left': <3.0>, 'memory': <uint64 4096>,"
    " 'knn': <0.5>, 'linear': <0.6>, 'knn-random': <0.1>, 'linear-random': <0.1>, 'knn-pixels': <0.2>,"
    " 'linear-pixels': <0.3>, 'rank': <7.5>, 'z-std': <0.1>}" },
  { take_history, "a{sa(td)}", NULL,
    "{'loss': [(uint64 1, 2.0), (2, 1.5), (3, 1.25)], 'knn': [(3, 0.5)], 'knn-random': [(0, 0.1)],"
    " 'rank': [(2, 3.0), (3, 4.0)], 'own.entropy': [(3, 0.5)], 'learning-rate': [(1, 0.1)]}" },
  { take_timeline, "a{sv}", NULL,
    "{'step': <uint64 7>, 'steps': <uint64 9>, 'chance': <2.0>, 'recipe': <'[Augment]\\ncrop-min = 0.3\\n'>,"
    " 'events': <[(uint64 2, int64 1700000000, 'checkpoint', '/2.safetensors'),"
    " (3, 1700000001, 'edit', 'Objective.temperature: 0.2 → 0.1')]>,"
    " 'undone': <[(uint64 4, int64 1700000002, 'edit', 'Encoder.code: a → b')]>,"
    " 'checkpoints': <[uint64 6, 4, 2]>, 'moments': <[(uint64 2, true), (5, false)]>,"
    " 'health': <{'step': <uint64 5>, 'verdict': <'healthy'>}>}" },
  { take_devices, "aa{sv}", NULL,
    "[{'index': <uint32 0>, 'name': <'CPU'>, 'platform': <'PoCL'>, 'gpu': <false>, 'memory': <uint64 "
    "4096>}]" },
  { take_plugins, "aa{sv}", NULL,
    "[{'id': <'vit'>, 'kind': <'encoder'>, 'title': <'ViT'>, 'source': <''>, 'file': <'/vit.so'>,"
    " 'refused': <''>, 'params': <[{'key': <'depth'>, 'type': <'int'>, 'default': <'2'>, 'min': <1.0>,"
    " 'max': <64.0>, 'choices': <['a', 'b']>, 'doc': <'Blocks.'>, 'live': <true>}]>}]" },
  { take_survey, "(a{sv}aa{sv})", NULL,
    "({'reader': <'folder'>, 'path': <'/data/cats'>, 'count': <uint64 100>, 'more': <true>, 'side': <uint32 "
    "64>,"
    " 'least-side': <uint32 32>, 'greatest-side': <uint32 99>, 'channels': <uint32 3>, 'classes': <uint32 2>,"
    " 'class-names': <['cat', 'dog']>, 'notes': <['a sentence']>}, [{'id': <'a'>, 'title': <'A'>,"
    " 'reason': <'because'>, 'recipe': <'[Run]\\n'>}])" },
  { take_estimate, "a{sv}", NULL,
    "{'first-seconds': <1.0>, 'useful-seconds': <60.0>, 'all-seconds': <600.0>, 'samples-per-second': <90.0>,"
    " 'time': <int64 1700000000>, 'stored': <true>}" },
  { take_replaced, "a{sv}", NULL,
    "{'kind': <'objective'>, 'id': <'x'>, 'step': <uint64 3>, 'kept': <uint32 5>, 'new': <['a']>,"
    " 'dropped': <['b']>, 'defaulted': <['c']>, 'sentence': <'It goes on.'>}" },
};

static GVariant *right[G_N_ELEMENTS (messages)];

/* --- The harness ----------------------------------------------------------------------- */

static EidPage *
add_page (GType type, EidEngineClient *client)
{
  EidPage *page = g_object_new (type, NULL);

  eid_page_set_client (page, client);
  gtk_stack_add_child (stack, GTK_WIDGET (page));
  return page;
}

static void
make_pages (void)
{
  EidEngineClient *client = eid_engine_client_new ();
  EidPins *pins = eid_pins_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  window = gtk_window_new ();
  stack = GTK_STACK (gtk_stack_new ());
  attention = add_page (EID_TYPE_PAGE_ATTENTION, client);
  reconstruction = add_page (EID_TYPE_PAGE_RECONSTRUCTION, client);
  augmentations = add_page (EID_TYPE_PAGE_AUGMENTATIONS, client);
  embedding = add_page (EID_TYPE_PAGE_EMBEDDING, client);
  own = add_page (EID_TYPE_PAGE_OWN, client);
  progress = add_page (EID_TYPE_PAGE_PROGRESS, client);
  eid_page_attention_set_pins (EID_PAGE_ATTENTION (attention), pins);
  eid_page_reconstruction_set_pins (EID_PAGE_RECONSTRUCTION (reconstruction), pins);
  eid_page_own_set_pins (EID_PAGE_OWN (own), pins);
  timeline = g_object_new (EID_TYPE_TIMELINE, NULL);
  eid_timeline_set_client (timeline, client);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (stack));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (timeline));
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);
  gtk_window_present (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
fuzz_start (void)
{
  if (!gtk_init_check ())
    {
      g_printerr ("there is no display\n");
      exit (77);
    }
  adw_init ();
  eid_ui_init ();
  make_pages ();
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GError) error = NULL;
      GVariantBuilder picture;

      if (messages[i].make != NULL)
        {
          g_variant_builder_init (&picture, G_VARIANT_TYPE_VARDICT);
          messages[i].make (&picture);
          right[i] = g_variant_ref_sink (g_variant_builder_end (&picture));
          continue;
        }
      right[i] = g_variant_parse (G_VARIANT_TYPE (messages[i].type), messages[i].text, NULL, NULL, &error);
      g_assert_no_error (error);
    }
}

/* As GDBus hands it on: of that type, and in normal form. */
static GVariant *
read_message (guint which, FuzzInput *input)
{
  /* Of its own memory, aligned as a message's. */
  g_autoptr (GBytes) bytes = g_bytes_new (input->data, input->size);
  g_autoptr (GVariant) raw =
      g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (messages[which].type), bytes, FALSE));

  return g_variant_get_normal_form (raw);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  const guint which = fuzz_byte (&input) % G_N_ELEMENTS (messages);
  const gboolean raw = fuzz_byte (&input) % 4 == 3;
  g_autoptr (GVariant) message = raw ? read_message (which, &input) : g_variant_ref (right[which]);

  for (guint i = 0; !raw && i < MOST_CHANGES && input.size > 0; i++)
    {
      g_autoptr (GVariant) former = message;

      message = g_variant_ref_sink (fuzz_mutate (former, &input));
    }
  messages[which].take (message);
  return 0;
}

void
fuzz_seeds (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new (), changes = g_byte_array_new ();

      fuzz_add_byte (bytes, i);
      fuzz_add_byte (bytes, 3);
      g_byte_array_append (bytes, g_variant_get_data (right[i]), (guint) g_variant_get_size (right[i]));
      if (bytes->len < 8192)
        fuzz_seed (bytes->data, bytes->len);
      fuzz_add_byte (changes, i);
      for (guint j = 0; j < 40; j++)
        fuzz_add_byte (changes, (i * 40 + j) * 89 & 0xff);
      fuzz_seed (changes->data, changes->len);
    }
}
