/* bare-weights.h: an encoder out of a file of weights and a folder of pictures, without a run. */
#pragma once

#include "app/cli/progress.h"

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

/* What --weights, --path, --size and --set of a command say. */
typedef struct
{
  char *weights; /* NULL: the command is about a run */
  char *path;    /* NULL: none                       */
  int size;      /* 0: as the weights were made      */
  char **set;    /* "SECTION.KEY=VALUE"              */
} EidBareWeights;

void eid_bare_weights_clear (EidBareWeights *bare);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidBareWeights, eid_bare_weights_clear)

/* Rows of a command's options, for @bare. */
#define EID_BARE_WEIGHTS_OPTIONS(bare)                                                                       \
  { "weights",                                                                                               \
    0,                                                                                                       \
    0,                                                                                                       \
    G_OPTION_ARG_FILENAME,                                                                                   \
    &(bare).weights,                                                                                         \
    N_ ("In place of a run: an encoder with these weights, with --path"),                                    \
    N_ ("FILE.safetensors") },                                                                               \
      { "size",                                                                                              \
        0,                                                                                                   \
        0,                                                                                                   \
        G_OPTION_ARG_INT,                                                                                    \
        &(bare).size,                                                                                        \
        N_ ("With --weights: pixels a side of the pictures; else what the weights were made for"),           \
        N_ ("N") },                                                                                          \
  {                                                                                                          \
    "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(bare).set,                                                     \
        N_ ("With --weights: change a key of the recipe, as Encoder.heads=6"), N_ ("SECTION.KEY=VALUE")      \
  }
#define EID_BARE_WEIGHTS_PATH(bare)                                                                          \
  {                                                                                                          \
    "path", 0, 0, G_OPTION_ARG_FILENAME, &(bare).path, N_ ("With --weights: the pictures"), N_ ("FOLDER")    \
  }

/* Opens the encoder that @bare->weights are of over the data in @path; @settings as eid_cli_open_watched()
 * takes them, @bar may be NULL. Errors as eid_setup_new(), and EID_ERROR_USAGE. */
EidSetup *eid_bare_weights_open (const EidBareWeights *bare, const char *path, const char *device,
                                 const char *const *settings, EidProgressBar *bar, EidRegistry *registry,
                                 GError **error);

G_END_DECLS
