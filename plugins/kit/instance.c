/* instance.c: one plugin in use: its parameters' values, its state, what it may ask about. */

#include "plugins/kit/private.h"

#include <string.h>
#include <glib/gi18n-lib.h>

/* --- Values --------------------------------------------------------------------- */

static gint
row_of (const EidDescriptor *descriptor, const char *key)
{
  for (gint i = 0; descriptor->params && descriptor->params[i].key; i++)
    if (g_str_equal (descriptor->params[i].key, key))
      return i;
  return -1;
}

static char *
keys_of (const EidDescriptor *descriptor)
{
  g_autoptr (GString) keys = g_string_new (NULL);

  for (guint i = 0; descriptor->params && descriptor->params[i].key; i++)
    g_string_append_printf (keys, "%s%s", i ? ", " : "", descriptor->params[i].key);
  return g_string_free (g_steal_pointer (&keys), FALSE);
}

gboolean
eid_instance_set (EidPlugin *self, const char *key, const char *text, gboolean live_only, GError **error)
{
  gint row = row_of (self->descriptor, key);

  if (row < 0)
    {
      g_autofree char *keys = keys_of (self->descriptor);

      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("[%s] %s: “%s” has no such parameter; it has %s."),
                   self->section, key, self->descriptor->id, *keys ? keys : _ ("none"));
      return FALSE;
    }
  if (live_only && !self->descriptor->params[row].live)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("[%s] %s cannot change while a run goes on; start a new run with it."), self->section,
                   key);
      return FALSE;
    }
  if (!eid_param_parse (&self->descriptor->params[row], text, &self->values[row], error))
    {
      g_prefix_error (error, "[%s] %s: ", self->section, key);
      return FALSE;
    }
  return TRUE;
}

gboolean
eid_instance_init (EidPlugin *self, EidModel *model, const EidDescriptor *descriptor, GHashTable *values,
                   GError **error)
{
  gboolean is_encoder = g_str_equal (descriptor->kind, "encoder");
  g_autofree char *section_dot = NULL;
  GHashTableIter iter;
  gpointer key, text;
  guint rows = 0;

  self->model = model;
  self->descriptor = descriptor;
  self->section = is_encoder ? "Encoder" : "Objective";
  self->prefix = is_encoder ? "encoder." : "objective.";
  self->allocations = g_ptr_array_new_with_free_func (g_free);
  self->state = eid_plugin_alloc (self, MAX (descriptor->state_size, 1));

  while (descriptor->params && descriptor->params[rows].key)
    rows++;
  self->values = g_new0 (double, rows + 1);
  for (guint i = 0; i < rows; i++)
    self->values[i] = descriptor->params[i].value;

  section_dot = g_strconcat (self->section, ".", NULL);
  if (values)
    {
      g_hash_table_iter_init (&iter, values);
      while (g_hash_table_iter_next (&iter, &key, &text))
        if (g_str_has_prefix (key, section_dot)
            && !eid_instance_set (self, (const char *) key + strlen (section_dot), text, FALSE, error))
          return FALSE;
    }
  return TRUE;
}

void
eid_instance_clear (EidPlugin *self)
{
  g_clear_pointer (&self->allocations, g_ptr_array_unref);
  g_clear_pointer (&self->values, g_free);
  g_clear_pointer (&self->code, eid_code_release);
}

static double
value_of (EidPlugin *self, const char *key)
{
  gint row = row_of (self->descriptor, key);

  if (row >= 0)
    return self->values[row];
  eid_device_fail (self->model->device, EID_ERROR_USAGE,
                   _ ("The plugin “%s” asks for a parameter “%s” that its table does not have."),
                   self->descriptor->id, key);
  return 0;
}

gint
eid_param_int (EidPlugin *self, const char *key)
{
  return (gint) value_of (self, key);
}

float
eid_param_float (EidPlugin *self, const char *key)
{
  return (float) value_of (self, key);
}

gboolean
eid_param_bool (EidPlugin *self, const char *key)
{
  return value_of (self, key) != 0;
}

const char *
eid_param_choice (EidPlugin *self, const char *key)
{
  gint row = row_of (self->descriptor, key);
  char *name;

  if (row < 0)
    {
      value_of (self, key);
      return "";
    }
  name = eid_param_format (&self->descriptor->params[row], self->values[row]);
  g_ptr_array_add (self->allocations, name);
  return name;
}

/* --- State, and what the plugin may ask ---------------------------------------------- */

gpointer
eid_state (EidPlugin *self)
{
  return self->state;
}

gpointer
eid_plugin_alloc (EidPlugin *self, gsize size)
{
  gpointer memory = g_malloc0 (size);

  g_ptr_array_add (self->allocations, memory);
  return memory;
}

guint
eid_image_size (EidPlugin *self)
{
  return self->model->image_size;
}

guint
eid_image_channels (EidPlugin *self)
{
  return self->model->channels;
}

guint
eid_context (EidPlugin *self)
{
  return self->model->image_size;
}

guint
eid_vocabulary (EidPlugin *self)
{
  return self->model->channels;
}

guint
eid_batch_size (EidPlugin *self)
{
  return self->model->batch;
}

guint
eid_encoder_width (EidObjective *self)
{
  return self->model->width;
}

guint
eid_encoder_tokens (EidObjective *self)
{
  return self->model->tokens;
}

guint
eid_encoder_patch (EidObjective *self)
{
  return self->model->patch;
}

gboolean
eid_objective_needs (EidEncoder *self, guint ability)
{
  return (self->model->objective.descriptor->abilities & ability) != 0;
}

void
eid_encoder_describe (EidEncoder *self, guint width, guint tokens, guint patch)
{
  self->model->width = width;
  self->model->tokens = tokens;
  self->model->patch = patch;
}
