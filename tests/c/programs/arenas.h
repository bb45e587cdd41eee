/* An allocator of the program's own, whose memory is in arenas that can be made read-only.
 *
 * What is given back is never used again; the process is to be short. */
#ifndef CORSAC_TESTS_ARENAS_H
#define CORSAC_TESTS_ARENAS_H

#include <stdbool.h>
#include <stddef.h>

enum arena { ARENA_OTHER, ARENA_ENGINE, ARENA_FIRST_READER, ARENA_SECOND_READER, ARENAS };

enum { CACHE_LINE = 64 };

/* This thread's blocks come from there from now on. */
void arena_enter(enum arena arena);

/* Where an arena begins: with a page. */
char *arena_start(enum arena arena);

/* The bytes of an arena that were handed out. */
size_t arena_used(enum arena arena);

/* Whether an address is in an arena. */
bool arena_has(enum arena arena, const void *address);

/* All of an arena, for everybody. Giving one of its blocks back is a write too. */
void arena_protect(enum arena arena, bool is_protected);

/* Whether a cache line is a block's own wherever an allocator puts the block: it was asked for at
 * the start of a line, and reaches to the end of this one. */
bool arena_line_is_own(enum arena arena, const char *line);

#endif
