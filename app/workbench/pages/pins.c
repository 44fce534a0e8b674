/* pins.c: pinned pictures; see pins.h.
 *
 * A page shows the pinned ones first, files before the test half's and each in the
 * order of pinning, then the first of the test half that are not pinned. What is
 * pinned or let go stays in its place until the order is settled.            */
#include "app/workbench/pages/pins.h"

typedef struct
{
  char *file;        /* NULL: of the test half            */
  guint number;      /* in it                             */
  guint since;       /* how many were pinned before it, and it; 0: it is not pinned */
  gboolean unproven; /* a file that no look has shown yet */
} Place;

struct _EidPins
{
  GObject parent_instance;

  Place places[EID_PINS_SHOWN];
  guint pinned; /* so far */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EidPins, eid_pins, G_TYPE_OBJECT)

guint
eid_pins_number (EidPins *self, guint place)
{
  g_return_val_if_fail (place < EID_PINS_SHOWN, G_MAXUINT);
  return self->places[place].file ? G_MAXUINT : self->places[place].number;
}

gboolean
eid_pins_is_pinned (EidPins *self, guint place)
{
  return place < EID_PINS_SHOWN && self->places[place].since > 0;
}

void
eid_pins_toggle (EidPins *self, guint place)
{
  if (place >= EID_PINS_SHOWN)
    return;
  self->places[place].since = self->places[place].since > 0 ? 0 : ++self->pinned;
  g_signal_emit (self, changed_signal, 0);
}

/* --- Order -------------------------------------------------------------------------- */

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *x = a, *y = b;

  if ((x->file == NULL) != (y->file == NULL))
    return x->file ? -1 : 1;
  return x->since < y->since ? -1 : x->since > y->since;
}

/* Takes the pinned ones out of the places: those let go are gone. */
static GArray *
take_pinned (EidPins *self)
{
  GArray *pinned = g_array_new (FALSE, FALSE, sizeof (Place));

  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    if (self->places[i].since > 0)
      g_array_append_val (pinned, self->places[i]);
    else
      g_free (self->places[i].file);
  return pinned;
}

static gboolean
holds (const GArray *pinned, guint number)
{
  for (guint i = 0; i < pinned->len; i++)
    if (g_array_index (pinned, Place, i).file == NULL && g_array_index (pinned, Place, i).number == number)
      return TRUE;
  return FALSE;
}

/* Takes @pinned, of at most so many as are shown. */
static void
arrange (EidPins *self, GArray *pinned)
{
  guint number = 0;

  g_array_sort (pinned, compare_places);
  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    if (i < pinned->len)
      self->places[i] = g_array_index (pinned, Place, i);
    else
      {
        while (holds (pinned, number))
          number++;
        self->places[i] = (Place){ .number = number++ };
      }
  g_array_unref (pinned);
}

static gboolean
is_settled (EidPins *self)
{
  gboolean ended = FALSE; /* of the pinned ones */

  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    {
      const Place *place = &self->places[i], *before = i > 0 ? place - 1 : NULL;

      if (place->since == 0)
        {
          if (place->file || (ended && before->number > place->number))
            return FALSE;
          ended = TRUE;
        }
      else if (ended || (before && compare_places (before, place) > 0))
        return FALSE;
    }
  return TRUE;
}

void
eid_pins_settle (EidPins *self)
{
  if (is_settled (self))
    return;
  arrange (self, take_pinned (self));
  g_signal_emit (self, changed_signal, 0);
}

/* --- Files -------------------------------------------------------------------------- */

static gboolean
is_shown (EidPins *self, const char *file)
{
  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    if (self->places[i].since > 0 && g_strcmp0 (self->places[i].file, file) == 0)
      return TRUE;
  return FALSE;
}

/* The one pinned first, of the test half if there is one, else of the files. */
static void
let_first_go (GArray *pinned)
{
  guint first = 0;

  g_array_sort (pinned, compare_places);
  for (guint i = pinned->len; i-- > 0;)
    if (g_array_index (pinned, Place, i).file == NULL)
      first = i;
  g_free (g_array_index (pinned, Place, first).file);
  g_array_remove_index (pinned, first);
}

void
eid_pins_add_file (EidPins *self, const char *file)
{
  const Place place = { g_strdup (file), 0, self->pinned + 1, TRUE };
  GArray *pinned;

  if (is_shown (self, file))
    {
      g_free (place.file);
      return;
    }
  self->pinned++;
  pinned = take_pinned (self);
  if (pinned->len == EID_PINS_SHOWN)
    let_first_go (pinned);
  g_array_append_val (pinned, place);
  arrange (self, pinned);
  g_signal_emit (self, changed_signal, 0);
}

void
eid_pins_accept (EidPins *self)
{
  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    self->places[i].unproven = FALSE;
}

gboolean
eid_pins_reject (EidPins *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    if (self->places[i].unproven)
      {
        self->places[i].since = 0;
        any = TRUE;
      }
  if (!any)
    return FALSE;
  arrange (self, take_pinned (self));
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
  const char *files[EID_PINS_SHOWN];
  guint32 numbers[EID_PINS_SHOWN];
  guint n_files = 0, count = 0;

  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    if (self->places[i].file)
      files[n_files++] = self->places[i].file;
    else
      numbers[count++] = self->places[i].number;
  if (n_files > 0)
    add_files (options, files, n_files);
  add_numbers (options, numbers, count);
}

/* A file goes by its path, which begins with a slash, others by their number. */
char *
eid_pins_name (EidPins *self, guint place)
{
  g_return_val_if_fail (place < EID_PINS_SHOWN, NULL);
  return self->places[place].file ? g_strdup (self->places[place].file)
                                  : g_strdup_printf ("%u", self->places[place].number);
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
  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    g_free (EID_PINS (object)->places[i].file);
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
  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    self->places[i].number = i;
}

EidPins *
eid_pins_new (void)
{
  return g_object_new (EID_TYPE_PINS, NULL);
}
