/* thumbnail.h: what a look answers, made small enough to be kept by the hundred. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @picture, the a{sv} of a look at @view, with its pixels at 64 a side at most where
 * their number can be divided; else as it is. Unref.                          */
GVariant *eid_thumbnail (const char *view, GVariant *picture);

G_END_DECLS
