/* Calls that are wrong, and requests that nobody sends: answered, denied where a request is
 * decided, and never a crash. The reader works afterwards. */
#include <stddef.h>

#include "check.h"

static const char document[] = "version = 1\n"
                               "[[route]]\n"
                               "host = \"api.example.com\"\n"
                               "policy = \"p\"\n"
                               "[policy.p]\n"
                               "allow_origins = [\"https://a.example\"]\n"
                               "allow_methods = [\"PUT\"]\n"
                               "allow_headers = [\"x-a\"]\n";

static corsac_engine *engine;
static corsac_reader *reader;
static corsac_policy policy;

/* A preflight that is allowed; what it points at is static. */
static corsac_request good(void)
{
    static const corsac_str origin = {"https://a.example", 17}, method = {"PUT", 3},
                            names = {"x-a", 3};
    corsac_request request = CORSAC_REQUEST_INIT;
    request.method = str("OPTIONS");
    request.origin = (corsac_lines){&origin, 1};
    request.request_method = (corsac_lines){&method, 1};
    request.request_headers = (corsac_lines){&names, 1};
    request.host = str("api.example.com");
    request.path = str("/");
    return request;
}

static void check_works(void)
{
    const corsac_request request = good();
    const corsac_decision *decision = corsac_decide(reader, policy, &request);
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_PREFLIGHT_ALLOWED);
    CHECK_EQUAL(decision->error, CORSAC_STATUS_OK);
    CHECK_EQUAL(decision->status, 204);
    CHECK_TEXT(header_of(decision, "access-control-allow-origin"), "https://a.example");
    decision = corsac_decide(reader, CORSAC_POLICY_ROUTE, &request);
    CHECK_EQUAL(decision->policy, policy);
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_PREFLIGHT_ALLOWED);
}

/* Denied with this error, everything of the upstream's taken out and nothing set. */
static void check_closed(const corsac_decision *decision, corsac_status error)
{
    REQUIRE(decision);
    CHECK_EQUAL(decision->error, error);
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_DENIED);
    CHECK_EQUAL(decision->reason, CORSAC_REASON_INTERNAL);
    CHECK_EQUAL(decision->upstream, CORSAC_UPSTREAM_REPLACE);
    CHECK_EQUAL(decision->vary, CORSAC_VARY_ORIGIN);
    CHECK_EQUAL(decision->set_len, 0);
    CHECK_EQUAL(decision->policy, CORSAC_POLICY_NONE);
    CHECK_EQUAL(decision->grant, CORSAC_GRANT_NONE);
    CHECK(!decision->rule.ptr);
}

