/* A file server whose clock is wrong: shifts the times of files by CLOCK_SHIFT nanoseconds, and rounds them down to
 * multiples of CLOCK_TICK. Preloaded by the tests of reloading. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>

static long long number(const char *name, long long otherwise) {
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoll(text, NULL, 10);
}

static void shift(struct statx_timestamp *time) {
    long long at = time->tv_sec * 1000000000LL + time->tv_nsec + number("CLOCK_SHIFT", 0);
    at -= at % number("CLOCK_TICK", 1);
    time->tv_sec = at / 1000000000;
    time->tv_nsec = (unsigned)(at % 1000000000);
}

int statx(int directory, const char *path, int flags, unsigned mask, struct statx *status) {
    static int (*real)(int, const char *, int, unsigned, struct statx *);
    int result;

    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "statx");
    result = real(directory, path, flags, mask, status);
    if (result == 0) {
        shift(&status->stx_atime);
        shift(&status->stx_btime);
        shift(&status->stx_ctime);
        shift(&status->stx_mtime);
    }
    return result;
}
