/* attention.c: where each head of each layer looks, of student and teacher; patches as
 * colours; and which patches are alike. What the engine sends is held, so that pointer, layer and
 * head redraw without asking it again.                                        */
#include "app/workbench/pages/attention/attention.h"

#include <glib/gi18n.h>

#include "app/wire/wire.h"

#include "app/workbench/client/variant.h"
#include "app/workbench/pages/user-images.h"

enum
{
  MOST_PLANES = 4096
};

G_DEFINE_FINAL_TYPE (EidPageAttention, eid_page_attention, EID_TYPE_PAGE)

/* --- Asking ------------------------------------------------------------------ */

static const char *
choose_view (EidPage *page)
{
  return EID_PAGE_ATTENTION (page)->mode == EID_PATCHES_ATTENTION ? EID_WIRE_VIEW_ATTENTION
                                                                  : EID_WIRE_VIEW_PATCHES;
}

static void
add_options (EidPage *page, GVariantDict *options)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);

  eid_pins_add_option (self->pins, options);
  self->asked_attention = self->mode == EID_PATCHES_ATTENTION;
  if (self->asked_attention)
    {
      g_variant_dict_insert (options, "layer", "i", (gint32) self->layer);
      g_variant_dict_insert (options, "head", "i", (gint32) MAX (self->head, EID_HEADS_MEAN));
      if (self->has_teacher && (self->whose & EID_ATTENTION_TEACHER))
        g_variant_dict_insert (options, "whose", "s", "both");
      return;
    }
  if (self->basis)
    g_variant_dict_insert_value (options, "basis", self->basis);
  g_variant_dict_insert (options, "frozen", "b", self->frozen);
}

/* --- Showing ------------------------------------------------------------------- */

static gboolean
answer_truth (GVariant *picture, const char *key)
{
  gboolean value = FALSE;

  g_variant_lookup (picture, key, "b", &value);
  return value;
}

static EidAttentionPlane *
answer_planes (GVariant *picture, guint *count)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (picture, "planes", G_VARIANT_TYPE ("a(ii)"));
  const gsize n = list ? g_variant_n_children (list) : 0;
  EidAttentionPlane *planes = g_new0 (EidAttentionPlane, MAX (1, MIN (n, MOST_PLANES)));

  *count = MIN (n, MOST_PLANES);
  for (guint i = 0; i < *count; i++)
    g_variant_get_child (list, i, "(ii)", &planes[i].layer, &planes[i].head);
  return planes;
}

/* Shows the head that was chosen. One that did not come although it was asked for, having no room,
 * gives way to the mean; an answer to an older question changes nothing.       */
static void
take_head (EidPageAttention *self, int layer, int head)
{
  const gboolean asked =
      (self->layer < 0 || self->layer == layer) && head == MAX (self->head, EID_HEADS_MEAN);
  const gboolean held = eid_attention_view_holds (self->view, self->layer, self->head);

  if (asked && !held)
    self->head = EID_HEADS_MEAN;
  if (asked || held)
    eid_attention_view_set_head (self->view, self->layer, self->head);
}

