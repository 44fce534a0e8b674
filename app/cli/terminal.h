/* terminal.h: the one place that prints. Names of files, classes, recipes and plugins come from others and may
 * hold the escape sequences of a terminal: what is printed here is text, and shows them as \x1b and the like. */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/* Whatever is printed with g_print(), g_printerr() and GLib's messages goes through here from now on. */
void eid_terminal_begin (void);

/* Where results go. Once eid_cli_keep_output() was called that is no longer
 * standard output, which plugins and drivers may print to: it goes to standard
 * error from then on.                                                        */
FILE *eid_cli_out (void);
void eid_cli_keep_output (void);

/* A result, and a message on standard error. */
void eid_cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
void eid_cli_tell (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* One line of JSON, at once. */
void eid_cli_print_json (const char *line);
/* Clears the line that a progress bar stands in. */
void eid_terminal_clear_line (void);

/* Whether a result could not be written: the disk is full, the reader has gone. */
gboolean eid_cli_output_failed (void);
/* The exit status of a command that ended with @status: 1, with a sentence, where its results were not all
 * written.                                                                   */
int eid_cli_end (int status);

/* @text without what a terminal would obey: control characters other than the end of a line and the tab, changes of
 * writing direction, and what is not UTF-8, each written out as \x1b or \u202e. Free. */
char *eid_terminal_escape (const char *text);

G_END_DECLS
