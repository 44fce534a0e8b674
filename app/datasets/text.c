/* text.c: the reader "text": one file of text, of which a character is a token.
 * The characters that occur in the file, in the order of their numbers, are the
 * vocabulary. Its first nine tenths are the training half, the rest the test
 * half; a passage begins at every character that has enough others after it, so
 * that a shuffle of the passages draws them at random places.                  */
#include "app/datasets/reader.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* Of a file, in bytes: every passage has a place in the order of an epoch. */
#define MAX_BYTES (64 * 1024 * 1024)

/* Characters for training, of ten. */
#define TRAIN_TENTHS 9

/* Tokens of a passage when the recipe does not say. */
#define DEFAULT_CONTEXT 256

#define UNICODE_END 0x110000

/* Different characters that a text may have: tokens are kept in 16 bits. */
#define MOST_TOKENS G_MAXUINT16

typedef struct
{
  char *name;      /* of the file, for messages */
  guint first;     /* character of the file that the half begins with */
  guint length;    /* characters of the half */
  guint context;   /* tokens of a view */
  guint16 *tokens; /* [length] */
} Text;

static gboolean
unreadable (GError **error, const char *file, const char *why)
{
  g_autofree char *shown = g_filename_display_name (file);

  g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, "%s: %s", shown, why);
  return FALSE;
}

static void
set_no_memory (GError **error)
{
  g_set_error_literal (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                       _ ("there is not enough memory for the text; cut the file"));
}

/* The file's bytes; a file that is too large is not read. */
static char *
read_file (const char *file, gsize *length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFile) location = g_file_new_for_path (file);
  g_autoptr (GFileInfo) info =
      g_file_query_info (location, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, &reason);
  char *bytes = NULL;

  if (info != NULL && g_file_info_get_size (info) > MAX_BYTES)
    {
      g_autofree char *message =
          g_strdup_printf (_ ("at most %d MiB of text were expected; cut the file"), MAX_BYTES / 1024 / 1024);

      unreadable (error, file, message);
      return NULL;
    }
  if (info == NULL || !g_file_get_contents (file, &bytes, length, &reason))
    unreadable (error, file, reason->message);
  return bytes;
}

/* UTF-16 without its byte order mark, as UTF-8. What is cut off in its last character is dropped. Free. */
static char *
from_utf16 (const char *bytes, gsize length, gboolean big_endian, gsize *written, GError **error)
{
  g_autofree gunichar2 *units = g_try_new (gunichar2, length / 2 + 1);
  glong count = (glong) (length / 2), read = 0, made = 0;
  g_autoptr (GError) cause = NULL;
  g_autofree char *text = NULL;

  if (units == NULL)
    {
      set_no_memory (error);
      return NULL;
    }
  memcpy (units, bytes, (gsize) count * 2);
  for (glong i = 0; i < count; i++)
    units[i] = big_endian ? GUINT16_FROM_BE (units[i]) : GUINT16_FROM_LE (units[i]);
  /* The first half of a pair, and nothing after it. */
  if (count > 0 && units[count - 1] >= 0xd800 && units[count - 1] < 0xdc00)
    count--;
  text = g_utf16_to_utf8 (units, count, &read, &made, &cause);
  if (g_error_matches (cause, G_CONVERT_ERROR, G_CONVERT_ERROR_NO_MEMORY))
    {
      set_no_memory (error);
      return NULL;
    }
  if (text == NULL || read < count)
    {
      g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                   _ ("it begins as UTF-16, but is none at byte %'zu; save the text as UTF-8"),
                   (gsize) read * 2 + 2);
      return NULL;
    }
  *written = (gsize) made;
  return g_steal_pointer (&text);
}

/* The text's characters by their numbers. Errors: a sentence without the file's name. */
static gunichar *
characters_of (const char *bytes, gsize length, guint *count, GError **error)
{
  g_autofree char *converted = NULL;
  const char *end;
  gunichar *characters;
  glong written;

  if (length >= 2 && (memcmp (bytes, "\xff\xfe", 2) == 0 || memcmp (bytes, "\xfe\xff", 2) == 0))
    {
      converted = from_utf16 (bytes + 2, length - 2, bytes[0] == '\xfe', &length, error);
      if (converted == NULL)
        return NULL;
      bytes = converted;
    }
  else if (length >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0)
    {
      bytes += 3;
      length -= 3;
    }

  if (!g_utf8_validate_len (bytes, length, &end))
    {
      const gsize left = length - (gsize) (end - bytes);

      /* Of a last character a part may be missing: files are cut at bytes. */
      if (left > 3 || g_utf8_get_char_validated (end, (gssize) left) != (gunichar) -2)
        {
          g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                       *end == '\0'
                           ? _ ("it is no text: there is a byte 0x%02x at %'zu; text in UTF-8 was expected")
                           : _ ("it is not UTF-8: there is a byte 0x%02x at %'zu; save it as UTF-8, or "
                                "convert it with “iconv --to-code=UTF-8”"),
                       (guint) (guchar) *end, (gsize) (end - bytes));
          return NULL;
        }
      length -= left;
    }
  characters = g_utf8_to_ucs4 (bytes, (glong) length, NULL, &written, NULL);
  if (characters == NULL) /* for it is UTF-8 */
    {
      set_no_memory (error);
      return NULL;
    }
  *count = (guint) written;
  return characters;
}

