/* pins.h: which pictures of the test half are in front of the person: those that
 * were pinned, on whatever page, and others after them. Pages share one.
 *
 * Signal "changed".                                                          */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define EID_TYPE_PINS (eid_pins_get_type ())
G_DECLARE_FINAL_TYPE (EidPins, eid_pins, EID, PINS, GObject)

enum
{
  EID_PINS_SHOWN = 8
}; /* pictures on a page */

EidPins *eid_pins_new (void);
/* The number in the test half of the picture at @place of a page. */
guint eid_pins_number (EidPins *self, guint place);
gboolean eid_pins_is_pinned (EidPins *self, guint place);
/* Pins or lets go the picture at @place. */
void eid_pins_toggle (EidPins *self, guint place);
/* Adds "pinned" to the options of a Look. */
void eid_pins_add_option (EidPins *self, GVariantDict *options);

G_END_DECLS
