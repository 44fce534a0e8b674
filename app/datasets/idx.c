/* idx.c: the reader "idx", for MNIST and its kin: four files of bytes with a
 * short header, plain or .gz. A half is held in memory as it is on disk; a
 * header is believed only as far as the size of its file allows. */
#include "app/datasets/reader.h"

#include <glib/gi18n-lib.h>

#include <inttypes.h>
#include <string.h>

/* The header: two zero bytes, the type (8: unsigned bytes), the rank, then
 * one big-endian 32-bit count a dimension. */
#define TYPE_U8  8
#define MAX_RANK 4

/* Deflate makes at most 1032 bytes of one, so a .gz bounds what is in it. */
#define MAX_INFLATION 1032

#define PIECE ((gsize) 64 * 1024 * 1024) /* bytes, of one reading */

/* What a half's files begin with, and how they may end. */
static const struct
{
  const char *half, *prefix;
} halves[] = { { "train", "train" }, { "test", "t10k" } };
static const char *const image_names[] = { "images-idx3-ubyte", "images-idx3-ubyte.gz", "images-idx4-ubyte",
                                           "images-idx4-ubyte.gz", NULL };
static const char *const label_names[] = { "labels-idx1-ubyte", "labels-idx1-ubyte.gz", NULL };

/* The files hold numbers alone; names of classes come from the folder's name.
 * Elsewhere a class is called by its number. */
static const struct
{
  const char *folder;
  const char *classes[11];
} known_classes[] = {
  { "fashion-mnist",
    { N_ ("T-shirt/top"), N_ ("Trouser"), N_ ("Pullover"), N_ ("Dress"), N_ ("Coat"), N_ ("Sandal"),
      N_ ("Shirt"), N_ ("Sneaker"), N_ ("Bag"), N_ ("Ankle boot"), NULL } },
};

typedef struct
{
  char *name;   /* of the image file, for messages */
  guint8 *data; /* [count, height, width, channels] */
  guint count, height, width, channels;
  guint side; /* of the square that holds height × width */
  guint size; /* of the pictures asked for */
  guint to;   /* channels asked for */
} Idx;

static gboolean
unreadable (GError **error, const char *file, const char *why)
{
  g_autofree char *shown = g_filename_display_name (file);

  g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, "%s: %s", shown, why);
  return FALSE;
}

/* --- One file ------------------------------------------------------------- */

/* Opens @file, decompressed, and says how many bytes it can hold at most. */
static GInputStream *
open_stream (const char *file, guint64 *limit, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFile) location = g_file_new_for_path (file);
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GConverter) inflate = NULL;

  info = g_file_query_info (location, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                            G_FILE_QUERY_INFO_NONE, NULL, &reason);
  if (info != NULL && g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    {
      unreadable (error, file, _ ("a file was expected"));
      return NULL;
    }
  if (info != NULL)
    stream = g_file_read (location, NULL, &reason);
  if (stream == NULL)
    {
      unreadable (error, file, reason->message);
      return NULL;
    }

  *limit = (guint64) g_file_info_get_size (info);
  if (!g_str_has_suffix (file, ".gz"))
    return G_INPUT_STREAM (g_steal_pointer (&stream));

  *limit = *limit > G_MAXUINT64 / MAX_INFLATION ? G_MAXUINT64 : *limit * MAX_INFLATION;
  inflate = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  return g_converter_input_stream_new (G_INPUT_STREAM (stream), inflate);
}

/* Reads what there is, up to @length; a broken stream is one that ends, and
 * says why in @why. In pieces: zlib counts what it is given in 32 bits. */
static gsize
read_up_to (GInputStream *stream, guint8 *buffer, gsize length, char **why)
{
  g_autoptr (GError) reason = NULL;
  gsize found = 0;

  while (found < length)
    {
      const gsize wanted = MIN (length - found, PIECE);
      gsize read = 0;

      if (!g_input_stream_read_all (stream, buffer + found, wanted, &read, NULL, &reason) && *why == NULL)
        *why = g_strdup (reason->message);
      found += read;
      if (read < wanted)
        break;
    }
  return found;
}

/* Says so, with what the stream had to say, if anything, in @why. */
static gboolean
wrong_length (GError **error, const char *file, guint64 expected, guint64 found, const char *why)
{
  g_autofree char *message = g_strdup_printf (_ ("%'" PRIu64 " bytes were expected, %'" PRIu64
                                                 " found: the file is damaged or not complete; fetch it "
                                                 "again, or install its package again"),
                                              expected, found);
  g_autofree char *reason = why != NULL ? g_strdup_printf (" (%s)", why) : NULL;
  g_autofree char *all = g_strconcat (message, reason, NULL);

  return unreadable (error, file, all);
}

