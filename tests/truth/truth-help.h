/* truth-help.h: what the tests of data share: worlds of pictures, and what is said of them. */
#pragma once

#include "tests/support/tiny.h"
#include "tests/truth/truth-pictures.h"

G_BEGIN_DECLS

/* Fails the test where @words are not in @text. */
void truth_assert_says (const char *text, const char *words);
/* How often @words are in @text. */
guint truth_count (const char *text, const char *words);
/* The number @key of a JSON object. */
double truth_number_in (const char *json, const char *key);

/* @count pictures FOLDER/CLASS/00.png … of one colour, more or less. */
void truth_write_class (const char *folder, const char *class, guint count, guint32 rgb);
/* Makes the world's recipe one of two steps on the folder @data. */
void truth_write_recipe (TinyWorld *world, const char *data);

G_END_DECLS
