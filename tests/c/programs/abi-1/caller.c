/* A program as it was when the interface was new: it is compiled with the header beside it, which
 * is never changed, and runs with the library of today. It calls every function that there was. */
#include "corsac.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        exit(1);
    }
}

#define REQUIRE(condition) require((condition), #condition)

static corsac_str str(const char *text)
{
    corsac_str view;
    view.ptr = text;
    view.len = strlen(text);
    return view;
}

static int is(corsac_str view, const char *text)
{
    return view.ptr && view.len == strlen(text) && memcmp(view.ptr, text, view.len) == 0;
}

static const char document[] = "version = 1\n"
                               "[[route]]\n"
                               "host = \"api.example.com\"\n"
                               "policy = \"p\"\n"
                               "[policy.p]\n"
                               "allow_origins = [\"https://a.example\", \"https://*.b.example\"]\n"
                               "allow_methods = [\"PUT\"]\n"
                               "allow_headers = [\"x-a\"]\n"
                               "max_age = 600\n";

static void check_preflight(const corsac_decision *decision, corsac_policy policy, uint64_t generation)
{
    REQUIRE(decision->verdict == CORSAC_VERDICT_PREFLIGHT_ALLOWED);
    REQUIRE(decision->reason == CORSAC_REASON_OK);
    REQUIRE(decision->failed == 0);
    REQUIRE(decision->status == 204);
    REQUIRE(decision->vary == (CORSAC_VARY_ORIGIN | CORSAC_VARY_REQUEST_METHOD |
                               CORSAC_VARY_REQUEST_HEADERS));
    REQUIRE(decision->upstream == CORSAC_UPSTREAM_REPLACE);
    REQUIRE(decision->policy == policy);
    REQUIRE(decision->grant == 0);
    REQUIRE(decision->generation == generation);
    REQUIRE(decision->error == CORSAC_STATUS_OK);
    REQUIRE(decision->set_len == 4);
    REQUIRE(is(decision->rule, "https://a.example"));
    for (size_t i = 0; i < decision->set_len; i++) {
        const corsac_header *header = &decision->set[i];
        const char *value = is(header->name, "access-control-allow-origin")    ? "https://a.example"
                            : is(header->name, "access-control-allow-methods") ? "PUT"
                            : is(header->name, "access-control-allow-headers") ? "x-a"
                            : is(header->name, "access-control-max-age")       ? "600"
                                                                               : "";
        REQUIRE(is(header->value, value));
        REQUIRE(corsac_is_managed_header(decision, &header->name));
    }
}

