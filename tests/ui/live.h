/* live.h: widgets in a window of their own, for tests of what they do there. */
#pragma once

#include <gtk/gtk.h>

/* Of a test that has no display. */
#define SKIP 77

/* Frames go by until all windows are laid out and drawn as they are. */
void test_settle (void);
/* Shows @window until it is drawn. */
void test_present (GtkWidget *window);
/* @widget in a window of that size, drawn; the window. */
GtkWidget *test_show (GtkWidget *widget, int width, int height);
void test_close (GtkWidget *window);
/* The first of the type called @type among @widget and what is in it, or NULL. */
GtkWidget *test_find (GtkWidget *widget, const char *type);
/* The first controller of @type that @widget has, to be sent what a person would do. */
GtkEventController *test_controller (GtkWidget *widget, GType type);
