/* pins.c: pinned pictures; see pins.h.
 *
 * A page shows the pinned ones first, in the order of pinning, then the first
 * of the test half that are not pinned.                                      */
#include "pins.h"

struct _EidPins
{
  GObject parent_instance;

  guint pinned[EID_PINS_SHOWN];
  guint count;
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

  if (place < self->count)
    return self->pinned[place];
  for (guint left = place - self->count;; number++)
    if (place_of (self, number) < 0 && left-- == 0)
      return number;
}

gboolean
eid_pins_is_pinned (EidPins *self, guint place)
{
  return place < self->count;
}

void
eid_pins_toggle (EidPins *self, guint place)
{
  if (place < self->count)
    {
      for (guint i = place; i + 1 < self->count; i++)
        self->pinned[i] = self->pinned[i + 1];
      self->count--;
    }
  else if (place < EID_PINS_SHOWN)
    {
      self->pinned[self->count] = eid_pins_number (self, place);
      self->count++;
    }
  g_signal_emit (self, changed_signal, 0);
}

void
eid_pins_add_option (EidPins *self, GVariantDict *options)
{
  guint32 numbers[EID_PINS_SHOWN];

  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    numbers[i] = eid_pins_number (self, i);
  g_variant_dict_insert_value (
      options, "pinned",
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, numbers, EID_PINS_SHOWN, sizeof *numbers));
}

static void
eid_pins_class_init (EidPinsClass *klass)
{
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
eid_pins_init (EidPins *self)
{
}

EidPins *
eid_pins_new (void)
{
  return g_object_new (EID_TYPE_PINS, NULL);
}
