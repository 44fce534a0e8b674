/* elf.h: what a shared object needs and what it keeps, read from its file
 * without loading it. Everything that is read is bounded by the file's length. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GPtrArray *needed;  /* char *, symbols that others must define, weak ones left out */
  GPtrArray *kept;    /* char *, "name (4 bytes)": variables that can be written to */
  guint64 kept_bytes; /* of all such data                                  */
} EidElf;

/* Errors: EID_ERROR_FAILED, where @file is no shared object of this machine, or damaged. */
EidElf *eid_elf_read (const char *file, GError **error);
void eid_elf_free (EidElf *elf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidElf, eid_elf_free)

G_END_DECLS
