/* What lives how long: two requests on one reader, copies, reloads and the end of handles between
 * a decision and its use. Everything that may be gone is overwritten before it is freed, so that
 * a view which points at it shows something else. */
#include "check.h"

/* One row that says the origin itself, one that sets the document's own text. */
static const char before[] = "version = 1\n"
                             "[policy.p]\n"
                             "allow_origins = [\"https://*.example.com\"]\n"
                             "expose_headers = [\"x-before\"]\n"
                             "timing_allow_origin = [\"https://timing.example.com\"]\n";
static const char after[] = "version = 1\n"
                            "[policy.p]\n"
                            "allow_origins = [\"https://b.example.com\"]\n"
                            "expose_headers = [\"x-after\"]\n";

/* A request whose bytes are its own. */
struct owned {
    corsac_request request;
    corsac_str line;
    char *bytes;
    size_t len;
};

static void owned_init(struct owned *owned, const char *origin)
{
    const corsac_request empty = CORSAC_REQUEST_INIT;
    owned->request = empty;
    owned->len = 3 + strlen(origin);
    owned->bytes = malloc(owned->len);
    REQUIRE(owned->bytes);
    memcpy(owned->bytes, "GET", 3);
    memcpy(owned->bytes + 3, origin, owned->len - 3);
    owned->line.ptr = owned->bytes + 3;
    owned->line.len = owned->len - 3;
    owned->request.method.ptr = owned->bytes;
    owned->request.method.len = 3;
    owned->request.origin.ptr = &owned->line;
    owned->request.origin.len = 1;
}

static void owned_free(struct owned *owned)
{
    memset(owned->bytes, '#', owned->len);
    free(owned->bytes);
    memset(owned, 0x5a, sizeof *owned);
}

static void check_is(const corsac_decision *decision, const char *origin, const char *rule,
                     const char *exposed)
{
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_ALLOWED);
    CHECK_TEXT(decision->rule, rule);
    CHECK_TEXT(header_of(decision, "access-control-allow-origin"), origin);
    CHECK_TEXT(header_of(decision, "access-control-expose-headers"), exposed);
}

static void check_is_before(const corsac_decision *decision, const char *origin)
{
    check_is(decision, origin, "https://*.example.com", "x-before");
    CHECK_TEXT(header_of(decision, "timing-allow-origin"), "https://timing.example.com");
}

/* A copy in a block of exactly its size. */
static const corsac_decision *copy_of(const corsac_decision *decision, void **block)
{
    size_t needed = 0;
    const corsac_decision *copy = NULL;
    CHECK_EQUAL(corsac_decision_copy(decision, NULL, 0, &needed, NULL),
                CORSAC_STATUS_BUFFER_TOO_SMALL);
    *block = malloc(needed);
    REQUIRE(*block);
    REQUIRE(corsac_decision_copy(decision, *block, needed, NULL, &copy) == CORSAC_STATUS_OK);
    return copy;
}

/* An event loop decides for one request, then for another, and then emits both. */
static void interleaved(void)
{
    corsac_engine *engine = engine_of(before);
    corsac_reader *reader = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    struct owned first, second;
    owned_init(&first, "https://a.example.com");
    owned_init(&second, "https://b.example.com");

    const corsac_decision *shown = corsac_decide(reader, policy, &first.request);
    void *blocks[3];
    const corsac_decision *copy = copy_of(shown, &blocks[0]);
    const corsac_decision *other = corsac_decide(reader, policy, &second.request);
    /* The reader has one decision, and it is the last. */
    CHECK(other == shown);
    check_is_before(shown, "https://b.example.com");
    check_is_before(copy, "https://a.example.com");
    const corsac_decision *other_copy = copy_of(other, &blocks[1]);
    const corsac_decision *copy_of_copy = copy_of(copy, &blocks[2]);

    owned_free(&first);
    owned_free(&second);
    check_is_before(copy, "https://a.example.com");
    check_is_before(other_copy, "https://b.example.com");
    corsac_reader_free(reader);
    corsac_engine_free(engine);
    check_is_before(copy, "https://a.example.com");
    check_is_before(other_copy, "https://b.example.com");
    memset(blocks[0], 0x5a, sizeof(corsac_decision));
    free(blocks[0]);
    check_is_before(copy_of_copy, "https://a.example.com");
    const corsac_str timing = str("Timing-Allow-Origin");
    CHECK(corsac_is_managed_header(copy_of_copy, &timing));
    free(blocks[1]);
    free(blocks[2]);
}

/* A decision shows the policies that made it until the reader is called again, whatever becomes of
 * the engine; a reader outlives its engine. */
static void a_reload_between_decision_and_use(void)
{
    corsac_engine *engine = engine_of(before);
    corsac_reader *reader = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    struct owned request;
    owned_init(&request, "https://b.example.com");
    const corsac_decision *decision = corsac_decide(reader, policy, &request.request);
    const corsac_str text = str(after), again = str(before);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(corsac_engine_reload_text(engine, i % 2 ? &again : &text, 0, NULL), 0);
        CHECK_EQUAL(corsac_engine_poll(engine, NULL, NULL), 0);
        check_is_before(decision, "https://b.example.com");
        CHECK_EQUAL(decision->generation, 1);
    }
    decision = corsac_decide(reader, policy, &request.request);
    check_is(decision, "https://b.example.com", "https://b.example.com", "x-after");
    CHECK_EQUAL(decision->generation, 4);
    CHECK(!header_of(decision, "timing-allow-origin").ptr);

    corsac_engine_free(engine);
    check_is(decision, "https://b.example.com", "https://b.example.com", "x-after");
    decision = corsac_decide(reader, policy, &request.request);
    check_is(decision, "https://b.example.com", "https://b.example.com", "x-after");
    /* Another reader's decision is its own. */
    corsac_reader_release(reader);
    decision = corsac_decide(reader, policy, &request.request);
    check_is(decision, "https://b.example.com", "https://b.example.com", "x-after");
    corsac_reader_free(reader);
    owned_free(&request);
}

