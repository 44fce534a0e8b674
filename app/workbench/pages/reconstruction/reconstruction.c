/* reconstruction.c: what an objective that hides a part of each picture
 * makes of the hidden part, and how far it is off; what is hidden can be painted.
 * All pictures are shown in columns, or one of them large.                   */
#include "app/workbench/pages/pages.h"

#include <glib/gi18n.h>

#include "app/wire/wire.h"
#include "ui/ui.h"

#include "app/workbench/client/variant.h"
#include "app/workbench/pages/mask-edits.h"
#include "app/workbench/pages/masks.h"
#include "app/workbench/pages/user-images.h"
#include "app/workbench/pages/reconstruction/sheet.h"

struct _EidPageReconstruction
{
  EidPage parent_instance;

  EidPictureGrid *grid;
  GtkWidget *hint; /* what the two ways of painting are */
  GtkToggleButton *enlarge;
  EidColourBar *legend;
  GtkWidget *scale; /* the legend, in the foot of the page that leads; or NULL */

  EidPins *pins;
  EidMasks *masks;
  EidReconstructionSheet sheet;
  GPtrArray *asked;         /* names of the pictures that were asked for  */
  char *large;              /* the one that is shown alone, or NULL       */
  guint current;            /* the picture that was pointed at last       */
  gboolean hides;           /* the stroke that goes on hides, or shows    */
  gboolean looking, behind; /* a look is on its way; older than the masks */
  gboolean past;            /* it is at a step that was gone back to      */
};

G_DEFINE_FINAL_TYPE (EidPageReconstruction, eid_page_reconstruction, EID_TYPE_PAGE)

/* --- Asking ------------------------------------------------------------------ */

/* A mask that was painted on patches of another size, of a run beside this, says nothing here; of
 * which size they are is known from the first picture on. */
static gboolean
fits (EidPageReconstruction *self, GBytes *mask)
{
  return self->sheet.shown && g_bytes_get_size (mask) == eid_reconstruction_sheet_patches (&self->sheet);
}

static void
add_masks (EidPageReconstruction *self, GVariantDict *options)
{
  GVariantBuilder masks;

  g_variant_builder_init (&masks, G_VARIANT_TYPE ("a(uay)"));
  for (guint i = 0; i < self->asked->len; i++)
    {
      GBytes *mask = eid_masks_get (self->masks, self->asked->pdata[i]);

      if (mask && fits (self, mask))
        g_variant_builder_add (&masks, "(u@ay)", i,
                               g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, mask, TRUE));
      else if (mask && self->sheet.shown == NULL)
        self->behind = TRUE;
    }
  g_variant_dict_insert_value (options, "masks", g_variant_builder_end (&masks));
}

static void
add_options (EidPage *page, GVariantDict *options)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page);

  g_ptr_array_set_size (self->asked, 0);
  self->past = eid_page_in_past (page);
  /* A moment has kept the first pictures there are, with the masks that they had. */
  for (guint i = 0; self->past && i < EID_PINS_SHOWN; i++)
    g_ptr_array_add (self->asked, g_strdup_printf ("%u", i));
  if (self->past)
    return;
  if (self->large)
    {
      g_ptr_array_add (self->asked, g_strdup (self->large));
      eid_pins_add_option_of (self->large, options);
    }
  else
    {
      for (guint i = 0; i < EID_PINS_SHOWN; i++)
        g_ptr_array_add (self->asked, eid_pins_name (self->pins, i));
      eid_pins_add_option (self->pins, options);
    }
  add_masks (self, options);
}

/* The masks have changed: one look at a time, and after it one at what has changed since. */
static void
follow (EidPageReconstruction *self)
{
  if (self->looking)
    self->behind = TRUE;
  else
    {
      self->looking = TRUE;
      eid_page_look_again (EID_PAGE (self));
    }
}

/* --- Showing ----------------------------------------------------------------- */

static void
update_actions (EidPageReconstruction *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "mask.undo", eid_masks_can_undo (self->masks));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "mask.redo", eid_masks_can_redo (self->masks));
}

static void
show_all (EidPageReconstruction *self)
{
  eid_reconstruction_sheet_show (&self->sheet);
  gtk_widget_set_visible (self->hint, eid_reconstruction_sheet_is_honest (&self->sheet));
  update_actions (self);
}

