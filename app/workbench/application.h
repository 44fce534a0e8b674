/* application.h: the program: one process, its windows, its application-wide actions. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define EID_TYPE_APPLICATION (eid_application_get_type ())
G_DECLARE_FINAL_TYPE (EidApplication, eid_application, EID, APPLICATION, AdwApplication)

EidApplication *eid_application_new (void);

G_END_DECLS
