/* thumbnail.h: what a look answers, made small enough to be kept by the hundred. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @picture, the a{sv} of a look at @view, with its pixels at @most a side at most where
 * their number can be divided; else as it is. Unref.                          */
GVariant *eid_thumbnail (const char *view, GVariant *picture, guint most);

/* The same with as many pixels as before, so that it is shown in the same size: each that was kept is a
 * square of them. Unref. */
GVariant *eid_thumbnail_enlarge (const char *view, GVariant *small);

G_END_DECLS
