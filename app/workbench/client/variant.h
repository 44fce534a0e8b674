/* variant.h: reading the picture that answers a Look, a dictionary from another
 * process, with every length checked before a byte of it is believed.        */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The numbers under @key, or 0. */
guint eid_answer_uint (GVariant *picture, const char *key);
int eid_answer_int (GVariant *picture, const char *key);
double eid_answer_double (GVariant *picture, const char *key); /* or NAN */

/* The bytes under @key, without a copy; NULL if they are not exactly @size. */
GBytes *eid_answer_bytes (GVariant *picture, const char *key, gsize size);
/* The numbers under @key into @count; valid as long as *@keep, which is to be
 * freed with g_variant_unref() when it is not NULL. NULL if there are none.  */
const double *eid_answer_doubles (GVariant *picture, const char *key, gsize *count, GVariant **keep);
const gint32 *eid_answer_ints (GVariant *picture, const char *key, gsize *count, GVariant **keep);
/* NULL-terminated and never NULL. Free with g_strfreev(). */
char **eid_answer_strings (GVariant *picture, const char *key);

/* The product of sizes of pictures; 0 if there is a nought among them or it is
 * beyond what a message can hold.                                            */
gsize eid_answer_product (const guint *sizes, gsize n);
#define eid_answer_size(...)                                                                                 \
  eid_answer_product ((const guint[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const guint[]){ __VA_ARGS__ })))

G_END_DECLS
