// The wrapper from one translation unit: loads, requests, decisions.
#include "wrapper.h"

#include <iterator>
#include <type_traits>

using corsac::Engine;
using corsac::Policy;
using corsac::Reader;
using corsac::Request;

template <class T>
constexpr bool is_move_only = std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>
                              && !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
static_assert(is_move_only<Engine> && is_move_only<Reader> && is_move_only<corsac::Diagnostics>);
static_assert(is_move_only<corsac::Stats> && is_move_only<corsac::Text> && is_move_only<corsac::OwnedDecision>);
static_assert(is_move_only<corsac::Error> && is_move_only<corsac::Result<Engine>>);
static_assert(std::is_trivially_copyable_v<corsac::Decision>);
// A view of a copy that nobody keeps is refused; a view of one that somebody keeps is not.
static_assert(!std::is_constructible_v<corsac::Decision, corsac::OwnedDecision>);
static_assert(std::is_constructible_v<corsac::Decision, corsac::OwnedDecision&>);
static_assert(!std::is_move_constructible_v<Request> && !std::is_copy_constructible_v<Request>);
static_assert(noexcept(std::declval<Reader&>().decide(Policy{}, std::declval<const Request&>())));
#if __cplusplus >= 202002L
static_assert(std::input_iterator<decltype(std::declval<corsac::Headers>().begin())>);
#endif

static void loads_say_what_is_wrong() {
    const auto refused = Engine::from_text("version = 1\n[policy.api]\nallow_origins = [\"https://a.example/\", \"x\"]\n");
    CHECK(!refused && !*refused && refused.error().status() == corsac::Status::config);
    const corsac::Diagnostics& all = refused.error().diagnostics();
    CHECK(all.size() == 2 && !all.empty() && std::distance(all.begin(), all.end()) == 2);
    CHECK(all[0].code == "origin/trailing-slash" && all[0].severity == corsac::Severity::error);
    CHECK(all[0].line == 3 && all[0].column == 18 && all[0].policy == "api" && !all[0].help.empty());
    CHECK(all[2].code.empty());
    CHECK(refused.error().text().find("origin/trailing-slash") != std::string_view::npos);

    const auto missing = Engine::from_file("/nonexistent/policy.toml");
    CHECK(!missing && missing.error().diagnostics()[0].code == "document/unreadable");
    CHECK(Engine::from_text(R"({"version": 1, "policy": {"a": {"allow_origins": []}}})", corsac::Format::json));
    CHECK(!Engine::from_text(document, corsac::Format::json));

    // What a document names comes along.
    const std::string_view naming =
        "version = 1\n[policy.api]\nallow_origins = [{ file = \"a.txt\" }, { env = \"CORSAC_TEST_ROWS\" }]\n";
    const corsac_named lists[] = {corsac::named("a.txt", "https://a.example\n")};
    const corsac_named variables[] = {corsac::named("CORSAC_TEST_ROWS", "https://b.example")};
    CHECK(!Engine::from_text(naming));
    CHECK(!Engine::from_text(naming, lists));
    const auto given = Engine::from_text(naming, lists, variables);
    CHECK(given);
    CHECK((*given).reload_text(naming, lists).status() == corsac::Status::ok);
    CHECK((*given).reload_text(naming).status() == corsac::Status::config);
    CHECK(!Engine::from_file("/nowhere/policy.toml", variables));
    CHECK(Engine::from_text({}).error().status() == corsac::Status::config);

    const Engine engine = an_engine();
    CHECK(!engine.find_policy("web") && engine.find_policy("api") && engine.find_policy("open"));
    CHECK(engine.find_policy("web") == Policy::none && Policy::by_route && !Policy());
    CHECK(engine.policy_name(engine.find_policy("open")) == "open" && engine.policy_name(Policy::by_route).empty());
    for (const corsac::PolicyEntry& entry : engine.policies()) {
        CHECK(entry.policy == engine.find_policy(entry.name) && engine.require(entry.name) == entry.policy);
    }
    CHECK(engine.policies().size() == 2 && !engine.require("web"));
    CHECK(engine.reload_text("version = 1\n[policy.other]\nallow_origins = []\n").status() == corsac::Status::config);
    engine.release("api");
    engine.release("open");
    CHECK(engine.reload_text("version = 2").status() == corsac::Status::config && engine.generation() == 1);
    CHECK(!engine.reload_text(document) && !engine.changed());
    CHECK(*engine.poll() == corsac::Poll::unchanged);
    CHECK(engine.reload_file("/nonexistent/policy.toml"));
    const auto warnings = engine.warnings();
    CHECK(!warnings.empty() && warnings[0].severity != corsac::Severity::error);
    const auto status = engine.status();
    CHECK(status.view().find("\"generation\":1") != std::string_view::npos);
}

