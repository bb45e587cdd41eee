/* Engines across a fork. Whoever hangs is ended by its own alarm, which its parent sees.
 *
 * fork FOLDER ROUNDS    (0: without forks while a thread of the parent is at work: its memory is lost
 *                        to a child, as a leak checker says, and the locks that it held are never
 *                        released there. glibc releases its allocator's; AddressSanitizer of gcc 12
 *                        does not) */
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { DEADLINE = 60, CHILDREN = 4 };

static char path[PATH_MAX];

/* The parent's own reader, of which each child has a copy that is its own to free. */
static corsac_reader *reader_of_parent;

/* A policy for one origin, put into place by a rename, as editors and deployments do. */
static void write_policy(const char *name)
{
    char beside[PATH_MAX + 32];
    snprintf(beside, sizeof beside, "%s.%ld", path, (long)getpid());
    FILE *file = fopen(beside, "w");
    REQUIRE(file);
    fprintf(file, "version = 1\n[policy.p]\nallow_origins = [\"https://%s.example\"]\n", name);
    REQUIRE(fclose(file) == 0);
    REQUIRE(rename(beside, path) == 0);
}

static corsac_engine *engine_of_file(void)
{
    const corsac_str file = str(path);
    corsac_engine *engine = NULL;
    REQUIRE(corsac_engine_new_from_file(&file, &engine, NULL) == CORSAC_STATUS_OK);
    return engine;
}

static bool allows(corsac_reader *reader, corsac_policy policy, const char *name)
{
    char text[64];
    snprintf(text, sizeof text, "https://%s.example", name);
    const corsac_str origin = str(text);
    corsac_request request = CORSAC_REQUEST_INIT;
    request.method = str("GET");
    request.origin.ptr = &origin;
    request.origin.len = 1;
    const corsac_decision *decision = corsac_decide(reader, policy, &request);
    CHECK_EQUAL(decision->error, CORSAC_STATUS_OK);
    CHECK_EQUAL(decision->policy, policy);
    return decision->verdict == CORSAC_VERDICT_ALLOWED &&
           same(header_of(decision, "access-control-allow-origin"), origin);
}

/* Decides until this origin is allowed; the alarm is the deadline. */
static void await(corsac_reader *reader, corsac_policy policy, const char *name,
                  const corsac_engine *polled)
{
    while (!allows(reader, policy, name)) {
        if (polled)
            CHECK_EQUAL(corsac_engine_poll(polled, NULL, NULL), CORSAC_STATUS_OK);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}

/* Waits until this thread is the only one. The end of a watch does not wait for the thread that the
 * system's file events came through. */
static void await_alone(void)
{
    for (unsigned threads = 0; threads != 1; nanosleep(&(struct timespec){0, 1000000}, NULL)) {
        DIR *folder = opendir("/proc/self/task");
        REQUIRE(folder);
        threads = 0;
        for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
            threads += entry->d_name[0] != '.';
        closedir(folder);
    }
}

/* A child that does this, with an alarm of its own. */
static pid_t child(void (*work)(corsac_engine *), corsac_engine *engine, unsigned deadline)
{
    fflush(NULL);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        alarm(deadline);
        checks_failed = 0;
        work(engine);
        corsac_reader_free(reader_of_parent);
        _exit(checks_failed != 0);
    }
    return pid;
}

