/* bench.c: a case of the benchmark run and timed: first as fast as it goes, a step
 * in flight while the next is enqueued, as a run trains; then again with the
 * device's profile on, for the shares.                                       */
#include "app/engine/bench/bench.h"

#include "app/engine/setup/setup.h"

#include <glib/gi18n-lib.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WARM_STEPS       1
#define FEWEST_STEPS     5
#define PROFILED_STEPS   2
#define PROFILED_SECONDS 1.0

#define SEED 1

static const char *const phase_names[EID_BENCH_PHASES] = {
  [EID_BENCH_LOAD] = "load",         [EID_BENCH_AUGMENT] = "augment", [EID_BENCH_FORWARD] = "forward",
  [EID_BENCH_BACKWARD] = "backward", [EID_BENCH_UPDATE] = "update",
};

/* Of the pictures: the mean and deviation of colours. */
static const float mean[3] = { 0.4914f, 0.4822f, 0.4465f };
static const float deviation[3] = { 0.2470f, 0.2435f, 0.2616f };

/* SimCLR's, without blur: as tests/bench/peers/augment.py. */
static const EidAugment augment = {
  .crop_min = 0.2f,
  .crop_max = 1,
  .flip = 0.5f,
  .jitter = 0.8f,
  .brightness = 0.4f,
  .contrast = 0.4f,
  .saturation = 0.4f,
  .hue = 0.1f,
  .grey = 0.2f,
};

typedef struct
{
  const EidBenchCase *bench;
  EidDevice *device;
  EidModel *model;
  guint8 *pixels;       /* [batch, size, size, channels], where augmented         */
  EidViewTensors views; /* else                                                */
  guint32 *samples;
  guint64 step;
  gint64 host[EID_BENCH_PHASES]; /* microseconds, since last zeroed           */
  float results[2];              /* of the last two steps                     */
  EidPending *pending[2];
} Bench;

/* --- Memory of the process ---------------------------------------------------- */

/* VmRSS (now) or VmHWM (the most so far), in bytes; 0 where the system does not tell. */
static guint64
resident (const char *key)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, key);
  return line != NULL ? g_ascii_strtoull (line + strlen (key) + 1, NULL, 10) * 1024 : 0;
}

/* What an earlier case has left goes, and VmHWM begins again from what is resident now. */
static guint64
forget_peak (void)
{
  malloc_trim (0);
  g_file_set_contents_full ("/proc/self/clear_refs", "5", 1, G_FILE_SET_CONTENTS_NONE, 0, NULL);
  return resident ("VmRSS");
}

/* --- The work ------------------------------------------------------------------- */

static GHashTable *
parse_values (const char *text)
{
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) assignments = g_strsplit (text, " ", -1);

  for (guint i = 0; assignments[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (assignments[i], "=", 2);

      g_hash_table_insert (values, g_strdup (parts[0]), g_strdup (parts[1]));
    }
  return values;
}

static gboolean
build (Bench *self, EidRegistry *registry, GError **error)
{
  const EidBenchCase *bench = self->bench;
  g_autoptr (GHashTable) values = parse_values (bench->values);

  self->model = eid_model_new (self->device, registry, bench->encoder, bench->objective, values, bench->size,
                               bench->channels, bench->batch, SEED, error);
  return self->model != NULL;
}

/* @count pictures of noise: what they show does not matter to the clock. */
static EidTensor *
noise_pictures (Bench *self, EidRandom *random, guint count, guint size)
{
  const guint channels = self->bench->channels;
  const gsize total = (gsize) count * size * size * channels;
  g_autofree float *values = g_new (float, total);

  for (gsize i = 0; i < total; i++)
    values[i] = eid_random_normal (random);
  return eid_tensor_from_data (self->device, EID_F32, EID_SHAPE (count, size, size, channels), values);
}

