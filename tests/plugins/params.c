/* params.c: a parameter's value as text, both ways. */
#include "plugins/host.h"

#include <locale.h>
#include <string.h>

static const EidParam depth = EID_PARAM_INT ("depth", 4, 1, 64, "Number of blocks");
static const EidParam rate = EID_PARAM_FLOAT ("rate", 0.1, -2, 1, "A rate");
static const EidParam any = EID_PARAM_FLOAT ("any", 1, -1e300, 1e300, "Any number");
static const EidParam norm = EID_PARAM_BOOL ("norm", TRUE, "Whether to normalise");
static const EidParam pool = EID_PARAM_CHOICE ("pool", 1, "class|mean", "What is pooled");

static const struct
{
  const EidParam *param;
  const char *text;
  double value;
} good[] = {
  { &depth, "1", 1 },    { &depth, "64", 64 }, { &depth, " 12 ", 12 }, { &depth, "1e1", 10 },
  { &rate, "0.2", 0.2 }, { &rate, "-2", -2 },  { &rate, "1", 1 },      { &rate, "5e-4", 5e-4 },
  { &norm, "true", 1 },  { &norm, "yes", 1 },  { &norm, "1", 1 },      { &norm, "True", 1 },
  { &norm, "false", 0 }, { &norm, "no", 0 },   { &norm, "0", 0 },      { &pool, "class", 0 },
  { &pool, "mean", 1 },
};

static const struct
{
  const EidParam *param;
  const char *text;
  const char *words; /* in the error */
} bad[] = {
  { &depth, "0", "whole number from 1 to 64" },
  { &depth, "65", "not “65”" },
  { &depth, "3.5", "whole number" },
  { &depth, "", "not “”" },
  { &depth, "4 blocks", "“depth”" },
  { &depth, "1e99", "from 1 to 64" },
  { &rate, "0,2", "number from -2 to 1" },
  { &rate, "1.0001", "from -2 to 1" },
  { &rate, "nan", "not “nan”" },
  { &rate, "inf", "not “inf”" },
  { &rate, "fast", "not “fast”" },
  { &norm, "2", "true or false" },
  { &norm, "on ", "not “on”" },
  { &pool, "max", "one of class, mean" },
  { &pool, "Mean", "not “Mean”" },
  { &pool, "1", "one of class, mean" },
};

static const struct
{
  const EidParam *param;
  double value;
  const char *text;
} written[] = {
  { &any, 1048576, "1048576" }, { &any, 1e6, "1000000" }, { &any, -3e4, "-30000" },
  { &any, 1e300, "1e+300" },    { &any, 1e-8, "1e-08" },  { &any, 0.1, "0.1" },
  { &depth, 12, "12" },         { &rate, 0.1, "0.1" },    { &rate, (double) 0.1f, "0.10000000149011612" },
  { &rate, 5e-4, "0.0005" },    { &rate, -2, "-2" },      { &norm, 1, "true" },
  { &norm, 0, "false" },        { &pool, 0, "class" },    { &pool, 1, "mean" },
};

static void
test_reads_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = -1;

      g_assert_true (eid_param_parse (good[i].param, good[i].text, &value, &error));
      g_assert_no_error (error);
      g_assert_cmpfloat (value, ==, good[i].value);
    }
}

static void
test_refuses_with_what_is_allowed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      double value = -7;

      g_test_message ("%s = “%s”", bad[i].param->key, bad[i].text);
      g_assert_false (eid_param_parse (bad[i].param, bad[i].text, &value, &error));
      g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
      if (strstr (error->message, bad[i].words) == NULL)
        g_error ("“%s” does not say “%s”", error->message, bad[i].words);
      g_assert_cmpfloat (value, ==, -7); /* untouched */
    }
}

static void
test_writes_what_it_reads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    {
      g_autofree char *text = eid_param_format (written[i].param, written[i].value);
      double value;

      g_assert_cmpstr (text, ==, written[i].text);
      g_assert_true (eid_param_parse (written[i].param, text, &value, NULL));
      g_assert_cmpfloat (value, ==, written[i].value);
    }
}

static void
test_every_number_survives (void)
{
  for (guint i = 0; i < 1000; i++)
    {
      double value = g_test_rand_double_range (-2, 1), again;
      g_autofree char *text = eid_param_format (&rate, value);

      g_assert_true (eid_param_parse (&rate, text, &again, NULL));
      g_assert_cmpfloat (again, ==, value);
    }
}

static void
test_locale_does_not_matter (void)
{
  g_autofree char *text = NULL;
  double value;

  if (!setlocale (LC_NUMERIC, "de_DE.UTF-8") && !setlocale (LC_NUMERIC, "fr_FR.UTF-8"))
    {
      g_test_skip ("no locale with a decimal comma is installed");
      return;
    }
  text = eid_param_format (&rate, 0.25);
  g_assert_cmpstr (text, ==, "0.25");
  g_assert_true (eid_param_parse (&rate, "0.25", &value, NULL));
  g_assert_cmpfloat (value, ==, 0.25);
  setlocale (LC_NUMERIC, "C");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/params/reads-values", test_reads_values);
  g_test_add_func ("/params/refuses-with-what-is-allowed", test_refuses_with_what_is_allowed);
  g_test_add_func ("/params/writes-what-it-reads", test_writes_what_it_reads);
  g_test_add_func ("/params/every-number-survives", test_every_number_survives);
  g_test_add_func ("/params/locale-does-not-matter", test_locale_does_not_matter);
  return g_test_run ();
}
