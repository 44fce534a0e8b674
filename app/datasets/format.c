/* format.c: which files are pictures that can be read here. gdk-pixbuf is asked, which
 * knows its installed loaders; what it does not read is known by its first bytes, so
 * that it can be told what would read it. */
#include "app/datasets/reader.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Bytes that a loader is chosen by: gdk-pixbuf looks at no more. */
#define SNIFFED 4096

/* Formats that gdk-pixbuf reads with a further package, or not at all: bytes at a place. */
static const struct
{
  const char *name, *package;
  gsize at, length;
  const char *bytes;
} known[] = {
  { "JPEG", NULL, 0, 3, "\xff\xd8\xff" },
  { "PNG", NULL, 0, 8, "\x89PNG\r\n\x1a\n" },
  { "GIF", NULL, 0, 4, "GIF8" },
  { "TIFF", NULL, 0, 4, "II*\0" },
  { "TIFF", NULL, 0, 4, "MM\0*" },
  { "WebP", "webp-pixbuf-loader", 8, 4, "WEBP" },
  { "AVIF", "libavif-gdk-pixbuf", 4, 8, "ftypavif" },
  { "AVIF", "libavif-gdk-pixbuf", 4, 8, "ftypavis" },
  { "HEIF", "heif-gdk-pixbuf", 4, 7, "ftyphei" },
  { "HEIF", "heif-gdk-pixbuf", 4, 7, "ftyphev" },
  { "HEIF", "heif-gdk-pixbuf", 4, 8, "ftypmif1" },
  { "HEIF", "heif-gdk-pixbuf", 4, 8, "ftypmsf1" },
  { "JPEG XL", "libjxl-gdk-pixbuf", 0, 2, "\xff\x0a" },
  { "JPEG XL", "libjxl-gdk-pixbuf", 4, 8, "JXL \r\n\x87\n" },
  { "JPEG 2000", NULL, 4, 8, "jP  \r\n\x87\n" },
  { "Photoshop", NULL, 0, 4, "8BPS" },
  { "OpenEXR", NULL, 0, 4, "\x76\x2f\x31\x01" },
  { "DICOM", NULL, 128, 4, "DICM" },
};

/* --- Endings ----------------------------------------------------------------- */

static gpointer
find_endings (gpointer data)
{
  GHashTable *endings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GSList) formats = gdk_pixbuf_get_formats ();

  for (GSList *at = formats; at != NULL; at = at->next)
    {
      g_auto (GStrv) names = gdk_pixbuf_format_get_extensions (at->data);

      for (guint i = 0; !gdk_pixbuf_format_is_disabled (at->data) && names[i] != NULL; i++)
        g_hash_table_add (endings, g_ascii_strdown (names[i], -1));
    }
  return endings;
}

gboolean
eid_format_has_ending (const char *name)
{
  static GOnce once = G_ONCE_INIT;
  const char *dot = strrchr (name, '.');
  g_autofree char *ending = dot != NULL ? g_ascii_strdown (dot + 1, -1) : NULL;

  return ending != NULL && g_hash_table_contains (g_once (&once, find_endings, NULL), ending);
}

/* --- Contents ---------------------------------------------------------------- */

/* Nothing is decoded to learn of a format. */
static void
stop_loading (GdkPixbufLoader *loader, int width, int height, gpointer data)
{
  gdk_pixbuf_loader_set_size (loader, 0, 0);
}

gboolean
eid_format_is_read (const guint8 *data, gsize length, const char **format)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  gboolean read;

  *format = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (known) && *format == NULL; i++)
    if (length >= known[i].at + known[i].length
        && memcmp (data + known[i].at, known[i].bytes, known[i].length) == 0)
      *format = known[i].name;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (stop_loading), NULL);
  gdk_pixbuf_loader_write (loader, data, MIN (length, SNIFFED), NULL);
  gdk_pixbuf_loader_close (loader, NULL);
  read = gdk_pixbuf_loader_get_format (loader) != NULL;
  if (read)
    *format = NULL;
  return read;
}

gboolean
eid_format_is_picture (const char *file, const char **format)
{
  const int descriptor = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  guint8 data[SNIFFED];
  gssize length;

  *format = NULL;
  if (descriptor < 0)
    return FALSE;
  length = read (descriptor, data, sizeof data);
  close (descriptor);
  return length > 0 && eid_format_is_read (data, (gsize) length, format);
}

const char *
eid_format_package (const char *format)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i].name, format) == 0)
      return known[i].package;
  return NULL;
}
