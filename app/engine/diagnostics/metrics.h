/* metrics.h: numbers that tell from features alone, without labels, whether an
 * embedding is alive: one function a number, on plain arrays of the host.
 *
 * Rows are float [count, width], a picture's features each. NaN where the
 * number is not defined (no pair, no spread).                                */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Mean deviation a dimension of rows scaled to length 1. 1 / sqrt (width) when
 * they point everywhere, 0 when all are the same (Chen & He 2021,
 * arXiv:2011.10566, section 4.1).                                            */
double eid_metric_z_std (const float *rows, guint count, guint width);

/* Mean cosine of two different rows: 1 when all point one way.               */
double eid_metric_cosine (const float *rows, guint count, guint width);

/* Mean over dimensions of max (0, 1 - deviation) of the rows as they are: 0
 * healthy, 1 collapsed (the variance term of VICReg, Bardes et al. 2022,
 * arXiv:2105.04906, equation 1 with γ = 1).                                  */
double eid_metric_std_hinge (const float *rows, guint count, guint width);

/* Singular values of the centred rows, largest first, into @spectrum
 * [min (count, width)]: from the smaller of the two products of the rows with
 * themselves, for the values alone. FALSE when the rows are not finite.      */
gboolean eid_metric_spectrum (const float *rows, guint count, guint width, double *spectrum);

/* RankMe: exp of the entropy of the shares p = σ / Σσ + 1e-7; 1 … count
 * (Garrido et al. 2023, arXiv:2210.02885, equation 1; effective rank after
 * Roy & Vetterli 2007). Compare within one method only.                      */
double eid_metric_rank (const double *spectrum, guint count);

/* α-ReQ: how fast the eigenvalues σ² fall, -slope of their logarithm against
 * that of their number; near 1 is good, far over it collapsing (Agrawal et al.
 * 2022, "α-ReQ", NeurIPS). Values under 1e-6 of the largest σ are rounding
 * and left out.                                                              */
double eid_metric_alpha (const double *spectrum, guint count);

/* LiDAR: effective rank of Σw^-½ Σb Σw^-½, of the scatter between pictures
 * (each a class) measured by that of their views about them, Σw + 1e-4;
 * 1 … min (width, pictures - 1) (Thilak et al. 2024, arXiv:2312.04000,
 * section 4). @rows [views, pictures, width], of at least two of each.       */
double eid_metric_lidar (const float *rows, guint views, guint pictures, guint width);

/* Mean squared distance of two views' rows @a and @b, scaled to length 1: 0 the
 * same, 2 at right angles (Wang & Isola 2020, arXiv:2005.10242, α = 2).      */
double eid_metric_alignment (const float *a, const float *b, guint count, guint width);

/* log of the mean of exp (-2 |x - y|²) over pairs of rows scaled to length 1:
 * 0 collapsed, -4 at best (the same, section 4.1.2, t = 2).                  */
double eid_metric_uniformity (const float *rows, guint count, guint width);

G_END_DECLS
