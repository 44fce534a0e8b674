/* page-attention.c: where each head of each layer looks. Layer, head and overlay
 * are in the row at the foot; the query is the patch under the pointer.        */
#include "pages.h"

#include <glib/gi18n.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "answer.h"

enum
{
  LAST_LAYER = -1,
  MEAN_OF_HEADS = -1,
  MOST_CHOICES = 256
};

struct _EidPageAttention
{
  EidPage parent_instance;

  EidAttentionView *view;
  EidPins *pins;
  GtkDropDown *layers, *heads;
  GtkRange *overlay;
  guint n_layers, n_heads;
  int layer, head;    /* as asked for */
  gboolean adjusting; /* the drop-downs follow the model, not the person */
};

G_DEFINE_FINAL_TYPE (EidPageAttention, eid_page_attention, EID_TYPE_PAGE)

static void
add_options (EidPage *page, GVariantDict *options)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);

  g_variant_dict_insert (options, "layer", "i", (gint32) self->layer);
  g_variant_dict_insert (options, "head", "i", (gint32) self->head);
  eid_pins_add_option (self->pins, options);
}

/* "1", "2", … after @first, if there is one. */
static GtkStringList *
numbered (const char *first, guint count)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  if (first)
    gtk_string_list_append (list, first);
  for (guint i = 1; i <= MIN (count, MOST_CHOICES); i++)
    gtk_string_list_take (list, g_strdup_printf ("%u", i));
  return list;
}

static void
update_choices (EidPageAttention *self, guint layers, guint heads, int layer, int head)
{
  self->adjusting = TRUE;
  if (layers != self->n_layers)
    {
      g_autoptr (GtkStringList) list = numbered (NULL, layers);
      gtk_drop_down_set_model (self->layers, G_LIST_MODEL (list));
    }
  if (heads != self->n_heads)
    {
      g_autoptr (GtkStringList) list = numbered (_ ("Mean"), heads);
      gtk_drop_down_set_model (self->heads, G_LIST_MODEL (list));
    }
  self->n_layers = layers;
  self->n_heads = heads;
  gtk_drop_down_set_selected (self->layers, layer < 0 ? MAX ((int) layers + layer, 0) : layer);
  gtk_drop_down_set_selected (self->heads, head < 0 ? 0 : head + 1);
  self->adjusting = FALSE;
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);
  const guint count = eid_answer_uint (picture, "count"), size = eid_answer_uint (picture, "size");
  const guint channels = eid_answer_uint (picture, "channels"), grid = eid_answer_uint (picture, "grid");
  const guint extra = eid_answer_uint (picture, "extra");
  const gsize patches = eid_answer_size (grid, grid);
  const guint tokens = patches && patches < G_MAXUINT16 && extra < G_MAXUINT16 ? patches + extra : 0;
  g_autoptr (GBytes) images =
      eid_answer_bytes (picture, "images", eid_answer_size (count, size, size, channels));
  g_autoptr (GBytes) weights =
      eid_answer_bytes (picture, "weights", eid_answer_size (count, tokens, tokens, sizeof (float)));
  g_auto (GStrv) labels = eid_answer_strings (picture, "labels");
  const guint n_labels = g_strv_length (labels);

  if (images == NULL || weights == NULL
      || !eid_attention_view_set_data (self->view, count, size, channels, grid, extra, images, weights))
    return FALSE;
  for (guint i = 0; i < count; i++)
    {
      const char *label = i < n_labels ? labels[i] : "";
      g_autofree char *pinned =
          eid_pins_is_pinned (self->pins, i) ? g_strdup_printf (_ ("%s · pinned"), label) : NULL;
      eid_attention_view_set_caption (self->view, i, pinned ? pinned : label);
    }
  update_choices (self, eid_answer_uint (picture, "layers"), eid_answer_uint (picture, "heads"),
                  eid_answer_int (picture, "layer"), eid_answer_int (picture, "head"));
  return TRUE;
}

static void
on_chosen (EidPageAttention *self)
{
  const guint layer = gtk_drop_down_get_selected (self->layers);
  const guint head = gtk_drop_down_get_selected (self->heads);

  if (self->adjusting || layer == GTK_INVALID_LIST_POSITION || head == GTK_INVALID_LIST_POSITION)
    return;
  self->layer = layer;
  self->head = (int) head - 1;
  eid_page_look_again (EID_PAGE (self));
}

static void
on_overlay (EidPageAttention *self)
{
  eid_attention_view_set_overlay (self->view, gtk_range_get_value (self->overlay));
}

static void
on_activated (EidPageAttention *self, guint index)
{
  eid_pins_toggle (self->pins, index);
}

static void
clear (EidPage *page)
{
  EidPageAttention *self = EID_PAGE_ATTENTION (page);

  eid_attention_view_clear (self->view);
  self->layer = LAST_LAYER;
  self->head = MEAN_OF_HEADS;
}

void
eid_page_attention_set_pins (EidPageAttention *self, EidPins *pins)
{
  g_set_object (&self->pins, pins);
  g_signal_connect_object (pins, "changed", G_CALLBACK (eid_page_look_again), self, G_CONNECT_SWAPPED);
}

/* A word and the control it names. */
static void
add_named (EidPageAttention *self, const char *name, GtkWidget *control)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (name);

  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), control);
  eid_page_add_control (EID_PAGE (self), box);
}

static void
eid_page_attention_dispose (GObject *object)
{
  g_clear_object (&EID_PAGE_ATTENTION (object)->pins);
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
  page_class->add_options = add_options;
  page_class->show = show;
  page_class->clear = clear;
}

static void
eid_page_attention_init (EidPageAttention *self)
{
  self->layer = LAST_LAYER;
  self->head = MEAN_OF_HEADS;
  self->view = EID_ATTENTION_VIEW (eid_attention_view_new ());
  self->layers = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  self->heads = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  self->overlay = GTK_RANGE (gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 0.05));
  gtk_widget_set_size_request (GTK_WIDGET (self->overlay), 120, -1);
  gtk_range_set_value (self->overlay, 0.6);
  add_named (self, _ ("Layer"), GTK_WIDGET (self->layers));
  add_named (self, _ ("Head"), GTK_WIDGET (self->heads));
  add_named (self, _ ("Overlay"), GTK_WIDGET (self->overlay));
  g_signal_connect_object (self->layers, "notify::selected", G_CALLBACK (on_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->heads, "notify::selected", G_CALLBACK (on_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->overlay, "value-changed", G_CALLBACK (on_overlay), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  eid_page_set_content (EID_PAGE (self), GTK_WIDGET (self->view));
}
