/* engine.c: the behaviour of the engine beside the mathematics of its
 * operations, which operations.c checks.
 */
#include "tests/engine/engine.h"
#include "tests/engine/device.h"

static void
add_tests (void)
{
  add_graph_tests ();
  add_value_tests ();
  add_error_tests ();
  add_random_tests ();
  add_parameter_tests ();
  add_profile_tests ();
  add_update_tests ();
  add_memory_tests ();
}

int
main (int argc, char **argv)
{
  return test_main (argc, argv, add_tests);
}
