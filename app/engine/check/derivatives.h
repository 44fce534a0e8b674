/* derivatives.h: the loss as a function of the weights, and its derivative along any direction:
 * by the gradient and by differences. For gradients.c.                 */
#pragma once

#include "app/engine/check/private.h"

G_BEGIN_DECLS

/* A tensor of the model. */
typedef struct
{
  const char *name;
  EidTensor *tensor;
  gsize count;
  gboolean trained;
  float *values;        /* as they were                        */
  float *teacher;       /* of a buffer, the teacher's; or NULL */
  float *gradient;      /* NULL: there is none                 */
  double length, slope; /* of values and gradient, Euclidean   */
} EidPart;

/* One loss, on one batch, at the weights as they were drawn. */
typedef struct
{
  const EidCheck *check;
  EidSetup *setup;
  EidCheckBatch batch;
  GArray *parts; /* EidPart */
  double loss;
  EidRandom random;
  float *moved;   /* as long as the longest part */
  GString *wrong; /* the first of those that do not agree */
  guint n_wrong, n_judged, n_faint;
  double worst; /* share by which those that agree are apart */
} EidLossProbe;

/* What is moved: for each part a direction, or NULL where it stays. */
typedef struct
{
  float **part; /* [parts] */
  guint count;
} EidDirection;

#define EID_PART(probe, i) (&g_array_index ((probe)->parts, EidPart, i))

/* A loss of 32-bit sums over some thousand terms is known to a few millionths of its size. */
#define EID_LOSS_NOISE 2e-6

/* Errors of all: what the plugin or the device failed with. */
gboolean eid_probe_open (EidLossProbe *probe, const EidCheck *check, GError **error);
void eid_probe_clear (EidLossProbe *probe);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidLossProbe, eid_probe_clear)

/* The loss at the weights as they are; gradients begin anew. */
gboolean eid_probe_loss (EidLossProbe *probe, EidDetach mode, double *loss, GError **error);
/* Those of the last loss, into the parts. */
void eid_probe_read_gradients (EidLossProbe *probe);

EidDirection eid_direction_new (const EidLossProbe *probe);
void eid_direction_clear (EidDirection *direction);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidDirection, eid_direction_clear)

/* Part @i moves, for a length of @scale, half by chance and half along its gradient. */
void eid_direction_add (EidLossProbe *probe, EidDirection *direction, guint i, double scale);
/* How far a part may be moved: its length, and that of small weights where all are 0. */
double eid_part_reach (const EidPart *part);

/* The loss where the weights are moved @by along @direction; they are put back. */
gboolean eid_probe_loss_at (EidLossProbe *probe, const EidDirection *direction, double by, EidDetach mode,
                            double *loss, GError **error);
/* Compares the two derivatives along @direction, of which up to @unit is gone; @what is named in
 * probe->wrong where they do not agree.                                      */
gboolean eid_probe_compare (EidLossProbe *probe, const EidDirection *direction, double unit, const char *what,
                            GError **error);

G_END_DECLS