/* View i of a text is the same, i tokens further on. */
static EidTensor *
noise_text (Bench *self, EidRandom *random, guint count)
{
  const guint batch = self->bench->batch, context = self->bench->size;
  const gsize length = (gsize) context + count - 1;
  g_autofree gint32 *tokens = g_new (gint32, batch * length);
  g_autofree gint32 *views = g_new (gint32, (gsize) count * batch * context);

  for (gsize i = 0; i < batch * length; i++)
    tokens[i] = (gint32) eid_random_below (random, self->bench->channels);
  for (gsize view = 0; view < count; view++)
    for (gsize i = 0; i < batch; i++)
      memcpy (views + (view * batch + i) * context, tokens + i * length + view, context * sizeof *views);
  return eid_tensor_from_data (self->device, EID_I32, EID_SHAPE (count * batch, context), views);
}

static void
make_inputs (Bench *self)
{
  const EidBenchCase *bench = self->bench;
  const EidViews views = bench->training ? eid_model_views (self->model) : (EidViews){ .count = 1 };
  const gsize bytes = (gsize) bench->batch * bench->size * bench->size * bench->channels;
  EidRandom random;

  eid_random_init (&random, SEED, 0, 0, 0);
  self->samples = g_new (guint32, bench->batch);
  for (guint i = 0; i < bench->batch; i++)
    self->samples[i] = i;
  if (eid_model_encoder (self->model)->abilities & EID_CAN_TEXT)
    self->views.views = noise_text (self, &random, views.count);
  else if (!bench->augmented)
    {
      self->views.views = noise_pictures (self, &random, views.count * bench->batch, bench->size);
      if (views.small_count > 0)
        self->views.small =
            noise_pictures (self, &random, views.small_count * bench->batch, views.small_size);
    }
  else
    {
      self->pixels = g_malloc (bytes);
      for (gsize i = 0; i < bytes; i++)
        self->pixels[i] = (guint8) eid_random_below (&random, 256);
    }
}

/* Counts the host's time since *@since to @phase, and begins anew. */
static void
count_host (Bench *self, EidBenchPhase phase, gint64 *since)
{
  const gint64 now = g_get_monotonic_time ();

  self->host[phase] += now - *since;
  *since = now;
}

static EidViewTensors
make_views (Bench *self)
{
  const EidBenchCase *bench = self->bench;
  gint64 since = g_get_monotonic_time ();
  g_autofree EidAugmentDraw *draws = NULL;
  EidTensor *pictures;
  EidViews views;

  if (!bench->augmented)
    return self->views;
  pictures = eid_tensor_from_data (self->device, EID_U8,
                                   EID_SHAPE (bench->batch, bench->size, bench->size, bench->channels),
                                   self->pixels);
  count_host (self, EID_BENCH_LOAD, &since);
  views = eid_model_views (self->model);
  draws = eid_augment_draws (&augment, bench->channels, views, SEED, (guint32) self->step, self->samples,
                             bench->batch);
  count_host (self, EID_BENCH_AUGMENT, &since);
  return (EidViewTensors){ .views =
                               eid_augment (pictures, draws, views.count, bench->size, mean, deviation) };
}

static void
enter (Bench *self, EidBenchPhase phase)
{
  eid_profile_phase (self->device, phase_names[phase]);
}

/* One step enqueued; its result is read while the next one runs. */
static void
enqueue_step (Bench *self)
{
  EidUpdate settings = {
    .rule = EID_ADAMW,
    .learning_rate = 1e-4f,
    .beta1 = 0.9f,
    .beta2 = 0.999f,
    .epsilon = 1e-8f,
    .weight_decay = 0.05f,
    .update = self->step + 1,
  };
  EidViewTensors views;
  EidTensor *result;

  eid_arena_push (self->device);
  enter (self, EID_BENCH_AUGMENT);
  views = make_views (self);
  enter (self, EID_BENCH_FORWARD);
  if (self->bench->training)
    {
      result = eid_model_loss (self->model, views, self->samples, self->step, SEED, TRUE);
      enter (self, EID_BENCH_UPDATE);
      settings.teacher_momentum = eid_model_teacher_momentum (self->model);
      eid_parameters_update (eid_model_parameters (self->model), &settings);
    }
  else
    result = eid_mean (eid_model_features (self->model, views.views));
  self->pending[self->step % 2] = eid_tensor_read_later (result, &self->results[self->step % 2]);
  eid_arena_pop (self->device);
  self->step++;
}

