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

/* What messages call it: "Hugging Face (ViT)". */
const char *eid_naming_title (const EidNaming *naming);
/* What the family's layer norms add to the variance, unless a file says otherwise. */
double eid_naming_epsilon (const EidNaming *naming);
/* How the family resizes position embeddings, as [Encoder] resize calls it. */
const char *eid_naming_resize (const EidNaming *naming, gboolean registers);
/* FALSE of names that are only met in state dictionaries saved out of memory: no file is written so. */
gboolean eid_naming_is_written (const EidNaming *naming);

/* Orders what stands before the names of encoders in one file ("teacher.backbone."), the one to take
 * first: teacher, target or ema; then no such word, or query; then student or online; then key or
 * momentum; decoders, predictors and text last. Of equals, the shorter path, then the alphabet. */
int eid_naming_compare_places (const char *a, const char *b);

G_END_DECLS
