/* fake-plugin.c: see fake-plugin.h. A source with the word "mistake" in it does not compile,
 * one with the word "infinite" compiles and does not make its first step.           */
#include "tests/ui/fake-plugin.h"

#include <string.h>

#include <gio/gio.h>

#include "tests/ui/fake-engine.h"
#include "tests/ui/fake-history.h"

static int
build (const char *source, const char *output)
{
  g_autofree char *text = NULL;
  const char *mistake;
  guint line = 1;

  if (!g_file_get_contents (source, &text, NULL, NULL))
    return 1;
  mistake = strstr (text, "mistake");
  if (mistake)
    {
      for (const char *c = text; c < mistake; c++)
        line += *c == '\n';
      g_printerr (
          "%s: In function 'loss':\n%s:%u:3: error: 'mistake' undeclared (first use in this function)\n"
          "%s:%u:9: warning: unused variable 'x' [-Wunused-variable]\n",
          source, source, line, source, line + 1);
      return 1;
    }
  return g_file_set_contents (output, text, -1, NULL) ? 0 : 1;
}

static int
begin (const char *kind, const char *name, const char *folder)
{
  g_autofree char *file = g_strdup_printf ("%s/%s.c", folder, name);
  g_autofree char *text = g_strdup_printf ("EID_%s (%s, .title = \"New\")\n",
                                           g_str_equal (kind, "encoder") ? "ENCODER" : "OBJECTIVE", name);

  g_mkdir_with_parents (folder, 0700);
  return g_file_set_contents (file, text, -1, NULL) ? 0 : 1;
}

int
fake_plugin_command (int argc, char **argv)
{
  if (argc == 5 && g_str_equal (argv[1], "build") && g_str_equal (argv[3], "--output"))
    return build (argv[2], argv[4]);
  if (argc == 6 && g_str_equal (argv[1], "new") && g_str_equal (argv[4], "--output"))
    return begin (argv[2], argv[3], argv[5]);
  return -1;
}

static gboolean
on_replace (EidWireEngine *wire, GDBusMethodInvocation *call, const char *file)
{
  const char *const fresh[] = { "objective.second.weight", NULL }, *const none[] = { NULL };
  g_autofree char *code = NULL;
  GVariantDict dict;

  if (fake_refuse (call))
    return TRUE;
  if (!g_file_get_contents (file, &code, NULL, NULL) || strstr (code, "infinite"))
    {
      g_dbus_method_invocation_return_error (call, G_IO_ERROR, G_IO_ERROR_FAILED,
                                             "The loss of its first step is not finite.");
      return TRUE;
    }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "kind", "s", "objective");
  g_variant_dict_insert (&dict, "id", "s", "simclr");
  g_variant_dict_insert (&dict, "step", "t", fake.step);
  g_variant_dict_insert (&dict, "kept", "u", 12u);
  g_variant_dict_insert (&dict, "new", "^as", fresh);
  g_variant_dict_insert (&dict, "dropped", "^as", none);
  g_variant_dict_insert (&dict, "defaulted", "^as", none);
  g_variant_dict_insert (&dict, "sentence", "s", "Code of simclr replaced");
  fake_history_event (fake.step, "edit", "Objective.code:  → simclr-1.so");
  fake_history_event (fake.step, "code", "Code of simclr replaced");
  eid_wire_engine_emit_event (wire, fake.step, "code", "Code of simclr replaced");
  eid_wire_engine_complete_replace (wire, call, g_variant_dict_end (&dict));
  return TRUE;
}

/* Whose function does not come back. */
static gboolean
on_doing (EidWireEngine *wire, GDBusMethodInvocation *call)
{
  const char *from = g_getenv ("FAKE_ENGINE_STANDSTILL");
  const gboolean stands = from && fake.step > 0 && fake.step == g_ascii_strtoull (from, NULL, 10);

  eid_wire_engine_complete_doing (wire, call, stands ? "simclr" : "", stands ? "/plugins/simclr.so" : "",
                                  stands ? "loss()" : "", fake.step, stands ? 31 : 0, stands);
  return TRUE;
}

void
fake_plugin_connect (EidWireEngine *wire)
{
  g_signal_connect (wire, "handle-doing", G_CALLBACK (on_doing), NULL);
  g_signal_connect (wire, "handle-replace", G_CALLBACK (on_replace), NULL);
}