static void null_where_a_decision_is_made(void)
{
    const corsac_request request = good();
    check_closed(corsac_decide(NULL, policy, &request), CORSAC_STATUS_INVALID_ARGUMENT);
    check_closed(corsac_decide(NULL, policy, NULL), CORSAC_STATUS_INVALID_ARGUMENT);
    check_closed(corsac_decide(reader, policy, NULL), CORSAC_STATUS_INVALID_ARGUMENT);
    check_closed(corsac_decide(reader, CORSAC_POLICY_ROUTE, NULL), CORSAC_STATUS_INVALID_ARGUMENT);
    const corsac_request without_method = CORSAC_REQUEST_INIT;
    check_closed(corsac_decide(reader, policy, &without_method), CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK_EQUAL(corsac_origin_allowed(NULL, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
    CHECK_EQUAL(corsac_origin_allowed(reader, policy, NULL), CORSAC_ORIGIN_NOT_ALLOWED);
    CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_ALLOWED);
    CHECK_EQUAL(corsac_origin_allowed(reader, policy, &without_method), CORSAC_ORIGIN_ABSENT);
    CHECK_EQUAL(corsac_origin_allowed(reader, 0, &without_method), CORSAC_ORIGIN_NOT_ALLOWED);
    CHECK_EQUAL(corsac_origin_allowed(reader, 12345, &request), CORSAC_ORIGIN_NOT_ALLOWED);
    check_works();
}

/* A wrong call leaves no handle behind: what was `mark` is NULL afterwards. */
static void null_where_an_engine_is_asked(void)
{
    char target;
    void *const mark = &target;
    const corsac_str text = str(document), absent = str(NULL), name = str("p");
    corsac_engine *made = mark;
    corsac_diagnostics *error = mark;
    const corsac_status wrong = CORSAC_STATUS_INVALID_ARGUMENT;

    CHECK_EQUAL(corsac_engine_new_from_text(NULL, CORSAC_FORMAT_TOML, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_text(&absent, CORSAC_FORMAT_TOML, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_text(&text, CORSAC_FORMAT_TOML, NULL, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_text(&text, 2, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_text(&text, UINT32_MAX, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_text(NULL, 2, NULL, NULL), wrong);
    CHECK_EQUAL(corsac_engine_new_from_file(NULL, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_file(&absent, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_file(&text, NULL, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_from_file(NULL, NULL, NULL), wrong);
    const corsac_str not_utf8 = {"a\xff", 2};
    CHECK_EQUAL(corsac_engine_new_from_file(&not_utf8, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_restricted(NULL, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_restricted(&not_utf8, &made, &error), wrong);
    CHECK_EQUAL(corsac_engine_new_restricted(&text, NULL, &error), wrong);
    CHECK_EQUAL(corsac_engine_reload_text(NULL, &text, CORSAC_FORMAT_TOML, &error), wrong);
    CHECK_EQUAL(corsac_engine_reload_text(engine, NULL, CORSAC_FORMAT_TOML, &error), wrong);
    CHECK_EQUAL(corsac_engine_reload_text(engine, &absent, CORSAC_FORMAT_TOML, &error), wrong);
    CHECK_EQUAL(corsac_engine_reload_text(engine, &text, 2, &error), wrong);
    CHECK_EQUAL(corsac_engine_reload_file(NULL, &text, &error), wrong);
    CHECK_EQUAL(corsac_engine_reload_file(engine, &absent, &error), wrong);
    CHECK_EQUAL(corsac_engine_reload_file(engine, &not_utf8, &error), wrong);
    corsac_poll poll = 77;
    CHECK_EQUAL(corsac_engine_poll(NULL, &poll, &error), wrong);
    CHECK_EQUAL(poll, 77);
    CHECK(!made && !error);

    /* A lookup that fails leaves no id behind, whatever was there. */
    const corsac_str empty = str(""), other = str("q");
    const struct {
        const corsac_engine *engine;
        const corsac_str *name;
        corsac_status status;
    } failing[] = {{NULL, &name, wrong},
                   {engine, NULL, wrong},
                   {engine, &absent, wrong},
                   {engine, &not_utf8, wrong},
                   {engine, &empty, CORSAC_STATUS_NOT_FOUND},
                   {engine, &other, CORSAC_STATUS_NOT_FOUND}};
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        corsac_policy id = policy;
        CHECK_EQUAL(corsac_engine_find_policy(failing[i].engine, failing[i].name, &id),
                    failing[i].status);
        CHECK_EQUAL(id, CORSAC_POLICY_NONE);
        id = policy;
        CHECK_EQUAL(corsac_engine_require_policy(failing[i].engine, failing[i].name, &id),
                    failing[i].status);
        CHECK_EQUAL(id, CORSAC_POLICY_NONE);
        corsac_engine_release_policy(failing[i].engine, failing[i].name);
    }
    CHECK_EQUAL(corsac_engine_find_policy(engine, &name, NULL), wrong);
    CHECK_EQUAL(corsac_engine_require_policy(engine, &name, NULL), wrong);
    CHECK_EQUAL(corsac_engine_require_routes(NULL), wrong);
    corsac_engine_release_routes(NULL);
    corsac_policies *policies = mark;
    CHECK_EQUAL(corsac_engine_policies(NULL, &policies), wrong);
    CHECK_EQUAL(corsac_engine_policies(engine, NULL), wrong);
    CHECK(!policies && corsac_policies_len(NULL) == 0 && !corsac_policies_get(NULL, 0));
    corsac_policies_free(NULL);

    corsac_diagnostics *warnings = mark;
    corsac_text *status = mark;
    corsac_stats *stats = mark;
    corsac_reader *other_reader = mark;
    CHECK_EQUAL(corsac_engine_warnings(NULL, &warnings), wrong);
    CHECK_EQUAL(corsac_engine_warnings(engine, NULL), wrong);
    CHECK_EQUAL(corsac_engine_status(NULL, &status), wrong);
    CHECK_EQUAL(corsac_engine_status(engine, NULL), wrong);
    CHECK_EQUAL(corsac_engine_stats(NULL, &stats), wrong);
    CHECK_EQUAL(corsac_engine_stats(engine, NULL), wrong);
    CHECK_EQUAL(corsac_reader_new(NULL, &other_reader), wrong);
    CHECK_EQUAL(corsac_reader_new(engine, NULL), wrong);
    CHECK(!warnings && !status && !stats && !other_reader);

    CHECK(!corsac_engine_changed(NULL));
    CHECK_EQUAL(corsac_engine_generation(NULL), 0);
    CHECK_EQUAL(corsac_engine_watch(NULL), wrong);
    corsac_engine_unwatch(NULL);
    corsac_reader_release(NULL);
    CHECK_EQUAL(corsac_stats_total(NULL), 0);
    CHECK_EQUAL(corsac_stats_count(NULL, 0, 0), 0);
    CHECK_EQUAL(corsac_stats_readers(NULL), 0);
    CHECK_EQUAL(corsac_stats_retired(NULL), 0);
    corsac_engine_free(NULL);
    corsac_reader_free(NULL);
    corsac_stats_free(NULL);
    corsac_text_free(NULL);
    corsac_diagnostics_free(NULL);
    CHECK_EQUAL(corsac_engine_generation(engine), 1);
    check_works();
}

/* The reasons of a refused document may be unwanted. */
static void errors_may_be_left_out(void)
{
    const corsac_str wrong = str("version = 2"), missing = str("/nowhere/corsac.toml");
    corsac_engine *made = NULL;
    CHECK_EQUAL(corsac_engine_new_from_text(&wrong, CORSAC_FORMAT_TOML, &made, NULL),
                CORSAC_STATUS_CONFIG);
    CHECK_EQUAL(corsac_engine_new_from_file(&missing, &made, NULL), CORSAC_STATUS_CONFIG);
    CHECK_EQUAL(corsac_engine_reload_text(engine, &wrong, CORSAC_FORMAT_TOML, NULL),
                CORSAC_STATUS_CONFIG);
    CHECK_EQUAL(corsac_engine_reload_file(engine, &missing, NULL), CORSAC_STATUS_CONFIG);
    CHECK_EQUAL(corsac_engine_poll(engine, NULL, NULL), CORSAC_STATUS_OK);
    CHECK(!made);
    CHECK_EQUAL(corsac_engine_generation(engine), 1);
    check_works();
}

static void null_where_results_are_read(void)
{
    corsac_str view = str("before");
    corsac_text_view(NULL, &view);
    CHECK(!view.ptr);
    corsac_text_view(NULL, NULL);
    view = str("before");
    corsac_diagnostics_text(NULL, &view);
    CHECK(!view.ptr);
    corsac_diagnostics_text(NULL, NULL);
    CHECK_EQUAL(corsac_diagnostics_len(NULL), 0);
    CHECK(!corsac_diagnostics_get(NULL, 0));

    const corsac_str wrong = str("version = 2");
    corsac_engine *made = NULL;
    corsac_diagnostics *error = NULL;
    REQUIRE(corsac_engine_new_from_text(&wrong, 0, &made, &error) == CORSAC_STATUS_CONFIG);
    CHECK(corsac_diagnostics_get(error, 0) && !corsac_diagnostics_get(error, SIZE_MAX));
    corsac_diagnostics_text(error, NULL);
    corsac_diagnostics_free(error);

    const corsac_request request = good();
    const corsac_decision *decision = corsac_decide(reader, policy, &request), *copy = NULL;
    char buffer[1024];
    size_t needed = 77;
    CHECK_EQUAL(corsac_decision_copy(NULL, buffer, sizeof buffer, &needed, &copy),
                CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK(!copy && needed == 77);
    CHECK_EQUAL(corsac_decision_copy(decision, buffer, sizeof buffer, NULL, NULL),
                CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK_EQUAL(corsac_decision_copy(decision, NULL, 0, NULL, NULL),
                CORSAC_STATUS_BUFFER_TOO_SMALL);
    CHECK_EQUAL(corsac_decision_copy(decision, NULL, SIZE_MAX, NULL, &copy),
                CORSAC_STATUS_BUFFER_TOO_SMALL);
    CHECK(!copy);

    const corsac_str managed = str("Access-Control-Max-Age"), other = str("x-a"), none = str(NULL);
    CHECK(corsac_is_managed_header(NULL, &managed));
    CHECK(!corsac_is_managed_header(NULL, &other));
    CHECK(!corsac_is_managed_header(decision, NULL));
    CHECK(!corsac_is_managed_header(decision, &none));
    CHECK(corsac_is_managed_header(decision, &managed));
    const corsac_lines lines = {NULL, 3};
    corsac_vary_merge(decision, NULL, NULL);
    corsac_vary_merge(NULL, &lines, &view);
    CHECK_TEXT(view, "");
    corsac_vary_merge(decision, NULL, &view);
    CHECK_TEXT(view, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    corsac_vary_merge(decision, &lines, &view);
    CHECK_TEXT(view, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    check_works();
}

/* Absent and empty are two things, and a length without a place is absent. */
static void lengths(void)
{
    const corsac_str empty = {"", 0}, absent = {NULL, 0};
    corsac_request request = good();
    request.origin = (corsac_lines){&empty, 1};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_ORIGIN_MALFORMED);
    request.origin = (corsac_lines){&absent, 1};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_ORIGIN_MALFORMED);
    request.origin = (corsac_lines){&empty, 0};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_NO_ORIGIN);
    request = good();
    request.method = empty;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->error, CORSAC_STATUS_OK);
    request = good();
    request.request_method = (corsac_lines){&empty, 1};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_METHOD_MALFORMED);
    request = good();
    request.request_headers = (corsac_lines){&empty, 1};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_OK);
    request = good();
    request.host = request.path = absent;
    CHECK_EQUAL(corsac_decide(reader, CORSAC_POLICY_ROUTE, &request)->verdict,
                CORSAC_VERDICT_NO_POLICY);
    check_works();
}

/* The same preflight with all header lines of a request; `lines` has room for six. */
static corsac_request with_headers(corsac_header *lines)
{
    const corsac_header all[] = {
        {str("Host"), str("api.example.com")},
        {str("ORIGIN"), str("https://a.example")},
        {str("user-agent"), str("x\ty")},
        {str("Access-Control-Request-Method"), str("PUT")},
        {str("access-control-request-HEADERS"), str("x-a")},
        {str("Accept"), str("*/*")},
    };
    corsac_request request = CORSAC_REQUEST_INIT;
    memcpy(lines, all, sizeof all);
    request.method = str("OPTIONS");
    request.host = str("api.example.com");
    request.path = str("/");
    request.headers = lines;
    request.headers_len = 6;
    return request;
}

static void check_unreadable(const corsac_request *request)
{
    check_closed(corsac_decide(reader, policy, request), CORSAC_STATUS_INVALID_ARGUMENT);
    check_closed(corsac_decide(reader, CORSAC_POLICY_ROUTE, request),
                 CORSAC_STATUS_INVALID_ARGUMENT);
}

/* What cannot be read is denied with an error wherever it stands, and never taken for a header that is
 * absent or empty: a length without a place, one that no memory has, a place where none can be. */
static void what_cannot_be_read(void)
{
    static const corsac_str line = {"https://a.example", 17};
    static char room[2 * sizeof(corsac_header)];
    const void *const odd = room + ((uintptr_t)room % sizeof(void *) ? 2 : 1);
    const corsac_str views[] = {{NULL, 1}, {NULL, SIZE_MAX}, {"x", SIZE_MAX}, {"x", SIZE_MAX / 2 + 1}};
    const corsac_lines arrays[] = {{NULL, 1},
                                   {NULL, SIZE_MAX},
                                   {&line, SIZE_MAX},
                                   {&line, SIZE_MAX / sizeof line},
                                   {odd, 1}};
    corsac_request request;
    corsac_lines *const places[] = {&request.origin, &request.request_method, &request.request_headers,
                                    &request.request_private_network};
    for (size_t place = 0; place < 4; place++) {
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
            request = good();
            *places[place] = arrays[i];
            check_unreadable(&request);
            CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
        }
        for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
            corsac_str two[2] = {views[i], str("x-a")};
            request = good();
            *places[place] = (corsac_lines){two, 2};
            check_unreadable(&request);
            CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
            two[1] = two[0];
            two[0] = str("x-a");
            check_unreadable(&request);
        }
    }
    corsac_header lines[6];
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        request = good();
        request.method = views[i];
        check_unreadable(&request);
        request = good();
        request.host = views[i];
        check_closed(corsac_decide(reader, CORSAC_POLICY_ROUTE, &request),
                     CORSAC_STATUS_INVALID_ARGUMENT);
        request = good();
        request.path = views[i];
        check_closed(corsac_decide(reader, CORSAC_POLICY_ROUTE, &request),
                     CORSAC_STATUS_INVALID_ARGUMENT);
        for (size_t at = 0; at < 6; at++) {
            request = with_headers(lines);
            lines[at].name = views[i];
            check_unreadable(&request);
            CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
            request = with_headers(lines);
            lines[at].value = views[i];
            check_unreadable(&request);
            CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
        }
        corsac_engine *made = NULL;
        CHECK_EQUAL(corsac_engine_new_from_text(&views[i], 0, &made, NULL),
                    CORSAC_STATUS_INVALID_ARGUMENT);
    }
    const struct {
        const corsac_header *ptr;
        size_t len;
    } headers[] = {{NULL, 1},
                   {NULL, SIZE_MAX},
                   {lines, SIZE_MAX},
                   {lines, SIZE_MAX / sizeof *lines},
                   {odd, 1}};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        request = with_headers(lines);
        request.headers = headers[i].ptr;
        request.headers_len = headers[i].len;
        check_unreadable(&request);
        CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
    }
    check_works();
}

/* All header lines of a request: the library picks those that it needs. */
static void header_lines(void)
{
    corsac_header lines[6];
    corsac_request request = with_headers(lines), same_lines = good();
    corsac_reader *other = reader_of(engine);
    const corsac_policy policies[] = {policy, CORSAC_POLICY_ROUTE};
    for (size_t i = 0; i < 2; i++)
        CHECK(equal_decisions(corsac_decide(reader, policies[i], &request),
                              corsac_decide(other, policies[i], &same_lines)));
    CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_ALLOWED);
    corsac_reader_free(other);

    /* None at all is a request without headers. */
    request.headers_len = 0;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_NO_ORIGIN);
    CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_ABSENT);
    request.headers = NULL;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_NO_ORIGIN);

    /* Together with any of the other lines they contradict each other. */
    const corsac_str one = {"x-a", 3};
    corsac_lines *const places[] = {&request.origin, &request.request_method, &request.request_headers,
                                    &request.request_private_network};
    for (size_t i = 0; i < 4; i++) {
        request = with_headers(lines);
        *places[i] = (corsac_lines){&one, 1};
        check_unreadable(&request);
        CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
        *places[i] = (corsac_lines){NULL, 1};
        check_unreadable(&request);
        *places[i] = (corsac_lines){&one, 0};
        CHECK_EQUAL(corsac_decide(reader, policy, &request)->verdict,
                    CORSAC_VERDICT_PREFLIGHT_ALLOWED);
    }

    /* Names that only begin like one, or have a NUL, are others. */
    request = with_headers(lines);
    lines[1].name = (corsac_str){"origin\0", 7};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_NO_ORIGIN);
    lines[1].name = (corsac_str){"origi\0", 6};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_NO_ORIGIN);
    lines[1].name = (corsac_str){NULL, 0};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_NO_ORIGIN);
    lines[1] = (corsac_header){str("origin"), (corsac_str){"https://a.example\0", 18}};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_ORIGIN_MALFORMED);
    lines[1].value = (corsac_str){NULL, 0};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_ORIGIN_MALFORMED);
    check_works();
}