/* The token of each character that occurs, in @token_of [UNICODE_END]; how many there are, and the texts
 * of them, NULL-terminated, or NULL where they are too many for a text. */
static guint
number_characters (const gunichar *characters, guint count, guint32 *token_of, char ***texts)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  guint tokens = 0;

  for (guint i = 0; i < count; i++)
    token_of[characters[i]] = 1;
  for (guint c = 0; c < UNICODE_END; c++)
    if (token_of[c] != 0)
      token_of[c] = ++tokens; /* from 1 on, for now */
  if (tokens > MOST_TOKENS)
    return tokens;
  for (guint c = 0; c < UNICODE_END; c++)
    if (token_of[c] != 0)
      {
        char text[7] = { 0 };

        g_unichar_to_utf8 (c, text);
        g_ptr_array_add (all, g_strdup (text));
        token_of[c]--;
      }
  g_ptr_array_add (all, NULL);
  *texts = (char **) g_ptr_array_steal (all, NULL);
  return tokens;
}

static gboolean
text_open (EidSource *source, const EidDatasetSpec *spec, const char *half, GError **error)
{
  const gboolean train = strcmp (half, "train") == 0;
  g_autofree char *bytes = NULL;
  g_autofree gunichar *characters = NULL;
  g_autofree guint32 *token_of = g_try_new0 (guint32, UNICODE_END);
  g_autoptr (GError) cause = NULL;
  gsize length = 0;
  guint count = 0, cut;
  Text *text;

  bytes = read_file (spec->path, &length, error);
  if (bytes == NULL)
    return FALSE;
  characters = characters_of (bytes, length, &count, &cause);
  if (characters != NULL && token_of == NULL)
    set_no_memory (&cause);
  if (cause != NULL)
    return unreadable (error, spec->path, cause->message);
  cut = (guint) ((guint64) count * TRAIN_TENTHS / 10);

  source->state = text = g_new0 (Text, 1);
  text->name = g_path_get_basename (spec->path);
  text->context = spec->size != 0 ? spec->size : DEFAULT_CONTEXT;
  text->first = train ? 0 : cut;
  text->length = train ? cut : count - cut;
  if (text->length <= text->context)
    {
      g_autofree char *message = g_strdup_printf (
          _ ("its %s half has %'u characters; more than %'u were expected, the “size” in [Dataset]: take a "
             "longer text or a smaller size"),
          half, text->length, text->context);

      return unreadable (error, spec->path, message);
    }
  source->vocabulary = number_characters (characters, count, token_of, &source->tokens);
  if (source->vocabulary > MOST_TOKENS)
    return unreadable (error, spec->path, _ ("it has too many different characters to be a text"));

  text->tokens = g_try_new (guint16, text->length);
  if (text->tokens == NULL)
    {
      set_no_memory (&cause);
      return unreadable (error, spec->path, cause->message);
    }
  for (guint i = 0; i < text->length; i++)
    text->tokens[i] = (guint16) token_of[characters[text->first + i]];
  source->fingerprint = eid_fingerprint (0, characters + text->first, text->length * sizeof *characters);
  source->size = text->context;
  source->count = text->length - text->context;
  return TRUE;
}

static gboolean
text_read (EidSource *source, guint i, guint8 *out, GError **error)
{
  const Text *text = source->state;
  gint32 *tokens = (gint32 *) (gpointer) out;

  for (guint t = 0; t <= text->context; t++)
    tokens[t] = text->tokens[i + t];
  return TRUE;
}

static char *
text_describe (EidSource *source, guint i)
{
  const Text *text = source->state;

  return g_strdup_printf (_ ("%s, character %'u"), text->name, text->first + i + 1);
}

static void
text_close (EidSource *source)
{
  Text *text = source->state;

  if (text == NULL)
    return;
  g_free (text->name);
  g_free (text->tokens);
  g_free (text);
}

const EidReader eid_text_reader = { "text", text_open, text_read, text_describe, text_close, TRUE };
