/* own-files.c: a table of the kinds of views that plugins publish, each with the files that hold it; see
 * own-files.h.                                                               */
#include "app/cli/own-files.h"

#include "app/engine/setup/npy.h"
#include "app/cli/own-draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* --- Numbers ------------------------------------------------------------------------------- */

static void
add_number (GString *text, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value))
    g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.6g", value));
}

static gboolean
write_text (GString *text, const char *file, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const gboolean written = g_file_set_contents (file, text->str, (gssize) text->len, &failure);

  g_string_free (text, TRUE);
  if (!written)
    g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s"), file, failure->message);
  return written;
}

static gboolean
write_array (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  const float *const blocks[] = { shown->view->values };

  return eid_npy_write (file, shown->view->shape.dim, shown->view->shape.rank, blocks, 1,
                        eid_shape_count (shown->view->shape), error);
}

static gboolean
list_points (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  GString *table = g_string_new ("x,y,group\n");

  for (guint i = 0; i < shown->view->shape.dim[0]; i++)
    {
      add_number (table, shown->x[i]);
      g_string_append_c (table, ',');
      add_number (table, shown->y[i]);
      g_string_append_printf (table, ",%d\n", shown->view->groups != NULL ? shown->view->groups[i] : -1);
    }
  return write_text (table, file, error);
}

static gboolean
list_series (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  GString *table = g_string_new ("number,value\n");

  for (guint i = 0; i < shown->view->shape.dim[0]; i++)
    {
      g_string_append_printf (table, "%u,", i);
      add_number (table, (double) shown->view->values[i]);
      g_string_append_c (table, '\n');
    }
  return write_text (table, file, error);
}

/* --- Texts --------------------------------------------------------------------------------- */

/* A token that keeps to its line. */
static void
add_word (GString *text, EidSetup *setup, gint32 token)
{
  const char *word = eid_dataset_token (setup->test, (guint) MAX (token, 0));

  g_string_append (text, g_str_equal (word, "\n") ? "\\n" : g_str_equal (word, "\t") ? "\\t" : word);
}

/* Each passage as it reads, then a line for each of its tokens. */
static gboolean
list_tokens (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  const EidOwnView *view = shown->view;
  const guint count = view->shape.dim[0], length = view->shape.dim[1];
  const gboolean named = labels != NULL && g_strv_length (labels) == count;
  GString *text = g_string_new (NULL);

  for (guint passage = 0; passage < count; passage++)
    {
      g_string_append_printf (text, "# %s\n", named ? labels[passage] : "");
      for (guint i = 0; i < length; i++)
        g_string_append (
            text, eid_dataset_token (setup->test, (guint) MAX (view->tokens[passage * length + i], 0)));
      g_string_append (text, "\n\n");
      for (guint i = passage * length; i < (passage + 1) * length; i++)
        {
          add_word (text, setup, view->tokens[i]);
          g_string_append_c (text, '\t');
          add_number (text, (double) view->values[i]);
          for (guint k = 0; k < view->few; k++)
            if (view->chances[i * view->few + k] > 0)
              {
                g_string_append_c (text, '\t');
                add_word (text, setup, view->predicted[i * view->few + k]);
                g_string_append_c (text, ' ');
                add_number (text, (double) view->chances[i * view->few + k]);
              }
          g_string_append_c (text, '\n');
        }
      g_string_append_c (text, '\n');
    }
  return write_text (text, file, error);
}

static gboolean
copy_text (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  return write_text (g_string_new (shown->view->text), file, error);
}

/* --- All of them ------------------------------------------------------------------------------ */

typedef gboolean (*Write) (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                           GError **error);

static const struct
{
  const char *ending[2];
  Write write[2];
} files[] = {
  [EID_VIEW_IMAGES] = { { "png" }, { eid_draw_own_pictures } },
  [EID_VIEW_MAPS] = { { "png", "npy" }, { eid_draw_own_pictures, write_array } },
  [EID_VIEW_POINTS] = { { "png", "csv" }, { eid_draw_own_points, list_points } },
  [EID_VIEW_SERIES] = { { "png", "csv" }, { eid_draw_own_series, list_series } },
  [EID_VIEW_SPECTRUM] = { { "png", "csv" }, { eid_draw_own_series, list_series } },
  [EID_VIEW_MATRIX] = { { "png", "npy" }, { eid_draw_own_matrix, write_array } },
  [EID_VIEW_TOKENS] = { { "txt" }, { list_tokens } },
  [EID_VIEW_TEXT] = { { "txt" }, { copy_text } },
};

static gboolean
write_view (EidSetup *setup, const EidShownView *shown, char **labels, const char *folder,
            EidOwnFileFunc told, gpointer user_data, GError **error)
{
  const guint kind = shown->view->kind;

  if (shown->view->refused != NULL)
    {
      told (NULL, shown->view->refused, user_data);
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (files[kind].ending) && files[kind].ending[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("plugin-%s.%s", shown->view->name, files[kind].ending[i]);
      g_autofree char *file = g_build_filename (folder, name, NULL);

      if (!files[kind].write[i](setup, shown, labels, file, error))
        return FALSE;
      told (file, NULL, user_data);
    }
  return TRUE;
}

gboolean
eid_write_own_views (EidSetup *setup, const EidPictures *pictures, guint count, const char *folder,
                     EidOwnFileFunc told, gpointer user_data, GError **error)
{
  GError *failure = NULL;
  g_autoptr (EidOwnViews) own = eid_show_own (setup, pictures, count, EID_LAST_LAYER, &failure);

  if (g_error_matches (failure, EID_ERROR, EID_ERROR_USAGE))
    {
      g_error_free (failure);
      return TRUE;
    }
  if (own == NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  for (guint i = 0; i < own->views->len; i++)
    if (!write_view (setup, own->views->pdata[i], own->labels, folder, told, user_data, error))
      return FALSE;
  return TRUE;
}
