/* params.c: a parameter's value as text and back, and the soundness of a
 * plugin's table. The table of a descriptor comes from the registry; the text
 * from a recipe, the command line or the workbench's form.                   */
#include "plugins/kit/params.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

/* A table is read up to its EID_PARAM_END; one without it must not be read
 * for ever. */
#define MOST_ROWS 64

static const struct
{
  const char *text;
  gboolean value;
} truths[] = {
  { "true", TRUE }, { "yes", TRUE }, { "1", TRUE }, { "false", FALSE }, { "no", FALSE }, { "0", FALSE },
};

/* Whole numbers below it are written in full. */
#define MOST_PLAIN 1e15

/* The shortest of these that reads back as the same number is written. */
static const char *const number_formats[] = { "%.6g", "%.15g", "%.17g" };

static char *
format_number (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* As people write it: not 1e+06. */
  if (fabs (value) < MOST_PLAIN && value == floor (value))
    return g_strdup (g_ascii_formatd (text, sizeof text, "%.0f", value));
  for (guint i = 0; i < G_N_ELEMENTS (number_formats); i++)
    {
      g_ascii_formatd (text, sizeof text, number_formats[i], value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  return g_strdup (text);
}

static gboolean
in_range (const EidParam *param, double value)
{
  return isfinite (value) && value >= param->min && value <= param->max;
}

static gboolean
is_whole (double value)
{
  return value == trunc (value);
}

/* Reads all of @text as a number written with a point, in any locale. */
static gboolean
read_number (const char *text, double *value)
{
  char *end;

  *value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0';
}

static gboolean
read_truth (const char *text, double *value)
{
  for (guint i = 0; i < G_N_ELEMENTS (truths); i++)
    if (g_ascii_strcasecmp (text, truths[i].text) == 0)
      {
        *value = truths[i].value;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_choice (const EidParam *param, const char *text, double *value)
{
  g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);

  for (guint i = 0; choices[i]; i++)
    if (strcmp (text, choices[i]) == 0)
      {
        *value = i;
        return TRUE;
      }
  return FALSE;
}

/* "must be …, not “text”": one sentence whatever was wrong with @text. */
static void
set_error (const EidParam *param, const char *text, GError **error)
{
  g_autofree char *least = format_number (param->min);
  g_autofree char *most = format_number (param->max);

  switch (param->type)
    {
    case EID_TYPE_INT:
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("“%s” must be a whole number from %s to %s, not “%s”."), param->key, least, most, text);
      break;
    case EID_TYPE_FLOAT:
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("“%s” must be a number from %s to %s, not “%s”."),
                   param->key, least, most, text);
      break;
    case EID_TYPE_BOOL:
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("“%s” must be true or false, not “%s”."), param->key,
                   text);
      break;
    case EID_TYPE_CHOICE:
      {
        g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);
        g_autofree char *list = g_strjoinv (", ", choices);

        g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("“%s” must be one of %s, not “%s”."), param->key,
                     list, text);
        break;
      }
    case EID_TYPE_NONE:
    default:
      g_assert_not_reached ();
    }
}

gboolean
eid_param_parse (const EidParam *param, const char *text, double *value, GError **error)
{
  g_autofree char *trimmed = NULL;
  double number = 0;
  gboolean valid = FALSE;

  g_return_val_if_fail (param != NULL && param->key != NULL, FALSE);
  g_return_val_if_fail (text != NULL && value != NULL, FALSE);

  trimmed = g_strstrip (g_strdup (text));
  switch (param->type)
    {
    case EID_TYPE_INT:
      valid = read_number (trimmed, &number) && in_range (param, number) && is_whole (number);
      break;
    case EID_TYPE_FLOAT:
      valid = read_number (trimmed, &number) && in_range (param, number);
      break;
    case EID_TYPE_BOOL:
      valid = read_truth (trimmed, &number);
      break;
    case EID_TYPE_CHOICE:
      valid = read_choice (param, trimmed, &number);
      break;
    case EID_TYPE_NONE:
    default:
      g_return_val_if_reached (FALSE);
    }

  if (!valid)
    {
      set_error (param, trimmed, error);
      return FALSE;
    }
  *value = number;
  return TRUE;
}

