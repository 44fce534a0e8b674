/* unresolved.c: a plugin that calls a function nobody has. */
#include "eidoscope.h"

EID_API const EidDescriptor *eid_plugin (void);
const EidDescriptor *eid_function_of_another_version (void);

const EidDescriptor *
eid_plugin (void)
{
  return eid_function_of_another_version ();
}