static void check_ended(pid_t pid)
{
    int status = -1;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        fprintf(stderr, "    a child ended with %s %d\n",
                WIFSIGNALED(status) ? "the signal" : "the status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* A worker that decides, and reloads for itself. */
static void worker(corsac_engine *engine)
{
    corsac_reader *reader = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    CHECK(allows(reader, policy, "a") && !allows(reader, policy, "b"));
    const corsac_str text = str("version = 1\n[policy.p]\nallow_origins = [\"https://c.example\"]\n");
    CHECK_EQUAL(corsac_engine_reload_text(engine, &text, CORSAC_FORMAT_TOML, NULL), 0);
    CHECK(allows(reader, policy, "c") && !allows(reader, policy, "a"));
    CHECK_EQUAL(corsac_engine_generation(engine), 2);
    corsac_reader_free(reader);
    corsac_engine_free(engine);
}

static void an_engine_is_made_before_the_fork(void)
{
    write_policy("a");
    corsac_engine *engine = engine_of_file();
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++)
        children[i] = child(worker, engine, DEADLINE);
    for (int i = 0; i < CHILDREN; i++)
        check_ended(children[i]);
    /* What children reload is theirs. */
    CHECK_EQUAL(corsac_engine_generation(engine), 1);
    reader_of_parent = reader_of(engine);
    CHECK(allows(reader_of_parent, policy_of(engine, "p"), "a"));
    corsac_reader_free(reader_of_parent);
    reader_of_parent = NULL;
    corsac_engine_free(engine);
}

/* A worker that watches, and sees what is written while it does. */
static void watching_worker(corsac_engine *engine)
{
    corsac_reader *reader = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    CHECK(allows(reader, policy, "a"));
    CHECK_EQUAL(corsac_engine_watch(engine), CORSAC_STATUS_OK);
    CHECK_EQUAL(corsac_engine_watch(engine), CORSAC_STATUS_OK);
    write_policy("b");
    await(reader, policy, "b", NULL);
    CHECK(!allows(reader, policy, "a"));
    corsac_engine_unwatch(engine);
    corsac_engine_unwatch(engine);
    corsac_reader_free(reader);
    corsac_engine_free(engine);
}

static void the_watch_is_made_in_the_child(void)
{
    write_policy("a");
    corsac_engine *engine = engine_of_file();
    reader_of_parent = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    CHECK(allows(reader_of_parent, policy, "a"));
    check_ended(child(watching_worker, engine, DEADLINE));
    /* The parent has no watch: it goes on until it asks. */
    CHECK(allows(reader_of_parent, policy, "a"));
    CHECK_EQUAL(corsac_engine_generation(engine), 1);
    CHECK(corsac_engine_changed(engine));
    await(reader_of_parent, policy, "b", engine);
    CHECK_EQUAL(corsac_engine_generation(engine), 2);
    corsac_reader_free(reader_of_parent);
    reader_of_parent = NULL;
    corsac_engine_free(engine);
}

/* The id as it was before the fork. Where a thread of the parent may be in the midst of a load, a
 * child decides and leaves; only what takes no lock is sure to come back there. */
static corsac_policy known_policy;

static void deciding_worker(corsac_engine *engine)
{
    corsac_reader *reader = reader_of(engine);
    CHECK(allows(reader, known_policy, "a") || allows(reader, known_policy, "b"));
    corsac_reader_release(reader);
    CHECK(!allows(reader, known_policy, "c"));
    CHECK(corsac_engine_generation(engine) >= 1);
    corsac_reader_free(reader);
    corsac_engine_unwatch(engine);
    corsac_engine_free(engine);
}

/* A watch of a child's own beside its parent's, which is at rest: it looks at the files every two
 * seconds, and a fork at just that moment may leave a child that waits for ever. One child in three
 * must come through, and none may see anything wrong. */
static void the_child_watches_beside_its_parent(corsac_engine *engine)
{
    bool is_through = false;
    for (int i = 0; i < 3 && !is_through; i++) {
        write_policy("a");
        await(reader_of_parent, known_policy, "a", NULL);
        while (corsac_engine_changed(engine))
            nanosleep(&(struct timespec){0, 1000000}, NULL);
        int status = -1;
        pid_t pid = child(watching_worker, engine, DEADLINE / 3);
        REQUIRE(waitpid(pid, &status, 0) == pid);
        is_through = WIFEXITED(status);
        CHECK(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGALRM);
    }
    CHECK(is_through);
    await(reader_of_parent, known_policy, "b", NULL);
}

/* The parent's thread is not in the child, and is not waited for there. */
static void a_watch_runs_in_the_parent(unsigned long rounds)
{
    write_policy("a");
    corsac_engine *engine = engine_of_file();
    known_policy = policy_of(engine, "p");
    for (unsigned long i = 0; i < rounds; i++) {
        CHECK_EQUAL(corsac_engine_watch(engine), CORSAC_STATUS_OK);
        check_ended(child(deciding_worker, engine, DEADLINE));
        if (i % 16 == 0)
            corsac_engine_unwatch(engine);
    }
    /* The parent's own goes on, and ends before a fork after which a child is to watch too. */
    reader_of_parent = reader_of(engine);
    CHECK_EQUAL(corsac_engine_watch(engine), CORSAC_STATUS_OK);
    write_policy("b");
    await(reader_of_parent, known_policy, "b", NULL);
    if (rounds > 0)
        the_child_watches_beside_its_parent(engine);
    write_policy("a");
    await(reader_of_parent, known_policy, "a", NULL);
    corsac_engine_unwatch(engine);
    await_alone();
    pid_t pid = child(watching_worker, engine, DEADLINE);
    CHECK_EQUAL(corsac_engine_watch(engine), CORSAC_STATUS_OK);
    check_ended(pid);
    await(reader_of_parent, known_policy, "b", NULL);
    corsac_reader_free(reader_of_parent);
    reader_of_parent = NULL;
    corsac_engine_free(engine);
}

static atomic_bool done;

static void *reload(void *engine)
{
    const corsac_str texts[] = {
        str("version = 1\n[policy.p]\nallow_origins = [\"https://b.example\"]\n"),
        str("version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\n")};
    for (size_t i = 0; !atomic_load(&done); i++)
        if (corsac_engine_reload_text(engine, &texts[i % 2], CORSAC_FORMAT_TOML, NULL))
            return engine;
    return NULL;
}

static void a_thread_of_the_parent_reloads_all_the_while(unsigned long rounds)
{
    write_policy("a");
    corsac_engine *engine = engine_of_file();
    pthread_t thread;
    known_policy = policy_of(engine, "p");
    REQUIRE(pthread_create(&thread, NULL, reload, engine) == 0);
    for (unsigned long i = 0; i < rounds; i++)
        check_ended(child(deciding_worker, engine, DEADLINE));
    atomic_store(&done, true);
    void *failed = NULL;
    REQUIRE(pthread_join(thread, &failed) == 0);
    CHECK(!failed);
    CHECK(corsac_engine_generation(engine) > 1);
    corsac_engine_free(engine);
}

int main(int argc, char **argv)
{
    REQUIRE(argc == 3);
    snprintf(path, sizeof path, "%s/policy.toml", argv[1]);
    alarm(6 * DEADLINE);
    an_engine_is_made_before_the_fork();
    the_watch_is_made_in_the_child();
    const unsigned long rounds = strtoul(argv[2], NULL, 10);
    a_watch_runs_in_the_parent(rounds);
    if (rounds > 0)
        a_thread_of_the_parent_reloads_all_the_while(rounds);
    return checks_done();
}