/* However many lines there are, all of them count: the last one, too. */
static void many_header_lines(void)
{
    enum { LEN = 3000 };
    static corsac_header lines[LEN];
    corsac_request request = with_headers(lines);
    request.headers_len = LEN;
    for (size_t i = 6; i < LEN; i++)
        lines[i] = (corsac_header){str("cookie"), str("a=b")};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_OK);
    const corsac_header requested = {str("Access-Control-Request-Headers"), str("x-a")};
    for (size_t i = 6; i < 13; i++)
        lines[i] = requested;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_OK);
    lines[LEN - 1] = (corsac_header){requested.name, str("x-evil")};
    const corsac_decision *decision = corsac_decide(reader, policy, &request);
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_PREFLIGHT_DENIED);
    CHECK_EQUAL(decision->reason, CORSAC_REASON_HEADER_NOT_ALLOWED);
    /* Seventeen are the budget. */
    for (size_t i = 13; i < 21; i++)
        lines[i] = requested;
    lines[LEN - 1] = requested;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_OK);
    lines[LEN - 2] = requested;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_HEADERS_OVER_BUDGET);
    request = with_headers(lines);
    request.headers_len = LEN;
    lines[LEN - 1] = (corsac_header){str("oRIGIN"), str("https://a.example")};
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_ORIGIN_REPEATED);
    CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
    check_works();
}