static gboolean
show_attention (EidPageAttention *self, GVariant *picture)
{
  EidAttention attention = {
    .count = eid_answer_uint (picture, "count"),
    .size = eid_answer_uint (picture, "size"),
    .channels = eid_answer_uint (picture, "channels"),
    .grid = eid_answer_uint (picture, "grid"),
    .extra = eid_answer_uint (picture, "extra"),
    .layers = eid_answer_uint (picture, "layers"),
    .heads = eid_answer_uint (picture, "heads"),
    .class_token = answer_truth (picture, "class-token"),
  };
  const gsize patches = eid_answer_size (attention.grid, attention.grid);
  const guint tokens =
      patches && patches < G_MAXUINT16 && attention.extra < G_MAXUINT16 ? patches + attention.extra : 0;
  g_autofree EidAttentionPlane *planes = answer_planes (picture, &attention.n_planes);
  const gsize maps = eid_answer_size (attention.n_planes, attention.count, tokens, tokens);
  const gsize greatest = eid_answer_size (attention.n_planes, attention.count, tokens, sizeof (float));
  g_autoptr (GBytes) images = eid_answer_bytes (
      picture, "images",
      eid_answer_size (attention.count, attention.size, attention.size, attention.channels));
  g_autoptr (GBytes) student = eid_answer_bytes (picture, "maps", maps);
  g_autoptr (GBytes) student_greatest = eid_answer_bytes (picture, "greatest", greatest);
  g_autoptr (GBytes) teacher = eid_answer_bytes (picture, "teacher-maps", maps);
  g_autoptr (GBytes) teacher_greatest = eid_answer_bytes (picture, "teacher-greatest", greatest);
  EidAttentionChoices choices;

  attention.planes = planes;
  attention.images = images;
  attention.maps[0] = student;
  attention.greatest[0] = student_greatest;
  attention.maps[1] = teacher;
  attention.greatest[1] = teacher_greatest;
  if (!eid_attention_view_set_attention (self->view, &attention))
    return FALSE;
  choices = (EidAttentionChoices){
    .layers = attention.layers,
    .heads = attention.heads,
    .extra = attention.extra,
    .class_token = attention.class_token,
    .has_teacher = answer_truth (picture, "has-teacher"),
    .can_roll_out = eid_attention_view_holds (self->view, -1, EID_HEADS_ROLLOUT),
    .layer = eid_answer_int (picture, "layer"),
  };
  take_head (self, choices.layer, eid_answer_int (picture, "head"));
  eid_page_attention_update_choices (self, &choices);
  return TRUE;
}

static gboolean
show_patches (EidPageAttention *self, GVariant *picture)
{
  EidPatches patches = {
    .count = eid_answer_uint (picture, "count"),
    .size = eid_answer_uint (picture, "size"),
    .channels = eid_answer_uint (picture, "channels"),
    .grid = eid_answer_uint (picture, "grid"),
    .width = eid_answer_uint (picture, "width"),
  };
  g_autoptr (GBytes) images = eid_answer_bytes (
      picture, "images", eid_answer_size (patches.count, patches.size, patches.size, patches.channels));
  g_autoptr (GBytes) colours =
      eid_answer_bytes (picture, "colours", eid_answer_size (patches.count, patches.grid, patches.grid, 3));
  g_autoptr (GBytes) tokens = eid_answer_bytes (
      picture, "tokens", eid_answer_size (patches.count, patches.grid, patches.grid, patches.width));
  g_autoptr (GVariant) keep = NULL;
  gsize count;
  const double *explained = eid_answer_doubles (picture, "explained", &count, &keep);

  patches.images = images;
  patches.colours = colours;
  patches.tokens = tokens;
  if (!eid_attention_view_set_patches (self->view, &patches))
    return FALSE;
  g_clear_pointer (&self->basis, g_variant_unref);
  self->basis = g_variant_lookup_value (picture, "basis", G_VARIANT_TYPE ("ad"));
  eid_page_attention_set_legend (self, explained, count);
  return TRUE;
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);
  const gboolean is_attention = g_variant_lookup (picture, "planes", "@a(ii)", NULL);
  g_auto (GStrv) labels = eid_answer_strings (picture, "labels");
  const guint n_labels = g_strv_length (labels), count = eid_answer_uint (picture, "count");

  /* The answer to a question that somebody has turned away from meanwhile. */
  if (self->asked_attention != (self->mode == EID_PATCHES_ATTENTION))
    return TRUE;
  /* A moment that is gone back to may hold the other view. */
  if (is_attention != (self->mode == EID_PATCHES_ATTENTION))
    eid_page_attention_set_mode (self, is_attention ? EID_PATCHES_ATTENTION : EID_PATCHES_COLOURS);
  if (is_attention ? !show_attention (self, picture) : !show_patches (self, picture))
    return FALSE;
  eid_pins_accept (self->pins);
  for (guint i = 0; i < count; i++)
    {
      const char *label = i < n_labels ? labels[i] : "";
      g_autofree char *pinned = !eid_page_in_past (page) && eid_pins_is_pinned (self->pins, i)
                                    ? g_strdup_printf (_ ("%s · pinned"), label)
                                    : NULL;
      eid_attention_view_set_caption (self->view, i, pinned ? pinned : label);
    }
  return TRUE;
}

