/* sheet.c: rows and columns of pictures under headings that stay in sight while
 * the pictures scroll; keys and pointer are in sheet-input.c. Takes its size from the scrolled window
 * around it (GtkScrollable), and chooses from that how large the pictures are.
 */
#include "ui/image/sheet.h"

enum
{
  PROP_HADJUSTMENT = 1,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

G_DEFINE_FINAL_TYPE_WITH_CODE (EidPictureSheet, eid_picture_sheet, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

/* --- Size and drawing ------------------------------------------------------------ */

static void
configure (GtkAdjustment *adjustment, double content, double page)
{
  if (adjustment)
    gtk_adjustment_configure (adjustment,
                              CLAMP (gtk_adjustment_get_value (adjustment), 0, MAX (0, content - page)), 0,
                              MAX (content, page), 48, page * 0.9, page);
}

static void
eid_picture_sheet_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (widget);

  eid_picture_sheet_lay_out (self, width, height);
  configure (self->adjustments[GTK_ORIENTATION_HORIZONTAL], self->layout.content_width, width);
  configure (self->adjustments[GTK_ORIENTATION_VERTICAL], self->layout.content_height, height);
  for (guint i = 0; i < self->pictures->len; i++)
    {
      GtkAllocation place = { 0, 0, self->layout.column_width, self->layout.row_height };

      eid_sheet_place (&self->layout, self->columns, i, &place.x, &place.y);
      place.x -= eid_picture_sheet_scrolled (self, GTK_ORIENTATION_HORIZONTAL);
      place.y -= eid_picture_sheet_scrolled (self, GTK_ORIENTATION_VERTICAL);
      eid_picture_set_space (self->pictures->pdata[i], self->layout.side);
      gtk_widget_measure (self->pictures->pdata[i], GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
      gtk_widget_size_allocate (self->pictures->pdata[i], &place, -1);
    }
}

static void
eid_picture_sheet_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                           int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 640 : 480;
}

static void
eid_picture_sheet_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  eid_picture_sheet_draw (EID_PICTURE_SHEET (widget), snapshot);
}

/* --- Contents ----------------------------------------------------------------------------- */

EidPicture *
eid_picture_sheet_get (EidPictureSheet *self, guint row, guint column)
{
  if (row >= self->rows || column >= self->columns)
    return NULL;
  return self->pictures->pdata[row * self->columns + column];
}

static void
update_places (EidPictureSheet *self)
{
  for (guint i = 0; i < self->pictures->len; i++)
    {
      const char *title = self->titles->pdata[i % self->columns],
                 *label = self->labels->pdata[i / self->columns];
      g_autofree char *place =
          g_strjoin (title && label ? ", " : "", label ? label : "", title ? title : "", NULL);

      eid_picture_set_place (self->pictures->pdata[i], *place ? place : NULL);
    }
}

