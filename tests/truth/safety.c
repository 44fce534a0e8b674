/* safety.c: what comes from others, and a world that is short of something: each row is a line of sh(1) in a
 * folder with a run of 4 steps, the exit status it must end with, and what it must say, or must not.
 *
 * $E is the command, $RUN a run made by this user, $ALIEN one that somebody else made with code of theirs,
 * $PLUGINS the folder of that code. A row works on copies.                            */
#include "tests/support/tiny.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>

typedef struct
{
  const char *name, *script;
  int status;
  const char *says[3]; /* on standard error or output, all of these */
  const char *hides;   /* not this                                  */
} Row;

#define COPY "cp -a run r; "
/* Four bytes of SQLite's header: PRAGMA user_version. */
#define VERSION(octets) COPY "printf '" octets "' | dd of=r/run.db bs=1 seek=60 conv=notrunc 2>&-; "
#define SQL(text)       COPY "$SQL r/run.db \"" text "\"; "
#define UNTRUSTED       "is code that was not put there by you on this machine, and is not run without your consent"
#define ALIEN           "cp -a alien r; export EIDOSCOPE_TRUTH_MARK=$PWD/mark; "
#define UNMARKED        "s=$?; test ! -e mark || echo MARKED; exit $s"
#define FULL            "Standard output cannot be written: No space left on device"

