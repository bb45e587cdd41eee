/* A case of the corpus as a server hands it to the library. */
#ifndef CORSAC_TESTS_REQUEST_H
#define CORSAC_TESTS_REQUEST_H

#include "check.h"
#include "table.h"

struct case_request {
    corsac_request request;
    /* The same with all header lines, of which the library picks those that it needs. */
    corsac_request with_headers;
    /* CORSAC_POLICY_ROUTE, or the id of the case's policy. */
    corsac_policy policy;
    corsac_str *lines[4];
};

static inline corsac_lines *lines_of(corsac_request *request, size_t index)
{
    corsac_lines *const places[] = {&request->origin, &request->request_method,
                                    &request->request_headers, &request->request_private_network};
    return places[index];
}

static inline void case_request_init(struct case_request *made, const struct table_case *entry,
                                     const corsac_engine *engine)
{
    static const char *const names[] = {"origin", "access-control-request-method",
                                        "access-control-request-headers",
                                        "access-control-request-private-network"};
    corsac_request request = CORSAC_REQUEST_INIT;
    for (size_t i = 0; i < 4; i++) {
        made->lines[i] = calloc(entry->headers_len + 1, sizeof(corsac_str));
        REQUIRE(made->lines[i]);
        corsac_lines *const place = lines_of(&request, i);
        *place = table_lines(entry, names[i], made->lines[i]);
        /* Exactly as long as it says, so that memcheck sees what lies behind. */
        if (place->len > 0) {
            made->lines[i] = realloc(made->lines[i], place->len * sizeof(corsac_str));
            REQUIRE(made->lines[i]);
            place->ptr = made->lines[i];
        }
    }
    request.method = entry->method;
    made->policy = CORSAC_POLICY_ROUTE;
    if (entry->policy.ptr) {
        CHECK_EQUAL(corsac_engine_find_policy(engine, &entry->policy, &made->policy),
                    CORSAC_STATUS_OK);
    } else {
        request.host = entry->host;
        request.path = entry->path;
    }
    made->request = made->with_headers = request;
    for (size_t i = 0; i < 4; i++)
        *lines_of(&made->with_headers, i) = (corsac_lines){NULL, 0};
    made->with_headers.headers = entry->headers;
    made->with_headers.headers_len = entry->headers_len;
}

static inline void case_request_free(struct case_request *made)
{
    for (size_t i = 0; i < 4; i++)
        free(made->lines[i]);
}

/* Decides, and asks all that a server asks of a decision. Returns: the decision. */
static inline const corsac_decision *decide_and_use(corsac_reader *reader,
                                                    const struct case_request *made)
{
    static const corsac_lines none = {NULL, 0};
    char buffer[4096];
    const corsac_decision *copy = NULL;
    REQUIRE(corsac_origin_allowed(reader, made->policy, &made->request) <= CORSAC_ORIGIN_ABSENT);
    REQUIRE(corsac_decide(reader, made->policy, &made->with_headers));
    const corsac_decision *decision = corsac_decide(reader, made->policy, &made->request);
    REQUIRE(corsac_decision_copy(decision, buffer, sizeof buffer, NULL, &copy) <=
            CORSAC_STATUS_BUFFER_TOO_SMALL);
    corsac_str missing;
    bool remove[1];
    const corsac_header star = {str("access-control-allow-origin"), str("*")}, *set = NULL;
    size_t set_len = 0;
    corsac_apply(decision, &star, 1, remove, &set, &set_len, &missing);
    corsac_vary_merge(decision, &none, &missing);
    corsac_is_managed_header(decision, &missing);
    corsac_verdict_name(decision->verdict);
    corsac_reason_name(decision->reason);
    return decision;
}

#endif
