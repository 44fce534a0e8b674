/* no-entry.c: a shared object that is no plugin. */
#include "eidoscope.h"

EID_API int eid_sample_answer (void);

int
eid_sample_answer (void)
{
  return 42;
}
