/* csv.c: a text as a cell of comma-separated values. Names of classes and files come from others, and a
 * program for tables takes a cell that begins with =, +, - or @ for a formula, quoted or not: an apostrophe
 * before it makes it text. A number stays a number.                                             */
#include "app/store/store.h"

#include <string.h>

static gboolean
is_number (const char *text)
{
  char *end;

  g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && strpbrk (text, "xXnNiI") == NULL;
}

static gboolean
is_formula (const char *text)
{
  return *text != '\0' && strchr ("=+-@\t\r\n", *text) != NULL && !is_number (text);
}

char *
eid_csv_cell (const char *text, gboolean quoted)
{
  GString *cell = g_string_new (NULL);

  quoted |= strpbrk (text, ",\";\r\n") != NULL;
  if (quoted)
    g_string_append_c (cell, '"');
  if (is_formula (text))
    g_string_append_c (cell, '\'');
  for (const char *c = text; *c != '\0'; c++)
    g_string_append_len (cell, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
  if (quoted)
    g_string_append_c (cell, '"');
  return g_string_free (cell, FALSE);
}
