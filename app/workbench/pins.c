/* pins.c: pinned pictures; see pins.h.
 *
 * A page shows the pinned ones first, files before the test half's and each in the
 * order of pinning, then the first of the test half that are not pinned.     */
#include "pins.h"

struct _EidPins
{
  GObject parent_instance;

  GPtrArray *files; /* char* */
  guint unproven;   /* of these, the last so many: no look has shown them yet */
  guint pinned[EID_PINS_SHOWN];
  guint count; /* of pinned */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EidPins, eid_pins, G_TYPE_OBJECT)

static int
place_of (EidPins *self, guint number)
{
  for (guint i = 0; i < self->count; i++)
    if (self->pinned[i] == number)
      return i;
  return -1;
}

guint
eid_pins_number (EidPins *self, guint place)
{
  guint number = 0;

  if (place < self->files->len)
    return G_MAXUINT;
  place -= self->files->len;
  if (place < self->count)
    return self->pinned[place];
  for (guint left = place - self->count;; number++)
    if (place_of (self, number) < 0 && left-- == 0)
      return number;
}

gboolean
eid_pins_is_pinned (EidPins *self, guint place)
{
  return place < self->files->len + self->count;
}

static void
unpin (EidPins *self, guint place)
{
  if (place < self->files->len)
    {
      if (place >= self->files->len - self->unproven)
        self->unproven--;
      g_ptr_array_remove_index (self->files, place);
      return;
    }
  for (guint i = place - self->files->len; i + 1 < self->count; i++)
    self->pinned[i] = self->pinned[i + 1];
  self->count--;
}

void
eid_pins_toggle (EidPins *self, guint place)
{
  if (eid_pins_is_pinned (self, place))
    unpin (self, place);
  else if (place < EID_PINS_SHOWN)
    {
      const guint number = eid_pins_number (self, place);

      self->pinned[self->count++] = number;
    }
  g_signal_emit (self, changed_signal, 0);
}

/* --- Files -------------------------------------------------------------------------- */

void
eid_pins_add_file (EidPins *self, const char *file)
{
  if (g_ptr_array_find_with_equal_func (self->files, file, g_str_equal, NULL))
    return;
  if (self->files->len + self->count == EID_PINS_SHOWN)
    unpin (self, self->count > 0 ? self->files->len : 0);
  g_ptr_array_add (self->files, g_strdup (file));
  self->unproven++;
  g_signal_emit (self, changed_signal, 0);
}

void
eid_pins_accept (EidPins *self)
{
  self->unproven = 0;
}

gboolean
eid_pins_reject (EidPins *self)
{
  if (self->unproven == 0)
    return FALSE;
  g_ptr_array_set_size (self->files, (int) (self->files->len - self->unproven));
  self->unproven = 0;
  g_signal_emit (self, changed_signal, 0);
  return TRUE;
}

/* --- Options ------------------------------------------------------------------------- */

static void
add_files (GVariantDict *options, const char *const *files, gssize count)
{
  g_variant_dict_insert_value (options, "files", g_variant_new_strv (files, count));
}

static void
add_numbers (GVariantDict *options, const guint32 *numbers, guint count)
{
  g_variant_dict_insert_value (
      options, "pinned", g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, numbers, count, sizeof *numbers));
}

void
eid_pins_add_option (EidPins *self, GVariantDict *options)
{
  guint32 numbers[EID_PINS_SHOWN];
  guint count = 0;

  for (guint i = self->files->len; i < EID_PINS_SHOWN; i++)
    numbers[count++] = eid_pins_number (self, i);
  if (self->files->len > 0)
    add_files (options, (const char *const *) self->files->pdata, self->files->len);
  add_numbers (options, numbers, count);
}

/* A file goes by its path, which begins with a slash, others by their number. */
char *
eid_pins_name (EidPins *self, guint place)
{
  return place < self->files->len ? g_strdup (self->files->pdata[place])
                                  : g_strdup_printf ("%u", eid_pins_number (self, place));
}

void
eid_pins_add_option_of (const char *name, GVariantDict *options)
{
  const guint32 number = (guint32) g_ascii_strtoull (name, NULL, 10);

  if (g_ascii_isdigit (*name))
    add_numbers (options, &number, 1);
  else
    add_files (options, &name, 1);
}

/* --- The object ------------------------------------------------------------------------ */

static void
eid_pins_finalize (GObject *object)
{
  g_ptr_array_unref (EID_PINS (object)->files);
  G_OBJECT_CLASS (eid_pins_parent_class)->finalize (object);
}

static void
eid_pins_class_init (EidPinsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_pins_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
eid_pins_init (EidPins *self)
{
  self->files = g_ptr_array_new_with_free_func (g_free);
}

EidPins *
eid_pins_new (void)
{
  return g_object_new (EID_TYPE_PINS, NULL);
}