char *
eid_param_format (const EidParam *param, double value)
{
  g_return_val_if_fail (param != NULL && param->key != NULL, NULL);

  if (param->type == EID_TYPE_BOOL)
    return g_strdup (value != 0 ? "true" : "false");
  if (param->type == EID_TYPE_CHOICE)
    {
      g_auto (GStrv) choices = g_strsplit (param->choices, "|", -1);

      g_return_val_if_fail (value >= 0 && value < g_strv_length (choices), NULL);
      return g_strdup (choices[(guint) value]);
    }
  return format_number (value);
}

/* --- The table ------------------------------------------------------------ */

static char *
choice_problem (const EidParam *param)
{
  g_auto (GStrv) choices = g_strsplit (param->choices ? param->choices : "", "|", -1);
  guint count = g_strv_length (choices);

  if (count == 0)
    return g_strdup_printf (_ ("Its parameter “%s” is a choice without choices."), param->key);
  for (guint i = 0; i < count; i++)
    if (choices[i][0] == '\0' || g_strv_contains ((const char *const *) choices + i + 1, choices[i]))
      return g_strdup_printf (_ ("Its parameter “%s” has an empty or repeated choice in “%s”."), param->key,
                              param->choices);
  if (!is_whole (param->value) || param->value < 0 || param->value >= count)
    {
      g_autofree char *value = format_number (param->value);

      return g_strdup_printf (_ ("Its parameter “%s” has choice %s as default, of %u counted from 0."),
                              param->key, value, count);
    }
  return NULL;
}

static char *
number_problem (const EidParam *param)
{
  g_autofree char *value = format_number (param->value);
  g_autofree char *least = format_number (param->min);
  g_autofree char *most = format_number (param->max);

  if (!in_range (param, param->value))
    return g_strdup_printf (_ ("Its parameter “%s” has the default %s, outside its own range from %s to %s."),
                            param->key, value, least, most);
  if (param->type != EID_TYPE_FLOAT && !is_whole (param->value))
    return g_strdup_printf (_ ("Its parameter “%s” is a whole number with the default %s."), param->key,
                            value);
  return NULL;
}

static char *
row_problem (const EidParam *params, guint row)
{
  const EidParam *param = &params[row];

  if (param->key == NULL)
    return g_strdup_printf (_ ("Row %u of its parameters has no key."), row + 1);
  if (param->key[0] == '\0'
      || param->key[strspn (param->key, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
    return g_strdup_printf (_ ("Its parameter “%s” has a key with other characters than a-z, 0-9 and -."),
                            param->key);
  for (guint i = 0; i < row; i++)
    if (strcmp (params[i].key, param->key) == 0)
      return g_strdup_printf (_ ("It has two parameters named “%s”."), param->key);
  if (param->doc == NULL)
    return g_strdup_printf (_ ("Its parameter “%s” has no doc."), param->key);

  switch (param->type)
    {
    case EID_TYPE_INT:
    case EID_TYPE_FLOAT:
    case EID_TYPE_BOOL:
      return number_problem (param);
    case EID_TYPE_CHOICE:
      return choice_problem (param);
    case EID_TYPE_NONE:
    default:
      return g_strdup_printf (_ ("Its parameter “%s” has the unknown type %d."), param->key, param->type);
    }
}

char *
eid_params_problem (const EidParam *params)
{
  if (params == NULL)
    return NULL;
  for (guint row = 0; row < MOST_ROWS; row++)
    {
      char *problem;

      if (params[row].key == NULL && params[row].type == EID_TYPE_NONE)
        return NULL;
      problem = row_problem (params, row);
      if (problem)
        return problem;
    }
  return g_strdup_printf (_ ("Its parameters do not end with EID_PARAM_END within %u rows."), MOST_ROWS);
}
