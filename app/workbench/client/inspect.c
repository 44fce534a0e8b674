/* inspect.c: what the engine is asked before a run; see client.h. */
#include "app/workbench/client/client-private.h"

void
eid_engine_client_survey (EidEngineClient *self, const char *path, const char *device,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Survey", g_variant_new ("(ss)", path, device), callback, user_data);
}

void
eid_engine_client_estimate (EidEngineClient *self, const char *recipe, const char *device,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  eid_engine_client_call (self, "Estimate", g_variant_new ("(ss)", recipe, device), callback, user_data);
}
