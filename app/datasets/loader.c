/* loader.c: batches ahead of the device. Worker threads decode the pictures of
 * a few batches to come; eid_loader_next() hands them out in order.
 *
 * A ring of slots, one batch each. The lock guards what has been claimed and
 * what is done; pictures are decoded outside it. Places are claimed in the
 * order of the steps, so one permutation, that of the epoch claimed from, is
 * all there is to remember, and who decodes what changes nothing. */
#include "app/datasets/reader.h"

#include <glib/gi18n-lib.h>

/* Batches decoded ahead of the one the caller holds. */
#define AHEAD 4
#define SLOTS (AHEAD + 1)

/* Pictures that a worker claims at once. */
#define PIECE 8

#define MAX_THREADS 64

/* Unreadable pictures met on the way. */
typedef struct
{
  GArray *samples; /* guint32 */
  guint place;     /* in the batch, where the first was met */
  char *first;     /* what is wrong with it; NULL: none met */
} Skips;

typedef struct
{
  EidBatch batch;
  Skips skips;
  guint64 step; /* of which the batch is */
  guint done;   /* pictures decoded */
} Slot;

struct _EidLoader
{
  EidDataset *dataset;
  guint64 seed;
  guint batch;
  gsize bytes; /* of one picture */
  GPtrArray *threads;
  gint stopping; /* atomic: also read while decoding */

  GMutex lock;
  GCond room; /* a slot was given back, or the loader stops */
  GCond full; /* a batch is done, or the loader stops */

  /* Under the lock. */
  Slot slots[SLOTS]; /* of step s: s % SLOTS */
  guint64 next;      /* the step that eid_loader_next() hands out next */
  guint64 freed;     /* steps below it have given back their slots */
  guint64 claim;     /* the step that is being claimed from */
  guint claimed;     /* places of it already claimed */
  guint32 *order;    /* [pictures] the permutation of epoch; NULL: none yet */
  guint64 epoch;
  GError *error;       /* why there will be no more batches */
  GHashTable *skipped; /* samples passed over in the batches handed out */
  char *first;         /* what is wrong with the first of them */
};

static void
skips_init (Skips *skips)
{
  *skips = (Skips){ .samples = g_array_new (FALSE, FALSE, sizeof (guint32)) };
}

static void
skips_clear (Skips *skips)
{
  g_array_unref (skips->samples);
  g_free (skips->first);
}

static void
skips_empty (Skips *skips)
{
  g_array_set_size (skips->samples, 0);
  g_clear_pointer (&skips->first, g_free);
}

static void
skips_add (Skips *skips, guint place, guint32 sample, const GError *reason)
{
  g_array_append_val (skips->samples, sample);
  if (skips->first == NULL)
    {
      skips->place = place;
      skips->first = g_strdup (reason->message);
    }
}

/* Adds @more to @skips; the first is the one of the lowest place, whichever
 * thread was faster. */
static void
skips_merge (Skips *skips, Skips *more)
{
  if (more->first == NULL)
    return;
  g_array_append_vals (skips->samples, more->samples->data, more->samples->len);
  if (skips->first == NULL || more->place < skips->place)
    {
      g_free (skips->first);
      skips->first = g_steal_pointer (&more->first);
      skips->place = more->place;
    }
}

/* --- The workers ----------------------------------------------------------- */

/* The sample at @place of the endless row of epochs. */
static guint32
sample_at (EidLoader *loader, guint64 place)
{
  const guint count = eid_dataset_count (loader->dataset);
  const guint64 epoch = place / count;

  if (epoch != loader->epoch)
    {
      eid_shuffle (loader->order, count, loader->seed, epoch);
      loader->epoch = epoch;
    }
  return loader->order[place % count];
}

/* Waits for places that nobody has claimed, and claims up to PIECE of them,
 * *@length from *@from in the slot. NULL: the loader stops. Lock held. */