/* Every size, in a block that ends where it says. Those that some header had are good, also one that
 * will have more fields if they are all zero; with any other the call is wrong, because a field is cut
 * off, or one that matters is unknown. */
static void sizes(void)
{
    const size_t first = offsetof(corsac_request, headers), last = sizeof(corsac_request);
    const corsac_policy policies[] = {policy, CORSAC_POLICY_ROUTE};
    for (size_t size = 0; size <= last + 64; size++) {
        const corsac_request whole = good();
        size_t block_size = size < sizeof(size_t) ? sizeof(size_t) : size;
        unsigned char *block = calloc(1, block_size);
        REQUIRE(block);
        memcpy(block, &whole, size < last ? size : last);
        memcpy(block, &size, sizeof size);
        const corsac_request *const request = (const corsac_request *)(const void *)block;

        bool possible = size == first || size >= last;
        corsac_reader *other = reader_of(engine);
        for (size_t i = 0; i < 2; i++) {
            const corsac_decision *decision = corsac_decide(reader, policies[i], request);
            if (possible)
                CHECK(equal_decisions(decision, corsac_decide(other, policies[i], &whole)));
            else
                check_closed(decision, CORSAC_STATUS_INVALID_ARGUMENT);
        }
        CHECK_EQUAL(corsac_origin_allowed(reader, policy, request),
                    possible ? CORSAC_ORIGIN_ALLOWED : CORSAC_ORIGIN_NOT_ALLOWED);
        if (size > last) {
            block[size - 1] = 1;
            check_unreadable(request);
            CHECK_EQUAL(corsac_origin_allowed(reader, policy, request), CORSAC_ORIGIN_NOT_ALLOWED);
        }
        corsac_reader_free(other);
        free(block);
    }
    corsac_request request = good();
    request.struct_size = SIZE_MAX;
    check_unreadable(&request);
    /* A request that stands where none can. */
    char odd[sizeof request + 8];
    memcpy(odd + 1, &request, sizeof request);
    size_t shift = (uintptr_t)(odd + 1) % sizeof(void *) ? 1 : 2;
    memmove(odd + shift, &request, sizeof request);
    const void *misaligned = odd + shift;
    check_closed(corsac_decide(reader, policy, misaligned), CORSAC_STATUS_INVALID_ARGUMENT);
    check_works();
}

