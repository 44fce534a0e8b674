/* descriptor.c: the soundness of a descriptor, and its way through a file.
 *
 * A plugin is code of somebody else's: each thing it says of itself is checked
 * here, where it was loaded and again where it is read, so that the rest of the
 * program can rely on it.                                                    */
#include "plugins/kit/descriptor.h"
#include "plugins/kit/params.h"

#include <glib/gi18n-lib.h>

#include <stddef.h>
#include <string.h>

/* Where the descriptor of the first version ended; a shorter one is not a
 * descriptor, and what was appended since may be missing. */
#define FIRST_SIZE (offsetof (EidDescriptor, chance) + sizeof (((EidDescriptor *) NULL)->chance))

#define MOST_ID    64 /* bytes */
#define MOST_TITLE 256
#define MOST_STATE (64 << 20)

/* --- What a descriptor must be -------------------------------------------- */

static gboolean
is_valid_id (const char *id)
{
  return id[0] != '\0' && id[strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* The name of the first function missing in @descriptor, or NULL. */
static const char *
missing_function (const EidDescriptor *descriptor)
{
  if (descriptor->build == NULL)
    return "build()";
  if (strcmp (descriptor->kind, "encoder") == 0)
    return descriptor->encode ? NULL : "encode()";
  if (descriptor->views == NULL)
    return "views()";
  return descriptor->loss ? NULL : "loss()";
}

/* What is wrong with what the complete @descriptor says, to free, or NULL. */
static char *
names_problem (const EidDescriptor *descriptor)
{
  if (descriptor->kind == NULL
      || (strcmp (descriptor->kind, "encoder") != 0 && strcmp (descriptor->kind, "objective") != 0))
    return g_strdup_printf (_ ("Its kind is “%s”, neither “encoder” nor “objective”."),
                            descriptor->kind ? descriptor->kind : "");
  if (descriptor->id == NULL || !is_valid_id (descriptor->id))
    return g_strdup_printf (_ ("Its id “%s” is not made of a-z, 0-9 and - alone."),
                            descriptor->id ? descriptor->id : "");
  if (descriptor->title == NULL || descriptor->title[0] == '\0')
    return g_strdup (_ ("It has no title."));
  if (strlen (descriptor->id) > MOST_ID || strlen (descriptor->title) > MOST_TITLE)
    return g_strdup_printf (
        _ ("Its id has %zu bytes and its title %zu; %d and %d at the most were expected."),
        strlen (descriptor->id), strlen (descriptor->title), MOST_ID, MOST_TITLE);
  if (descriptor->state_size > MOST_STATE)
    return g_strdup_printf (_ ("Its state has %'zu bytes; %'zu at the most were expected: larger things are "
                               "asked for with eid_plugin_alloc()."),
                            descriptor->state_size, (gsize) MOST_STATE);
  return NULL;
}

static char *
descriptor_problem (const EidDescriptor *descriptor)
{
  char *problem = names_problem (descriptor);
  const char *function = problem ? NULL : missing_function (descriptor);

  if (function)
    return g_strdup_printf (strcmp (descriptor->kind, "encoder") == 0
                                ? _ ("It has no %s, which every encoder must have.")
                                : _ ("It has no %s, which every objective must have."),
                            function);
  return problem ? problem : eid_params_problem (descriptor->params);
}

EidDescriptor *
eid_descriptor_copy (const EidDescriptor *theirs, char **problem)
{
  g_autofree EidDescriptor *descriptor = NULL;

  if (theirs == NULL)
    {
      *problem = g_strdup (_ ("Its eid_plugin() returned NULL."));
      return NULL;
    }
  if (theirs->abi != EID_ABI)
    {
      *problem = g_strdup_printf (_ ("It was built for plugin interface %u and this version has %d: "
                                     "rebuild it against this version."),
                                  theirs->abi, EID_ABI);
      return NULL;
    }
  if (theirs->size < FIRST_SIZE)
    {
      *problem = g_strdup_printf (_ ("Its descriptor has %u bytes and must have at least %u: "
                                     "describe it with EID_ENCODER or EID_OBJECTIVE."),
                                  theirs->size, (guint) FIRST_SIZE);
      return NULL;
    }

  descriptor = g_new0 (EidDescriptor, 1);
  memcpy (descriptor, theirs, MIN (theirs->size, sizeof *descriptor));
  *problem = descriptor_problem (descriptor);
  return *problem ? NULL : g_steal_pointer (&descriptor);
}

/* --- As data ----------------------------------------------------------------- */

/* What a plugin wrote in another encoding than UTF-8 is shown as far as it can be. */
static GVariant *
text (const char *string)
{
  return g_variant_new_take_string (g_utf8_make_valid (string, -1));
}

static GVariant *
maybe_text (const char *string)
{
  return g_variant_new_maybe (G_VARIANT_TYPE_STRING, string ? text (string) : NULL);
}

GVariant *
eid_description_pack (const EidDescriptor *descriptor)
{
  g_auto (GVariantBuilder) params = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sidddmssb)"));

  for (const EidParam *param = descriptor->params; param && param->key; param++)
    g_variant_builder_add (&params, "(@sidddm@s@sb)", text (param->key), (gint32) param->type, param->value,
                           param->min, param->max, param->choices ? text (param->choices) : NULL,
                           text (param->doc), param->live);
  return g_variant_new ("(uu@s@s@s@mstub@a(sidddmssb))", descriptor->size, descriptor->abi,
                        text (descriptor->kind), text (descriptor->id), text (descriptor->title),
                        maybe_text (descriptor->source), (guint64) descriptor->state_size,
                        (guint32) descriptor->abilities, descriptor->teacher,
                        g_variant_builder_end (&params));
}

EidDescription *
eid_description_unpack (GVariant *data)
{
  g_autoptr (EidDescription) description = g_new0 (EidDescription, 1);
  EidDescriptor *descriptor = &description->descriptor;
  g_autoptr (GVariant) params = NULL;
  g_autofree char *problem = NULL;
  guint32 abilities;
  guint64 state_size;
  gsize count;

  description->data = g_variant_ref_sink (data);
  g_variant_get (data, "(uu&s&s&sm&stub@a(sidddmssb))", &descriptor->size, &descriptor->abi,
                 &descriptor->kind, &descriptor->id, &descriptor->title, &descriptor->source, &state_size,
                 &abilities, &descriptor->teacher, &params);
  descriptor->state_size = (gsize) state_size;
  descriptor->abilities = (EidAbilities) abilities;
  count = g_variant_n_children (params);
  description->params = g_new0 (EidParam, count + 1);
  descriptor->params = description->params;
  for (gsize i = 0; i < count; i++)
    {
      EidParam *param = &description->params[i];
      gint32 type;

      g_variant_get_child (params, i, "(&sidddm&s&sb)", &param->key, &type, &param->value, &param->min,
                           &param->max, &param->choices, &param->doc, &param->live);
      param->type = (EidParamType) type;
    }
  problem = names_problem (descriptor);
  if (problem == NULL)
    problem = eid_params_problem (descriptor->params);
  return problem ? NULL : g_steal_pointer (&description);
}

void
eid_description_free (EidDescription *description)
{
  if (description == NULL)
    return;
  g_variant_unref (description->data);
  g_free (description->params);
  g_free (description);
}

/* The empty text would be translated into the head of the catalogue. */
static const char *
translate (const char *text)
{
  return text != NULL && *text != '\0' ? _ (text) : "";
}

const char *
eid_plugin_title (const EidDescriptor *descriptor)
{
  return translate (descriptor->title);
}

const char *
eid_param_doc (const EidParam *param)
{
  return translate (param->doc);
}
