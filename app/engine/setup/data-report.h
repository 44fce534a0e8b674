/* data-report.h: what is said of the data of a setup: how they were understood, why
 * there is no probe of them, and in what they differ from those of a checkpoint. */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

/* Both halves, their counts and classes, and what is left out, in one line. Free. */
char *eid_data_describe (EidSetup *setup);

/* A sentence on pictures of 16 bits a sample that were stretched, once; NULL: none was so far, or it has been
 * said. Free. */
char *eid_data_tell_stretched (EidSetup *setup);

/* What there is to say of a run as it begins, char * each: what it is and computes on, in which number
 * format; how its data were understood; what was decided as it was opened.               */
GPtrArray *eid_setup_sentences (EidSetup *setup);

/* Why no probe of classes can be made of the data, a sentence; NULL: one can. Free. */
char *eid_data_obstacle (EidSetup *setup);
/* The same of labels [n_train] and [n_test] of pictures of @dataset's classes. */
char *eid_labels_obstacle (EidDataset *dataset, const gint32 *train, guint n_train, const gint32 *test,
                           guint n_test);
/* Takes @obstacle for setup->obstacle. */
void eid_data_set_obstacle (EidSetup *setup, char *obstacle);

/* Adds to a checkpoint's @metadata, whose values are freed, what the data are. */
void eid_data_add_metadata (EidSetup *setup, GHashTable *metadata);
/* The keys that it adds, NULL after the last. */
extern const char *const eid_data_metadata_keys[];

/* Compares the data with what @checkpoint says of those it was made with; setup->changed is
 * a sentence on the difference, or NULL. Other classes are an error where it is
 * @to_train. Errors: EID_ERROR_FAILED.                                       */
gboolean eid_data_compare (EidSetup *setup, EidSafetensors *checkpoint, gboolean to_train, GError **error);

G_END_DECLS
