/* param-row.h: what the two halves of EidParamRow share: param-row.c has the row,
 * param-controls.c the control that a type asks for.
 */
#pragma once

#include "ui/ui.h"

G_BEGIN_DECLS

struct _EidParamRow
{
  AdwPreferencesRow parent;

  char *section, *key, *default_value, *doc;
  gboolean live, running, whole; /* whole: numbers without a fraction */
  char *value;
  gboolean quiet; /* a setter is at work: no signal */

  GtkWidget *control, *slider; /* slider: beside a number with a range that it can sweep; else NULL */
  GtkWidget *reset, *branch;
  GtkStringList *choices; /* of a drop-down */
};

/* The control of @spec's type, set to its value; into self->control and, for a number that
 * can be swept, self->slider. */
void eid_param_row_make_control (EidParamRow *self, const EidParamSpec *spec);
/* Sets the control; FALSE if @value cannot be read. */
gboolean eid_param_row_set_control (EidParamRow *self, const char *value);
/* The control was turned: takes over @value, which is freed, and tells. */
void eid_param_row_take_value (EidParamRow *self, char *value);
/* Whether two values are the same number or the same text: "0.10" is "0.1". */
gboolean eid_param_same_value (const char *a, const char *b);

G_END_DECLS
