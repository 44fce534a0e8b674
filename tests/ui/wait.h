/* wait.h: how tests over a real engine wait for what a window comes to. */
#pragma once

#include "app/workbench/window/private.h"
#include "tests/ui/patience.h"

#define wait_until(window, condition)                                                                        \
  wait_patiently (condition, "the engine's message is “%s”", eid_engine_client_message ((window)->client))
