/* Against a library that panics where it is asked to: the panic ends at the interface, the request
 * is denied, and the reader works afterwards. */
#include "check.h"

int main(void)
{
    corsac_engine *engine = engine_of("version = 1\n"
                                      "[policy.p]\n"
                                      "allow_origins = [\"https://a.example\"]\n");
    corsac_reader *reader = reader_of(engine);
    const corsac_policy policy = policy_of(engine, "p");
    const corsac_str origin = str("https://a.example");
    corsac_request request = CORSAC_REQUEST_INIT;
    request.origin.ptr = &origin;
    request.origin.len = 1;
    for (int i = 0; i < 100; i++) {
        request.method = str("GET");
        const corsac_decision *decision = corsac_decide(reader, policy, &request);
        CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_ALLOWED);
        CHECK_EQUAL(decision->error, CORSAC_STATUS_OK);
        CHECK_TEXT(header_of(decision, "access-control-allow-origin"), "https://a.example");

        request.method = str("CORSAC-PANIC");
        decision = corsac_decide(reader, policy, &request);
        CHECK_EQUAL(decision->error, CORSAC_STATUS_PANIC);
        CHECK_EQUAL(decision->verdict, CORSAC_VERDICT_DENIED);
        CHECK_EQUAL(decision->reason, CORSAC_REASON_INTERNAL);
        CHECK_EQUAL(decision->upstream, CORSAC_UPSTREAM_REPLACE);
        CHECK_EQUAL(decision->set_len, 0);
        CHECK_EQUAL(decision->policy, CORSAC_POLICY_NONE);
        CHECK(!decision->rule.ptr);
        const corsac_str managed = str("access-control-allow-origin");
        CHECK(corsac_is_managed_header(decision, &managed));
    }
    corsac_stats *stats = NULL;
    REQUIRE(corsac_engine_stats(engine, &stats) == CORSAC_STATUS_OK);
    CHECK_EQUAL(corsac_stats_total(stats), 100);
    corsac_stats_free(stats);
    corsac_reader_free(reader);
    corsac_engine_free(engine);
    return checks_done();
}
