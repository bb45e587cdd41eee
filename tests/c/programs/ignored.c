/* A host that ignores every status, and takes what it is left with: nothing is allowed by mistake. */
#include "check.h"

/* The compiler would say so. */
#pragma GCC diagnostic ignored "-Wunused-result"

static const char one[] = "version = 1\n[policy.api]\nallow_origins = [\"https://a.example\"]\n";
static const char routed[] = "version = 1\n[policy.api]\nallow_origins = [\"*\"]\n"
                             "[[route]]\npath = \"/\"\npolicy = \"api\"\n";

/* Whatever stood in memory before. */
static void *garbage;

static void check_denied(corsac_verdict verdict)
{
    CHECK(verdict == CORSAC_VERDICT_DENIED || verdict == CORSAC_VERDICT_PREFLIGHT_DENIED ||
          verdict == CORSAC_VERDICT_NO_POLICY);
}

/* Asks by all that can be asked, in every form, and is refused. */
static void check_refused(const corsac_engine *engine, corsac_reader *reader, corsac_policy policy)
{
    static const corsac_str origin = {"https://a.example", 17}, method = {"GET", 3};
    static const corsac_header lines[] = {{{"Origin", 6}, {"https://a.example", 17}},
                                          {{"Access-Control-Request-Method", 29}, {"GET", 3}}};
    for (int form = 0; form < 4; form++) {
        corsac_request request = CORSAC_REQUEST_INIT;
        request.method = str(form % 2 ? "OPTIONS" : "GET");
        request.host = str("api.example.com");
        request.path = str("/");
        if (form < 2) {
            request.origin = (corsac_lines){&origin, 1};
            request.request_method = (corsac_lines){&method, form % 2};
        } else {
            request.headers = lines;
            request.headers_len = 1 + form % 2;
        }
        check_denied(corsac_decide(reader, policy, &request)->verdict);
        check_denied(corsac_engine_decide(engine, policy, &request)->verdict);
        CHECK_EQUAL(corsac_origin_allowed(reader, policy, &request), CORSAC_ORIGIN_NOT_ALLOWED);
        CHECK_EQUAL(corsac_engine_origin_allowed(engine, policy, &request),
                    CORSAC_ORIGIN_NOT_ALLOWED);
    }
}

/* A server's start, of which nothing is checked. */
static void start(const char *document, const char *name, const corsac_engine *also)
{
    corsac_engine *engine = garbage;
    corsac_diagnostics *error = garbage;
    corsac_reader *reader = garbage;
    corsac_policy found = (corsac_policy)-7, required = (corsac_policy)-7, elsewhere = 1;
    const corsac_str text = str(document), view = str(name), right = str("api");
    corsac_engine_new_from_text(&text, CORSAC_FORMAT_TOML, &engine, &error);
    corsac_reader_new(engine, &reader);
    corsac_engine_find_policy(engine, &view, &found);
    corsac_engine_require_policy(engine, &view, &required);
    corsac_engine_find_policy(also, &right, &elsewhere);
    check_refused(engine, reader, found);
    check_refused(engine, reader, required);
    check_refused(engine, reader, elsewhere);
    check_refused(engine, reader, CORSAC_POLICY_NONE);
    check_refused(NULL, NULL, elsewhere);
    check_refused(NULL, NULL, CORSAC_POLICY_ROUTE);
    corsac_diagnostics_free(error);
    corsac_reader_free(reader);
    corsac_engine_free(engine);
}

/* Everything that can be asked of an engine that there is not. */
static void ask_nothing(void)
{
    corsac_engine *engine = garbage;
    corsac_diagnostics *error = garbage, *warnings = garbage;
    corsac_text *status = garbage;
    corsac_stats *stats = garbage;
    corsac_policies *policies = garbage;
    corsac_poll poll;
    const corsac_decision *copy = garbage;
    const corsac_str nowhere = str("/nowhere/policy.toml");
    corsac_engine_new_from_file(&nowhere, &engine, NULL);
    corsac_engine_require_routes(engine);
    corsac_engine_reload_file(engine, NULL, &error);
    corsac_diagnostics_free(error);
    corsac_engine_reload_text(engine, &nowhere, 0, &error);
    corsac_diagnostics_free(error);
    corsac_engine_poll(engine, &poll, &error);
    corsac_diagnostics_free(error);
    corsac_engine_warnings(engine, &warnings);
    corsac_diagnostics_free(warnings);
    corsac_engine_status(engine, &status);
    corsac_text_free(status);
    corsac_engine_stats(engine, &stats);
    corsac_stats_free(stats);
    corsac_engine_policies(engine, &policies);
    corsac_policies_free(policies);
    corsac_engine_watch(engine);
    corsac_engine_unwatch(engine);
    corsac_decision_copy(NULL, NULL, 0, NULL, &copy);
    CHECK(!copy);
    check_refused(engine, NULL, CORSAC_POLICY_ROUTE);
    corsac_engine_free(engine);
}

int main(void)
{
    garbage = &garbage;
    corsac_engine *const other = engine_of(one);
    static const char *const documents[] = {one, routed, "version = 2", "", NULL};
    static const char *const names[] = {"apy", "", "route", "API", "a\xff", NULL};
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            start(documents[i], names[j], other);
    ask_nothing();
    corsac_engine_free(other);
    return checks_done();
}