static void unknown_policies(void)
{
    const corsac_policy ids[] = {CORSAC_POLICY_NONE, policy + 1, 12345, UINT32_MAX, CORSAC_POLICY_ROUTE - 1};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        corsac_request request = good();
        const corsac_decision *decision = corsac_decide(reader, ids[i], &request);
        CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_NO_POLICY);
        CHECK_EQUAL(decision->reason, CORSAC_REASON_NO_POLICY);
        CHECK_EQUAL(decision->error, CORSAC_STATUS_OK);
        CHECK_EQUAL(decision->status, 403);
        CHECK_EQUAL(decision->set_len, 0);
        CHECK_EQUAL(decision->policy, CORSAC_POLICY_NONE);
        request.method = str("GET");
        CHECK_EQUAL(corsac_decide(reader, ids[i], &request)->status, 0);
    }
    check_works();
}

/* The names of policies, and those of one engine in another. */
static void policies_and_names(void)
{
    corsac_policies *list = NULL;
    REQUIRE(corsac_engine_policies(engine, &list) == CORSAC_STATUS_OK);
    CHECK_EQUAL(corsac_policies_len(list), 1);
    CHECK_EQUAL(corsac_policies_get(list, 0)->policy, policy);
    CHECK_TEXT(corsac_policies_get(list, 0)->name, "p");
    CHECK(!corsac_policies_get(list, 1) && !corsac_policies_get(list, SIZE_MAX));
    corsac_policies_free(list);

    corsac_str name = str("before");
    corsac_engine_policy_name(engine, policy, &name);
    CHECK_TEXT(name, "p");
    corsac_engine_policy_name(engine, policy, NULL);
    corsac_engine *const second = engine_of(document);
    corsac_policy of_second = policy_of(second, "p");
    CHECK(of_second != policy);
    const corsac_policy others[] = {CORSAC_POLICY_NONE, CORSAC_POLICY_ROUTE, of_second, policy + 1};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        name = str("before");
        corsac_engine_policy_name(engine, others[i], &name);
        CHECK(!name.ptr);
    }
    name = str("before");
    corsac_engine_policy_name(NULL, policy, &name);
    CHECK(!name.ptr);

    const corsac_request request = good();
    const corsac_decision *decision = corsac_decide(reader, of_second, &request);
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_NO_POLICY);
    CHECK_EQUAL(decision->policy, CORSAC_POLICY_NONE);
    CHECK_EQUAL(corsac_origin_allowed(reader, of_second, &request), CORSAC_ORIGIN_NOT_ALLOWED);
    corsac_engine_free(second);
    CHECK_EQUAL(corsac_decide(reader, of_second, &request)->verdict, CORSAC_VERDICT_NO_POLICY);
    check_works();
}

