/* settings.h: the keys of [Augment] in a recipe's text, as one setting to
 * be held beside another.                                                    */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* -> a{ss}, every key with its value, defaults filled in. Unref. */
GVariant *eid_augment_settings_read (const char *recipe);
/* "brightness 0.4, hue 0.1 → brightness 0.8, hue 0.2": what differs; NULL if
 * nothing does. Free.                                                        */
char *eid_augment_settings_difference (GVariant *from, GVariant *to);

G_END_DECLS
