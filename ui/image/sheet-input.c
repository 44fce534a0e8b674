/* sheet-input.c: keys and pointer on a sheet of pictures: walking from one to the
 * next, activating, and painting the patches of those that have some.
 */
#include "ui/image/sheet.h"

enum
{
  ACTIVATED,
  POINTED,
  STROKE,
  STROKE_ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- Which picture ---------------------------------------------------------------- */

static EidPicture *
picture_at (EidPictureSheet *self, double x, double y, int *index)
{
  GtkWidget *child = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  guint found;

  *index = -1;
  if (!child || y <= self->layout.header_height || !g_ptr_array_find (self->pictures, child, &found))
    return NULL;
  *index = (int) found;
  return EID_PICTURE (child);
}

/* Tells which picture is under the pointer, or else has the focus. */
static void
update_pointed (EidPictureSheet *self)
{
  GtkWidget *focus = gtk_widget_get_focus_child (GTK_WIDGET (self));
  guint index;
  int pointed = self->under_pointer;

  if (pointed < 0 && focus && g_ptr_array_find (self->pictures, focus, &index))
    pointed = (int) index;
  if (pointed == self->pointed)
    return;
  self->pointed = pointed;
  g_signal_emit (self, signals[POINTED], 0, pointed);
}

void
eid_picture_sheet_forget_input (EidPictureSheet *self)
{
  self->under_pointer = self->painted = -1;
  update_pointed (self);
}

/* --- Focus -------------------------------------------------------------------------- */

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
set_focus_child (GtkWidget *widget, GtkWidget *child)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (widget);
  guint index;

  GTK_WIDGET_CLASS (g_type_class_peek (GTK_TYPE_WIDGET))->set_focus_child (widget, child);
  if (child && g_ptr_array_find (self->pictures, child, &index))
    {
      self->current = index;
      scroll_to (self, index);
    }
  update_pointed (self);
}

/* One stop for Tab: the picture that was last; arrows go on from there. */
static gboolean
focus (GtkWidget *widget, GtkDirectionType direction)
{
  EidPictureSheet *self = EID_PICTURE_SHEET (widget);

  if (gtk_widget_get_focus_child (widget) || self->pictures->len == 0)
    return FALSE;
  return gtk_widget_grab_focus (self->pictures->pdata[MIN (self->current, self->pictures->len - 1)]);
}

/* --- Painting ------------------------------------------------------------------------- */

static void
stroke (EidPictureSheet *self, guint index, int patch, gboolean begins)
{
  eid_picture_set_cursor (self->pictures->pdata[index], patch);
  g_signal_emit (self, signals[STROKE], 0, index, patch, begins);
}

/* All patches between the last point of the brush and this one, of the picture it began on. */
static void
brush_to (EidPictureSheet *self, double x, double y)
{
  EidPicture *picture = self->pictures->pdata[self->painted];
  const int before = eid_picture_get_cursor (picture), across = (int) eid_picture_get_across (picture);
  double px, py;
  int patch, steps;

  gtk_widget_translate_coordinates (GTK_WIDGET (self), GTK_WIDGET (picture), x, y, &px, &py);
  patch = eid_picture_patch_at (picture, px, py);
  if (patch < 0 || across == 0 || patch == before)
    return;
  steps = MAX (ABS (patch % across - before % across), ABS (patch / across - before / across));
  for (int i = 1; i <= steps; i++)
    stroke (self, (guint) self->painted,
            (before / across + (patch / across - before / across) * i / steps) * across + before % across
                + (patch % across - before % across) * i / steps,
            FALSE);
}

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, EidPictureSheet *self)
{
  int index;
  EidPicture *picture = picture_at (self, x, y, &index);
  double px, py;
  int patch = -1;

  if (picture)
    {
      gtk_widget_translate_coordinates (GTK_WIDGET (self), GTK_WIDGET (picture), x, y, &px, &py);
      patch = eid_picture_patch_at (picture, px, py);
    }
  if (patch < 0)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_grab_focus (GTK_WIDGET (picture));
  self->painted = index;
  stroke (self, (guint) index, patch, TRUE);
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, EidPictureSheet *self)
{
  double x, y;

  if (self->painted >= 0 && gtk_gesture_drag_get_start_point (gesture, &x, &y))
    brush_to (self, x + dx, y + dy);
}

static void
drag_end (GtkGestureDrag *gesture, double dx, double dy, EidPictureSheet *self)
{
  if (self->painted < 0)
    return;
  self->painted = -1;
  g_signal_emit (self, signals[STROKE_ENDED], 0);
}

