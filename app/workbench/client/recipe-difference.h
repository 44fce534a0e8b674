/* recipe-difference.h: in what two resolved recipes differ, key by key. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *section, *key, *first, *second; /* a value that one of them has not: "–" */
} EidRecipeDifference;

/* EidRecipeDifference *, in the order of the first, titles left out; none where a text is no recipe. */
GPtrArray *eid_recipe_differences (const char *first, const char *second);
/* Whether there is one in that section; @key NULL: whichever. */
gboolean eid_recipe_differs (GPtrArray *differences, const char *section, const char *key);

G_END_DECLS