/* A reload without what is required changes nothing, and says so. */
static void requirements(void)
{
    corsac_engine *const own = engine_of(document);
    const corsac_str p = str("p"), renamed = str("version = 1\n[policy.q]\nallow_origins = []\n");
    corsac_policy id = CORSAC_POLICY_NONE;
    REQUIRE(corsac_engine_require_policy(own, &p, &id) == CORSAC_STATUS_OK);
    CHECK_EQUAL(id, policy_of(own, "p"));
    CHECK_EQUAL(corsac_engine_require_routes(own), CORSAC_STATUS_OK);
    corsac_diagnostics *error = NULL;
    CHECK_EQUAL(corsac_engine_reload_text(own, &renamed, CORSAC_FORMAT_TOML, &error),
                CORSAC_STATUS_CONFIG);
    CHECK_EQUAL(corsac_diagnostics_len(error), 2);
    corsac_str said;
    corsac_diagnostics_text(error, &said);
    CHECK(contains(said, str("error[reload/policy-missing]: there is no policy `p`")));
    CHECK(contains(said, str("error[reload/routes-missing]")));
    corsac_diagnostics_free(error);
    CHECK_EQUAL(corsac_engine_generation(own), 1);
    corsac_text *status = NULL;
    REQUIRE(corsac_engine_status(own, &status) == CORSAC_STATUS_OK);
    corsac_text_view(status, &said);
    CHECK(contains(said, str("reload/policy-missing")));
    corsac_text_free(status);

    corsac_engine_release_policy(own, &p);
    corsac_engine_release_routes(own);
    CHECK_EQUAL(corsac_engine_reload_text(own, &renamed, CORSAC_FORMAT_TOML, NULL),
                CORSAC_STATUS_OK);
    CHECK_EQUAL(corsac_engine_require_routes(own), CORSAC_STATUS_NOT_FOUND);
    CHECK_EQUAL(corsac_engine_require_policy(own, &p, &id), CORSAC_STATUS_NOT_FOUND);
    CHECK_EQUAL(id, CORSAC_POLICY_NONE);
    corsac_engine_policy_name(own, policy_of(own, "p"), &said);
    CHECK_TEXT(said, "p");
    corsac_engine_free(own);
    check_works();
}