int main(void)
{
    REQUIRE(corsac_abi_is_compatible(CORSAC_ABI_VERSION));
    REQUIRE(corsac_abi_version() >= CORSAC_ABI_VERSION);
    REQUIRE(corsac_version()[0] != 0);

    corsac_engine *engine = NULL;
    corsac_diagnostics *error = NULL;
    const corsac_str text = str(document), wrong = str("version = 1\n[policy.p]\nallow_origins = [\"https://a.example/\"]\n");
    REQUIRE(corsac_engine_new_from_text(&wrong, CORSAC_FORMAT_TOML, &engine, &error) ==
            CORSAC_STATUS_CONFIG);
    REQUIRE(corsac_diagnostics_len(error) >= 1);
    const corsac_diagnostic *const diagnostic = corsac_diagnostics_get(error, 0);
    REQUIRE(diagnostic != NULL);
    REQUIRE(diagnostic->end_line == 3 && diagnostic->end_column == 38 &&
            is(diagnostic->marked, "\"https://a.example/\"") && diagnostic->excerpt.len == 38);
    REQUIRE(diagnostic->severity == CORSAC_SEVERITY_ERROR && diagnostic->line == 3 &&
            diagnostic->column == 18 && diagnostic->code.len > 0 && diagnostic->message.len > 0);
    corsac_str said;
    corsac_diagnostics_text(error, &said);
    REQUIRE(said.len > 0);
    corsac_diagnostics_free(error);

    REQUIRE(corsac_engine_new_from_text(&text, CORSAC_FORMAT_TOML, &engine, NULL) ==
            CORSAC_STATUS_OK);
    corsac_reader *reader = NULL;
    REQUIRE(corsac_reader_new(engine, &reader) == CORSAC_STATUS_OK);
    corsac_policy policy = CORSAC_POLICY_NONE;
    const corsac_str name = str("p");
    REQUIRE(corsac_engine_find_policy(engine, &name, &policy) == CORSAC_STATUS_OK);

    const corsac_str origin = str("https://a.example"), method = str("PUT"), names = str("X-A");
    corsac_request request = CORSAC_REQUEST_INIT;
    request.method = str("OPTIONS");
    request.origin.ptr = &origin;
    request.origin.len = 1;
    request.request_method.ptr = &method;
    request.request_method.len = 1;
    request.request_headers.ptr = &names;
    request.request_headers.len = 1;
    check_preflight(corsac_decide(reader, policy, &request), policy, 1);
    request.host = str("api.example.com");
    request.path = str("/");
    const corsac_decision *decision = corsac_decide(reader, CORSAC_POLICY_ROUTE, &request);
    check_preflight(decision, policy, 1);

    size_t needed = 0;
    const corsac_decision *copy = NULL;
    REQUIRE(corsac_decision_copy(decision, NULL, 0, &needed, &copy) ==
            CORSAC_STATUS_BUFFER_TOO_SMALL);
    void *buffer = malloc(needed);
    REQUIRE(buffer != NULL);
    REQUIRE(corsac_decision_copy(decision, buffer, needed, NULL, &copy) == CORSAC_STATUS_OK);
    REQUIRE(corsac_origin_allowed(reader, policy, &request) == CORSAC_ORIGIN_ALLOWED);
    check_preflight(copy, policy, 1);
    const corsac_str accept = str("accept, Origin");
    const corsac_lines vary = {&accept, 1};
    corsac_str missing;
    corsac_vary_merge(copy, &vary, &missing);
    REQUIRE(is(missing, "Access-Control-Request-Method, Access-Control-Request-Headers"));
    REQUIRE(strcmp(corsac_verdict_name(copy->verdict), "preflight-allowed") == 0);
    REQUIRE(strcmp(corsac_reason_name(copy->reason), "ok") == 0);
    REQUIRE(strcmp(corsac_error_name(copy->error), "ok") == 0);
    free(buffer);

    const corsac_str json = str("{\"version\": 1, \"policy\": {\"p\": {\"allow_origins\": [\"https://c.example\"]}}}");
    REQUIRE(corsac_engine_reload_text(engine, &json, CORSAC_FORMAT_JSON, NULL) == CORSAC_STATUS_OK);
    REQUIRE(corsac_engine_generation(engine) == 2);
    REQUIRE(corsac_decide(reader, policy, &request)->verdict == CORSAC_VERDICT_PREFLIGHT_DENIED);
    REQUIRE(corsac_engine_reload_text(engine, &text, CORSAC_FORMAT_TOML, NULL) == CORSAC_STATUS_OK);
    check_preflight(corsac_decide(reader, policy, &request), policy, 3);

    REQUIRE(!corsac_engine_changed(engine));
    corsac_poll poll = CORSAC_POLL_REFUSED;
    REQUIRE(corsac_engine_poll(engine, &poll, NULL) == CORSAC_STATUS_OK);
    REQUIRE(poll == CORSAC_POLL_UNCHANGED);
    const corsac_str nowhere = str("/nowhere/corsac.toml");
    REQUIRE(corsac_engine_reload_file(engine, &nowhere, NULL) == CORSAC_STATUS_CONFIG);
    corsac_engine *other = NULL;
    REQUIRE(corsac_engine_new_from_file(&nowhere, &other, NULL) == CORSAC_STATUS_CONFIG);
    REQUIRE(corsac_engine_watch(engine) == CORSAC_STATUS_OK);
    corsac_engine_unwatch(engine);

    corsac_diagnostics *warnings = NULL;
    REQUIRE(corsac_engine_warnings(engine, &warnings) == CORSAC_STATUS_OK);
    corsac_diagnostics_free(warnings);
    corsac_text *status = NULL;
    REQUIRE(corsac_engine_status(engine, &status) == CORSAC_STATUS_OK);
    corsac_text_view(status, &said);
    REQUIRE(said.len > 0 && said.ptr[0] == '{');
    corsac_text_free(status);
    corsac_stats *stats = NULL;
    REQUIRE(corsac_engine_stats(engine, &stats) == CORSAC_STATUS_OK);
    REQUIRE(corsac_stats_total(stats) == 4);
    REQUIRE(corsac_stats_count(stats, CORSAC_VERDICT_PREFLIGHT_ALLOWED, CORSAC_REASON_OK) == 3);
    REQUIRE(corsac_stats_readers(stats) == 1);
    REQUIRE(corsac_stats_retired(stats) == 0);
    corsac_stats_free(stats);

    corsac_reader_release(reader);
    corsac_reader_free(reader);
    corsac_engine_free(engine);
    puts("an old caller runs");
    return 0;
}