static gboolean
show (EidPage *page, guint64 step, GVariant *picture)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page);

  if (!eid_reconstruction_sheet_take (&self->sheet, picture, self->asked, self->large, self->past))
    return FALSE;
  eid_pins_accept (self->pins);
  self->current = MIN (self->current, self->asked->len - 1);
  self->looking = FALSE;
  show_all (self);
  eid_colour_bar_set_range (self->legend, 0, eid_answer_double (picture, "error-max"));
  if (self->behind)
    {
      self->behind = FALSE;
      follow (self);
    }
  return TRUE;
}

static EidRefusal
refused (EidPage *page, const char *sentence)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page);

  self->looking = self->behind = FALSE;
  return eid_own_pictures_refused (page, self->pins, sentence);
}

static void
clear (EidPage *page)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page);

  self->looking = self->behind = FALSE;
}

/* --- Painting ---------------------------------------------------------------------- */

static void
show_masks (EidPageReconstruction *self)
{
  show_all (self);
  follow (self);
  eid_page_tell_choice (EID_PAGE (self));
}

static void
on_stroke (EidPageReconstruction *self, guint index, int patch, gboolean begins)
{
  const guint i = eid_reconstruction_sheet_picture_at (&self->sheet, index);
  g_autoptr (GBytes) mask = i < G_MAXUINT ? eid_reconstruction_sheet_mask (&self->sheet, i) : NULL;
  g_autoptr (GBytes) painted = NULL;

  if (mask == NULL || self->sheet.past || patch < 0 || (gsize) patch >= g_bytes_get_size (mask))
    return;
  if (begins)
    {
      self->hides = !((const guint8 *) g_bytes_get_data (mask, NULL))[patch];
      eid_masks_begin (self->masks);
    }
  self->current = i;
  painted = eid_mask_set (mask, (guint) patch, self->hides);
  eid_masks_put (self->masks, self->sheet.names->pdata[i], painted);
  /* At once: the engine's answer comes after. */
  eid_reconstruction_sheet_show_mask (&self->sheet, i);
  update_actions (self);
  follow (self);
  eid_page_tell_choice (EID_PAGE (self));
}

/* What a button does to the picture that is shown alone, or to all. */
static void
edit_all (EidPageReconstruction *self, GBytes *(*edit) (GBytes *mask))
{
  if (self->sheet.shown == NULL || self->sheet.past)
    return;
  eid_masks_begin (self->masks);
  for (guint i = 0; i < self->sheet.names->len; i++)
    {
      g_autoptr (GBytes) mask = eid_reconstruction_sheet_mask (&self->sheet, i);
      g_autoptr (GBytes) edited = mask ? edit (mask) : NULL;

      if (edited)
        eid_masks_put (self->masks, self->sheet.names->pdata[i], edited);
    }
  show_masks (self);
}

static GBytes *
shuffle (GBytes *mask)
{
  return eid_mask_shuffle (mask, g_random_int ());
}

static void
act_shuffle (GtkWidget *widget, const char *name, GVariant *parameter)
{
  edit_all (EID_PAGE_RECONSTRUCTION (widget), shuffle);
}

static void
act_invert (GtkWidget *widget, const char *name, GVariant *parameter)
{
  edit_all (EID_PAGE_RECONSTRUCTION (widget), eid_mask_invert);
}

static void
act_clear (GtkWidget *widget, const char *name, GVariant *parameter)
{
  edit_all (EID_PAGE_RECONSTRUCTION (widget), eid_mask_clear);
}

static void
act_undo (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (widget);

  eid_masks_undo (self->masks);
  if (self->sheet.shown)
    show_masks (self);
}

static void
act_redo (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (widget);

  eid_masks_redo (self->masks);
  if (self->sheet.shown)
    show_masks (self);
}

/* --- Which pictures ------------------------------------------------------------------ */

static void
on_activated (EidPageReconstruction *self, guint index)
{
  const guint i = eid_reconstruction_sheet_picture_at (&self->sheet, index);

  if (i < G_MAXUINT && !self->sheet.large && !self->sheet.past)
    eid_pins_toggle (self->pins, i);
}

static void
on_pointed (EidPageReconstruction *self, int index)
{
  const guint i = index >= 0 ? eid_reconstruction_sheet_picture_at (&self->sheet, (guint) index) : G_MAXUINT;

  if (i < G_MAXUINT && !self->sheet.large)
    self->current = i;
}