static gboolean
results_are_finite (Bench *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->results); i++)
    if (!isfinite (self->results[i]))
      {
        g_set_error (error, EID_ERROR, EID_ERROR_NOT_FINITE, _ ("%s: the result of a step is not finite."),
                     self->bench->name);
        return FALSE;
      }
  return TRUE;
}

/* Makes at least @fewest steps and one more, for at least @seconds. How long each took, from the end of the
 * one before, goes to @times (double, seconds); may be NULL. Returns how many were made, 0 on failure. */
static guint
make_steps (Bench *self, guint fewest, double seconds, GArray *times, GError **error)
{
  const guint64 first = self->step;
  const gint64 begun = g_get_monotonic_time ();
  gint64 before = begun;

  enqueue_step (self);
  do
    {
      const gint64 last = before;
      double took;

      enqueue_step (self);
      g_clear_pointer (&self->pending[self->step % 2], eid_pending_wait); /* of the step before */
      if (!eid_device_check (self->device, error))
        return 0;
      before = g_get_monotonic_time ();
      took = (double) (before - last) / G_USEC_PER_SEC;
      if (times != NULL)
        g_array_append_val (times, took);
    }
  while (self->step - first <= fewest || (double) (before - begun) < seconds * G_USEC_PER_SEC);
  g_clear_pointer (&self->pending[(self->step + 1) % 2], eid_pending_wait);
  if (!eid_device_check (self->device, error) || !results_are_finite (self, error))
    return 0;
  return (guint) (self->step - first);
}

/* --- What is told of it ---------------------------------------------------------- */

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (GArray *values)
{
  g_array_sort (values, compare_doubles);
  return (g_array_index (values, double, values->len / 2)
          + g_array_index (values, double, (values->len - 1) / 2))
         / 2;
}

static gint
compare_time (gconstpointer a, gconstpointer b)
{
  const EidProfileEntry *x = a, *y = b;

  return (x->nanoseconds < y->nanoseconds) - (x->nanoseconds > y->nanoseconds);
}

/* Device time of a phase, milliseconds a step. */
static double
phase_time (const EidBenchResult *result, const char *phase)
{
  double nanoseconds = 0;

  for (guint i = 0; i < result->profile->len; i++)
    {
      const EidProfileEntry *entry = &g_array_index (result->profile, EidProfileEntry, i);

      if (g_str_equal (entry->phase, phase))
        nanoseconds += (double) entry->nanoseconds;
    }
  return nanoseconds * 1e-6 / result->profiled_steps;
}

static void
share_out (const Bench *self, const EidBenchCeiling *ceiling, EidBenchResult *result)
{
  double seconds[2] = { 0 }, work = 0, bytes = 0; /* [1]: of products */

  for (guint i = 0; i < result->profile->len; i++)
    {
      const EidProfileEntry *entry = &g_array_index (result->profile, EidProfileEntry, i);

      seconds[entry->work > 0] += (double) entry->nanoseconds * 1e-9;
      work += entry->work;
      bytes += entry->work > 0 ? 0 : entry->bytes;
    }
  result->gemm_share = seconds[1] / (seconds[0] + seconds[1]);
  result->copy_share = seconds[0] / (seconds[0] + seconds[1]);
  result->gemm_gflops = work / seconds[1] * 1e-9;
  result->gemm_percent =
      100 * work / result->profiled_steps / (result->step_milliseconds * 1e-3) / (ceiling->gemm_gflops * 1e9);
  result->copy_percent = 100 * bytes / seconds[0] / (ceiling->copy_gbps * 1e9);

  for (guint i = 0; i < EID_BENCH_PHASES; i++)
    result->milliseconds[i] =
        phase_time (result, phase_names[i]) + (double) self->host[i] * 1e-3 / result->profiled_steps;
  for (guint i = 0; i <= EID_BENCH_AUGMENT && !self->bench->augmented; i++)
    result->milliseconds[i] = NAN;
  for (guint i = EID_BENCH_BACKWARD; i < EID_BENCH_PHASES && !self->bench->training; i++)
    result->milliseconds[i] = NAN;
}

