/* inspect-command.c: `eidoscope inspect`: what a trained model sees in pictures
 * of your own, as PNG files, and its attention weights as numbers.           */
#include "app/cli/cli.h"

#include "app/engine/service/listing.h"
#include "app/engine/setup/npy.h"
#include "app/cli/own-files.h"
#include "app/cli/pictures.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <stdio.h>

/* Pictures of the test half, when none is named. */
#define PICTURES_DEFAULT 8

static gboolean
draw_reconstruction (EidSetup *setup, const EidPictures *pictures, const EidDrawNote *note, const char *file,
                     GError **error)
{
  g_autoptr (EidReconstructionView) view = eid_show_reconstruction (setup, pictures, NULL, error);

  return view != NULL && eid_draw_reconstruction (view, note, file, error);
}

static gboolean
draw_attention (EidSetup *setup, const EidPictures *pictures, const EidDrawNote *note, const char *file,
                GError **error)
{
  g_autoptr (EidAttentionView) view = eid_show_attention (setup, pictures, EID_OF_STUDENT, error);

  return view != NULL && eid_draw_attention (view, note, file, error);
}

static gboolean
draw_rollout (EidSetup *setup, const EidPictures *pictures, const EidDrawNote *note, const char *file,
              GError **error)
{
  g_autoptr (EidAttentionView) view = eid_show_attention (setup, pictures, EID_OF_STUDENT, error);

  return view != NULL && eid_draw_rollout (view, note, file, error);
}

static gboolean
write_attention (EidSetup *setup, const EidPictures *pictures, const EidDrawNote *note, const char *file,
                 GError **error)
{
  g_autoptr (EidAttentionView) view = eid_show_attention (setup, pictures, EID_OF_STUDENT, error);

  if (view == NULL)
    return FALSE;
  return eid_npy_write (file,
                        (const guint[]){ view->layers, view->count, view->heads, view->tokens, view->tokens },
                        5, (const float *const *) view->student->attention, view->layers,
                        (gsize) view->count * view->heads * view->tokens * view->tokens, error);
}

static gboolean
draw_patches (EidSetup *setup, const EidPictures *pictures, const EidDrawNote *note, const char *file,
              GError **error)
{
  g_autoptr (EidPatchesView) view = eid_show_patches (setup, pictures, NULL, FALSE, error);

  return view != NULL && eid_draw_patches (view, note, file, error);
}

static const struct
{
  const char *file;
  gboolean (*can) (EidSetup *setup);
  gboolean (*write) (EidSetup *setup, const EidPictures *pictures, const EidDrawNote *note, const char *file,
                     GError **error);
} views[] = {
  { "attention.png", eid_can_show_attention, draw_attention },
  { "rollout.png", eid_can_show_attention, draw_rollout },
  { "attention.npy", eid_can_show_attention, write_attention },
  { "reconstruction.png", eid_can_reconstruct, draw_reconstruction },
  { "patches.png", eid_can_show_tokens, draw_patches },
};

/* What its help says of the files. */
static const char files_text[] =
    N_ ("It writes, a row a picture, those of these that the encoder and the objective have:\n"
        "  attention.png       the last layer, the mean of its heads and each one: what the class token\n"
        "                      (without one, the patches on average) looks at\n"
        "  rollout.png         the same, rolled out from the picture to each layer\n"
        "  attention.npy       the weights, float32 [layers, pictures, heads, queries, keys]; the class\n"
        "                      token, then registers, then patches row by row\n"
        "  reconstruction.png  the picture, what is hidden, what is made of it, the error\n"
        "  patches.png         the patch tokens' first three principal axes as colours\n"
        "  plugin-NAME.*       what they publish of their own; of text, what was expected of each token");

static void
tell_own (const char *file, const char *problem, gpointer written)
{
  if (file != NULL)
    eid_cli_print ("%s\n", file);
  else
    g_printerr ("%s\n", problem);
  (*(guint *) written)++;
}

