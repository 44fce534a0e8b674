/* truth-resize.c: position embeddings of weights are resized as their family does it, when they are read and
 * when crops of another size are. */
#include "weights-files.h"

#include "weights-positions.h"
#include "weights.h"

/* What PyTorch 2.15 makes of a grid of one channel, by each rule. */
static const float from_3[] = { -1, 0.25f, 1.5f, 0.75f, -0.75f, 0.5f, -0.25f, 1, -0.5f };
static const float from_4[] = { -1,     0.25f, 1.5f,  0,     0.75f, -0.75f, 0.5f,  -1,
                                -0.25f, 1,     -0.5f, 0.75f, 1.5f,  0,      1.25f, -0.25f };

static const struct
{
  const char *name;
  EidResize how;
  float to_4[16], to_3[9]; /* of from_3, of from_4 */
} rules[] = {
  { "antialiased",
    EID_RESIZE_ANTIALIASED,
    { -1.1642209f, -0.30563681f, 0.86657394f, 1.6175373f, 0.20179621f, -0.35199486f, -0.0077233997f,
      1.0187824f, 0.53435f, 0.066108311f, -0.13029234f, 0.068274158f, -0.37504177f, 0.68655844f, 0.57570718f,
      -0.63810147f },
    { -0.48872854f, 0.67928659f, 0.14284648f, 0.23179652f, 0.010690837f, -0.13072041f, 0.8228037f,
      0.55377574f, 0.28474779f } },
  { "plain",
    EID_RESIZE_PLAIN,
    { -1.2295f, -0.33712018f, 0.93123156f, 1.661499f, 0.28747076f, -0.46012884f, -0.11171526f, 1.0816222f,
      0.64013189f, 0.03459549f, -0.22502142f, 0.048377872f, -0.42566699f, 0.79052252f, 0.6729688f,
      -0.69361132f },
    { -0.63810891f, 0.9457827f, 0.070759589f, 0.23870624f, -0.090576172f, -0.1507071f, 1.0656785f,
      0.57769097f, 0.089703428f } },
  { "corners",
    EID_RESIZE_ALIGN_CORNERS,
    { -1, -0.28240741f, 0.78240741f, 1.5f, 0.31018519f, -0.50660151f, -0.24434156f, 0.92592593f, 0.62962963f,
      -0.057013032f, -0.29363855f, 0.074074074f, -0.25f, 0.77314815f, 0.66666667f, -0.5f },
    { -1, 1.1328125f, 0, 0.25f, -0.090576172f, -0.125f, 1.5f, 0.625f, -0.25f } },
  { "offset",
    EID_RESIZE_OFFSET,
    { -1.2419277f, -0.3787218f, 0.87536438f, 1.6258333f, 0.22849155f, -0.43249873f, -0.14808602f, 1.0608427f,
      0.70580528f, 0.011316791f, -0.30058903f, 0.094469175f, -0.39297331f, 0.71247329f, 0.72171599f,
      -0.60528348f },
    { -0.68072136f, 0.86795313f, 0.29282897f, 0.31807657f, -0.12049562f, -0.25553753f, 0.92692952f,
      0.49715687f, 0.26656704f } },
};

static void
check_resized (const float *values, guint from, guint to, EidResize how, const float *expected)
{
  g_autofree float *resized = eid_positions_resize (values, from, to, 1, how);

  for (guint i = 0; i < to * to; i++)
    g_assert_cmpfloat_with_epsilon (resized[i], expected[i], 1e-5);
}

static void
test_positions_are_resized_as_the_family_does (gconstpointer data)
{
  const guint rule = GPOINTER_TO_UINT (data);

  check_resized (from_3, 3, 4, rules[rule].how, rules[rule].to_4);
  check_resized (from_4, 4, 3, rules[rule].how, rules[rule].to_3);
}

void
add_resize_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *path = g_strdup_printf ("/truth/weights/positions/%s", rules[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_positions_are_resized_as_the_family_does);
    }
}
