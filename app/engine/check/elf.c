/* elf.c: see elf.h. The sections of an ELF file (System V ABI, chapter 4): the dynamic symbol
 * table, the full one where it was not stripped, .data and .bss. */
#include "app/engine/check/elf.h"

#include "opencl/core/tensor.h"

#include <elf.h>
#include <glib/gi18n-lib.h>
#include <link.h> /* ElfW */
#include <string.h>

/* Larger than any plugin; a file that says more is not read into memory. */
#define MOST_BYTES ((gsize) 256 * 1024 * 1024)

typedef struct
{
  const guint8 *bytes;
  gsize length;
  const ElfW (Shdr) * sections;
  guint count;
  const char *names; /* of sections */
  gsize names_length;
} Image;

static gboolean
lies_within (const Image *image, guint64 offset, guint64 length)
{
  return offset <= image->length && length <= image->length - offset;
}

/* The text at @offset of a table of @length bytes; NULL where it does not end in it. */
static const char *
text_at (const char *table, gsize length, guint64 offset)
{
  return offset < length && memchr (table + offset, '\0', length - offset) != NULL ? table + offset : NULL;
}

static gboolean
open_image (Image *image, const guint8 *bytes, gsize length)
{
  const ElfW (Ehdr) *header = (gconstpointer) bytes;
  const ElfW (Shdr) * names;

  *image = (Image){ .bytes = bytes, .length = length };
  if (length < sizeof *header || memcmp (header->e_ident, ELFMAG, SELFMAG) != 0
      || header->e_ident[EI_CLASS] != (sizeof (gpointer) == 8 ? ELFCLASS64 : ELFCLASS32)
      || header->e_ident[EI_DATA] != (G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB)
      || header->e_type != ET_DYN || header->e_shentsize != sizeof *names || header->e_shnum == 0
      || header->e_shoff % sizeof (gpointer) != 0
      || !lies_within (image, header->e_shoff, (guint64) header->e_shnum * sizeof *names)
      || header->e_shstrndx >= header->e_shnum)
    return FALSE;
  image->sections = (gconstpointer) (bytes + header->e_shoff);
  image->count = header->e_shnum;
  names = &image->sections[header->e_shstrndx];
  if (names->sh_type != SHT_STRTAB || !lies_within (image, names->sh_offset, names->sh_size))
    return FALSE;
  image->names = (const char *) bytes + names->sh_offset;
  image->names_length = names->sh_size;
  return TRUE;
}

static gboolean
is_named (const Image *image, const ElfW (Shdr) * section, const char *name)
{
  const char *own = text_at (image->names, image->names_length, section->sh_name);

  return own != NULL && strcmp (own, name) == 0;
}

/* Ordinary data, in .data and .bss; what the loader fills in once is in .data.rel.ro and others. */
static gboolean
is_kept (const Image *image, guint number)
{
  const ElfW (Shdr) *section = number < image->count ? &image->sections[number] : NULL;

  return section != NULL
         && (is_named (image, section, ".data") || is_named (image, section, ".bss")
             || is_named (image, section, ".tdata") || is_named (image, section, ".tbss"));
}

static void
add_symbol (EidElf *elf, const Image *image, const ElfW (Sym) * symbol, const char *name, gboolean dynamic)
{
  /* The same for both classes. */
  const guint binding = ELF64_ST_BIND (symbol->st_info), type = ELF64_ST_TYPE (symbol->st_info);

  if (dynamic && symbol->st_shndx == SHN_UNDEF && binding != STB_WEAK)
    g_ptr_array_add (elf->needed, g_strdup (name));
  if (!dynamic && (type == STT_OBJECT || type == STT_TLS) && symbol->st_size > 0
      && is_kept (image, symbol->st_shndx) && !g_str_has_prefix (name, "completed.")
      && strcmp (name, "__dso_handle") != 0) /* the compiler's */
    g_ptr_array_add (elf->kept, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s (%'zu byte)",
                                                              "%s (%'zu bytes)", (gulong) symbol->st_size),
                                                 name, (gsize) symbol->st_size));
}

static gboolean
read_symbols (EidElf *elf, const Image *image, const ElfW (Shdr) * section)
{
  const ElfW (Shdr) *texts = section->sh_link < image->count ? &image->sections[section->sh_link] : NULL;
  const ElfW (Sym) *symbols = (gconstpointer) (image->bytes + section->sh_offset);

  if (texts == NULL || section->sh_offset % sizeof (gpointer) != 0
      || !lies_within (image, section->sh_offset, section->sh_size)
      || !lies_within (image, texts->sh_offset, texts->sh_size))
    return FALSE;
  for (gsize i = 1; i < section->sh_size / sizeof *symbols; i++)
    {
      const char *name =
          text_at ((const char *) image->bytes + texts->sh_offset, texts->sh_size, symbols[i].st_name);

      if (name == NULL)
        return FALSE;
      if (*name != '\0')
        add_symbol (elf, image, &symbols[i], name, section->sh_type == SHT_DYNSYM);
    }
  return TRUE;
}

static gboolean
read_sections (EidElf *elf, const Image *image)
{
  gboolean dynamic = FALSE;

  for (guint i = 0; i < image->count; i++)
    {
      const ElfW (Shdr) *section = &image->sections[i];

      if (is_kept (image, i))
        elf->kept_bytes += section->sh_size;
      if (section->sh_type != SHT_DYNSYM && section->sh_type != SHT_SYMTAB)
        continue;
      dynamic = dynamic || section->sh_type == SHT_DYNSYM;
      if (!read_symbols (elf, image, section))
        return FALSE;
    }
  return dynamic;
}

EidElf *
eid_elf_read (const char *file, GError **error)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (file, FALSE, error);
  g_autoptr (EidElf) elf = NULL;
  Image image;

  if (mapped == NULL)
    return NULL;
  elf = g_new0 (EidElf, 1);
  elf->needed = g_ptr_array_new_with_free_func (g_free);
  elf->kept = g_ptr_array_new_with_free_func (g_free);
  if (g_mapped_file_get_length (mapped) > MOST_BYTES
      || !open_image (&image, (gconstpointer) g_mapped_file_get_contents (mapped),
                      g_mapped_file_get_length (mapped))
      || !read_sections (elf, &image))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s: it is no shared object of this machine with its table of symbols, or damaged: "
                      "build it again, by cc -shared -fPIC."),
                   file);
      return NULL;
    }
  return g_steal_pointer (&elf);
}

void
eid_elf_free (EidElf *elf)
{
  if (elf == NULL)
    return;
  g_ptr_array_unref (elf->needed);
  g_ptr_array_unref (elf->kept);
  g_free (elf);
}