static void
on_enlarge (EidPageReconstruction *self)
{
  GPtrArray *names = self->sheet.names;

  g_clear_pointer (&self->large, g_free);
  if (gtk_toggle_button_get_active (self->enlarge) && names && self->current < names->len)
    {
      /* With the mask it has among all: alone, chance would draw it another. */
      g_autoptr (GBytes) mask = eid_reconstruction_sheet_mask (&self->sheet, self->current);

      self->large = g_strdup (names->pdata[self->current]);
      if (mask && !self->sheet.past)
        eid_masks_keep (self->masks, self->large, mask);
    }
  eid_page_look_again (EID_PAGE (self));
  eid_page_tell_choice (EID_PAGE (self));
}

/* --- Beside another run ---------------------------------------------------------------- */

/* The errors of each have a scale of their own: the foot says both. */
static void
add_legend_of (EidPageReconstruction *self, EidPageReconstruction *other)
{
  GtkWidget *tag = eid_run_tag_new ();

  other->scale = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  other->legend = EID_COLOUR_BAR (eid_colour_bar_new (NULL));
  eid_run_tag_set (EID_RUN_TAG (tag), 1, NULL);
  g_object_bind_property (other->legend, "visible", tag, "visible", G_BINDING_SYNC_CREATE);
  gtk_box_append (GTK_BOX (other->scale), tag);
  gtk_box_append (GTK_BOX (other->scale), GTK_WIDGET (other->legend));
  eid_page_add_control (EID_PAGE (self), other->scale);
}

/* Both have the same pictures and masks: what is painted here is asked for there. */
static void
share (EidPage *page, EidPage *beside)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page), *other = EID_PAGE_RECONSTRUCTION (beside);

  eid_masks_unref (other->masks);
  other->masks = other->sheet.masks = eid_masks_ref (self->masks);
  eid_page_reconstruction_set_pins (other, self->pins);
  add_legend_of (self, other);
}

static void
save_choice (EidPage *page, GVariantDict *choice)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page);

  if (!eid_page_follows (page))
    g_variant_dict_insert (choice, "large", "s", self->large ? self->large : "");
}

static void
take_choice (EidPage *page, GVariantDict *choice)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (page);
  const char *large;

  if (g_variant_dict_lookup (choice, "large", "&s", &large)
      && g_strcmp0 (large, self->large ? self->large : "") != 0)
    {
      g_free (self->large);
      self->large = *large ? g_strdup (large) : NULL;
      eid_page_look_again (page);
    }
  else if (self->sheet.shown)
    {
      for (guint i = 0; i < self->sheet.names->len; i++)
        eid_reconstruction_sheet_show_mask (&self->sheet, i);
      update_actions (self);
      follow (self);
    }
}

/* --- Controls ---------------------------------------------------------------------------- */

static GtkWidget *
make_button (const char *icon, const char *name, const char *tip, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tip);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