static Slot *
claim_piece (EidLoader *loader, guint *from, guint *length)
{
  Slot *slot;

  while (!g_atomic_int_get (&loader->stopping) && loader->claim >= loader->freed + SLOTS)
    g_cond_wait (&loader->room, &loader->lock);
  if (g_atomic_int_get (&loader->stopping))
    return NULL;

  slot = &loader->slots[loader->claim % SLOTS];
  slot->step = loader->claim;
  *from = loader->claimed;
  *length = MIN (PIECE, loader->batch - loader->claimed);
  for (guint b = *from; b < *from + *length; b++)
    slot->batch.samples[b] = sample_at (loader, loader->claim * loader->batch + b);

  loader->claimed += *length;
  if (loader->claimed == loader->batch)
    {
      loader->claimed = 0;
      loader->claim++;
    }
  return slot;
}

static guint
greatest_divisor (guint a, guint b)
{
  while (b != 0)
    {
      const guint rest = a % b;

      a = b;
      b = rest;
    }
  return a;
}

/* Decodes the picture of @place in the batch of @slot, or another that is drawn for it: a
 * neighbour would stand in for all of many broken ones. FALSE: there is none, or the loader
 * stops. No lock. */
static gboolean
read_place (EidLoader *loader, Slot *slot, guint place, Skips *skips)
{
  EidBatch *batch = &slot->batch;
  const guint count = eid_dataset_count (loader->dataset);
  const guint64 drawn = eid_hash (loader->seed ^ eid_hash (slot->step * loader->batch + place));
  guint32 sample = batch->samples[place];
  guint stride = 1 + (guint) ((drawn >> 32) % count);

  /* Steps of it come to every picture. */
  while (greatest_divisor (count, stride) != 1)
    stride++;
  for (guint tried = 0; tried <= count && !g_atomic_int_get (&loader->stopping); tried++)
    {
      g_autoptr (GError) reason = NULL;

      if (eid_dataset_read (loader->dataset, sample, batch->pixels + place * loader->bytes, &reason))
        {
          batch->samples[place] = sample;
          batch->labels[place] = eid_dataset_label (loader->dataset, sample);
          return TRUE;
        }
      skips_add (skips, place, sample, reason);
      sample = (guint32) ((drawn % count + (guint64) tried * stride) % count);
    }
  return FALSE;
}

/* Ends the work; @error, which it takes, is what eid_loader_next() will say. */
static void
stop (EidLoader *loader, GError *error)
{
  if (loader->error == NULL)
    loader->error = g_steal_pointer (&error);
  g_clear_error (&error);
  g_atomic_int_set (&loader->stopping, TRUE);
  g_cond_broadcast (&loader->room);
  g_cond_broadcast (&loader->full);
}

static gpointer
work (gpointer data)
{
  EidLoader *loader = data;
  Skips skips;
  Slot *slot;
  guint from, length;

  skips_init (&skips);
  g_mutex_lock (&loader->lock);
  while ((slot = claim_piece (loader, &from, &length)) != NULL)
    {
      guint place = from;

      g_mutex_unlock (&loader->lock);
      while (place < from + length && read_place (loader, slot, place, &skips))
        place++;
      g_mutex_lock (&loader->lock);

      if (place < from + length && !g_atomic_int_get (&loader->stopping))
        stop (loader, g_error_new (EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                                   _ ("None of the %'u pictures of the data set can be read. %s"),
                                   eid_dataset_count (loader->dataset), skips.first));
      skips_merge (&slot->skips, &skips);
      skips_empty (&skips);
      slot->done += place - from;
      if (slot->done == loader->batch)
        g_cond_signal (&loader->full);
    }
  g_mutex_unlock (&loader->lock);
  skips_clear (&skips);
  return NULL;
}

/* --- The public door ------------------------------------------------------- */

/* FALSE: there is no memory, and the loader's error says for what. */
static gboolean
make_slots (EidLoader *loader)
{
  gboolean made = TRUE;

  loader->order = g_try_new (guint32, eid_dataset_count (loader->dataset));
  loader->epoch = G_MAXUINT64; /* of no order yet */
  for (guint s = 0; s < SLOTS; s++)
    {
      EidBatch *batch = &loader->slots[s].batch;

      batch->count = loader->batch;
      batch->pixels = g_try_malloc_n (loader->batch, loader->bytes);
      batch->samples = g_try_new (guint32, loader->batch);
      batch->labels = g_try_new (gint32, loader->batch);
      skips_init (&loader->slots[s].skips);
      made = made && batch->pixels != NULL && batch->samples != NULL && batch->labels != NULL;
    }
  if (loader->order == NULL)
    g_set_error (&loader->error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                 _ ("There is not enough memory for the order of %'u pictures or passages; train on fewer"),
                 eid_dataset_count (loader->dataset));
  else if (!made)
    g_set_error (
        &loader->error, EID_DATASET_ERROR, EID_DATASET_ERROR_SPEC,
        _ ("There is not enough memory for %d batches of %'u pictures of %'u pixels a side; make “batch” in "
           "[Run] smaller"),
        SLOTS, loader->batch, eid_dataset_size (loader->dataset));
  return loader->error == NULL;
}

