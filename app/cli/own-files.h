/* own-files.h: what plugins publish under names of their own, as files: what `train` leaves in
 * RUN/pictures and `inspect` writes.                                         */
#pragma once

#include "app/engine/views/compute.h"

G_BEGIN_DECLS

/* Told of each file that was written, and with @problem of what was left out. */
typedef void (*EidOwnFileFunc) (const char *file, const char *problem, gpointer user_data);

/* What they publish of @pictures, or of @count passages where the data are text (NULL then), as
 * plugin-NAME.png, with .npy or .csv of its numbers, or .txt, into @folder; where there is nothing, nothing.
 * Errors: EID_ERROR_FAILED, naming the file, or EID_DATASET_ERROR.           */
gboolean eid_write_own_views (EidSetup *setup, const EidPictures *pictures, guint count, const char *folder,
                              EidOwnFileFunc told, gpointer user_data, GError **error);

G_END_DECLS