static void
make_controls (EidPageReconstruction *self)
{
  GtkWidget *tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *enlarge = gtk_toggle_button_new ();

  gtk_button_set_icon_name (GTK_BUTTON (enlarge), "zoom-in-symbolic");
  gtk_widget_set_tooltip_text (enlarge, _ ("Show the picture that was pointed at last alone, large"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (enlarge), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Enlarge"), -1);
  self->enlarge = GTK_TOGGLE_BUTTON (enlarge);
  g_signal_connect_object (enlarge, "toggled", G_CALLBACK (on_enlarge), self, G_CONNECT_SWAPPED);
  eid_page_add_control (EID_PAGE (self), enlarge);

  gtk_widget_add_css_class (tools, "linked");
  gtk_box_append (GTK_BOX (tools), make_button ("view-refresh-symbolic", _ ("Hide at Random"),
                                                _ ("Hide as many patches in other places"), "mask.shuffle"));
  gtk_box_append (GTK_BOX (tools),
                  make_button ("object-flip-horizontal-symbolic", _ ("Invert Mask"),
                               _ ("Hide what is shown, and show what is hidden"), "mask.invert"));
  gtk_box_append (GTK_BOX (tools), make_button ("edit-clear-all-symbolic", _ ("Clear Mask"),
                                                _ ("Hide nothing"), "mask.clear"));
  gtk_box_append (GTK_BOX (tools), make_button ("edit-undo-symbolic", _ ("Undo Stroke"),
                                                _ ("Undo the last stroke (Ctrl+Z)"), "mask.undo"));
  gtk_box_append (GTK_BOX (tools), make_button ("edit-redo-symbolic", _ ("Redo Stroke"),
                                                _ ("Do the stroke again (Ctrl+Shift+Z)"), "mask.redo"));
  eid_page_add_control (EID_PAGE (self), tools);

  self->legend = EID_COLOUR_BAR (eid_colour_bar_new (_ ("Absolute error")));
  eid_page_add_control (EID_PAGE (self), GTK_WIDGET (self->legend));
}

void
eid_page_reconstruction_set_pins (EidPageReconstruction *self, EidPins *pins)
{
  g_set_object (&self->pins, pins);
  self->sheet.pins = pins;
  g_signal_connect_object (pins, "changed", G_CALLBACK (eid_page_look_again), self, G_CONNECT_SWAPPED);
  eid_own_pictures_accept_drops (GTK_WIDGET (self->grid), pins);
  eid_own_pictures_settle_later (GTK_WIDGET (self->grid), pins);
  eid_page_add_control (EID_PAGE (self), eid_own_pictures_button (pins));
  make_controls (self);
  update_actions (self);
}

/* --- The object ------------------------------------------------------------------------- */

static void
eid_page_reconstruction_dispose (GObject *object)
{
  EidPageReconstruction *self = EID_PAGE_RECONSTRUCTION (object);

  if (self->scale && gtk_widget_get_parent (self->scale))
    gtk_box_remove (GTK_BOX (gtk_widget_get_parent (self->scale)), self->scale);
  self->scale = NULL;
  g_clear_object (&self->pins);
  g_clear_pointer (&self->masks, eid_masks_unref);
  eid_reconstruction_sheet_clear (&self->sheet);
  g_clear_pointer (&self->asked, g_ptr_array_unref);
  g_clear_pointer (&self->large, g_free);
  G_OBJECT_CLASS (eid_page_reconstruction_parent_class)->dispose (object);
}

static void
add_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "mask.shuffle", NULL, act_shuffle);
  gtk_widget_class_install_action (widget_class, "mask.invert", NULL, act_invert);
  gtk_widget_class_install_action (widget_class, "mask.clear", NULL, act_clear);
  gtk_widget_class_install_action (widget_class, "mask.undo", NULL, act_undo);
  gtk_widget_class_install_action (widget_class, "mask.redo", NULL, act_redo);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "mask.undo", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                       "mask.redo", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_y, GDK_CONTROL_MASK, "mask.redo", NULL);
}

static void
eid_page_reconstruction_class_init (EidPageReconstructionClass *klass)
{
  EidPageClass *page_class = EID_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = eid_page_reconstruction_dispose;
  page_class->view = EID_WIRE_VIEW_RECONSTRUCTION;
  page_class->title = N_ ("Reconstruction");
  page_class->icon = "eid-reconstruction-symbolic";
  page_class->promise =
      N_ ("What the model makes of the hidden parts of a picture, beside the picture and its "
          "error. Click a picture to pin it.");
  page_class->remedy = N_ ("The masked autoencoder shows one: choose it under Objective, with a vision "
                           "transformer as encoder, and start a new run.");
  page_class->add_options = add_options;
  page_class->show = show;
  page_class->refused = refused;
  page_class->clear = clear;
  page_class->save_choice = save_choice;
  page_class->take_choice = take_choice;
  page_class->share = share;
  add_actions (GTK_WIDGET_CLASS (klass));
}

static void
eid_page_reconstruction_init (EidPageReconstruction *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->masks = eid_masks_new ();
  self->asked = g_ptr_array_new_with_free_func (g_free);
  self->grid = EID_PICTURE_GRID (eid_picture_grid_new ());
  self->sheet.grid = self->grid;
  self->sheet.masks = self->masks;
  gtk_widget_set_vexpand (GTK_WIDGET (self->grid), TRUE);
  g_signal_connect_object (self->grid, "activated", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->grid, "pointed", G_CALLBACK (on_pointed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->grid, "stroke", G_CALLBACK (on_stroke), self, G_CONNECT_SWAPPED);
  self->hint = gtk_label_new (_ (
      "The model says what a hidden patch looks like less its mean and over its deviation. True statistics: "
      "both are taken from the hidden patch itself, which flatters the picture. Honest: both are guessed "
      "from the patches that were seen."));
  gtk_label_set_wrap (GTK_LABEL (self->hint), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->hint), 0);
  gtk_widget_add_css_class (self->hint, "caption");
  gtk_widget_add_css_class (self->hint, "dim-label");
  gtk_widget_set_margin_start (self->hint, 12);
  gtk_widget_set_margin_end (self->hint, 12);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->grid));
  gtk_box_append (GTK_BOX (box), self->hint);
  eid_page_set_content (EID_PAGE (self), box);
}
