/* Deciding writes nothing that several threads share: the engine is made in memory of its own, which
 * is read-only while requests are decided, together with the library's own data and with what the
 * other thread's reader is made of. What a reader writes is in cache lines of its own.
 *
 * shared_memory TABLE, linked with arenas.c */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arenas.h"
#include "request.h"

/* How a process ends that wrote to what is protected. */
enum { CAUGHT = 42 };

/* Who decides, one after another: while one does, the other's reader is protected too. */
enum turn { BOTH, FIRST, SECOND, TURNS };

struct library {
    char *start;
    size_t len;
};

struct request {
    corsac_str name, verdict;
    struct case_request made;
};

struct requests {
    const corsac_engine *engine;
    size_t len;
    struct request *all;
    pthread_barrier_t barrier;
};

struct decider {
    struct requests *requests;
    enum arena arena;
    enum turn turn;
    corsac_reader *reader;
    unsigned long wrong, changed_lines, shared_lines;
};

static struct library library;
static __thread corsac_str deciding;

/* Says what was written to, and ends the process. */
static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)context;
    const char *at = info->si_addr, *where = NULL;
    static const char *const arenas[] = {NULL, "the engine's memory", "the first reader's memory",
                                         "the second reader's memory"};
    for (enum arena arena = ARENA_ENGINE; arena < ARENAS; arena++)
        if (arena_has(arena, at))
            where = arenas[arena];
    if (at >= library.start && at < library.start + library.len)
        where = "the library's data";
    char said[256];
    int len = snprintf(said, sizeof said, "`%.*s` writes to %p in %s\n", (int)deciding.len,
                       deciding.ptr ? deciding.ptr : "", (const void *)at, where ? where : "");
    ssize_t written = write(STDERR_FILENO, said, (size_t)len);
    (void)written;
    _exit(where ? CAUGHT : 128 + signal);
}

static int find_library(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    struct library *found = data;
    if (!strstr(info->dlpi_name, "/libcorsac.so"))
        return 0;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
            continue;
        uintptr_t start = (info->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        end = (end + page - 1) & ~(page - 1);
        /* Segments that are writable follow on each other, with what is relocated first. */
        if (!found->start)
            found->start = (char *)start;
        found->len = end - (uintptr_t)found->start;
    }
    return 0;
}

static void protect_shared(bool is_protected)
{
    arena_protect(ARENA_ENGINE, is_protected);
    int may = is_protected ? PROT_READ : PROT_READ | PROT_WRITE;
    REQUIRE(mprotect(library.start, library.len, may) == 0);
}

static void decide(struct decider *decider, const struct request *request)
{
    deciding = request->name;
    const corsac_decision *decision = decide_and_use(decider->reader, &request->made);
    if (decision->error || !same(str(corsac_verdict_name(decision->verdict)), request->verdict))
        decider->wrong++;
    deciding = str("between decisions");
}

/* Decides, and looks at which lines of the reader's memory are others than they were. */
static void decide_and_compare(struct decider *decider, const struct request *request)
{
    static __thread char before[1 << 14];
    const char *start = arena_start(decider->arena);
    size_t used = arena_used(decider->arena);
    if (used > sizeof before) {
        decider->wrong++;
        return;
    }
    memcpy(before, start, used);
    decide(decider, request);
    for (size_t at = 0; at < used; at += CACHE_LINE) {
        size_t len = used - at < CACHE_LINE ? used - at : CACHE_LINE;
        if (memcmp(before + at, start + at, len) == 0)
            continue;
        decider->changed_lines++;
        decider->shared_lines += !arena_line_is_own(decider->arena, start + at);
    }
}

static void *decide_in_turn(void *argument)
{
    struct decider *decider = argument;
    arena_enter(decider->arena);
    deciding = str("a new reader");
    if (corsac_reader_new(decider->requests->engine, &decider->reader))
        exit(1);
    for (enum turn turn = BOTH; turn < TURNS; turn++) {
        /* Before this one all wait for what the turn needs to be protected. */
        pthread_barrier_wait(&decider->requests->barrier);
        pthread_barrier_wait(&decider->requests->barrier);
        for (size_t i = 0; i < decider->requests->len; i++) {
            if (turn == BOTH)
                decide(decider, &decider->requests->all[i]);
            else if (turn == decider->turn)
                decide_and_compare(decider, &decider->requests->all[i]);
        }
    }
    pthread_barrier_wait(&decider->requests->barrier);
    pthread_barrier_wait(&decider->requests->barrier);
    corsac_reader_free(decider->reader);
    return NULL;
}

