/* open.c: a file of weights as others hand it on: what is not one file of safetensors is refused with
 * what to do about it; see weights.h. Nothing in a file is ever run. */
#include "app/engine/weights/private.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How files of other kinds begin. */
static const struct
{
  const char *bytes;
  gsize length;
  gboolean pickle; /* else the index of a model in several files */
} beginnings[] = {
  { "PK\x03\x04", 4, TRUE },                                             /* torch.save() since PyTorch 1.6 */
  { "\x80\x02", 2, TRUE },                                               /* the same before */
  { "\x80\x03", 2, TRUE },                                               /* pickle.dump() */
  { "\x80\x04", 2, TRUE },   { "\x80\x05", 2, TRUE }, { "{", 1, FALSE }, /* model.safetensors.index.json */
};

/* The first bytes of a regular file; how many there are. */
static gsize
read_beginning (const char *file, guint8 *bytes, gsize length)
{
  const int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info;
  gssize got = -1;

  if (fd < 0)
    return 0;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    got = read (fd, bytes, length);
  close (fd);
  return got > 0 ? (gsize) got : 0;
}

/* Whether @file is called as one of several parts: model-00001-of-00002.safetensors. */
static gboolean
is_part (const char *file)
{
  g_autoptr (GRegex) regex = g_regex_new ("-\\d+-of-0*(\\d+)\\.safetensors$", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *parts = NULL;

  if (!g_regex_match (regex, file, 0, &match))
    return FALSE;
  parts = g_match_info_fetch (match, 1);
  return !g_str_equal (parts, "1");
}

/* @file with another ending. Free. */
static char *
name_beside (const char *file)
{
  g_autofree char *base = g_path_get_basename (file);
  char *dot = strrchr (base, '.');

  if (dot != NULL && dot != base)
    *dot = '\0';
  return g_strconcat (base, ".safetensors", NULL);
}

static void
refuse_pickle (const char *file, GError **error)
{
  g_autofree char *base = g_path_get_basename (file), *name = name_beside (file);

  g_set_error (
      error, EID_ERROR, EID_ERROR_FAILED,
      _ ("%s is a file as torch.save() writes it, which can hold code and is not read here. Save its "
         "tensors as safetensors, in Python: import torch, safetensors.torch; s = torch.load(\"%s\", "
         "weights_only=True, map_location=\"cpu\"); s = s.get(\"state_dict\", s.get(\"model\", "
         "s.get(\"teacher\", s))); safetensors.torch.save_file({k: v.contiguous().clone() for k, v in "
         "s.items() if torch.is_tensor(v)}, \"%s\")"),
      file, base, name);
}

static void
refuse_parts (const char *file, GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("%s is a part or the index of weights that lie in several files. Join them into one, in "
                  "Python: import glob, safetensors.torch as st; st.save_file({k: v for f in "
                  "glob.glob(\"*-of-*.safetensors\") for k, v in st.load_file(f).items()}, "
                  "\"whole.safetensors\")"),
               file);
}

/* The length of a header, below 2^48, and its first brace. */
static gboolean
is_safetensors (const guint8 bytes[9])
{
  return bytes[6] == 0 && bytes[7] == 0 && bytes[8] == '{';
}

EidSafetensors *
eid_weights_open (const char *file, GError **error)
{
  guint8 bytes[9] = { 0 };
  const gsize length = read_beginning (file, bytes, sizeof bytes);

  for (guint i = 0; !is_safetensors (bytes) && i < G_N_ELEMENTS (beginnings); i++)
    if (length >= beginnings[i].length && memcmp (bytes, beginnings[i].bytes, beginnings[i].length) == 0)
      {
        if (beginnings[i].pickle)
          refuse_pickle (file, error);
        else
          refuse_parts (file, error);
        return NULL;
      }
  if (is_part (file))
    {
      refuse_parts (file, error);
      return NULL;
    }
  return eid_safetensors_open (file, error);
}
