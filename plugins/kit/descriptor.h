/* descriptor.h: what a plugin says of itself: whether it is sound, and the same as
 * plain data that go from process to process and into a file.                */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* A descriptor without functions, of data that it owns. */
typedef struct {
  EidDescriptor descriptor;
  GVariant     *data;
  EidParam     *params;
} EidDescription;

/* size, abi, kind, id, title, source, state size, abilities, has a teacher; and of each parameter key,
 * type, default, least, most, choices, doc, live. A field of EidDescriptor that is no function and that
 * others than the model look at has a place here. */
#define EID_DESCRIPTION_TYPE "(uusssmstuba(sidddmssb))"

/* Copies what the plugin's @theirs has of a descriptor; fields appended after the plugin was built read
 * as NULL. NULL, with the reason in @problem (a sentence, to free), if it cannot be used. */
EidDescriptor *eid_descriptor_copy (const EidDescriptor *theirs, char **problem);

/* A sound descriptor as data, floating; and data as a description. What cannot be one is NULL. */
GVariant       *eid_description_pack (const EidDescriptor *descriptor);
EidDescription *eid_description_unpack (GVariant *data);
void            eid_description_free (EidDescription *description);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidDescription, eid_description_free)

G_END_DECLS
