/* tiny.h: a small world to test the real command in: a temporary folder with a
 * data set of drawn pictures, a recipe that trains in a second, and a way to
 * run `eidoscope` and to hear what it said. $EIDOSCOPE_COMMAND is the program.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *folder; /* everything lies in here */
  char *data;   /* an idx data set: 4 classes of 16 x 16 pictures, grey */
  char *recipe; /* masked autoencoding of it, 24 steps */
} TinyWorld;

TinyWorld *tiny_world_new (void);
void tiny_world_free (TinyWorld *world);
/* FOLDER/NAME; free. */
char *tiny_path (TinyWorld *world, const char *name);

/* The recipe's text, with @data as its path. Free. */
char *tiny_recipe_text (const char *data);
/* Writes the data set into @folder: @count training pictures, a fifth of that to test. */
void tiny_write_data (const char *folder, guint count);

const char *tiny_command (void);

typedef struct
{
  int status; /* exit status; -1 when a signal ended it */
  char *output, *errors;
} TinyResult;

/* Runs `eidoscope WORDS…`, @words ending with NULL. @environment: "KEY=VALUE"
 * beside the test's own, ending with NULL; or NULL.                          */
TinyResult tiny_run (TinyWorld *world, const char *const *words, const char *const *environment);
void tiny_result_clear (TinyResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TinyResult, tiny_result_clear)

#define TINY_RUN(world, ...) tiny_run ((world), (const char *const[]){ __VA_ARGS__, NULL }, NULL)

/* Fails the test with what was said when @result's status is another. */
void tiny_assert_status (const TinyResult *result, int status);

G_END_DECLS
