/* terminal.c: see terminal.h. */
#include "app/cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <unistd.h>

static FILE *out;
static int failure; /* errno of the first write that failed; 0: none has */

/* --- What a terminal would obey ------------------------------------------------ */

static gboolean
is_obeyed (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069);
}

char *
eid_terminal_escape (const char *text)
{
  GString *escaped = g_string_new (NULL);

  while (*text != '\0')
    {
      const gunichar c = g_utf8_get_char_validated (text, -1);
      const gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
      const char *next = valid ? g_utf8_next_char (text) : text + 1;

      if (!valid)
        g_string_append_printf (escaped, "\\x%02x", (guchar) *text);
      else if (c == '\n' || c == '\t' || !is_obeyed (c))
        g_string_append_len (escaped, text, next - text);
      else
        g_string_append_printf (escaped, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
      text = next;
    }
  return g_string_free (escaped, FALSE);
}

/* The same in a line of JSON, where there is a way to write them. */
static char *
escape_json (const char *line)
{
  GString *escaped = g_string_new (NULL);

  for (const char *c = line; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar character = g_utf8_get_char (c);

      if (is_obeyed (character))
        g_string_append_printf (escaped, "\\u%04x", character);
      else
        g_string_append_len (escaped, c, g_utf8_next_char (c) - c);
    }
  return g_string_free (escaped, FALSE);
}

/* --- Printing -------------------------------------------------------------------- */

FILE *
eid_cli_out (void)
{
  return out != NULL ? out : stdout;
}

static void
put (const char *text, gboolean at_once)
{
  FILE *file = eid_cli_out ();

  errno = 0;
  if ((fputs (text, file) == EOF || (at_once && fflush (file) == EOF)) && failure == 0)
    failure = errno != 0 ? errno : EIO;
}

static void
on_print (const char *text)
{
  g_autofree char *escaped = eid_terminal_escape (text);

  put (escaped, TRUE);
}

static void
on_print_error (const char *text)
{
  g_autofree char *escaped = eid_terminal_escape (text);

  fputs (escaped, stderr);
  fflush (stderr);
}

static GLogWriterOutput
on_log (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data)
{
  g_autofree char *text = NULL;

  if (g_log_writer_default_would_drop (level, NULL))
    return G_LOG_WRITER_HANDLED;
  text = g_log_writer_format_fields (level, fields, count, FALSE);
  eid_cli_tell ("%s\n", text);
  return G_LOG_WRITER_HANDLED;
}

void
eid_terminal_begin (void)
{
  g_set_print_handler (on_print);
  g_set_printerr_handler (on_print_error);
  g_log_set_writer_func (on_log, NULL, NULL);
}

void
eid_cli_keep_output (void)
{
  const int own = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

  if (own < 0)
    return;
  out = fdopen (own, "w");
  if (out == NULL || dup2 (STDERR_FILENO, STDOUT_FILENO) < 0)
    g_clear_pointer (&out, fclose);
}

void
eid_cli_print (const char *format, ...)
{
  g_autofree char *text = NULL, *escaped = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  escaped = eid_terminal_escape (text);
  put (escaped, FALSE);
}

void
eid_cli_tell (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  on_print_error (text);
}

void
eid_cli_print_json (const char *line)
{
  g_autofree char *escaped = escape_json (line), *whole = g_strconcat (escaped, "\n", NULL);

  put (whole, TRUE);
}

void
eid_terminal_clear_line (void)
{
  fputs ("\r\033[K", stderr);
}

/* --- The end --------------------------------------------------------------------- */

gboolean
eid_cli_output_failed (void)
{
  return failure != 0 || ferror (eid_cli_out ());
}

int
eid_cli_end (int status)
{
  FILE *file = eid_cli_out ();

  errno = 0;
  if (fflush (file) == EOF && failure == 0)
    failure = errno != 0 ? errno : EIO;
  if (failure == 0 && !ferror (file))
    return status;
  eid_cli_tell (
      _ ("eidoscope: Standard output cannot be written: %s. What was to be printed there is not whole\n"),
      g_strerror (failure != 0 ? failure : EIO));
  return status == 0 ? 1 : status;
}