static int
inspect (EidSetup *setup, char **images, gboolean teacher, const char *output)
{
  GError *error = NULL;
  g_autofree char *subtitle = eid_draw_subtitle (setup, teacher);
  const gboolean named = images != NULL && images[0] != NULL, text = eid_setup_is_text (setup) && !named;
  g_autoptr (EidPictures) pictures = text    ? NULL
                                     : named ? eid_pictures_of_files (setup, images, &error)
                                             : eid_pictures_of_test (setup, NULL, PICTURES_DEFAULT, &error);
  const EidDrawNote note = { subtitle, named ? _ ("file") : _ ("class") };
  guint written = 0;

  if (pictures == NULL && !text)
    return eid_cli_fail (error);
  if (g_mkdir_with_parents (output, 0777) < 0)
    return eid_cli_fail (
        g_error_new (EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be made: %s"), output, g_strerror (errno)));
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      g_autofree char *file = g_build_filename (output, views[i].file, NULL);

      if (text || !views[i].can (setup))
        continue;
      if (!views[i].write (setup, pictures, &note, file, &error))
        {
          /* An objective that shows something need not reconstruct. */
          if (!g_error_matches (error, EID_ERROR, EID_ERROR_USAGE))
            return eid_cli_fail (error);
          g_clear_error (&error);
          continue;
        }
      eid_cli_print ("%s\n", file);
      written++;
    }
  if (!eid_write_own_views (setup, pictures, PICTURES_DEFAULT, output, tell_own, &written, &error))
    return eid_cli_fail (error);
  if (written == 0)
    return eid_cli_usage (_ ("This encoder and objective have nothing to show of these data."));
  return 0;
}

int
eid_command_inspect (int argc, char **argv)
{
  g_auto (GStrv) images = NULL;
  g_autofree char *output = NULL, *device = NULL;
  gboolean trust_code = FALSE;
  g_auto (EidBareWeights) bare = { 0 };
  gboolean teacher = FALSE;
  const GOptionEntry entries[] = {
    { "image", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &images, N_ ("Pictures to look at; else of the test half"),
      N_ ("FILE…") },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("Folder to write to; else the run’s pictures"),
      N_ ("DIR") },
    { "teacher", 0, 0, G_OPTION_ARG_NONE, &teacher, N_ ("Look through the teacher’s weights"), NULL },
    { "trust-code", 0, 0, G_OPTION_ARG_NONE, &trust_code,
      N_ ("Run the code that comes with the run, although it is not yours"), NULL },
    EID_BARE_WEIGHTS_OPTIONS (bare),
    EID_BARE_WEIGHTS_PATH (bare),
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("Compute on this device"), N_ ("NAME") },
    { NULL },
  };
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  g_auto (GStrv) rest = NULL;
  g_auto (GStrv) files = NULL;
  char **words;
  GError *error = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RUN"),
                      _ ("Draws attention, reconstructions and patch features of pictures as PNG files."),
                      _ (files_text), &rest, &status))
    return status;
  if (rest[0] == NULL && bare.weights == NULL)
    return eid_cli_usage (_ ("“inspect” takes a run, its folder or its name; or --weights FILE and --path "
                             "FOLDER."));
  if (!eid_cli_check_bare (&bare, &status))
    return status;
  if (bare.weights != NULL && output == NULL)
    return eid_cli_usage (_ ("--weights takes the folder to write to as --output DIR."));
  words = bare.weights != NULL ? rest : rest + 1;
  if (images == NULL && words[0] != NULL)
    return eid_cli_usage (_ ("“inspect” takes one run; pictures follow --image."));

  /* Words after the run are further files of --image. */
  if (images != NULL)
    g_strv_builder_addv (all, (const char **) images);
  g_strv_builder_addv (all, (const char **) words);
  files = g_strv_builder_end (all);

  if (trust_code)
    eid_run_trust_all_code ();
  registry = eid_registry_new ();
  setup = bare.weights != NULL
              ? eid_bare_weights_open (&bare, bare.path, device, NULL, NULL, registry, &error)
              : eid_cli_open (rest[0], device, registry, &run, &error);
  if (setup == NULL)
    return eid_cli_fail (error);
  if (teacher && !eid_has_teacher (setup))
    return eid_cli_usage (_ ("--teacher: %s has no teacher; leave the option out."),
                          eid_plugin_title (eid_model_objective (setup->model)));
  if (teacher)
    eid_parameters_use_teacher (eid_model_parameters (setup->model), TRUE);
  if (output == NULL)
    output = g_build_filename (eid_run_folder (run), "pictures", NULL);
  status = inspect (setup, files, teacher, output);
  eid_cli_say_unreadable (setup);
  return status;
}