static void next_turn(struct requests *requests, enum turn turn)
{
    pthread_barrier_wait(&requests->barrier);
    protect_shared(turn != TURNS);
    arena_protect(ARENA_FIRST_READER, turn == SECOND);
    arena_protect(ARENA_SECOND_READER, turn == FIRST);
    pthread_barrier_wait(&requests->barrier);
}

/* All requests by two threads with a reader each. */
static void check_threads(struct requests *requests)
{
    struct decider deciders[] = {{requests, ARENA_FIRST_READER, FIRST, NULL, 0, 0, 0},
                                 {requests, ARENA_SECOND_READER, SECOND, NULL, 0, 0, 0}};
    pthread_t threads[2];
    REQUIRE(pthread_barrier_init(&requests->barrier, NULL, 3) == 0);
    for (int i = 0; i < 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL, decide_in_turn, &deciders[i]) == 0);
    for (enum turn turn = BOTH; turn <= TURNS; turn++)
        next_turn(requests, turn);
    for (int i = 0; i < 2; i++) {
        REQUIRE(pthread_join(threads[i], NULL) == 0);
        CHECK_EQUAL(deciders[i].wrong, 0);
        /* At least the count. */
        CHECK(deciders[i].changed_lines > 0 || requests->len == 0);
        CHECK_EQUAL(deciders[i].shared_lines, 0);
    }
}

static corsac_engine *engine_in_arena(const corsac_str *text)
{
    corsac_engine *engine = NULL;
    arena_enter(ARENA_ENGINE);
    size_t before = arena_used(ARENA_ENGINE);
    REQUIRE(corsac_engine_new_from_text(text, 0, &engine, NULL) == CORSAC_STATUS_OK);
    CHECK(arena_used(ARENA_ENGINE) > before && arena_has(ARENA_ENGINE, engine));
    arena_enter(ARENA_OTHER);
    return engine;
}

/* In a process of its own, which ends when it wrote to what is protected. */
static void check_document(const struct table_document *document)
{
    struct requests requests = {.engine = engine_in_arena(&document->text)};
    requests.all = calloc(document->cases_len + 1, sizeof *requests.all);
    for (; requests.len < document->cases_len; requests.len++) {
        const struct table_case *entry = &document->cases[requests.len];
        struct request *request = &requests.all[requests.len];
        request->name = entry->name;
        request->verdict = entry->expected.verdict;
        case_request_init(&request->made, entry, requests.engine);
    }
    check_threads(&requests);
}

/* Origins and header names as an attacker sends them, by rows of every kind. */
static void check_hostile(void)
{
    enum { LONG = 65536 };
    static const char document[] =
        "version = 1\n[policy.rows]\nallow_methods = [\"PUT\"]\nallow_headers = [\"x-a\", \"x-b\"]\n"
        "allow_origins = [\"https://a.example\", \"https://*.b.example\", \"https://pr-*.c.example\",\n"
        "  { regex = 'https://(?:[a-z]+-)?pr-[0-9]+\\.d\\.example\\.org' }]\n"
        "[policy.any]\nallow_origins = [\"*\"]\nallow_headers = [\"x-a\"]\n";
    static char commas[LONG], token[LONG], spaces[LONG], repeated[LONG];
    memset(commas, ',', LONG);
    memset(token, 'a', LONG);
    memset(spaces, ' ', LONG);
    for (size_t i = 0; i < LONG; i++)
        repeated[i] = "x-a,"[i % 4];
    const corsac_str text = str(document);
    struct requests requests = {.engine = engine_in_arena(&text)};
    static const char *const policies[] = {"rows", "any"};
    const corsac_str origins[] = {
        str("https://a.example"), str("https://x.y.b.example"), str("https://pr-7.c.example"),
        str("https://x-pr-7.d.example.org"), str("https://evil.example"), str("null"),
        str("https://a.example/"), str(""), {token, LONG}, {commas, LONG}};
    const corsac_str headers[] = {str("x-a,x-b"), str("x-a"), {commas, LONG}, {token, LONG},
                                  {spaces, LONG}, {repeated, LONG}};
    enum { ORIGINS = sizeof origins / sizeof *origins, HEADERS = sizeof headers / sizeof *headers };
    static const corsac_str put = {"PUT", 3};
    requests.all = calloc(2 * ORIGINS * (HEADERS + 1), sizeof *requests.all);
    for (size_t i = 0; i < 2 * ORIGINS * (HEADERS + 1); i++) {
        struct request *request = &requests.all[requests.len++];
        size_t headers_at = i / 2 / ORIGINS;
        request->made.policy = policy_of(requests.engine, policies[i % 2]);
        request->made.request = (corsac_request)CORSAC_REQUEST_INIT;
        request->made.request.method = str(headers_at == HEADERS ? "GET" : "OPTIONS");
        request->made.request.origin = (corsac_lines){&origins[i / 2 % ORIGINS], 1};
        if (headers_at < HEADERS) {
            request->made.request.request_method = (corsac_lines){&put, 1};
            request->made.request.request_headers = (corsac_lines){&headers[headers_at], 1};
        }
        request->name = str("a hostile request");
    }
    /* What is decided is the corpus's business; here it is that it stays the same. Of an engine of
     * its own, as a new reader goes on with the memory of one that is gone. */
    corsac_engine *engine = engine_of(document);
    corsac_reader *reader = reader_of(engine);
    unsigned long allowed = 0;
    for (size_t i = 0; i < requests.len; i++) {
        struct request *request = &requests.all[i];
        struct case_request made = request->made;
        made.policy = policy_of(engine, policies[i % 2]);
        uint32_t verdict = decide_and_use(reader, &made)->verdict;
        request->verdict = str(corsac_verdict_name(verdict));
        allowed += verdict == CORSAC_VERDICT_ALLOWED || verdict == CORSAC_VERDICT_PREFLIGHT_ALLOWED;
    }
    corsac_reader_free(reader);
    corsac_engine_free(engine);
    CHECK(allowed > 10 && allowed < requests.len - 10);
    check_threads(&requests);
}