static void a_thousand_lines(void)
{
    static corsac_str lines[1000];
    const corsac_lines all = {lines, 1000};
    for (size_t i = 0; i < 1000; i++)
        lines[i] = str("https://a.example");
    corsac_request request = good();
    request.origin = all;
    const corsac_decision *decision = corsac_decide(reader, policy, &request);
    CHECK_EQUAL(decision->reason, CORSAC_REASON_ORIGIN_REPEATED);
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_PREFLIGHT_DENIED);
    CHECK_EQUAL(decision->status, 403);
    CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);

    for (size_t i = 0; i < 1000; i++)
        lines[i] = str("PUT");
    request = good();
    request.request_method = all;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_METHOD_MALFORMED);

    for (size_t i = 0; i < 1000; i++)
        lines[i] = str("x-a");
    request = good();
    request.request_headers = all;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason,
                CORSAC_REASON_HEADERS_OVER_BUDGET);
    /* As many as the budget has: one name that is allowed, and sixteen more. */
    request.request_headers.len = 17;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason, CORSAC_REASON_OK);
    request.request_headers.len = 18;
    CHECK_EQUAL(corsac_decide(reader, policy, &request)->reason,
                CORSAC_REASON_HEADERS_OVER_BUDGET);

    for (size_t i = 0; i < 1000; i++)
        lines[i] = str("true");
    request = good();
    request.request_private_network = all;
    decision = corsac_decide(reader, policy, &request);
    CHECK_EQUAL(decision->error, CORSAC_STATUS_OK);
    CHECK(!header_of(decision, "access-control-allow-private-network").ptr);

    request.origin = request.request_method = request.request_headers = all;
    decision = corsac_decide(reader, policy, &request);
    CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_PREFLIGHT_DENIED);
    CHECK_EQUAL(decision->reason, CORSAC_REASON_ORIGIN_REPEATED);
    CHECK_EQUAL(decision->set_len, 0);

    corsac_str missing;
    corsac_vary_merge(decision, &all, &missing);
    CHECK(missing.len > 0);
    lines[999] = str("accept, *");
    corsac_vary_merge(decision, &all, &missing);
    CHECK_TEXT(missing, "");
    check_works();
}

