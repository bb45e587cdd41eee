/* What a preloaded counting_malloc.c adds to a program. */
#ifndef CORSAC_TESTS_COUNTING_MALLOC_H
#define CORSAC_TESTS_COUNTING_MALLOC_H

/* How often this thread called the allocator, to get memory or to give it back. Absent (NULL) where
 * nothing is preloaded. */
unsigned long allocator_calls(void) __attribute__((weak));

#endif