/* --- Pointer ---------------------------------------------------------------------------- */

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidPictureSheet *self)
{
  const int before = self->under_pointer;
  EidPicture *picture = picture_at (self, x, y, &self->under_pointer);

  if (before >= 0 && before != self->under_pointer && before < (int) self->pictures->len)
    eid_picture_set_cursor (self->pictures->pdata[before], -1);
  if (picture && self->painted < 0 && eid_picture_get_across (picture) > 0)
    {
      double px, py;

      gtk_widget_translate_coordinates (GTK_WIDGET (self), GTK_WIDGET (picture), x, y, &px, &py);
      eid_picture_set_cursor (picture, eid_picture_patch_at (picture, px, py));
    }
  update_pointed (self);
}

static void
leave (GtkEventControllerMotion *controller, EidPictureSheet *self)
{
  if (self->under_pointer >= 0 && self->under_pointer < (int) self->pictures->len)
    eid_picture_set_cursor (self->pictures->pdata[self->under_pointer], -1);
  self->under_pointer = -1;
  update_pointed (self);
}

static void
released (GtkGestureClick *gesture, int count, double x, double y, EidPictureSheet *self)
{
  int index;
  EidPicture *picture = picture_at (self, x, y, &index);

  if (picture && eid_picture_get_across (picture) == 0)
    {
      gtk_widget_grab_focus (GTK_WIDGET (picture));
      g_signal_emit (self, signals[ACTIVATED], 0, (guint) index);
    }
}

/* --- Keys --------------------------------------------------------------------------------- */

static const struct
{
  guint key;
  int down, across;
} arrows[] = {
  { GDK_KEY_Left, 0, -1 }, { GDK_KEY_Right, 0, 1 }, { GDK_KEY_Up, -1, 0 }, { GDK_KEY_Down, 1, 0 }
};

static gboolean
go_to (EidPictureSheet *self, int row, int column)
{
  EidPicture *picture =
      row >= 0 && column >= 0 ? eid_picture_sheet_get (self, (guint) row, (guint) column) : NULL;

  if (picture)
    gtk_widget_grab_focus (GTK_WIDGET (picture));
  return TRUE;
}

/* Moves the brush on the picture that has the focus; FALSE at its edge. */
static gboolean
move_brush (EidPicture *picture, int down, int across)
{
  const int side = (int) eid_picture_get_across (picture), cursor = eid_picture_get_cursor (picture);
  const int row = cursor / MAX (side, 1) + down, column = cursor % MAX (side, 1) + across;

  if (side == 0)
    return FALSE;
  if (cursor < 0)
    eid_picture_set_cursor (picture, side / 2 * side + side / 2);
  else if (row < 0 || row >= side || column < 0 || column >= side)
    {
      eid_picture_set_cursor (picture, -1);
      return FALSE;
    }
  else
    eid_picture_set_cursor (picture, row * side + column);
  return TRUE;
}

/* Space paints where the brush is. */
static gboolean
paint (EidPictureSheet *self, EidPicture *picture)
{
  if (eid_picture_get_across (picture) == 0)
    return FALSE;
  if (eid_picture_get_cursor (picture) < 0)
    return move_brush (picture, 0, 0);
  stroke (self, self->current, eid_picture_get_cursor (picture), TRUE);
  g_signal_emit (self, signals[STROKE_ENDED], 0);
  return TRUE;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidPictureSheet *self)
{
  const int row = (int) (self->current / MAX (1, self->columns)),
            column = (int) (self->current % MAX (1, self->columns));
  EidPicture *picture;

  if (self->pictures->len == 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return FALSE;
  picture = self->pictures->pdata[MIN (self->current, self->pictures->len - 1)];
  for (guint i = 0; i < G_N_ELEMENTS (arrows); i++)
    if (arrows[i].key == key)
      return move_brush (picture, arrows[i].down, arrows[i].across)
             || go_to (self, row + arrows[i].down, column + arrows[i].across);
  switch (key)
    {
    case GDK_KEY_Home:
      return go_to (self, 0, 0);
    case GDK_KEY_End:
      return go_to (self, (int) self->rows - 1, (int) self->columns - 1);
    case GDK_KEY_space:
      if (paint (self, picture))
        return TRUE;
      G_GNUC_FALLTHROUGH;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      g_signal_emit (self, signals[ACTIVATED], 0, self->current);
      return TRUE;
    default:
      return FALSE;
    }
}

/* --- The sheet's part ------------------------------------------------------------------------ */

void
eid_picture_sheet_class_add_input (GtkWidgetClass *widget_class)
{
  const GType type = G_TYPE_FROM_CLASS (widget_class);

  widget_class->set_focus_child = set_focus_child;
  widget_class->focus = focus;
  signals[ACTIVATED] =
      g_signal_new ("activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[POINTED] =
      g_signal_new ("pointed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[STROKE] = g_signal_new ("stroke", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                  G_TYPE_UINT, G_TYPE_INT, G_TYPE_BOOLEAN);
  signals[STROKE_ENDED] =
      g_signal_new ("stroke-ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

void
eid_picture_sheet_add_input (EidPictureSheet *self)
{
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->under_pointer = self->pointed = self->painted = -1;
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