/* Policies that were replaced go when the last reader lets go of them. */
static void idle_readers(void)
{
    corsac_engine *engine = engine_of(before);
    corsac_reader *idle = reader_of(engine), *busy = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    struct owned request;
    owned_init(&request, "https://b.example.com");
    CHECK(corsac_decide(idle, policy, &request.request)->generation == 1);
    CHECK(corsac_decide(busy, policy, &request.request)->generation == 1);
    const corsac_str text = str(after);
    CHECK_EQUAL(corsac_engine_reload_text(engine, &text, 0, NULL), 0);
    CHECK(corsac_decide(busy, policy, &request.request)->generation == 2);
    for (int released = 0; released < 2; released++) {
        CHECK_EQUAL(corsac_engine_poll(engine, NULL, NULL), 0);
        corsac_stats *stats = NULL;
        REQUIRE(corsac_engine_stats(engine, &stats) == CORSAC_STATUS_OK);
        CHECK_EQUAL(corsac_stats_retired(stats), released ? 0 : 1);
        CHECK_EQUAL(corsac_stats_readers(stats), 2);
        corsac_stats_free(stats);
        corsac_reader_release(idle);
    }
    corsac_reader_free(idle);
    corsac_reader_free(busy);
    owned_free(&request);
    corsac_engine_free(engine);
}

/* Every buffer, of each size and at each alignment: nothing is written outside of it, and it is
 * enough exactly from the size on that was asked for. */
static void buffers(void)
{
    enum { EDGE = 16, ROOM = 2048 };
    corsac_engine *engine = engine_of(before);
    corsac_reader *reader = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    struct owned request;
    owned_init(&request, "https://a.example.com");
    const corsac_decision *decision = corsac_decide(reader, policy, &request.request);
    size_t needed = 0;
    CHECK_EQUAL(corsac_decision_copy(decision, NULL, 0, &needed, NULL),
                CORSAC_STATUS_BUFFER_TOO_SMALL);
    CHECK(needed > sizeof(corsac_decision) && needed < 1024);
    static unsigned char room[ROOM + 2 * EDGE];
    for (size_t shift = 0; shift < EDGE; shift++) {
        for (size_t size = 0; size <= needed + 8; size++) {
            memset(room, 0xa5, sizeof room);
            const corsac_decision *copy = NULL;
            size_t said = 0;
            corsac_status status =
                corsac_decision_copy(decision, room + EDGE + shift, size, &said, &copy);
            CHECK_EQUAL(said, needed);
            CHECK_EQUAL(status,
                        size < needed ? CORSAC_STATUS_BUFFER_TOO_SMALL : CORSAC_STATUS_OK);
            CHECK((copy != NULL) == (size >= needed));
            if (copy)
                CHECK(equal_decisions(copy, decision));
            bool inside = true;
            for (size_t i = 0; i < sizeof room; i++)
                if ((i < EDGE + shift || i >= EDGE + shift + size) && room[i] != 0xa5)
                    inside = false;
            CHECK(inside);
        }
    }
    owned_free(&request);
    corsac_reader_free(reader);
    corsac_engine_free(engine);
}

/* Views that are handed in are read during the call alone. */
static void what_is_handed_in_may_go(void)
{
    char *text = malloc(sizeof before - 1), name[] = "p";
    REQUIRE(text);
    memcpy(text, before, sizeof before - 1);
    corsac_str view = {text, sizeof before - 1};
    corsac_engine *engine = NULL;
    REQUIRE(corsac_engine_new_from_text(&view, CORSAC_FORMAT_TOML, &engine, NULL) == 0);
    memset(text, '#', sizeof before - 1);
    free(text);
    const corsac_policy policy = policy_of(engine, name);
    name[0] = 'q';
    corsac_reader *reader = reader_of(engine);
    struct owned request;
    owned_init(&request, "https://a.example.com");
    check_is_before(corsac_decide(reader, policy, &request.request), "https://a.example.com");
    const corsac_decision *decision = corsac_decide(reader, policy, &request.request);
    corsac_str vary[1] = {{"Accept", 6}}, missing;
    const corsac_lines lines = {vary, 1};
    corsac_vary_merge(decision, &lines, &missing);
    corsac_reader_free(reader);
    owned_free(&request);
    corsac_text *status = NULL;
    REQUIRE(corsac_engine_status(engine, &status) == CORSAC_STATUS_OK);
    corsac_engine_free(engine);
    CHECK_TEXT(missing, "Origin");
    corsac_text_view(status, &view);
    CHECK(view.len > 2 && view.ptr[0] == '{' && view.ptr[view.len - 1] == '}');
    corsac_text_free(status);
}

int main(void)
{
    interleaved();
    a_reload_between_decision_and_use();
    idle_readers();
    buffers();
    what_is_handed_in_may_go();
    return checks_done();
}