/* The data of an IDX file of bytes, whose rank is between @min and @max; its
 * counts go to @dimensions, unused ones are 1. */
static guint8 *
read_idx (const char *file, guint min, guint max, guint dimensions[MAX_RANK], GError **error)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autofree guint8 *data = NULL;
  g_autofree char *why = NULL;
  guint8 header[4 + 4 * MAX_RANK], beyond;
  guint64 limit = 0, total = 1;
  gsize found, length, room;
  guint rank;

  stream = open_stream (file, &limit, error);
  if (stream == NULL)
    return NULL;

  found = read_up_to (stream, header, 4, &why);
  if (found < 4)
    {
      wrong_length (error, file, 4 + 4 * min, found, why);
      return NULL;
    }
  rank = header[3];
  if (header[0] != 0 || header[1] != 0 || header[2] != TYPE_U8 || rank < min || rank > max)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("it begins with %02x %02x %02x %02x, but an IDX file of bytes here begins with 00 00 08 %02x: "
             "this is another kind of file; put the right one in its place"),
          header[0], header[1], header[2], header[3], min);

      unreadable (error, file, message);
      return NULL;
    }
  length = 4 + 4 * rank;
  found += read_up_to (stream, header + 4, 4 * rank, &why);
  if (found < length)
    {
      wrong_length (error, file, length, found, why);
      return NULL;
    }

  for (guint i = 0; i < MAX_RANK; i++)
    {
      const guint8 *big_endian = header + 4 + 4 * i;

      dimensions[i] = i >= rank ? 1
                                : (guint) big_endian[0] << 24 | (guint) big_endian[1] << 16
                                      | (guint) big_endian[2] << 8 | big_endian[3];
      if (dimensions[i] == 0 || !g_uint64_checked_mul (&total, total, dimensions[i]))
        {
          g_autofree char *message = g_strdup_printf (
              _ ("its header claims a dimension of %'u, which cannot be; the file is damaged: fetch "
                 "it again, or install its package again"),
              dimensions[i]);

          unreadable (error, file, message);
          return NULL;
        }
    }

  /* A header that promises more than the file can hold gets no memory for it. */
  room = (gsize) MIN (MIN (total, limit), (guint64) G_MAXSSIZE);
  data = g_try_malloc (room);
  if (data == NULL)
    {
      unreadable (error, file, _ ("there is not enough memory for what it holds"));
      return NULL;
    }
  found = read_up_to (stream, data, room, &why);
  /* One byte more than announced is as wrong as one less. */
  if (found == total && why == NULL)
    found += read_up_to (stream, &beyond, 1, &why);
  if (found != total || why != NULL)
    {
      wrong_length (error, file, length + total, length + found, why);
      return NULL;
    }
  return g_steal_pointer (&data);
}

/* --- A folder of them ------------------------------------------------------ */

/* PATH/PREFIX-NAME of the first name there is, or NULL. */
static char *
find_file (const char *path, const char *half, const char *const *names)
{
  const char *prefix = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
    if (strcmp (half, halves[i].half) == 0)
      prefix = halves[i].prefix;

  for (; *names != NULL; names++)
    {
      g_autofree char *name = g_strconcat (prefix, "-", *names, NULL);
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&file);
    }
  return NULL;
}

/* The labels of a half, and one more than the largest in @classes if that is
 * more. No labels at all is no error. */
static gboolean
read_labels (const char *path, const char *half, guint8 **labels, guint *count, guint *classes,
             GError **error)
{
  g_autofree char *file = find_file (path, half, label_names);
  guint dimensions[MAX_RANK];

  *count = 0;
  *labels = NULL;
  if (file == NULL)
    return TRUE;
  *labels = read_idx (file, 1, 1, dimensions, error);
  if (*labels == NULL)
    return FALSE;
  *count = dimensions[0];
  for (guint i = 0; i < *count; i++)
    *classes = MAX (*classes, (*labels)[i] + 1u);
  return TRUE;
}

static char **
name_classes (const char *path, guint count)
{
  g_autofree char *folder = g_path_get_basename (path);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  const char *const *known = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (known_classes); i++)
    if (strcmp (folder, known_classes[i].folder) == 0
        && count <= g_strv_length ((char **) known_classes[i].classes))
      known = known_classes[i].classes;

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      g_strv_builder_add (names, known != NULL ? _ (known[i]) : number);
    }
  return g_strv_builder_end (names);
}