void
eid_picture_sheet_set_shape (EidPictureSheet *self, guint rows, guint columns)
{
  GPtrArray *old = self->pictures;
  guint old_rows = self->rows, old_columns = self->columns, from = self->slots->len;

  if (rows == old_rows && columns == old_columns)
    return;
  self->pictures = g_ptr_array_new ();
  for (guint r = 0; r < rows; r++)
    for (guint c = 0; c < columns; c++)
      {
        GtkWidget *picture;

        if (r < old_rows && c < old_columns)
          picture = g_steal_pointer (&old->pdata[r * old_columns + c]);
        else
          {
            picture = eid_picture_new ();
            gtk_widget_set_parent (picture, GTK_WIDGET (self));
          }
        g_ptr_array_add (self->pictures, picture);
      }
  for (guint i = 0; i < old->len; i++)
    g_clear_pointer (&old->pdata[i], gtk_widget_unparent);
  g_ptr_array_unref (old);
  self->rows = rows;
  self->columns = columns;
  self->current = 0;
  eid_picture_sheet_forget_input (self);
  g_ptr_array_set_size (self->titles, (int) columns);
  g_ptr_array_set_size (self->labels, (int) rows);
  g_array_set_size (self->slots, columns);
  for (guint c = from; c < columns; c++)
    g_array_index (self->slots, int, c) = -1;
  update_places (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
set_text (EidPictureSheet *self, GPtrArray *texts, guint place, const char *text)
{
  if (place >= texts->len || g_strcmp0 (texts->pdata[place], text) == 0)
    return;
  g_free (texts->pdata[place]);
  texts->pdata[place] = g_strdup (text);
  update_places (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
eid_picture_sheet_set_title (EidPictureSheet *self, guint column, const char *title)
{
  set_text (self, self->titles, column, title);
}

void
eid_picture_sheet_set_label (EidPictureSheet *self, guint row, const char *label)
{
  set_text (self, self->labels, row, label);
}

void
eid_picture_sheet_set_slot (EidPictureSheet *self, guint column, int slot)
{
  if (column >= self->slots->len)
    return;
  g_array_index (self->slots, int, column) = slot;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_picture_sheet_set_empty_text (EidPictureSheet *self, const char *text)
{
  g_free (self->empty_text);
  self->empty_text = g_strdup (text);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- The object --------------------------------------------------------------------------------- */

static void
set_adjustment (EidPictureSheet *self, GtkOrientation orientation, GtkAdjustment *adjustment)
{
  GtkAdjustment **place = &self->adjustments[orientation];

  if (*place)
    g_signal_handlers_disconnect_by_data (*place, self);
  g_set_object (place, adjustment);
  if (adjustment)
    g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_allocate), self);
}

static void
eid_picture_sheet_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object (value));
      break;
    case PROP_VADJUSTMENT:
      set_adjustment (self, GTK_ORIENTATION_VERTICAL, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      self->policies[id - PROP_HSCROLL_POLICY] = (GtkScrollablePolicy) g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
eid_picture_sheet_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (object);

  switch (id)
    {
    case PROP_HADJUSTMENT:
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->adjustments[id - PROP_HADJUSTMENT]);
      break;
    case PROP_HSCROLL_POLICY:
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, (int) self->policies[id - PROP_HSCROLL_POLICY]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
eid_picture_sheet_dispose (GObject *object)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (object);

  set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, NULL);
  set_adjustment (self, GTK_ORIENTATION_VERTICAL, NULL);
  for (guint i = 0; i < self->pictures->len; i++)
    gtk_widget_unparent (self->pictures->pdata[i]);
  g_ptr_array_set_size (self->pictures, 0);
  self->rows = self->columns = 0;
  G_OBJECT_CLASS (eid_picture_sheet_parent_class)->dispose (object);
}

static void
eid_picture_sheet_finalize (GObject *object)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (object);

  g_ptr_array_unref (self->pictures);
  g_ptr_array_unref (self->titles);
  g_ptr_array_unref (self->labels);
  g_array_unref (self->slots);
  g_free (self->empty_text);
  G_OBJECT_CLASS (eid_picture_sheet_parent_class)->finalize (object);
}

static void
eid_picture_sheet_class_init (EidPictureSheetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = eid_picture_sheet_set_property;
  object_class->get_property = eid_picture_sheet_get_property;
  object_class->dispose = eid_picture_sheet_dispose;
  object_class->finalize = eid_picture_sheet_finalize;
  widget_class->size_allocate = eid_picture_sheet_size_allocate;
  widget_class->measure = eid_picture_sheet_measure;
  widget_class->snapshot = eid_picture_sheet_snapshot;
  eid_picture_sheet_class_add_input (widget_class);

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  gtk_widget_class_set_css_name (widget_class, "eidpicturesheet");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
eid_picture_sheet_init (EidPictureSheet *self)
{
  self->pictures = g_ptr_array_new ();
  self->titles = g_ptr_array_new_with_free_func (g_free);
  self->labels = g_ptr_array_new_with_free_func (g_free);
  self->slots = g_array_new (FALSE, FALSE, sizeof (int));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  eid_picture_sheet_add_input (self);
}

GtkWidget *
eid_picture_sheet_new (void)
{
  return g_object_new (EID_TYPE_PICTURE_SHEET, NULL);
}