/* Wrong calls of corsac_apply take away what could allow an origin, and set nothing. */
static void wrong_responses(void)
{
    const corsac_request request = good();
    const corsac_decision *decision = corsac_decide(reader, policy, &request);
    const corsac_status wrong = CORSAC_STATUS_INVALID_ARGUMENT;
    corsac_header lines[] = {{str("Access-Control-Allow-Origin"), str("*")},
                             {str("vary"), str("accept")},
                             {str("x"), str("y")}};
    const corsac_header *set = lines;
    size_t set_len = 77;
    corsac_str vary = str("before");
    bool remove[3] = {false, false, false};

    CHECK_EQUAL(corsac_apply(NULL, lines, 3, remove, &set, &set_len, &vary), wrong);
    CHECK(remove[0] && !remove[1] && !remove[2] && set_len == 0);
    CHECK_TEXT(vary, "Origin");

    const corsac_str unreadable[] = {{NULL, 1}, {"x", SIZE_MAX}};
    for (size_t i = 0; i < 2; i++) {
        for (int place = 0; place < 2; place++) {
            corsac_str *const view = place ? &lines[2].name : &lines[2].value;
            const corsac_str before = *view;
            *view = unreadable[i];
            memset(remove, 0, sizeof remove);
            set_len = 77;
            CHECK_EQUAL(corsac_apply(decision, lines, 3, remove, &set, &set_len, &vary), wrong);
            CHECK(remove[0] && !remove[1] && remove[2] && set_len == 0);
            *view = before;
        }
    }
    memset(remove, 0, sizeof remove);
    set_len = 77;
    CHECK_EQUAL(corsac_apply(decision, NULL, 3, remove, &set, &set_len, &vary), wrong);
    CHECK(remove[0] && remove[1] && remove[2] && set_len == 0);
    set_len = 77;
    CHECK_EQUAL(corsac_apply(decision, lines, SIZE_MAX, remove, &set, &set_len, &vary), wrong);
    CHECK(set_len == 0);
    set_len = 77;
    CHECK_EQUAL(corsac_apply(decision, lines, 3, NULL, &set, &set_len, &vary), wrong);
    CHECK(set_len == 0);
    CHECK_EQUAL(corsac_apply(decision, lines, 3, remove, NULL, &set_len, &vary), wrong);
    CHECK_EQUAL(corsac_apply(decision, lines, 3, remove, &set, NULL, &vary), wrong);
    CHECK_EQUAL(corsac_apply(decision, lines, 3, remove, &set, &set_len, NULL), wrong);
    CHECK_EQUAL(corsac_apply(NULL, NULL, 0, NULL, NULL, NULL, NULL), wrong);
    CHECK(remove[0] && !remove[1] && !remove[2]);

    /* Without any line there are no flags. */
    CHECK_EQUAL(corsac_apply(decision, NULL, 0, NULL, &set, &set_len, &vary), CORSAC_STATUS_OK);
    CHECK(set == decision->set && set_len == decision->set_len);
    CHECK_TEXT(vary, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    check_works();
}

/* Every number up to `known` has a name of its own, and no other has one. */
static void check_names(const char *(*name)(uint32_t), uint32_t known)
{
    for (uint32_t i = 0; i < known; i++) {
        CHECK(name(i)[0] && strcmp(name(i), "unknown"));
        for (uint32_t j = 0; j < i; j++)
            CHECK(strcmp(name(i), name(j)));
    }
    const uint32_t others[] = {known, known + 1, 1000, INT32_MAX, UINT32_MAX};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(strcmp(name(others[i]), "unknown") == 0);
}

static void numbers(void)
{
    check_names(corsac_verdict_name, CORSAC_VERDICT_NO_POLICY + 1);
    check_names(corsac_reason_name, CORSAC_REASON_INTERNAL + 1);
    check_names(corsac_error_name, CORSAC_STATUS_THREAD + 1);
    CHECK(corsac_abi_is_compatible(CORSAC_ABI_VERSION));
    CHECK_EQUAL(corsac_abi_version(), CORSAC_ABI_VERSION);
    CHECK(!corsac_abi_is_compatible(CORSAC_ABI_VERSION + 1));
    CHECK(!corsac_abi_is_compatible(CORSAC_ABI_VERSION + 0x10000));
    CHECK(!corsac_abi_is_compatible(CORSAC_ABI_VERSION - 0x10000));
    CHECK(!corsac_abi_is_compatible(0));
    CHECK(!corsac_abi_is_compatible(UINT32_MAX));
    CHECK(corsac_version()[0]);
    CHECK_TEXT(str(corsac_version()), CORSAC_VERSION_STRING);
    char version[64];
    snprintf(version, sizeof version, "%d.%d.%d", CORSAC_VERSION_MAJOR, CORSAC_VERSION_MINOR,
             CORSAC_VERSION_PATCH);
    CHECK(strncmp(version, CORSAC_VERSION_STRING, strlen(version)) == 0);
    corsac_stats *stats = NULL;
    REQUIRE(corsac_engine_stats(engine, &stats) == CORSAC_STATUS_OK);
    CHECK(corsac_stats_count(stats, CORSAC_VERDICT_PREFLIGHT_ALLOWED, CORSAC_REASON_OK) > 0);
    CHECK_EQUAL(corsac_stats_count(stats, UINT32_MAX, 0), 0);
    CHECK_EQUAL(corsac_stats_count(stats, 0, UINT32_MAX), 0);
    CHECK_EQUAL(corsac_stats_count(stats, 7, 16), 0);
    CHECK_EQUAL(corsac_stats_readers(stats), 1);
    corsac_stats_free(stats);
}

int main(void)
{
    engine = engine_of(document);
    reader = reader_of(engine);
    policy = policy_of(engine, "p");
    check_works();
    null_where_a_decision_is_made();
    null_where_an_engine_is_asked();
    errors_may_be_left_out();
    null_where_results_are_read();
    lengths();
    what_cannot_be_read();
    header_lines();
    many_header_lines();
    sizes();
    unknown_policies();
    policies_and_names();
    requirements();
    a_thousand_lines();
    wrong_responses();
    numbers();
    check_works();
    corsac_reader_free(reader);
    corsac_engine_free(engine);
    return checks_done();
}
