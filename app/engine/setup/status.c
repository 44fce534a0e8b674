/* status.c: the tables behind status.h. */
#include "app/engine/setup/status.h"

#include "app/datasets/dataset.h"
#include "app/store/store.h"

static const struct
{
  int exit_status;
  const char *dbus_name;
} kinds[] = {
  [EID_ERROR_FAILED] = { 1, "org.eidoscope.Error.Failed" },
  [EID_ERROR_USAGE] = { 2, "org.eidoscope.Error.Usage" },
  [EID_ERROR_NO_DEVICE] = { 3, "org.eidoscope.Error.NoDevice" },
  [EID_ERROR_NOT_FINITE] = { 4, "org.eidoscope.Error.NotFinite" },
  [EID_ERROR_MEMORY] = { 1, "org.eidoscope.Error.Memory" },
};

EidError
eid_failure_kind (const GError *error)
{
  /* Errors of other domains that mean a wrong recipe or a wrong call; all
   * others mean that the work failed. */
  const struct
  {
    GQuark domain;
    int code; /* -1: every code */
    EidError kind;
  } others[] = {
    { EID_STORE_ERROR, EID_STORE_ERROR_RECIPE, EID_ERROR_USAGE },
    { EID_DATASET_ERROR, EID_DATASET_ERROR_SPEC, EID_ERROR_USAGE },
    { G_OPTION_ERROR, -1, EID_ERROR_USAGE },
  };

  if (error->domain == EID_ERROR && (guint) error->code < G_N_ELEMENTS (kinds))
    return (EidError) error->code;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (error->domain == others[i].domain && (others[i].code == -1 || error->code == others[i].code))
      return others[i].kind;
  return EID_ERROR_FAILED;
}

int
eid_failure_exit_status (const GError *error)
{
  return kinds[eid_failure_kind (error)].exit_status;
}

const char *
eid_failure_dbus_name (const GError *error)
{
  return kinds[eid_failure_kind (error)].dbus_name;
}
