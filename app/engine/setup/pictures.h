/* pictures.h: pictures to look at, of the data or of files, as the workbench, `train` and `inspect` show them. */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

/* Pictures to look at: of the test half, or given as bytes. */
struct _EidPictures
{
  guint count;
  guint8 *pixels; /* [count, h, w, C], of the data set's size                 */
  char **labels;  /* [count]                                                  */
};

enum
{
  EID_PICTURES_SPREAD = 8 /* of the test half have the first numbers           */
};
/* @wanted: @count numbers of pictures of the test half, of which the first eight are spread
 * evenly over it; those beyond the last are left out. NULL: @count spread evenly. Errors:
 * EID_ERROR_USAGE (none is there), EID_DATASET_ERROR.                        */
EidPictures *eid_pictures_of_test (EidSetup *setup, const guint32 *wanted, guint count, GError **error);
/* Those @samples of the training half; one that cannot be read is replaced by the
 * next that can, whose number is put into @samples. Errors: EID_DATASET_ERROR. */
EidPictures *eid_pictures_of_train (EidSetup *setup, guint32 *samples, guint count, GError **error);
/* Picture files, scaled and centre-cropped. Errors: EID_DATASET_ERROR. */
EidPictures *eid_pictures_of_files (EidSetup *setup, char **files, GError **error);
void eid_pictures_free (EidPictures *pictures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPictures, eid_pictures_free)

/* Whether the data are pictures; else an error that says that nothing can be shown of them. */
gboolean eid_check_pictures (EidSetup *setup, GError **error);

G_END_DECLS
