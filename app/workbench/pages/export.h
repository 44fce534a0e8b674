/* export.h: what a page shows, as a file: the view as a picture (.png, .svg)
 * or what it was drawn from as a table (.csv). One way for all pages.        */
#pragma once

#include "app/workbench/pages/page.h"

G_BEGIN_DECLS

typedef enum
{
  EID_EXPORT_PNG,
  EID_EXPORT_SVG,
  EID_EXPORT_CSV,
  EID_EXPORT_UNKNOWN
} EidExport;

/* By the ending of @file. */
EidExport eid_export_of_file (const char *file);

/* Draws @widget, which must be on screen, into @file; PNG in twice its size.
 * Errors: G_IO_ERROR, G_FILE_ERROR.                                          */
gboolean eid_export_widget (GtkWidget *widget, EidExport kind, const char *file, GError **error);

/* Comma-separated values (RFC 4180, a point for the decimal sign) of the picture
 * of @view, as Look has it: of the known views a row for each point, pixel, pair
 * of tokens or draw; of others "key,index,value". Free.                      */
char *eid_export_table (const char *view, GVariant *picture);
/* The same of History's a{sa(td)}: "series,step,value". */
char *eid_export_history (GVariant *series);

G_END_DECLS
