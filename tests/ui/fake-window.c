/* fake-window.c: see fake-window.h. */
#include "tests/ui/fake-window.h"

#include <string.h>

/* Their runs do not end before a test does, however slow the machine is. */
const char fake_recipe_of_text[] = "[Run]\nsteps=1000000\n[Encoder]\nplugin=vit\n[Objective]\nplugin=simclr\n"
                                   "[Dataset]\nreader=text\npath=/none\n";
const char fake_recipe_of_pictures[] =
    "[Run]\nsteps=1000000\n[Encoder]\nplugin=vit\n[Objective]\nplugin=simclr\n"
    "[Dataset]\nreader=folder\npath=/none\n";

static GtkWidget *
find (GtkWidget *widget, GType type, guint *number)
{
  GtkWidget *found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (widget), type) && (*number)-- == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find (child, type, number);
  return found;
}

gpointer
fake_window_part (gpointer widget, GType type, guint number)
{
  return find (widget, type, &number);
}

const char *
fake_window_text (GtkWidget *widget, const char *words)
{
  const char *found = NULL;

  if (GTK_IS_LABEL (widget) && g_str_has_prefix (gtk_label_get_text (GTK_LABEL (widget)), words))
    return gtk_label_get_text (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = fake_window_text (child, words);
  return found;
}

gboolean
fake_window_trains (EidWindow *window)
{
  return eid_engine_client_phase (window->client) == EID_PHASE_RUNNING
         && eid_engine_client_step (window->client) > 0;
}

EidWindow *
fake_window_with (const char *recipe, gboolean start)
{
  g_autofree char *file = g_build_filename (g_get_user_data_dir (), "recipe.ini", NULL);
  EidWindow *window = eid_window_new (NULL);

  g_assert_true (g_file_set_contents (file, recipe, -1, NULL));
  gtk_window_present (GTK_WINDOW (window));
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_IDLE);
  if (start)
    eid_window_begin (window, file);
  else
    eid_window_choose_recipe (window, file);
  wait_until (window, start ? fake_window_trains (window) : window->draft && !window->resolving);
  return window;
}

void
fake_window_close (EidWindow *window)
{
  gpointer left = window;

  g_object_add_weak_pointer (G_OBJECT (window), &left);
  gtk_window_close (GTK_WINDOW (window));
  while (left)
    g_main_context_iteration (NULL, TRUE);
}
