/* Deciding without readers of one's own: threads that come and go, engines that end before them. */
#include <pthread.h>

#include "check.h"

enum { THREADS = 8, ENGINES = 3 };

static const char documents[ENGINES][90] = {
    "version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\n",
    "version = 1\n[policy.p]\nallow_origins = [\"https://b.example\"]\n",
    "version = 1\n[policy.p]\nallow_origins = [\"https://c.example\"]\n"};
static corsac_engine *engines[ENGINES];
static corsac_policy policies[ENGINES];
static pthread_barrier_t barrier;
static unsigned long wrong[THREADS];

static bool allows(size_t engine, char letter)
{
    char text[] = "https://?.example";
    text[8] = letter;
    const corsac_str origin = str(text);
    corsac_request request = CORSAC_REQUEST_INIT;
    request.method = str("GET");
    request.origin = (corsac_lines){&origin, 1};
    const corsac_decision *decision = corsac_engine_decide(engines[engine], policies[engine], &request);
    const bool listed = corsac_engine_origin_allowed(engines[engine], policies[engine], &request) ==
                        CORSAC_ORIGIN_ALLOWED;
    decision = corsac_engine_decide(engines[engine], policies[engine], &request);
    return listed && decision->verdict == CORSAC_VERDICT_ALLOWED && same(decision->rule, origin);
}

static void *decide(void *argument)
{
    const size_t number = (size_t)(uintptr_t)argument;
    for (size_t i = 0; i < 300; i++)
        for (size_t engine = 0; engine < ENGINES; engine++)
            for (size_t letter = 0; letter < ENGINES; letter++)
                wrong[number] += allows(engine, (char)('a' + letter)) != (letter == engine);
    /* All have a reader of each engine, then they end in the midst of others. */
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return NULL;
}

static size_t readers_of(const corsac_engine *engine)
{
    corsac_stats *stats = NULL;
    REQUIRE(corsac_engine_stats(engine, &stats) == CORSAC_STATUS_OK);
    const size_t readers = corsac_stats_readers(stats);
    corsac_stats_free(stats);
    return readers;
}

static void run_threads(bool ends_first)
{
    pthread_t threads[THREADS];
    REQUIRE(pthread_barrier_init(&barrier, NULL, THREADS + 1) == 0);
    for (size_t i = 0; i < ENGINES; i++) {
        engines[i] = engine_of(documents[i]);
        policies[i] = policy_of(engines[i], "p");
    }
    for (size_t i = 0; i < THREADS; i++)
        REQUIRE(pthread_create(&threads[i], NULL, decide, (void *)(uintptr_t)i) == 0);
    pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < ENGINES; i++)
        CHECK_EQUAL(readers_of(engines[i]), THREADS);
    if (ends_first)
        corsac_engine_free(engines[0]);
    pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < THREADS; i++) {
        REQUIRE(pthread_join(threads[i], NULL) == 0);
        CHECK_EQUAL(wrong[i], 0);
    }
    for (size_t i = ends_first; i < ENGINES; i++) {
        CHECK_EQUAL(readers_of(engines[i]), 0);
        corsac_engine_free(engines[i]);
    }
    pthread_barrier_destroy(&barrier);
}

/* A thread that outlives many engines keeps nothing of them, and a decision is as it was while
 * another engine decides. */
static void engines_come_and_go(void)
{
    for (size_t round = 0; round < 200; round++) {
        engines[0] = engine_of(documents[0]);
        engines[1] = engine_of(documents[1]);
        policies[0] = policy_of(engines[0], "p");
        policies[1] = policy_of(engines[1], "p");
        CHECK(allows(0, 'a') && !allows(0, 'b') && allows(1, 'b') && !allows(1, 'a'));
        const corsac_str origin = str("https://a.example");
        corsac_request request = CORSAC_REQUEST_INIT;
        request.method = str("GET");
        request.origin = (corsac_lines){&origin, 1};
        const corsac_decision *first = corsac_engine_decide(engines[0], policies[0], &request);
        CHECK_EQUAL(corsac_engine_decide(engines[1], policies[0], &request)->verdict,
                    CORSAC_VERDICT_NO_POLICY);
        CHECK_EQUAL(first->verdict, CORSAC_VERDICT_ALLOWED);
        CHECK_EQUAL(readers_of(engines[0]), 1);
        const corsac_str text = str(documents[2]);
        CHECK_EQUAL(corsac_engine_reload_text(engines[0], &text, 0, NULL), CORSAC_STATUS_OK);
        CHECK(allows(0, 'c') && !allows(0, 'a'));
        corsac_engine_free(engines[round % 2]);
        corsac_engine_free(engines[1 - round % 2]);
    }
}

int main(void)
{
    run_threads(false);
    run_threads(true);
    engines_come_and_go();
    corsac_request request = CORSAC_REQUEST_INIT;
    CHECK_EQUAL(corsac_engine_decide(NULL, 1, &request)->error, CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK_EQUAL(corsac_engine_origin_allowed(NULL, 1, &request), CORSAC_ORIGIN_NOT_ALLOWED);
    return checks_done();
}
