/* names.h: what other programs call an encoder's tensors. The program's own names are timm's for
 * transformers and torchvision's for residual networks; files of other names are read, and written,
 * by tables of rules.                                                        */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One way to name the tensors of a network. */
typedef struct _EidNaming EidNaming;

/* NULL past the last. The first that fits is the one to take. */
const EidNaming *eid_naming_get (guint i);
/* Whose names they are, as a command line takes it: "huggingface". There are several of one family. */
const char *eid_naming_family (const EidNaming *naming);
/* "timm, torchvision, huggingface"; free. */
char *eid_naming_families (void);

/* What our @name is called there: names whose tensors, joined along their first axis, are ours. None
 * where it has no use for such a tensor, NULL where it has no name for it. Free with g_strfreev().                       */
char **eid_naming_theirs (const EidNaming *naming, const char *name);

/* Whether a tensor of this name, there, belongs to what stands behind an encoder and not to itself: a
 * classifier's, a counter's.                                                 */
gboolean eid_naming_ignores (const char *theirs);

G_END_DECLS