static gboolean
measure (Bench *self, const EidBenchOptions *options, EidBenchResult *result, GError **error)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  options->tell (_ ("warming up"), options->user_data);
  if (make_steps (self, WARM_STEPS, 0, NULL, error) == 0)
    return FALSE;
  options->tell (_ ("timing"), options->user_data);
  if (make_steps (self, FEWEST_STEPS, options->seconds, times, error) == 0)
    return FALSE;
  result->steps = times->len;
  result->step_milliseconds = median (times) * 1e3;
  result->fastest_milliseconds =
      g_array_index (times, double, 0) * 1e3; /* the median has put them in order */
  result->samples_per_second = self->bench->batch / result->step_milliseconds * 1e3;
  result->tokens_per_second = (eid_model_encoder (self->model)->abilities & EID_CAN_TEXT)
                                  ? result->samples_per_second * self->bench->size
                                  : NAN;
  result->peak_device_bytes = eid_device_peak_bytes (self->device);
  result->peak_rss_bytes = resident ("VmHWM");

  options->tell (_ ("profiling"), options->user_data);
  memset (self->host, 0, sizeof self->host);
  eid_device_set_profile (self->device, TRUE);
  result->profiled_steps =
      make_steps (self, PROFILED_STEPS, MIN (PROFILED_SECONDS, options->seconds), NULL, error);
  if (result->profiled_steps == 0)
    return FALSE;
  result->profile = eid_profile_read (self->device);
  g_array_sort (result->profile, compare_time);
  share_out (self, &options->ceiling, result);
  return eid_device_check (self->device, error);
}

static void
bench_clear (Bench *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->pending); i++)
    g_clear_pointer (&self->pending[i], eid_pending_wait);
  g_clear_pointer (&self->views.views, eid_tensor_free);
  g_clear_pointer (&self->views.small, eid_tensor_free);
  g_clear_pointer (&self->model, eid_model_free);
  g_clear_pointer (&self->device, eid_device_close);
  g_free (self->pixels);
  g_free (self->samples);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static void
on_build (const char *what, guint number, guint count, gpointer user_data)
{
  const EidBenchOptions *options = user_data;
  g_autofree char *text = eid_build_text (what, number, count);

  options->tell (text, options->user_data);
}

EidBenchResult *
eid_bench_run (const EidBenchCase *bench, const EidBenchOptions *options, GError **error)
{
  g_auto (Bench) self = { .bench = bench };
  g_autoptr (EidBenchResult) result = g_new0 (EidBenchResult, 1);
  guint64 before;

  self.device = eid_device_open (options->device, error);
  if (self.device == NULL)
    return NULL;
  eid_device_set_precision (self.device, options->precision);
  eid_device_on_build (self.device, on_build, (gpointer) options);
  eid_device_prepare (self.device);
  before = forget_peak ();
  if (!build (&self, options->registry, error))
    return NULL;
  make_inputs (&self);
  if (!measure (&self, options, result, error))
    return NULL;
  result->peak_bytes =
      eid_device_info (self.device)->is_gpu ? result->peak_device_bytes : result->peak_rss_bytes - before;
  return g_steal_pointer (&result);
}

void
eid_bench_result_free (EidBenchResult *result)
{
  if (result == NULL)
    return;
  g_clear_pointer (&result->profile, g_array_unref);
  g_free (result);
}
