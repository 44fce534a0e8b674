/* bench-pointer.c: how long a movement of the pointer over the attention view takes to a frame, in
 * the window's process: from the event to the end of painting. It prints the median and the
 * 95th percentile for views of the size of a ViT-S/16 at 224 pixels.
 */
#include "ui.h"

#include <stdlib.h>
#include <time.h>

#define SKIP 77

enum
{
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

/* Milliseconds from a query to the end of the frame that shows it, and those of them in which this
 * thread worked: the rest is the wait for the frame to begin, and for the processor. */
static void
move (EidAttentionView *view, guint number, double *whole, double *work)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (view));
  gint64 painted = 0, began = g_get_monotonic_time ();
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (on_painted), &painted);
  double worked = processor_time ();

  eid_attention_view_set_query (view, (int) (number / 40 % 2), (int) (number * 37 % CELLS));
  while (painted == 0)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, handler);
  *whole = (double) (painted - began) / 1e3;
  *work = processor_time () - worked;
}

static void
measure (EidAttentionView *view, guint i)
{
  double whole[MOVES], work[MOVES], ignored;

  eid_attention_view_set_mode (view, cases[i].mode);
  eid_attention_view_set_head (view, -1, cases[i].head);
  for (guint number = 0; number < WARM_UP; number++)
    move (view, number, &ignored, &ignored);
  for (guint number = 0; number < MOVES; number++)
    {
      /* Events come at any time of a frame. */
      g_usleep (1000 * (number * 7 % 16));
      move (view, WARM_UP + number, &whole[number], &work[number]);
    }
  qsort (whole, MOVES, sizeof *whole, compare);
  qsort (work, MOVES, sizeof *work, compare);
  g_print (
      "%-26s event to frame: median %5.1f ms, 95 %% %5.1f ms; of it work: median %5.1f ms, 95 %% %5.1f ms\n",
      cases[i].name, whole[MOVES / 2], whole[MOVES * 95 / 100], work[MOVES / 2], work[MOVES * 95 / 100]);
}

int
main (void)
{
  GtkWidget *window, *widget;

  if (!gtk_init_check ())
    {
      g_printerr ("No display: skipped\n");
      return SKIP;
    }
  adw_init ();
  eid_ui_init ();
  window = gtk_window_new ();
  widget = eid_attention_view_new ();
  gtk_window_set_default_size (GTK_WINDOW (window), 980, 640);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  give_data (EID_ATTENTION_VIEW (widget));
  gtk_window_present (GTK_WINDOW (window));
  while (gtk_widget_get_width (widget) == 0)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    measure (EID_ATTENTION_VIEW (widget), i);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