/* clang-format off */
static const Row rows[] = {
  /* What a database says of itself is bounded on both sides. */
  { "version-negative", VERSION ("\\377\\377\\377\\377") "$E evaluate r", 1, { "r/run.db is damaged: it says that it is of version -1. The checkpoints are not in it: move it away to go on without the curves" } },
  { "version-least", VERSION ("\\200\\000\\000\\000") "$E train --resume r", 1, { "it says that it is of version -2147483648" } },
  { "version-nought", VERSION ("\\000\\000\\000\\000") "$E evaluate r", 1, { "it says that it is of version 0" } },
  { "version-most", VERSION ("\\177\\377\\377\\377") "$E export r --output x.safetensors", 1, { "it says that it is of version 2147483647" } },
  { "version-newer", VERSION ("\\000\\000\\000\\003") "$E evaluate r", 1, { "was written by a newer version of this program" } },
  { "step-negative", SQL ("UPDATE metric SET step = -5 WHERE name = 'knn-random'") "$E evaluate r", 1, { "there is a step -5 in it, beyond 0 to 4294967295" } },
  { "step-huge", SQL ("INSERT INTO event VALUES (9000000000000000000, 0, 'edit', 'x')") "$E train --resume r --steps 5", 1, { "there is a step 9000000000000000000 in it, beyond 0 to 4294967295" } },
  { "step-of-an-undo", SQL ("INSERT INTO rewinding VALUES (-1)") "$E evaluate r", 1, { "there is a step -1 in it" } },
  { "step-no-number", SQL ("INSERT INTO event VALUES ('four', 0, 'edit', 'x')") "$E train --resume r --steps 5", 1, { "a step in it is no whole number" } },
  { "text-no-text", SQL ("INSERT INTO event VALUES (4, 0, 'edit', x'ff00')") "$E train --resume r --steps 5", 1, { "a text in it is not UTF-8" } },
  { "a-view-for-a-table", SQL ("DROP TABLE metric; CREATE VIEW metric AS SELECT 1 AS step, 'loss' AS name, 2.0 AS value") "$E evaluate r", 1, { "r/run.db" } },

  /* Code of somebody else runs after consent alone. */
  { "alien-evaluate", ALIEN "$E evaluate r; " UNMARKED, 1, { UNTRUSTED, "--trust-code" }, "MARKED" },
  { "alien-export", ALIEN "$E export r --output x.safetensors; " UNMARKED, 1, { UNTRUSTED }, "MARKED" },
  { "alien-inspect", ALIEN "$E inspect r --output o; " UNMARKED, 1, { UNTRUSTED }, "MARKED" },
  { "alien-resume", ALIEN "$E train --resume r --steps 5; " UNMARKED, 1, { UNTRUSTED }, "MARKED" },
  { "alien-agreed", ALIEN "$E export r --output x.safetensors --trust-code; " UNMARKED, 0, { "MARKED" } },
  { "alien-false-seal", ALIEN "for f in r/code/*.so; do head -c 32 /dev/zero | sha256sum | head -c 64 > $f.seal; done; $E evaluate r; " UNMARKED, 1, { UNTRUSTED }, "MARKED" },
  { "alien-changed-since", "cp -a own r; export EIDOSCOPE_TRUTH_MARK=$PWD/mark; for f in r/code/*.so; do echo more >> $f; done; XDG_DATA_HOME=$PWD/me $E evaluate r; " UNMARKED, 1, { UNTRUSTED }, "MARKED" },
  { "own-needs-none", "cp -a own r; XDG_DATA_HOME=$PWD/me $E export r --output x.safetensors", 0, { "x.safetensors" }, UNTRUSTED },
  { "key-is-secret", "stat -c %a-%s me/eidoscope/key", 0, { "600-32" } },
  { "built-in-id", "cp -a disguised r; export EIDOSCOPE_TRUTH_MARK=$PWD/mark; $E export r --output x.safetensors; " UNMARKED, 0, { "is passed over: “vit” comes with the program, and no run brings its own." }, "MARKED" },
  { "built-in-id-agreed", "cp -a disguised r; export EIDOSCOPE_TRUTH_MARK=$PWD/mark; $E export r --output x.safetensors --trust-code; " UNMARKED, 0, { "is passed over" }, "MARKED" },

  /* Nothing is written through a link, and nothing emptied that is not ours. */
  { "lock-link", COPY "rm r/lock; ln -s ../precious r/lock; $E train --resume r --steps 5; s=$?; cat precious; exit $s", 1, { "r/lock is a link or no regular file, and nothing is written through it. Remove it", "worth keeping" } },
  { "lock-pipe", COPY "rm r/lock; mkfifo r/lock; $E train --resume r --steps 5", 1, { "r/lock is a link or no regular file" } },
  { "lock-hard-link", COPY "rm r/lock; ln precious r/lock; $E train --resume r --steps 5 && cat precious", 0, { "worth keeping" } },
  { "database-link", COPY "mv r/run.db x.db; ln -s ../x.db r/run.db; $E evaluate r", 1, { "r/run.db is a link or no regular file" } },
  { "log-link", COPY "ln -s ../precious r/run.db-wal; $E train --resume r --steps 5; s=$?; cat precious; exit $s", 1, { "r/run.db-wal is a link", "worth keeping" } },
  { "checkpoints-link", COPY "mv r/checkpoints c; ln -s ../c r/checkpoints; $E train --resume r --steps 5", 1, { "r/checkpoints is a link or no folder" } },
  { "picture-link", COPY "ln -sf ../../precious r/pictures/embedding.png; $E train --resume r --steps 5 && cat precious", 0, { "worth keeping" } },

  /* What a terminal would obey is written out. */
  { "title", "printf '\\033[2J' > t; sed \"s/title = Tiny/title = Ti$(cat t)ny/\" tiny.ini > t.ini; $E train t.ini --out r --steps 1", 0, { "Ti\\x1b[2Jny, on " }, "\033[2J" },
  { "file-name", "f=$(printf 'a\\033]0;b\\007\\302\\233c'); $E evaluate \"$f\"", 1, { "a\\x1b]0;b\\x07\\x9bc" }, "\033" },
  { "direction", "$E train \"$(printf 'a\\342\\200\\256b')\"", 2, { "a\\u202eb" }, "\342\200\256" },
  { "json", "$E train \"$(printf 'no\\302\\233such')\" --json", 2, { "no\\x9bsuch" }, "\302\233" },

  /* Cells are text, and no formulas. */
  { "cells", "mkdir -p p/=1+1 p/@x 'p/a,\"b\"' p/-2; for d in p/*; do for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cp $RUN/pictures/embedding.png \"$d/$i.png\"; done; done; printf '[Run]\\nsteps=1\\nbatch=4\\n[Dataset]\\nreader=folder\\npath=p\\nsize=16\\n[Encoder]\\nplugin=vit\\npatch=4\\nwidth=16\\ndepth=2\\nheads=2\\n[Objective]\\nplugin=mae\\ndecoder-width=8\\ndecoder-depth=1\\ndecoder-heads=2\\n' > p.ini; $E train p.ini --out r && $E embed r --split train --output f.csv && cut -c-60 f.csv", 0, { ",\"'=1+1\",", ",\"'@x\",", ",\"a,\"\"b\"\"\"," } },

  { "cells-numbers", "$E embed run --output f.csv && cut -c-60 f.csv", 0, { "picture,label,f0", ",\"3\"," }, "'" },

  /* Where results cannot be written the status says so. */
  { "full-plugins", "$E plugins > /dev/full", 1, { FULL } },
  { "full-plugins-json", "$E plugins --json > /dev/full", 1, { FULL } },
  { "full-devices", "$E devices > /dev/full", 1, { FULL } },
  { "full-recipes", "$E recipes > /dev/full", 1, { FULL } },
  { "full-version", "$E --version > /dev/full", 1, { FULL } },
  { "full-help", "$E train --help > /dev/full", 1, { FULL } },
  { "full-evaluate-json", "$E evaluate run --json > /dev/full", 1, { FULL } },
  { "full-check-list", "$E check --list > /dev/full", 1, { FULL } },
  { "full-train-json", "$E train tiny.ini --out r --steps 5000 --json > /dev/full; s=$?; ls r/checkpoints; exit $s", 1, { FULL, "Stopped at step", ".safetensors" } },
  { "closed-train-json", "$E train tiny.ini --out r --steps 5000 --json | head -1; ls r/checkpoints", 0, { "\"step\":1,", "Stopped at step", ".safetensors" } },

  /* The end of a terminal is no reason to lose what was learnt. */
  { "hangup", "$E train tiny.ini --out r --steps 1000000 & p=$!; while ! grep -q 'step 1 of' errors; do sleep 0.1; done; kill -HUP $p; wait $p; s=$?; ls r/checkpoints; exit $s", 0, { "Stopped at step", ".safetensors" } },
  { "hangup-with-nohup", "trap '' HUP; $E train tiny.ini --out r --steps 20 & p=$!; while ! grep -q 'step 1 of' errors; do sleep 0.1; done; kill -HUP $p; wait $p; s=$?; ls r/checkpoints; exit $s", 0, { "20.safetensors" }, "Stopped at step" },

  /* A folder that cannot be written is named, and done without. */
  { "cache-is-a-file", "XDG_CACHE_HOME=/dev/null POCL_CACHE_DIR= $E devices; s=$?; ls -d ${TMPDIR:-/tmp}/eidoscope-kernels-* 2>&- && echo LEFT; exit $s", 0, { "/dev/null/pocl/kcache cannot be written: Not a directory. PoCL keeps compiled kernels there; this time they are compiled anew, and not kept.", "precision auto is" }, "LEFT" },
  { "cache-of-pocl-is-a-file", "POCL_CACHE_DIR=$PWD/precious $E devices", 0, { "precious cannot be written", "precision auto is" }, "There is no OpenCL device" },
  { "cache-nowhere", "POCL_CACHE_DIR=/dev/null/x TMPDIR=/dev/null $E devices", 3, { "/dev/null/x cannot be written: Not a directory. PoCL, the OpenCL driver of the processor, needs a folder for compiled kernels: name one in POCL_CACHE_DIR." }, "apt install" },

  /* What breaks outside is not put on a plugin of the program's own. */
  { "memory", "ulimit -v 68719476736; LD_PRELOAD=$STANDIN EIDOSCOPE_STANDIN=onednn $E train tiny.ini --out r --precision f32; $E plugins | grep -c 'encoder vit: '", 0, { "It crashed for want of memory, most likely: this process may have 64.0 TiB (ulimit -v). Raise that limit, or take a smaller batch or model: Segmentation fault.", "1\n" }, "The plugin “vit”" },
  { "memory-of-data", "ulimit -d 68719476736; LD_PRELOAD=$STANDIN EIDOSCOPE_STANDIN=onednn $E train tiny.ini --out r --precision f32; test ! -e eidoscope/plugin-crashes && $E evaluate run > x.txt", 0, { "this process may have 64.0 TiB (ulimit -v)" }, "set aside" },
  { "kernels-damaged", "LD_PRELOAD=$STANDIN EIDOSCOPE_STANDIN=pocl POCL_CACHE_DIR=$PWD/kernels $E train tiny.ini --out r", 1, { "with OpenCL error -46. If it does so in every run, what PoCL keeps of compiled kernels in ", "/kernels may be damaged: delete that folder, it is made anew." } },
  { "kernels-damaged-at-evaluation", "LD_PRELOAD=$STANDIN EIDOSCOPE_STANDIN=pocl POCL_CACHE_DIR=$PWD/kernels $E evaluate run", 1, { "/kernels may be damaged: delete that folder" } },
  { "kernels-damaged-by-assertion", "cp $STANDIN libpocl-standin.so; LD_PRELOAD=$PWD/libpocl-standin.so EIDOSCOPE_STANDIN=pocl-assertion POCL_CACHE_DIR=$PWD/kernels $E train tiny.ini --out r", 134, { "It crashed in PoCL, the OpenCL driver of the processor: Aborted. If it does so in every run, what PoCL keeps of compiled kernels in ", "/kernels may be damaged: delete that folder, it is made anew." }, "The plugin" },

  /* A file holds what it says, counted in 64 bits. */
  { "idx-claims-too-much", "mkdir i; { printf '\\000\\000\\010\\003\\000\\100\\023\\210\\000\\000\\000\\040\\000\\000\\000\\040'; head -c 5000000 /dev/urandom; } | gzip -1 > i/train-images-idx3-ubyte.gz; $E train tiny.ini --set Dataset.path=$PWD/i --out r", 1, { "train-images-idx3-ubyte.gz: 4300087312 bytes were expected, 5000016 found: the file is damaged or not complete" } },
  { "idx-claims-one-more", "mkdir i; cp data/* i; printf x >> i/train-images-idx3-ubyte; $E train tiny.ini --set Dataset.path=$PWD/i --out r", 1, { "train-images-idx3-ubyte: 61456 bytes were expected, 61457 found" } },
  { "idx-beyond-64-bits", "mkdir i; printf '\\000\\000\\010\\004\\377\\377\\377\\377\\377\\377\\377\\377\\377\\377\\377\\377\\000\\000\\000\\003' > i/train-images-idx4-ubyte; $E train tiny.ini --set Dataset.path=$PWD/i --out r", 1, { "its header claims a dimension of 4294967295, which cannot be" } },
};
/* clang-format on */

