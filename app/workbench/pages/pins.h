/* pins.h: which pictures are in front of the person: files of their own, then those
 * of the test half that were pinned, on whatever page, and others after them.
 * Pages share one. A picture that is pinned does not move under the pointer: the
 * order follows when it is settled.
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
/* The number in the test half of the picture at @place of a page; G_MAXUINT: a file. */
guint eid_pins_number (EidPins *self, guint place);
gboolean eid_pins_is_pinned (EidPins *self, guint place);
/* Pins or lets go the picture at @place, where it stays. */
void eid_pins_toggle (EidPins *self, guint place);
/* Puts all into their order, if they are not. */
void eid_pins_settle (EidPins *self);
/* Adds "files" and "pinned" to the options of a Look. */
void eid_pins_add_option (EidPins *self, GVariantDict *options);

/* --- Pictures of one's own ---------------------------------------------------- */

/* Pins a picture file, as the engine finds it; where there are as many as are shown, the
 * one that was pinned first is let go.                                       */
void eid_pins_add_file (EidPins *self, const char *file);
/* A look was answered: the engine can read the files. */
void eid_pins_accept (EidPins *self);
/* A look was refused: lets go the files that came since the last that was answered, the
 * likely reason. FALSE if there are none.                                    */
gboolean eid_pins_reject (EidPins *self);

/* --- One picture ----------------------------------------------------------------- */

/* What the picture at @place is called, wherever it goes. Free. */
char *eid_pins_name (EidPins *self, guint place);
/* The options of a Look at the picture of that name alone. */
void eid_pins_add_option_of (const char *name, GVariantDict *options);

G_END_DECLS
