/* harm.h: what a bad plugin of the zoo does, each by its name in meson.build's
 * table: -DLOSS=segfault has loss() call segfault().                         */
#pragma once

#include <glib-object.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

G_GNUC_UNUSED static void
nothing (void)
{
}

G_GNUC_UNUSED static void
segfault (void)
{
  volatile int *volatile nowhere = NULL;

  *nowhere = 1;
}

G_GNUC_UNUSED static void
aborts (void)
{
  abort ();
}

G_GNUC_UNUSED static void
exits (void)
{
  exit (3);
}

G_GNUC_UNUSED static void
hangs (void)
{
  for (volatile guint i = 0;; i++)
    ;
}

G_GNUC_UNUSED static void
sleeps (void)
{
  for (;;)
    pause ();
}

static volatile gsize depth;

G_GNUC_UNUSED static int
descend (int level)
{
  volatile char page[4096];

  memset ((char *) page, level, sizeof page);
  depth++;
  return descend (level + 1) + page[level & 4095];
}

G_GNUC_UNUSED static void
overflows (void)
{
  descend (0);
}

static void *volatile hoard;

/* Until there is none: then malloc() gives NULL, which is written to. */
G_GNUC_UNUSED static void
hoards (void)
{
  for (;;)
    {
      hoard = malloc (1 << 24);
      memset (hoard, 1, 1 << 24);
    }
}

/* Looks like a report, so that whoever reads reports must know better. */
G_GNUC_UNUSED static void
prints (void)
{
  printf ("{\"done\": true}\n");
  fflush (stdout);
  if (write (STDOUT_FILENO, "{\"done\": true}\n", 15) < 0)
    return;
}

static gpointer
sleep_for_ever (gpointer unused)
{
  sleeps ();
  return NULL;
}

G_GNUC_UNUSED static void
threads (void)
{
  g_thread_unref (g_thread_new ("zoo", sleep_for_ever, NULL));
}

G_GNUC_UNUSED static void
types (void)
{
  static const GTypeInfo info = { .class_size = sizeof (GObjectClass), .instance_size = sizeof (GObject) };

  g_type_register_static (G_TYPE_OBJECT, "ZooThing", &info, 0);
}
