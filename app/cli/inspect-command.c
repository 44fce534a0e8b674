/* inspect-command.c: `eidoscope inspect`: what a trained model sees in pictures
 * of your own, as PNG files.                                                 */
#include "cli.h"

#include "pictures.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <stdio.h>

/* Pictures of the test half, when none is named. */
#define PICTURES_DEFAULT 8

static gboolean
draw_reconstruction (EidSetup *setup, const EidPictures *pictures, const char *file, GError **error)
{
  g_autoptr (EidReconstructionView) view = eid_show_reconstruction (setup, pictures, error);

  return view != NULL && eid_draw_reconstruction (view, file, error);
}

static const struct
{
  const char *file;
  gboolean (*can) (EidSetup *setup);
  gboolean (*draw) (EidSetup *setup, const EidPictures *pictures, const char *file, GError **error);
} sheets[] = {
  { "attention.png", eid_can_show_attention, eid_draw_attention },
  { "reconstruction.png", eid_can_reconstruct, draw_reconstruction },
  { "patches.png", eid_can_show_tokens, eid_draw_patch_axes },
};

static int
inspect (EidSetup *setup, char **images, const char *output)
{
  GError *error = NULL;
  g_autoptr (EidPictures) pictures = images != NULL && images[0] != NULL
                                         ? eid_pictures_of_files (setup, images, &error)
                                         : eid_pictures_of_test (setup, NULL, PICTURES_DEFAULT, &error);
  guint drawn = 0;

  if (pictures == NULL)
    return eid_cli_fail (error);
  if (g_mkdir_with_parents (output, 0777) < 0)
    return eid_cli_fail (
        g_error_new (EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be made: %s"), output, g_strerror (errno)));
  for (guint i = 0; i < G_N_ELEMENTS (sheets); i++)
    {
      g_autofree char *file = g_build_filename (output, sheets[i].file, NULL);

      if (!sheets[i].can (setup))
        continue;
      if (!sheets[i].draw (setup, pictures, file, &error))
        return eid_cli_fail (error);
      printf ("%s\n", file);
      drawn++;
    }
  if (drawn == 0)
    return eid_cli_usage (_ ("This encoder and objective have nothing to show of a picture."));
  return 0;
}

int
eid_command_inspect (int argc, char **argv)
{
  g_auto (GStrv) images = NULL;
  g_autofree char *output = NULL, *device = NULL;
  const GOptionEntry entries[] = {
    { "image", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &images, N_ ("Pictures to look at; else of the test half"),
      N_ ("FILE…") },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("Folder to write to; else the run’s pictures"),
      N_ ("DIR") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("Compute on this device"), N_ ("NAME") },
    { NULL },
  };
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();
  g_auto (GStrv) rest = NULL;
  g_auto (GStrv) files = NULL;
  GError *error = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RUN"),
                      _ ("Draws attention, reconstructions and patch features of pictures as PNG files."),
                      NULL, &rest, &status))
    return status;
  if (rest[0] == NULL)
    return eid_cli_usage (_ ("“inspect” takes a run: its folder, or its name."));
  if (images == NULL && rest[1] != NULL)
    return eid_cli_usage (_ ("“inspect” takes one run; pictures follow --image."));

  /* Words after the run are further files of --image. */
  if (images != NULL)
    g_strv_builder_addv (all, (const char **) images);
  g_strv_builder_addv (all, (const char **) rest + 1);
  files = g_strv_builder_end (all);

  registry = eid_registry_new ();
  setup = eid_cli_open (rest[0], device, registry, &run, &error);
  if (setup == NULL)
    return eid_cli_fail (error);
  if (output == NULL)
    output = g_build_filename (eid_run_folder (run), "pictures", NULL);
  return inspect (setup, files, output);
}
