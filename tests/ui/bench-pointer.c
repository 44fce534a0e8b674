/* bench-pointer.c: how long a movement of the pointer over attention and map, and a click there,
 * take to a frame, in the window's process: from the event to the end of painting. It prints the
 * median and the 95th percentile for views of the size of a ViT-S/16 at 224 pixels, and for a map
 * of 1,000 points with pictures, beside a training on all cores.
 *
 *   bench-pointer [--json] [ENGINE]     (the eidoscope command; without it nothing is trained)
 */
#include "tests/ui/live.h"

#include "ui/ui.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum
{
  POINTS = 1000,
  THUMBNAIL = 28,
  COUNT = 8,
  SIDE = 224,
  GRID = 14,
  CELLS = GRID * GRID,
  EXTRA = 5,
  TOKENS = EXTRA + CELLS,
  LAYERS = 12,
  HEADS = 6,
  PLANES = LAYERS + HEADS, /* the means of all layers and the heads of the last: what the engine sends */
  WIDTH = 384,
  MOVES = 150,
  WARM_UP = 10
};

static const struct
{
  const char *name;
  EidPatchesMode mode;
  int head;
} cases[] = {
  { "one head", EID_PATCHES_ATTENTION, 2 },
  { "mean of heads", EID_PATCHES_ATTENTION, EID_HEADS_MEAN },
  { "all heads", EID_PATCHES_ATTENTION, EID_HEADS_ALL },
  { "rollout through 12 layers", EID_PATCHES_ATTENTION, EID_HEADS_ROLLOUT },
  { "similarity of 8 pictures", EID_PATCHES_SIMILARITY, EID_HEADS_MEAN },
};

static GBytes *
noise (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) ((i * 2654435761u) >> 13);
  return g_bytes_new_take (bytes, size);
}

static void
give_data (EidAttentionView *view)
{
  const gsize rows = (gsize) PLANES * COUNT * TOKENS;
  EidAttentionPlane planes[PLANES];
  float *greatest = g_new (float, rows);
  g_autoptr (GBytes) images = noise ((gsize) COUNT * SIDE * SIDE * 3), maps = noise (rows * TOKENS);
  g_autoptr (GBytes) colours = noise (COUNT * CELLS * 3), tokens = noise ((gsize) COUNT * CELLS * WIDTH);
  g_autoptr (GBytes) scales = NULL;
  EidAttention attention = { .count = COUNT,
                             .size = SIDE,
                             .channels = 3,
                             .grid = GRID,
                             .extra = EXTRA,
                             .layers = LAYERS,
                             .heads = HEADS,
                             .class_token = TRUE,
                             .planes = planes,
                             .n_planes = PLANES,
                             .images = images };
  EidPatches patches = { .count = COUNT,
                         .size = SIDE,
                         .channels = 3,
                         .grid = GRID,
                         .width = WIDTH,
                         .images = images,
                         .colours = colours,
                         .tokens = tokens };

  for (gsize i = 0; i < rows; i++)
    greatest[i] = 0.01f;
  scales = g_bytes_new_take (greatest, rows * sizeof (float));
  for (int i = 0; i < PLANES; i++)
    planes[i] =
        i < LAYERS ? (EidAttentionPlane){ i, EID_HEADS_MEAN } : (EidAttentionPlane){ LAYERS - 1, i - LAYERS };
  attention.maps[0] = maps;
  attention.greatest[0] = scales;
  g_assert_true (eid_attention_view_set_attention (view, &attention));
  g_assert_true (eid_attention_view_set_patches (view, &patches));
}

