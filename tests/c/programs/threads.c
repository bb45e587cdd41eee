/* Threads decide while others reload: every field of a decision is of one generation, and
 * generations only grow. What may be called by many threads at a time is.
 *
 * threads ROUNDS */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "check.h"

enum { DECIDERS = 4 };

/* The two documents differ in every field of the decision that the request below gets. Odd
 * generations have the first: there is one thread that reloads, and it takes them in turn. */
static const char odd[] = "version = 1\n"
                          "[policy.p]\n"
                          "allow_origins = [\"https://*.example.com\"]\n"
                          "allow_methods = [\"PUT\"]\n"
                          "max_age = 11\n"
                          "preflight_status = 204\n";
static const char even[] = "version = 1\n"
                           "[policy.p]\n"
                           "upstream = \"keep\"\n"
                           "allow_private_network = true\n"
                           "preflight_status = 200\n"
                           "allow_origins = [\"https://z.example.com\"]\n"
                           "allow_methods = [\"PUT\", \"DELETE\"]\n"
                           "max_age = 22\n"
                           "[[policy.p.grant]]\n"
                           "allow_origins = [\"https://a.example.com\"]\n"
                           "allow_credentials = true\n";

static corsac_engine *engine;
static corsac_policy policy;
static atomic_bool done;
static atomic_ulong failures, decided, latest;

static bool is_of_one_generation(const corsac_decision *decision)
{
    bool is_odd = decision->generation % 2 == 1;
    corsac_str age = header_of(decision, "access-control-max-age");
    corsac_str methods = header_of(decision, "access-control-allow-methods");
    corsac_str credentials = header_of(decision, "access-control-allow-credentials");
    return decision->error == CORSAC_STATUS_OK &&
           decision->verdict == CORSAC_VERDICT_PREFLIGHT_ALLOWED &&
           decision->reason == CORSAC_REASON_OK && decision->failed == 0 &&
           decision->policy == policy && decision->status == (is_odd ? 204u : 200u) &&
           decision->upstream == (uint32_t)(is_odd ? CORSAC_UPSTREAM_REPLACE : CORSAC_UPSTREAM_KEEP) &&
           decision->grant == (is_odd ? 0u : 1u) &&
           !(decision->vary & CORSAC_VARY_REQUEST_PRIVATE_NETWORK) == is_odd &&
           same(decision->rule, str(is_odd ? "https://*.example.com" : "https://a.example.com")) &&
           same(age, str(is_odd ? "11" : "22")) &&
           same(methods, str(is_odd ? "PUT" : "PUT, DELETE")) &&
           same(credentials, str(is_odd ? NULL : "true")) &&
           same(header_of(decision, "access-control-allow-origin"), str("https://a.example.com"));
}

static void fail(const char *what)
{
    if (atomic_fetch_add(&failures, 1) < 5)
        fprintf(stderr, "%s\n", what);
}

static void *decide(void *argument)
{
    (void)argument;
    const corsac_str origin = str("https://a.example.com"), method = str("PUT");
    corsac_request request = CORSAC_REQUEST_INIT;
    request.method = str("OPTIONS");
    request.origin = (corsac_lines){&origin, 1};
    request.request_method = (corsac_lines){&method, 1};
    corsac_reader *reader = NULL;
    if (corsac_reader_new(engine, &reader))
        fail("a reader is not made");
    uint64_t generation = 0;
    char buffer[1024];
    for (unsigned long i = 0; reader && (!atomic_load(&done) || i < 10); i++) {
        const corsac_decision *decision = corsac_decide(reader, policy, &request), *copy = NULL;
        if (!is_of_one_generation(decision))
            fail("a decision is of two generations");
        if (corsac_decision_copy(decision, buffer, sizeof buffer, NULL, &copy) ||
            !is_of_one_generation(copy))
            fail("a copy is of two generations");
        if (decision->generation < generation)
            fail("a generation went back");
        generation = decision->generation;
        atomic_store_explicit(&latest, (unsigned long)generation, memory_order_relaxed);
        if (i % 64 == 0)
            corsac_reader_release(reader);
        atomic_fetch_add_explicit(&decided, 1, memory_order_relaxed);
    }
    corsac_reader_free(reader);
    return NULL;
}

