/* consent.h: a run may bring code of its own, and opening it runs that code: whose it is not, is asked first. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

typedef void (*EidConsentFunc) (const char *folder, gpointer data);

/* Calls @agreed at once where all code in the run @folder is the user's own or there is none; else asks above
 * @parent, and calls it after an agreement, which holds for good. @data: an object, held meanwhile. */
void eid_consent_ask (GtkWindow *parent, const char *folder, EidConsentFunc agreed, gpointer data);

G_END_DECLS
