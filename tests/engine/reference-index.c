/* reference-index.c: looking up by number, on the host in float64. */
#include "tests/engine/table.h"

Array *
reference_gather (Array **in, const double *a)
{
  guint n = array_dim (in[0], -1), k = array_dim (in[1], -1);

  Array *out = array_new (in[1]->shape);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i / k * n + (gsize) in[1]->value[i]];
  return out;
}

Array *
reference_scatter (Array **in, const double *a)
{
  EidShape shape = in[0]->shape;
  guint n = (guint) a[0], k = array_dim (in[0], -1);
  shape.dim[shape.rank - 1] = n;

  Array *out = array_new (shape);
  for (gsize i = 0; i < in[0]->count; i++)
    out->value[i / k * n + (gsize) in[1]->value[i]] += in[0]->value[i];
  return out;
}

/* Each by how many of its row are larger. */
Array *
reference_top_k (Array **in, const double *a)
{
  EidShape shape = in[0]->shape;
  guint n = array_dim (in[0], -1), k = (guint) a[0];
  shape.dim[shape.rank - 1] = k;

  Array *out = array_new (shape);
  for (gsize i = 0; i < in[0]->count; i++)
    {
      const double *row = in[0]->value + i / n * n;
      guint larger = 0;
      for (guint j = 0; j < n; j++)
        larger += row[j] > in[0]->value[i];
      if (larger < k)
        out->value[i / n * k + larger] = in[0]->value[i];
    }
  return out;
}