/* Starts up to @count threads; fewer are slower, but enough. */
static gboolean
start_threads (EidLoader *loader, guint count, GError **error)
{
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GError) reason = NULL;
      GThread *thread = g_thread_try_new ("eid-loader", work, loader, &reason);

      if (thread != NULL)
        g_ptr_array_add (loader->threads, thread);
      else if (i > 0)
        break;
      else
        {
          g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                       _ ("No thread can be started to read pictures: %s"), reason->message);
          return FALSE;
        }
    }
  return TRUE;
}

EidLoader *
eid_loader_new (EidDataset *dataset, guint batch, guint64 seed, guint64 first_step, guint threads)
{
  EidLoader *loader;

  g_return_val_if_fail (batch > 0, NULL);

  loader = g_new0 (EidLoader, 1);
  loader->dataset = eid_dataset_ref (dataset);
  loader->seed = seed;
  loader->batch = batch;
  loader->bytes = eid_dataset_bytes (dataset);
  loader->next = loader->freed = loader->claim = first_step;
  loader->skipped = g_hash_table_new (NULL, NULL);
  loader->threads = g_ptr_array_new ();
  g_mutex_init (&loader->lock);
  g_cond_init (&loader->room);
  g_cond_init (&loader->full);

  if (make_slots (loader))
    {
      g_autoptr (GError) error = NULL;

      if (!start_threads (
              loader, threads > 0 ? MIN (threads, MAX_THREADS) : MIN (g_get_num_processors (), MAX_THREADS),
              &error))
        loader->error = g_steal_pointer (&error);
    }
  return loader;
}

void
eid_loader_free (EidLoader *loader)
{
  if (loader == NULL)
    return;

  g_mutex_lock (&loader->lock);
  stop (loader, NULL);
  g_mutex_unlock (&loader->lock);
  for (guint i = 0; i < loader->threads->len; i++)
    g_thread_join (g_ptr_array_index (loader->threads, i));

  for (guint s = 0; s < SLOTS; s++)
    {
      g_free (loader->slots[s].batch.pixels);
      g_free (loader->slots[s].batch.samples);
      g_free (loader->slots[s].batch.labels);
      skips_clear (&loader->slots[s].skips);
    }
  g_ptr_array_unref (loader->threads);
  g_hash_table_unref (loader->skipped);
  g_free (loader->order);
  g_free (loader->first);
  g_clear_error (&loader->error);
  g_mutex_clear (&loader->lock);
  g_cond_clear (&loader->room);
  g_cond_clear (&loader->full);
  eid_dataset_unref (loader->dataset);
  g_free (loader);
}

const EidBatch *
eid_loader_next (EidLoader *loader, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&loader->lock);
  Slot *slot = &loader->slots[loader->next % SLOTS];

  if (loader->freed < loader->next)
    {
      Slot *back = &loader->slots[loader->freed % SLOTS];

      back->done = 0;
      skips_empty (&back->skips);
      loader->freed++;
      g_cond_broadcast (&loader->room);
    }

  while (slot->done < loader->batch && loader->error == NULL)
    g_cond_wait (&loader->full, &loader->lock);
  if (slot->done < loader->batch)
    {
      g_propagate_error (error, g_error_copy (loader->error));
      return NULL;
    }

  loader->next++;
  for (guint i = 0; i < slot->skips.samples->len; i++)
    g_hash_table_add (loader->skipped, GUINT_TO_POINTER (g_array_index (slot->skips.samples, guint32, i)));
  if (loader->first == NULL)
    loader->first = g_strdup (slot->skips.first);
  return &slot->batch;
}

guint
eid_loader_skipped (EidLoader *loader, char **first)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&loader->lock);

  if (first != NULL)
    *first = g_strdup (loader->first);
  return g_hash_table_size (loader->skipped);
}