static void decisions_say_all_that_they_know() {
    const Engine engine = an_engine();
    Reader reader = engine.reader();
    const Policy api = engine.find_policy("api");

    auto decision = reader.decide(api, Request("GET").origin(app));
    CHECK(decision.verdict() == corsac::Verdict::allowed && decision.reason() == corsac::Reason::ok);
    CHECK(name(decision.verdict()) == "allowed" && !decision.status() && decision.policy() == api);
    CHECK(decision.grant() == 0u && decision.rule() == app && decision.generation() == 1);
    CHECK(decision.upstream() == corsac::Upstream::replace && decision.error() == corsac::Status::ok);
    CHECK(decision.set().size() == 3 && decision.set()[0].name == "access-control-allow-origin");
    std::size_t count = 0;
    for (const auto [name, value] : decision.set()) count += !name.empty() && !value.empty();
    CHECK(count == 3);
    CHECK(decision.is_managed("Access-Control-Max-Age") && decision.is_managed("timing-allow-origin"));
    CHECK(!decision.is_managed("content-type") && !decision.is_managed({}));
    CHECK(corsac::is_access_control("access-control-x") && !corsac::is_access_control("timing-allow-origin"));
    CHECK(decision.vary_missing() == "Origin" && decision.vary_missing("accept, origin").empty());
    CHECK(decision.vary_missing("*").empty());
    corsac::Lines vary;
    CHECK(vary.add("accept") && vary.add({}) && vary.add("Origin") && decision.vary_missing(vary).empty());
    vary.clear();
    CHECK(decision.vary_missing(vary) == "Origin");

    decision = reader.decide(api, Request("OPTIONS").origin("https://evil.example").request_method("PATCH"));
    CHECK(decision.verdict() == corsac::Verdict::preflight_denied && decision.status() == 403u);
    CHECK(decision.failed(corsac::Check::origin) && decision.failed(corsac::Check::method));
    CHECK(!decision.failed(corsac::Check::headers) && !decision.grant() && decision.rule().empty());

    // An empty line is a line; a view of nothing, handed in, is an empty one.
    CHECK(reader.decide(api, Request("GET").origin({})).reason() == corsac::Reason::origin_malformed);
    CHECK(reader.decide(api, Request({}).origin(app)).error() == corsac::Status::ok);
    CHECK(reader.decide(api, Request("GET")).verdict() == corsac::Verdict::not_cors);
    CHECK(reader.decide(api, Request("GET").origin(app).origin(app)).reason() == corsac::Reason::origin_repeated);
    decision = reader.decide(Policy(), Request("GET").origin(app));
    CHECK(decision.verdict() == corsac::Verdict::no_policy && !decision.policy());

    decision = reader.decide(Policy::by_route, Request("GET").origin(app).host("api.example.com").path("/v1/x"));
    CHECK(decision.verdict() == corsac::Verdict::allowed && decision.policy() == api);
    decision = reader.decide(Policy::by_route, Request("GET").origin(app).host("api.example.com").path("/v1/../x"));
    CHECK(decision.reason() == corsac::Reason::path_ambiguous);
    decision = reader.decide(Policy::by_route, Request("GET").origin(app).host("example.com").path("/v1"));
    CHECK(decision.reason() == corsac::Reason::no_policy);
    CHECK(reader.decide(engine.find_policy("open"), Request("GET")).upstream() == corsac::Upstream::keep);

    CHECK(reader.origin_allowed(api, Request("GET").origin(app)) == corsac::OriginAnswer::allowed);
    CHECK(reader.origin_allowed(api, Request("GET").origin("null")) == corsac::OriginAnswer::not_allowed);
    CHECK(reader.origin_allowed(api, Request("GET")) == corsac::OriginAnswer::absent);

    const auto stats = engine.stats();
    CHECK(stats.total() >= 8 && stats.readers() == 1 && stats.retired() == 0);
    CHECK(stats.count(corsac::Verdict::denied, corsac::Reason::origin_repeated) == 1);
}

static void requests_can_have_many_lines() {
    const Engine engine = an_engine();
    Reader reader = engine.reader();
    const Policy api = engine.find_policy("api");
    for (const int lines : {1, 4, 5, 8, 9, 18, 19, 1000}) {
        Request request("OPTIONS");
        request.origin(app).request_method("PUT").request_private_network("true");
        for (int line = 0; line < lines; line++) request.request_headers(line % 2 == 0 ? "x-a" : "x-b");
        CHECK(request.raw().request_headers.len == static_cast<std::size_t>(lines));
        const auto decision = reader.decide(api, request);
        // The names that are allowed, and 16.
        CHECK(decision.reason() == (lines <= 18 ? corsac::Reason::ok : corsac::Reason::headers_over_budget));
    }
}

int main() {
    CHECK(corsac::is_compatible() && corsac::version() == corsac_version());
    CHECK(name(corsac::Reason::path_ambiguous) == "path-ambiguous" && name(corsac::Status::thread) == "thread");
    loads_say_what_is_wrong();
    decisions_say_all_that_they_know();
    requests_can_have_many_lines();
    handles_can_be_moved();
    copies_outlive_their_reader();
    std::puts("ok");
}