/* Functions that take a const handle, while the others work. */
static void *ask(void *argument)
{
    (void)argument;
    while (!atomic_load(&done)) {
        const corsac_str name = str("p");
        corsac_policy id = CORSAC_POLICY_NONE;
        if (corsac_engine_find_policy(engine, &name, &id) || id != policy)
            fail("the policy has another id");
        corsac_text *status = NULL;
        corsac_stats *stats = NULL;
        corsac_diagnostics *warnings = NULL;
        corsac_reader *reader = NULL;
        if (corsac_engine_status(engine, &status) || corsac_engine_stats(engine, &stats) ||
            corsac_engine_warnings(engine, &warnings) || corsac_reader_new(engine, &reader))
            fail("a question has no answer");
        if (corsac_engine_changed(engine) || corsac_engine_poll(engine, NULL, NULL))
            fail("a text changed");
        /* The set that serves may have been replaced since; its own warnings go with it. */
        for (size_t i = 0; i < corsac_diagnostics_len(warnings); i++) {
            const corsac_diagnostic *warning = corsac_diagnostics_get(warnings, i);
            if (!warning || !warning->message.len)
                fail("a warning cannot be read");
        }
        corsac_reader_free(reader);
        corsac_text_free(status);
        corsac_stats_free(stats);
        corsac_diagnostics_free(warnings);
    }
    return NULL;
}

/* A refused document is tried all the while, and changes nothing. */
static void *refuse(void *argument)
{
    (void)argument;
    const corsac_str text = str("version = 1\n[policy.p]\nallow_origins = [\"https://a.example/\"]\n");
    while (!atomic_load(&done)) {
        corsac_diagnostics *error = NULL;
        if (corsac_engine_reload_text(engine, &text, CORSAC_FORMAT_TOML, &error) !=
                CORSAC_STATUS_CONFIG ||
            corsac_diagnostics_len(error) == 0)
            fail("a wrong document is not refused");
        corsac_diagnostics_free(error);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    REQUIRE(argc == 2);
    const unsigned long rounds = strtoul(argv[1], NULL, 10);
    engine = engine_of(odd);
    policy = policy_of(engine, "p");
    pthread_t threads[DECIDERS + 2];
    for (int i = 0; i < DECIDERS + 2; i++)
        REQUIRE(pthread_create(&threads[i], NULL,
                               i < DECIDERS ? decide : i == DECIDERS ? ask : refuse, NULL) == 0);
    for (unsigned long i = 0; i < rounds; i++) {
        const corsac_str text = str(i % 2 ? odd : even);
        CHECK_EQUAL(corsac_engine_reload_text(engine, &text, CORSAC_FORMAT_TOML, NULL), 0);
        CHECK_EQUAL(corsac_engine_generation(engine), i + 2);
        /* Most reloads come as fast as they can; some wait until a decision was made by them. */
        while (i % 8 < 2 && atomic_load(&latest) < i + 2 && atomic_load(&failures) == 0)
            sched_yield();
    }
    atomic_store(&done, true);
    for (int i = 0; i < DECIDERS + 2; i++)
        REQUIRE(pthread_join(threads[i], NULL) == 0);
    CHECK_EQUAL(atomic_load(&failures), 0);
    corsac_stats *stats = NULL;
    REQUIRE(corsac_engine_stats(engine, &stats) == CORSAC_STATUS_OK);
    CHECK_EQUAL(corsac_stats_total(stats), atomic_load(&decided));
    CHECK_EQUAL(corsac_stats_readers(stats), 0);
    corsac_stats_free(stats);
    printf("%lu decisions during %lu reloads\n", atomic_load(&decided), rounds);
    corsac_engine_free(engine);
    return checks_done();
}