static gboolean
open_labels (EidSource *source, const char *path, const char *half, const char *images, GError **error)
{
  g_autofree guint8 *labels = NULL;
  g_autofree guint8 *others = NULL;
  guint count, others_count, classes = 0;

  /* Both halves have one set of classes, so both are asked for theirs. */
  if (!read_labels (path, half, &labels, &count, &classes, error)
      || !read_labels (path, strcmp (half, "train") == 0 ? "test" : "train", &others, &others_count, &classes,
                       error))
    return FALSE;
  if (labels == NULL)
    return TRUE;

  if (count != source->count)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("it holds %'u pictures, but its file of labels holds %'u; the two do not belong "
             "together: fetch both again"),
          source->count, count);

      return unreadable (error, images, message);
    }
  source->labels = g_try_new (gint32, count);
  if (source->labels == NULL)
    return unreadable (error, images, _ ("there is not enough memory for its labels"));
  for (guint i = 0; i < count; i++)
    source->labels[i] = labels[i];
  source->fingerprint = eid_fingerprint (0, labels, count);
  source->classes = name_classes (path, classes);
  return TRUE;
}

static gboolean
idx_open (EidSource *source, const EidDatasetSpec *spec, const char *half, GError **error)
{
  g_autofree char *file = find_file (spec->path, half, image_names);
  guint dimensions[MAX_RANK];
  Idx *idx;

  if (file == NULL)
    {
      g_autofree char *message = g_strdup_printf (_ ("no %s-images-idx3-ubyte or .gz in this folder; correct "
                                                     "“path” in [Dataset], or put the file there"),
                                                  strcmp (half, "train") == 0 ? "train" : "t10k");

      return unreadable (error, spec->path, message);
    }

  source->state = idx = g_new0 (Idx, 1);
  idx->name = g_path_get_basename (file);
  idx->data = read_idx (file, 3, 4, dimensions, error);
  if (idx->data == NULL)
    return FALSE;
  idx->count = dimensions[0];
  idx->height = dimensions[1];
  idx->width = dimensions[2];
  idx->channels = dimensions[3];
  idx->side = MAX (idx->height, idx->width);
  if (idx->side > EID_PICTURE_MAX_SIZE || (idx->channels != 1 && idx->channels != 3))
    {
      g_autofree char *message = g_strdup_printf (
          _ ("its pictures are %'u × %'u pixels of %'u values; at most %'d a side, of 1 or 3 values, "
             "were expected: save the data set as such"),
          idx->height, idx->width, idx->channels, EID_PICTURE_MAX_SIZE);

      return unreadable (error, file, message);
    }

  idx->size = source->size = spec->size != 0 ? spec->size : idx->side;
  idx->to = source->channels = spec->channels != 0 ? spec->channels : idx->channels;
  source->count = idx->count;
  return open_labels (source, spec->path, half, file, error);
}

static gboolean
idx_read (EidSource *source, guint i, guint8 *pixels, GError **error)
{
  const Idx *idx = source->state;
  const gsize row = (gsize) idx->width * idx->channels;
  const guint8 *picture = idx->data + (gsize) i * idx->height * row;
  g_autofree guint8 *square = NULL;

  if (idx->height != idx->width) /* centred on black, which is the ground of such pictures */
    {
      guint top = (idx->side - idx->height) / 2;
      guint left = (idx->side - idx->width) / 2;

      square = g_try_malloc0 ((gsize) idx->side * idx->side * idx->channels);
      if (square == NULL)
        return unreadable (error, idx->name, _ ("there is not enough memory for a picture"));
      for (guint y = 0; y < idx->height; y++)
        memcpy (square + ((gsize) (top + y) * idx->side + left) * idx->channels, picture + y * row, row);
      picture = square;
    }
  return eid_picture_convert (picture, idx->side, idx->channels, pixels, idx->size, idx->to, error);
}

static char *
idx_describe (EidSource *source, guint i)
{
  const Idx *idx = source->state;

  return g_strdup_printf ("%s #%u", idx->name, i);
}

static void
idx_close (EidSource *source)
{
  Idx *idx = source->state;

  if (idx == NULL)
    return;
  g_free (idx->name);
  g_free (idx->data);
  g_free (idx);
}

const EidReader eid_idx_reader = { "idx", idx_open, idx_read, idx_describe, idx_close };
