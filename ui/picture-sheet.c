/* picture-sheet.c: rows and columns of pictures under headings that stay in sight while
 * the pictures scroll. Takes its size from the scrolled window around it (GtkScrollable),
 * and chooses from that how large the pictures are.
 */
#include "picture.h"

#include <glib/gi18n-lib.h>

#define LABEL_MOST     120 /* pixels of a row's label                         */
#define CAPTION_MARGIN 4
#define HEADER_MARGIN  7
#define SWATCH         10

struct _EidPictureSheet
{
  GtkWidget parent;

  guint rows, columns;
  GPtrArray *pictures; /* EidPicture, row by row; children           */
  GPtrArray *titles;   /* char* by column                            */
  GArray *slots;       /* int by column; -1: none                    */
  GPtrArray *labels;   /* char* by row                               */
  char *empty_text;
  guint current; /* the picture that Tab comes back to */

  EidSheetLayout layout;
  GtkAdjustment *adjustments[2]; /* by GtkOrientation */
  GtkScrollablePolicy policies[2];
};

enum
{
  PROP_HADJUSTMENT = 1,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

enum
{
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (EidPictureSheet, eid_picture_sheet, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

/* --- Where things stand ------------------------------------------------------- */

static int
text_width (GtkWidget *widget, const char *text)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static int
line_height (GtkWidget *widget)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "Ag");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static void
update_layout (EidPictureSheet *self, int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int pixels = 0, lines = 0, label_width = 0, header = 0, line = line_height (widget);

  for (guint i = 0; i < self->pictures->len; i++)
    {
      pixels = MAX (pixels, eid_picture_get_pixels (self->pictures->pdata[i]));
      lines = MAX (lines, eid_picture_caption_lines (self->pictures->pdata[i]));
    }
  for (guint i = 0; i < self->labels->len; i++)
    if (self->labels->pdata[i])
      label_width = MAX (label_width, text_width (widget, self->labels->pdata[i]));
  for (guint i = 0; i < self->titles->len; i++)
    if (self->titles->pdata[i])
      header = line + 2 * HEADER_MARGIN;
  self->layout = eid_sheet_layout (self->rows, self->columns, pixels, MIN (label_width, LABEL_MOST), header,
                                   lines ? lines * line + CAPTION_MARGIN : 0, width, height);
}

static double
scrolled (EidPictureSheet *self, GtkOrientation orientation)
{
  GtkAdjustment *adjustment = self->adjustments[orientation];

  return adjustment ? gtk_adjustment_get_value (adjustment) : 0;
}

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

  update_layout (self, width, height);
  configure (self->adjustments[GTK_ORIENTATION_HORIZONTAL], self->layout.content_width, width);
  configure (self->adjustments[GTK_ORIENTATION_VERTICAL], self->layout.content_height, height);
  for (guint i = 0; i < self->pictures->len; i++)
    {
      GtkAllocation place = { 0, 0, self->layout.column_width, self->layout.row_height };

      eid_sheet_place (&self->layout, self->columns, i, &place.x, &place.y);
      place.x -= (int) scrolled (self, GTK_ORIENTATION_HORIZONTAL);
      place.y -= (int) scrolled (self, GTK_ORIENTATION_VERTICAL);
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

/* --- Drawing --------------------------------------------------------------------- */

static void
put_text (GtkSnapshot *snapshot, GtkWidget *widget, const char *text, gboolean bold, int x, int y, int width,
          int align)
{
  EidPlotStyle style;
  GdkRGBA colour;
  PangoLayout *layout;

  eid_plot_style_init (&style, widget);
  colour = eid_plot_faint (&style, bold ? 1 : 0.75f);
  layout = eid_plot_text (&style, text, bold ? 0.92 : EID_PLOT_SMALL, bold);
  pango_layout_set_width (layout, MAX (width, 1) * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, -1);
  pango_layout_set_alignment (layout, align ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_CENTER);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
  g_object_unref (layout);
  eid_plot_style_clear (&style);
}

static void
snapshot_heading (EidPictureSheet *self, GtkSnapshot *snapshot, guint column, int x)
{
  const EidSheetLayout *l = &self->layout;
  const char *title = self->titles->pdata[column];
  int slot = g_array_index (self->slots, int, column), inset = slot >= 0 ? SWATCH + 4 : 0;

  if (!title)
    return;
  if (slot >= 0)
    {
      GdkRGBA colour =
          eid_category_colour ((guint) slot, adw_style_manager_get_dark (adw_style_manager_get_default ()));
      int width = MIN (text_width (GTK_WIDGET (self), title), l->column_width - inset);

      gtk_snapshot_append_color (snapshot, &colour,
                                 &GRAPHENE_RECT_INIT ((float) (x + (l->column_width - width - inset) / 2),
                                                      (float) (l->header_height - SWATCH) / 2, SWATCH,
                                                      SWATCH));
    }
  put_text (snapshot, GTK_WIDGET (self), title, TRUE, x + inset, HEADER_MARGIN, l->column_width - inset, 0);
}

/* Every block has the headings over it. */
static void
snapshot_headings (EidPictureSheet *self, GtkSnapshot *snapshot)
{
  const EidSheetLayout *l = &self->layout;

  for (int b = 0; b < l->blocks; b++)
    for (guint c = 0; c < self->columns; c++)
      snapshot_heading (self, snapshot, c,
                        l->left + b * l->block_width + (int) c * (l->column_width + EID_SHEET_GAP)
                            - (int) scrolled (self, GTK_ORIENTATION_HORIZONTAL));
}

static void
snapshot_labels (EidPictureSheet *self, GtkSnapshot *snapshot)
{
  const EidSheetLayout *l = &self->layout;
  int half = line_height (GTK_WIDGET (self)) / 2;

  for (guint r = 0; r < self->rows; r++)
    {
      int x, y;

      if (!self->labels->pdata[r])
        continue;
      eid_sheet_place (l, self->columns, r * self->columns, &x, &y);
      put_text (snapshot, GTK_WIDGET (self), self->labels->pdata[r], FALSE,
                x - EID_SHEET_GAP - l->label_width - (int) scrolled (self, GTK_ORIENTATION_HORIZONTAL),
                y + l->side / 2 - half - (int) scrolled (self, GTK_ORIENTATION_VERTICAL), l->label_width, 1);
    }
}

static void
snapshot_empty (EidPictureSheet *self, GtkSnapshot *snapshot, int width, int height)
{
  EidPlotStyle style;
  GskRenderNode *node;

  eid_plot_style_init (&style, GTK_WIDGET (self));
  node = eid_plot_empty (&style, self->empty_text ? self->empty_text : _ ("No pictures yet"), width, height);
  if (node)
    gtk_snapshot_append_node (snapshot, node);
  g_clear_pointer (&node, gsk_render_node_unref);
  eid_plot_style_clear (&style);
}

static void
eid_picture_sheet_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget),
      top = self->layout.header_height;

