/* folder.h: a fresh folder for one test, and its end. */
#pragma once

#include <glib.h>

char *test_folder_new (void);
/* g_test_run() with a user's data folder made for it. */
int test_run_isolated (void);
/* Removes @folder with all that is in it, and frees the name. */
void test_folder_remove (char *folder);
/* @name in @folder, free it. */
char *test_file (const char *folder, const char *name);
/* Writes @length bytes to @name in @folder and gives the whole name; free it. */
char *test_file_new (const char *folder, const char *name, const char *bytes, gssize length);
