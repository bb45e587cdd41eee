/* Deciding does not call the allocator: each case of the corpus, as the first decision of a thread
 * of its own, with all that a server asks of a decision.
 *
 * allocation TABLE, with counting_malloc.c preloaded */
#include <pthread.h>

#include "counting_malloc.h"
#include "request.h"

struct measured {
    const corsac_engine *engine;
    const struct case_request *made;
    corsac_reader *reader;
    unsigned long reader_calls, first_calls, second_calls;
};

static void *measure(void *argument)
{
    struct measured *measured = argument;
    unsigned long before = allocator_calls();
    if (corsac_reader_new(measured->engine, &measured->reader))
        exit(1);
    measured->reader_calls = allocator_calls() - before;
    before = allocator_calls();
    decide_and_use(measured->reader, measured->made);
    measured->first_calls = allocator_calls() - before;
    before = allocator_calls();
    decide_and_use(measured->reader, measured->made);
    measured->second_calls = allocator_calls() - before;
    corsac_reader_free(measured->reader);
    return NULL;
}

static struct measured measure_on_a_thread(const corsac_engine *engine,
                                           const struct case_request *made)
{
    struct measured measured = {engine, made, NULL, 0, 0, 0};
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, measure, &measured) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    return measured;
}

int main(int argc, char **argv)
{
    REQUIRE(argc == 2);
    REQUIRE(allocator_calls);
    unsigned long before = allocator_calls();
    void *volatile block = malloc(1);
    free(block);
    CHECK_EQUAL(allocator_calls() - before, 2);

    struct table *table = table_read(argv[1]);
    size_t cases = 0;
    for (size_t i = 0; i < table->documents_len; i++) {
        const struct table_document *document = &table->documents[i];
        corsac_engine *engine = NULL;
        before = allocator_calls();
        REQUIRE(corsac_engine_new_from_text(&document->text, 0, &engine, NULL) == 0);
        /* The library's own calls are seen. */
        CHECK(allocator_calls() - before > 10);
        for (size_t j = 0; j < document->cases_len; j++, cases++) {
            const struct table_case *entry = &document->cases[j];
            struct case_request made;
            case_request_init(&made, entry, engine);
            const struct measured measured = measure_on_a_thread(engine, &made);
            CHECK(measured.reader_calls > 0);
            if (!CHECK(measured.first_calls == 0 && measured.second_calls == 0))
                fprintf(stderr, "    %.*s: %lu calls of the allocator, then %lu\n",
                        (int)entry->name.len, entry->name.ptr, measured.first_calls,
                        measured.second_calls);
            case_request_free(&made);
        }
        corsac_engine_free(engine);
    }
    printf("%zu cases measured\n", cases);
    table_free(table);
    return checks_done();
}