static void
clear (EidPage *page)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);

  eid_attention_view_clear (self->view);
  self->layer = -1;
  self->head = EID_HEADS_MEAN;
  self->has_teacher = FALSE;
  eid_attention_view_set_head (self->view, self->layer, self->head);
  g_clear_pointer (&self->basis, g_variant_unref);
  eid_page_attention_set_mode (self, EID_PATCHES_ATTENTION);
}

static void
on_activated (EidPageAttention *self, guint index)
{
  /* What a moment has kept are other pictures. */
  if (!eid_page_in_past (EID_PAGE (self)))
    eid_pins_toggle (self->pins, index);
}

void
eid_page_attention_set_pins (EidPageAttention *self, EidPins *pins)
{
  g_set_object (&self->pins, pins);
  g_signal_connect_object (pins, "changed", G_CALLBACK (eid_page_look_again), self, G_CONNECT_SWAPPED);
  eid_own_pictures_accept_drops (GTK_WIDGET (self->view), pins);
  eid_own_pictures_settle_later (GTK_WIDGET (self->view), pins);
}

static void
share (EidPage *page, EidPage *other)
{
  eid_page_attention_set_pins (EID_PAGE_ATTENTION (other), EID_PAGE_ATTENTION (page)->pins);
}

static EidRefusal
refused (EidPage *page, const char *sentence)
{
  return eid_own_pictures_refused (page, EID_PAGE_ATTENTION (page)->pins, sentence);
}

/* --- The object ------------------------------------------------------------------ */

static void
eid_page_attention_dispose (GObject *object)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (object);

  g_clear_object (&self->pins);
  g_clear_pointer (&self->basis, g_variant_unref);
  G_OBJECT_CLASS (eid_page_attention_parent_class)->dispose (object);
}

static void
eid_page_attention_class_init (EidPageAttentionClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_page_attention_dispose;
  page_class->view = EID_WIRE_VIEW_ATTENTION;
  page_class->title = N_ ("Attention");
  page_class->icon = "eid-attention-symbolic";
  page_class->promise =
      N_ ("Where each head of each layer looks. Point at a patch to see what it attends to; "
          "click a picture to pin it.");
  page_class->remedy =
      N_ ("The vision transformer has attention: choose it under Encoder and start a new run.");
  page_class->choose_view = choose_view;
  page_class->add_options = add_options;
  page_class->show = show;
  page_class->refused = refused;
  page_class->clear = clear;
  page_class->save_choice = eid_page_attention_save_choice;
  page_class->take_choice = eid_page_attention_take_choice;
  page_class->share = share;
}

static void
eid_page_attention_init (EidPageAttention *self)
{
  self->layer = -1;
  self->head = EID_HEADS_MEAN;
  self->whose = EID_ATTENTION_STUDENT;
  self->view = EID_ATTENTION_VIEW (eid_attention_view_new ());
  g_signal_connect_object (self->view, "activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "notify::query", G_CALLBACK (eid_page_tell_choice), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "notify::query-picture", G_CALLBACK (eid_page_tell_choice), self,
                           G_CONNECT_SWAPPED);
  eid_page_set_content (EID_PAGE (self), GTK_WIDGET (self->view));
  eid_page_attention_add_foot (self);
}
