/* fake-window.h: a window over the fake engine, with a run or before one, and what is in it. */
#pragma once

#include "tests/ui/wait.h"

/* Recipes of it. */
extern const char fake_recipe_of_text[], fake_recipe_of_pictures[];

/* A window in which the recipe is running and has made its first step, or, not @start, is ready to. */
EidWindow *fake_window_with (const char *recipe, gboolean start);
/* It runs and has made a step: from then on there is something to see of it, also when it is stopped. */
gboolean fake_window_trains (EidWindow *window);
void fake_window_close (EidWindow *window);

/* The @number-th widget of @type below @widget, or NULL. */
gpointer fake_window_part (gpointer widget, GType type, guint number);
/* The text of the label below @widget that begins with @words, or NULL. */
const char *fake_window_text (GtkWidget *widget, const char *words);