/* Runs a check in a process of its own, and gives how that ended. */
static int in_a_process(void (*run)(const void *), const void *argument, int errors)
{
    fflush(stdout);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (errors >= 0)
            dup2(errors, STDERR_FILENO);
        checks_failed = 0;
        run(argument);
        _exit(checks_failed != 0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void run_document(const void *document)
{
    check_document(document);
}

static void run_hostile(const void *nothing)
{
    (void)nothing;
    check_hostile();
}

/* What writes to shared memory, once for each reload or reader, is caught. */
struct offence {
    const char *name, *where;
};

static const struct offence offences[] = {
    {"a reload", "the engine's memory"},
    {"another reader", "the engine's memory"},
    {"the first decision after a release", "the engine's memory"},
    {"a byte of the library", "the library's data"},
};

static void offend(const void *argument)
{
    const struct offence *offence = argument;
    static const char document[] = "version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\n";
    const corsac_str text = str(document), origin = str("https://a.example");
    corsac_engine *engine = engine_in_arena(&text);
    corsac_reader *reader = reader_of(engine), *another = NULL;
    corsac_request request = CORSAC_REQUEST_INIT;
    request.method = str("GET");
    request.origin = (corsac_lines){&origin, 1};
    if (offence == &offences[2])
        corsac_reader_release(reader);
    protect_shared(true);
    deciding = str(offence->name);
    if (offence == &offences[0])
        REQUIRE(corsac_engine_reload_text(engine, &text, CORSAC_FORMAT_TOML, NULL) == CORSAC_STATUS_OK);
    else if (offence == &offences[1])
        REQUIRE(corsac_reader_new(engine, &another) == CORSAC_STATUS_OK);
    else if (offence == &offences[2])
        REQUIRE(corsac_decide(reader, CORSAC_POLICY_NONE, &request));
    else
        *(volatile char *)(library.start + library.len - 1) = 1;
}

static void check_offence(const struct offence *offence)
{
    int ends[2];
    char said[256];
    REQUIRE(pipe(ends) == 0);
    CHECK_EQUAL(in_a_process(offend, offence, ends[1]), CAUGHT);
    close(ends[1]);
    ssize_t len = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    REQUIRE(len >= 0);
    said[len] = 0;
    CHECK(strstr(said, offence->name) && strstr(said, "writes to 0x") && strstr(said, offence->where));
}

int main(int argc, char **argv)
{
    REQUIRE(argc == 2);
    dl_iterate_phdr(find_library, &library);
    REQUIRE(library.start);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    REQUIRE(sigaction(SIGSEGV, &action, NULL) == 0);
    for (size_t i = 0; i < sizeof offences / sizeof *offences; i++)
        check_offence(&offences[i]);
    CHECK_EQUAL(in_a_process(run_hostile, NULL, -1), 0);
    struct table *table = table_read(argv[1]);
    size_t cases = 0;
    for (size_t i = 0; i < table->documents_len; i++) {
        CHECK_EQUAL(in_a_process(run_document, &table->documents[i], -1), 0);
        cases += table->documents[i].cases_len;
    }
    printf("%zu cases decided\n", cases);
    table_free(table);
    return checks_done();
}
