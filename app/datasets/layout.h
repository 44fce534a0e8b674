/* layout.h: what the sub-folders of a folder of pictures are: halves, classes, or
 * neither. The reader "folder" and the survey both ask here, so that the command
 * and the window read a folder in the same way.                              */
#pragma once

#include "app/datasets/reader.h"

G_BEGIN_DECLS

/* A half of the data: names below the layout's root, in their order. */
typedef struct
{
  char *folder;       /* the folder it lies in, as shown; NULL: it has none of its own */
  GPtrArray *names;   /* char *, owned by the layout's list                    */
  GPtrArray *classes; /* const char *, of each name its class, interned; NULL: none */
} EidLayoutHalf;

typedef struct
{
  char *root;
  EidListing list;     /* what was found                                       */
  char *base;          /* below root: the folder that everything lies in; ""   */
  gboolean has_halves; /* else all pictures are in `train`, to be split        */
  EidLayoutHalf train, test;
  char **classes;   /* names by label, sorted, as the file system has them; NULL: none */
  GPtrArray *notes; /* char *, a sentence each: what was guessed, what is left out */
} EidLayout;

/* Reads the names in @root and the folders in it. @deadline: monotonic time at which
 * to stop, 0: never; list.cut says whether that happened. Errors: EID_DATASET_ERROR,
 * naming a folder that cannot be read.                                       */
EidLayout *eid_layout_read (const char *root, gint64 deadline, GError **error);
void eid_layout_free (EidLayout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidLayout, eid_layout_free)

G_END_DECLS