/* --- The world ------------------------------------------------------------------------- */

static TinyWorld *world;

/* What @script said goes to `said`, its standard error to `errors` as well. */
static int
shell (const char *script)
{
  g_autofree char *whole =
      g_strdup_printf ("exec > said 2>&1; ( %s ) 2> errors; s=$?; cat errors; exit $s", script);
  const char *arguments[] = { "sh", "-c", whole, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (world->folder, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static char *
said (void)
{
  g_autofree char *file = tiny_path (world, "said");
  char *text = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  return text;
}

static void
must (const char *script)
{
  if (shell (script) != 0)
    g_error ("%s: %s", script, said ());
}

/* Adds @entry, "\"key\":\"value\"," to the metadata of a .safetensors file. */
static void
add_metadata (const char *file, const char *entry)
{
  static const char opening[] = "{\"__metadata__\":{";
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_autofree char *padded = g_strdup_printf ("%-*s", (int) (strlen (entry) + 7) / 8 * 8, entry), *old = NULL;
  guint64 length;
  gsize size;

  g_assert_true (g_file_get_contents (file, &old, &size, NULL));
  g_string_append_len (bytes, old, (gssize) size);
  memcpy (&length, bytes->str, sizeof length);
  length = GUINT64_TO_LE (GUINT64_FROM_LE (length) + strlen (padded));
  memcpy (bytes->str, &length, sizeof length);
  g_assert_true (memcmp (bytes->str + 8, opening, strlen (opening)) == 0);
  g_string_insert (bytes, 8 + (gssize) strlen (opening), padded);
  g_assert_true (g_file_set_contents (file, bytes->str, (gssize) bytes->len, NULL));
}

static void
make_world (void)
{
  g_autofree char *precious = NULL, *checkpoint = NULL, *self = g_file_read_link ("/proc/self/exe", NULL);

  world = tiny_world_new ();
  g_setenv ("E", tiny_command (), TRUE);
  g_setenv ("SQL", self, TRUE);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("XDG_DATA_HOME", world->folder, TRUE);
  g_unsetenv ("DISPLAY");
  g_unsetenv ("WAYLAND_DISPLAY");
  precious = tiny_path (world, "precious");
  g_assert_true (g_file_set_contents (precious, "worth keeping\n", -1, NULL));
  must ("$E train tiny.ini --out run --steps 4");
  g_setenv ("RUN", "run", TRUE);
  /* A run of a user who has the plugin, and what another finds of it. */
  must ("sed 's/plugin = mae/plugin = marks/; /decoder/d' tiny.ini > marks.ini;"
        "XDG_DATA_HOME=$PWD/me EIDOSCOPE_PLUGIN_PATH=$PLUGINS $E train marks.ini --out own --steps 4;"
        "cp -a own alien");
  must ("cp -a run disguised; mkdir disguised/code; cp $DISGUISED disguised/code/vit-0123456789abcdef.so");
  checkpoint = tiny_path (world, "disguised/checkpoints/4.safetensors");
  add_metadata (checkpoint, "\"code.encoder\":\"vit-0123456789abcdef.so\",");
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *text = NULL;
  int status;

  must ("rm -rf r c i mark new kernels x.* f.* p p.ini t t.ini o");
  status = shell (row->script);
  text = said ();
  if (status != row->status)
    {
      g_test_message ("exit status %d instead of %d: %s", status, row->status, text);
      g_test_fail ();
    }
  for (guint i = 0; i < G_N_ELEMENTS (row->says) && row->says[i] != NULL; i++)
    if (strstr (text, row->says[i]) == NULL)
      {
        g_test_message ("“%s” is not in: %s", row->says[i], text);
        g_test_fail ();
      }
  if (row->hides != NULL && strstr (text, row->hides) != NULL)
    {
      g_test_message ("“%s” should not be in: %s", row->hides, text);
      g_test_fail ();
    }
}

/* safety FILE SQL: a stand-in for sqlite3(1), which may not be installed. */
static int
run_sql (const char *file, const char *sql)
{
  sqlite3 *database = NULL;
  int status = sqlite3_open (file, &database);

  if (status == SQLITE_OK)
    status = sqlite3_exec (database, sql, NULL, NULL, NULL);
  if (status != SQLITE_OK)
    g_printerr ("%s\n", sqlite3_errmsg (database));
  sqlite3_close (database);
  return status;
}

int
main (int argc, char **argv)
{
  int status;

  if (argc == 3 && strchr (argv[2], ' ') != NULL)
    return run_sql (argv[1], argv[2]);
  g_test_init (&argc, &argv, NULL);
  make_world ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/safety/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  status = g_test_run ();
  tiny_world_free (world);
  return status;
}