static void
on_painted (GdkFrameClock *clock, gint64 *painted)
{
  *painted = g_get_monotonic_time ();
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Of this thread, which shares its processor with others. */
static double
processor_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

/* --- What a person does -------------------------------------------------------- */

/* To a patch of one of the first pictures. */
static void
point_at_patch (GtkWidget *view, guint number)
{
  eid_attention_view_set_query (EID_ATTENTION_VIEW (view), (int) (number / 40 % 2),
                                (int) (number * 37 % CELLS));
}

static void
place_on_map (GtkWidget *map, guint number, double *x, double *y)
{
  *x = gtk_widget_get_width (map) * (0.1 + 0.6 * fabs (sin (number * 0.7)));
  *y = gtk_widget_get_height (map) * (0.1 + 0.7 * fabs (cos (number * 1.3)));
}

static void
point_at_map (GtkWidget *map, guint number)
{
  double x, y;

  place_on_map (map, number, &x, &y);
  g_signal_emit_by_name (test_controller (map, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", x, y);
  gtk_widget_queue_draw (map);
}

/* Rings around the neighbours of what was clicked. */
static void
on_activated (GtkWidget *map, guint index)
{
  gint32 near[12];

  for (guint i = 0; i < G_N_ELEMENTS (near); i++)
    near[i] = (gint32) ((index + 7 * i + 1) % POINTS);
  eid_scatter_set_rings (EID_SCATTER (map), (int) index, near, G_N_ELEMENTS (near));
}

static void
click_on_map (GtkWidget *map, guint number)
{
  GtkEventController *drag = test_controller (map, GTK_TYPE_GESTURE_DRAG);
  double x, y;

  place_on_map (map, number, &x, &y);
  g_signal_emit_by_name (test_controller (map, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", x, y);
  g_signal_emit_by_name (drag, "drag-begin", x, y);
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  gtk_widget_queue_draw (map);
}

/* --- How long it takes ------------------------------------------------------------ */

/* Milliseconds from what is done to the end of the frame that shows it, and those of them in which
 * this thread worked: the rest is the wait for the frame to begin, and for the processor. */
static void
act (GtkWidget *widget, void (*what) (GtkWidget *, guint), guint number, double *whole, double *work)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gint64 painted = 0, began = g_get_monotonic_time ();
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (on_painted), &painted);
  double worked = processor_time ();

  what (widget, number);
  while (painted == 0)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, handler);
  *whole = (double) (painted - began) / 1e3;
  *work = processor_time () - worked;
}

static gboolean as_json;

static void
measure (GtkWidget *widget, const char *name, void (*what) (GtkWidget *, guint))
{
  double whole[MOVES], work[MOVES], ignored;

  for (guint number = 0; number < WARM_UP; number++)
    act (widget, what, number, &ignored, &ignored);
  for (guint number = 0; number < MOVES; number++)
    {
      /* Events come at any time of a frame. */
      g_usleep (1000 * (number * 7 % 16));
      act (widget, what, WARM_UP + number, &whole[number], &work[number]);
    }
  qsort (whole, MOVES, sizeof *whole, compare);
  qsort (work, MOVES, sizeof *work, compare);
  if (as_json)
    g_print ("{\"case\": \"%s\", \"median_ms\": %.2f, \"p95_ms\": %.2f, \"worst_ms\": %.2f, "
             "\"work_median_ms\": %.2f, \"work_p95_ms\": %.2f}\n",
             name, whole[MOVES / 2], whole[MOVES * 95 / 100], whole[MOVES - 1], work[MOVES / 2],
             work[MOVES * 95 / 100]);
  else
    g_print ("%-36s event to frame: median %5.1f ms, 95 %% %5.1f ms, worst %5.1f ms; of it work: median "
             "%5.1f ms, 95 %% %5.1f ms\n",
             name, whole[MOVES / 2], whole[MOVES * 95 / 100], whole[MOVES - 1], work[MOVES / 2],
             work[MOVES * 95 / 100]);
}

/* --- The views -------------------------------------------------------------------- */

static GtkWidget *
make_map (void)
{
  GtkWidget *map = eid_scatter_new ();
  g_autoptr (GBytes) pictures = noise ((gsize) POINTS * THUMBNAIL * THUMBNAIL * 3);
  double x[POINTS], y[POINTS];
  int labels[POINTS];

  for (int i = 0; i < POINTS; i++)
    {
      x[i] = sqrt (i) * cos (2.4 * i);
      y[i] = sqrt (i) * sin (2.4 * i);
      labels[i] = i % 10;
    }
  eid_scatter_set_points (EID_SCATTER (map), x, y, labels, POINTS);
  g_assert_true (eid_scatter_set_pictures (EID_SCATTER (map), pictures, THUMBNAIL, 3));
  g_signal_connect (map, "activated", G_CALLBACK (on_activated), NULL);
  return map;
}

static void
measure_attention (void)
{
  GtkWidget *view = eid_attention_view_new (), *window;

  give_data (EID_ATTENTION_VIEW (view));
  window = test_show (view, 980, 640);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("attention, ", cases[i].name, NULL);

      eid_attention_view_set_mode (EID_ATTENTION_VIEW (view), cases[i].mode);
      eid_attention_view_set_head (EID_ATTENTION_VIEW (view), -1, cases[i].head);
      measure (view, name, point_at_patch);
    }
  test_close (window);
}

static void
measure_map (void)
{
  GtkWidget *map = make_map (), *window = test_show (map, 980, 640);

  measure (map, "map, points, pointer", point_at_map);
  measure (map, "map, points, click", click_on_map);
  eid_scatter_set_show_pictures (EID_SCATTER (map), TRUE);
  measure (map, "map, pictures, pointer", point_at_map);
  measure (map, "map, pictures, click", click_on_map);
  test_close (window);
}

/* A training that takes all cores, below @folder. NULL: it could not be started. */
static GSubprocess *
train (const char *engine, const char *folder)
{
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *training =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, engine,
                        "train", "fashion-mae", "--steps", "1000000", "--out", run, NULL);

  if (training == NULL)
    g_printerr ("%s\n", error->message);
  else
    g_usleep (10 * G_USEC_PER_SEC); /* kernels are compiled, the first steps made */
  return training;
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("bench-pointer-XXXXXX", NULL);
  g_autoptr (GSubprocess) training = NULL;
  const char *engine = NULL;
  double load = 0;

  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], "--json"))
      as_json = TRUE;
    else
      engine = argv[i];
  if (!gtk_init_check ())
    {
      g_printerr ("No display: skipped\n");
      return SKIP;
    }
  adw_init ();
  eid_ui_init ();
  if (engine && !(training = train (engine, folder)))
    return 1;
  measure_attention ();
  measure_map ();
  if (training)
    {
      g_subprocess_send_signal (training, SIGTERM); /* it ends after its step */
      g_subprocess_wait (training, NULL, NULL);
    }
  if (getloadavg (&load, 1) == 1 && !as_json)
    g_print ("%s; load %.1f on %u cores\n", training ? "beside a training" : "nothing trained", load,
             g_get_num_processors ());
  return 0;
}
