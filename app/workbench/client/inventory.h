/* inventory.h: what the engine has: its devices and its plugins with their
 * parameters, read once from ListDevices and ListPlugins into plain structures. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *name;  /* as Start takes it */
  char *title; /* as people call it */
  char *platform;
  gboolean gpu;
  guint64 memory; /* bytes; 0: not told */
} EidDeviceInfo;

typedef struct
{
  char *key, *type, *value, *doc; /* value: the default */
  double min, max;
  char **choices;
  gboolean live;
} EidParamInfo;

typedef struct
{
  char *id, *kind, *title;
  char *source;  /* paper or other origin; may be empty */
  char *file;    /* where the engine found it */
  char *refused; /* empty if it can be used */
  GPtrArray *params;
} EidPluginInfo;

/* Of EidDeviceInfo and EidPluginInfo; each frees its elements. */
GPtrArray *eid_catalogue_read_devices (GVariant *devices);
GPtrArray *eid_catalogue_read_plugins (GVariant *plugins);

/* "Tesla (CUDA, 8 GiB)". Free. */
char *eid_device_info_describe (const EidDeviceInfo *device);

/* The usable plugin of @kind with @id or @title, or NULL. */
const EidPluginInfo *eid_catalogue_find (GPtrArray *plugins, const char *kind, const char *id);
const EidPluginInfo *eid_catalogue_find_title (GPtrArray *plugins, const char *kind, const char *title);
/* Its title, or its id where it has none. */
const char *eid_plugin_info_title (const EidPluginInfo *plugin);

G_END_DECLS
