/* engine.h: the files of the program `engine`, each with one subject. */
#pragma once

void add_graph_tests (void);     /* graph.c      */
void add_value_tests (void);     /* values.c     */
void add_error_tests (void);     /* errors.c     */
void add_random_tests (void);    /* random.c     */
void add_parameter_tests (void); /* parameters.c */
void add_profile_tests (void);   /* profile.c    */
void add_update_tests (void);    /* update.c     */
void add_memory_tests (void);    /* memory.c     */
