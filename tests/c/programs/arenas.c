/* Takes the allocator's place for all objects of a program that is linked with it. */
#define _GNU_SOURCE
#include "arenas.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Address space only: the system gives memory for what is touched. */
#define ARENA_SIZE ((size_t)1 << 32)

/* What stands in front of each block. */
struct head {
    size_t size;
    uint32_t alignment;
    bool is_free;
};

/* The blocks of an arena that are remembered for `arena_line_is_own`. A reader has few. */
enum { REMEMBERED = 256 };

static _Atomic(char *) bases[ARENAS];
static atomic_size_t used[ARENAS], blocks_len[ARENAS];
static const struct head *_Atomic blocks[ARENAS][REMEMBERED];
static __thread enum arena current __attribute__((tls_model("initial-exec")));

static void give_up(const char *why)
{
    ssize_t written = write(STDERR_FILENO, why, strlen(why));
    (void)written;
    _exit(1);
}

static char *base_of(enum arena arena)
{
    char *base = atomic_load(&bases[arena]);
    if (base)
        return base;
    base = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        give_up("there is no room for an arena\n");
    char *first = NULL;
    if (atomic_compare_exchange_strong(&bases[arena], &first, base))
        return base;
    munmap(base, ARENA_SIZE);
    return first;
}

void arena_enter(enum arena arena)
{
    current = arena;
}

char *arena_start(enum arena arena)
{
    return base_of(arena);
}

size_t arena_used(enum arena arena)
{
    return atomic_load(&used[arena]);
}

bool arena_has(enum arena arena, const void *address)
{
    uintptr_t base = (uintptr_t)atomic_load(&bases[arena]), at = (uintptr_t)address;
    return base && at >= base && at < base + ARENA_SIZE;
}

void arena_protect(enum arena arena, bool is_protected)
{
    int may = is_protected ? PROT_READ : PROT_READ | PROT_WRITE;
    if (mprotect(base_of(arena), ARENA_SIZE, may) != 0)
        give_up("an arena cannot be protected\n");
}

bool arena_line_is_own(enum arena arena, const char *line)
{
    size_t len = atomic_load(&blocks_len[arena]);
    for (size_t i = 0; i < len && i < REMEMBERED; i++) {
        const struct head *head = blocks[arena][i];
        const char *block = (const char *)(head + 1);
        if (line >= block && line + CACHE_LINE <= block + head->size)
            return head->alignment >= CACHE_LINE;
    }
    return false;
}

static struct head *head_of(void *block)
{
    return (struct head *)((char *)block - sizeof(struct head));
}

static void *take(size_t alignment, size_t size)
{
    if (alignment < sizeof(struct head))
        alignment = sizeof(struct head);
    /* Room for the head, and for the way from there to what is aligned. */
    if (size > ARENA_SIZE / 2 || alignment > ARENA_SIZE / 4)
        return NULL;
    size_t room = (size + sizeof(struct head) + alignment + 15) & ~(size_t)15;
    size_t start = atomic_fetch_add(&used[current], room);
    if (start + room > ARENA_SIZE)
        give_up("an arena is full\n");
    uintptr_t at = (uintptr_t)base_of(current) + start + sizeof(struct head);
    at = (at + alignment - 1) & ~(uintptr_t)(alignment - 1);
    struct head *head = head_of((void *)at);
    head->size = size;
    head->alignment = (uint32_t)alignment;
    size_t place = atomic_fetch_add(&blocks_len[current], 1);
    if (place < REMEMBERED)
        blocks[current][place] = head;
    return (void *)at;
}

void *malloc(size_t size)
{
    return take(sizeof(struct head), size);
}

void *calloc(size_t count, size_t size)
{
    /* New memory of the system is zero, and no block is used twice. */
    return size && count > SIZE_MAX / size ? NULL : take(sizeof(struct head), count * size);
}

void *realloc(void *block, size_t size)
{
    void *moved = take(sizeof(struct head), size);
    if (block && moved) {
        size_t before = head_of(block)->size;
        memcpy(moved, block, before < size ? before : size);
        head_of(block)->is_free = true;
    }
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    return take(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return take(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *block = take(alignment, size);
    if (!block)
        return ENOMEM;
    *out = block;
    return 0;
}

void free(void *block)
{
    if (block)
        head_of(block)->is_free = true;
}