  if (self->pictures->len == 0)
    {
      snapshot_empty (self, snapshot, width, height);
      return;
    }
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (0, (float) top, (float) width, (float) MAX (height - top, 1)));
  for (guint i = 0; i < self->pictures->len; i++)
    {
      int x, y;

      eid_sheet_place (&self->layout, self->columns, i, &x, &y);
      y -= (int) scrolled (self, GTK_ORIENTATION_VERTICAL);
      if (y + self->layout.row_height > 0 && y < height) /* only what is in sight is scaled and drawn */
        gtk_widget_snapshot_child (widget, self->pictures->pdata[i], snapshot);
    }
  snapshot_labels (self, snapshot);
  gtk_snapshot_pop (snapshot);
  snapshot_headings (self, snapshot);
}

/* --- Keys and pointer ----------------------------------------------------------------- */

static void
scroll_to (EidPictureSheet *self, guint index)
{
  const EidSheetLayout *l = &self->layout;
  int x, y;

  eid_sheet_place (l, self->columns, index, &x, &y);
  if (self->adjustments[GTK_ORIENTATION_VERTICAL])
    gtk_adjustment_clamp_page (self->adjustments[GTK_ORIENTATION_VERTICAL],
                               y - l->header_height - EID_SHEET_GAP, y + l->row_height + EID_SHEET_GAP);
  if (self->adjustments[GTK_ORIENTATION_HORIZONTAL])
    gtk_adjustment_clamp_page (self->adjustments[GTK_ORIENTATION_HORIZONTAL], x - EID_SHEET_GAP,
                               x + l->column_width + EID_SHEET_GAP);
}

static void
eid_picture_sheet_set_focus_child (GtkWidget *widget, GtkWidget *child)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (widget);
  guint index;

  GTK_WIDGET_CLASS (eid_picture_sheet_parent_class)->set_focus_child (widget, child);
  if (child && g_ptr_array_find (self->pictures, child, &index))
    {
      self->current = index;
      scroll_to (self, index);
    }
}

/* One stop for Tab: the picture that was last; arrows go on from there. */
static gboolean
eid_picture_sheet_focus (GtkWidget *widget, GtkDirectionType direction)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (widget);

  if (gtk_widget_get_focus_child (widget) || self->pictures->len == 0)
    return FALSE;
  return gtk_widget_grab_focus (self->pictures->pdata[MIN (self->current, self->pictures->len - 1)]);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidPictureSheet *self)
{
  int row = (int) (self->current / MAX (1, self->columns)),
      column = (int) (self->current % MAX (1, self->columns));

  if (self->pictures->len == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Left:
      column--;
      break;
    case GDK_KEY_Right:
      column++;
      break;
    case GDK_KEY_Up:
      row--;
      break;
    case GDK_KEY_Down:
      row++;
      break;
    case GDK_KEY_Home:
      row = column = 0;
      break;
    case GDK_KEY_End:
      row = (int) self->rows - 1;
      column = (int) self->columns - 1;
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      g_signal_emit (self, signals[ACTIVATED], 0, self->current);
      return TRUE;
    default:
      return FALSE;
    }
  if (row >= 0 && row < (int) self->rows && column >= 0 && column < (int) self->columns)
    gtk_widget_grab_focus (eid_picture_sheet_get (self, (guint) row, (guint) column)
                               ? GTK_WIDGET (eid_picture_sheet_get (self, (guint) row, (guint) column))
                               : GTK_WIDGET (self));
  return TRUE;
}

static void
released (GtkGestureClick *gesture, int count, double x, double y, EidPictureSheet *self)
{
  GtkWidget *child = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  guint index;

  if (child && y > self->layout.header_height && g_ptr_array_find (self->pictures, child, &index))
    {
      gtk_widget_grab_focus (child);
      g_signal_emit (self, signals[ACTIVATED], 0, index);
    }
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
  widget_class->set_focus_child = eid_picture_sheet_set_focus_child;
  widget_class->focus = eid_picture_sheet_focus;

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  signals[ACTIVATED] = g_signal_new ("activated", EID_TYPE_PICTURE_SHEET, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "eidpicturesheet");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
eid_picture_sheet_init (EidPictureSheet *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->pictures = g_ptr_array_new ();
  self->titles = g_ptr_array_new_with_free_func (g_free);
  self->labels = g_ptr_array_new_with_free_func (g_free);
  self->slots = g_array_new (FALSE, FALSE, sizeof (int));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
eid_picture_sheet_new (void)
{
  return g_object_new (EID_TYPE_PICTURE_SHEET, NULL);
}
