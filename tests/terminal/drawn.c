/* drawn.c: preloaded into the command, it writes down what the command draws: into the file
 * $EIDOSCOPE_DRAWN a line “text X Y WIDTH HEIGHT WORDS” for each text, “line X Y WIDTH HEIGHT” for
 * what each stroke takes up, and “picture WIDTH HEIGHT” when
 * the picture with these texts is written. Sizes are in pixels.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pango/pangocairo.h>
#include <stdio.h>

static void
note (const char *line)
{
  const char *file = g_getenv ("EIDOSCOPE_DRAWN");
  FILE *out = file != NULL ? fopen (file, "a") : NULL;

  if (out == NULL)
    return;
  fprintf (out, "%s\n", line);
  fclose (out);
}

void
pango_cairo_show_layout (cairo_t *cr, PangoLayout *layout)
{
  void (*real) (cairo_t *, PangoLayout *) = dlsym (RTLD_NEXT, "pango_cairo_show_layout");
  g_autofree char *words = g_strdelimit (g_strdup (pango_layout_get_text (layout)), "\n", ' ');
  g_autofree char *line = NULL;
  PangoRectangle box;
  double x, y;

  cairo_get_current_point (cr, &x, &y);
  cairo_user_to_device (cr, &x, &y);
  pango_layout_get_pixel_extents (layout, NULL, &box);
  line =
      g_strdup_printf ("text %d %d %d %d %s", (int) x + box.x, (int) y + box.y, box.width, box.height, words);
  note (line);
  real (cr, layout);
}

void
cairo_stroke (cairo_t *cr)
{
  void (*real) (cairo_t *) = dlsym (RTLD_NEXT, "cairo_stroke");
  g_autofree char *line = NULL;
  double left, top, right, bottom;

  cairo_path_extents (cr, &left, &top, &right, &bottom);
  cairo_user_to_device (cr, &left, &top);
  cairo_user_to_device (cr, &right, &bottom);
  line =
      g_strdup_printf ("line %d %d %d %d", (int) left, (int) top, (int) (right - left), (int) (bottom - top));
  note (line);
  real (cr);
}

cairo_status_t
cairo_surface_write_to_png_stream (cairo_surface_t *surface, cairo_write_func_t write, void *data)
{
  cairo_status_t (*real) (cairo_surface_t *, cairo_write_func_t, void *) =
      dlsym (RTLD_NEXT, "cairo_surface_write_to_png_stream");
  g_autofree char *line = g_strdup_printf ("picture %d %d", cairo_image_surface_get_width (surface),
                                           cairo_image_surface_get_height (surface));

  note (line);
  return real (surface, write, data);
}
