// Every form of passing a request and of applying a decision that compiles, with strings of their own blocks on
// the heap, all read again after the decision. For AddressSanitizer and memcheck.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <corsac.hpp>

namespace {

unsigned long made, failed;

void check(bool holds, const char* what, int line) {
    made++;
    if (holds) return;
    failed++;
    std::fprintf(stderr, "views.cpp:%d: does not hold: %s\n", line, what);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

constexpr const char document[] = R"(version = 1
[[route]]
host = "api.example.com"
policy = "replace"
[policy.replace]
allow_origins = ["https://a.example", "https://*.b.example"]
allow_methods = ["PUT"]
allow_headers = ["x-a"]
timing_allow_origin = ["*"]
[policy.keep]
allow_origins = ["https://a.example"]
upstream = "keep"
)";

/* Longer than strings that need no block of their own. */
const std::string wild = "https://a-name-that-is-long.b.example";

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Map = std::multimap<std::string, std::string>;

Pairs preflight() {
    return {{"Host", "api.example.com"},
            {"ORIGIN", wild},
            {"Access-Control-Request-Method", "PUT"},
            {"Access-Control-Request-Headers", "x-a"}};
}

std::string allowed(const corsac::Decision& decision) {
    for (const auto [name, value] : decision.set()) {
        if (name == "access-control-allow-origin") return std::string(value);
    }
    return {};
}

void all_headers(const corsac::Engine& engine) {
    corsac::Reader reader = engine.reader();
    const corsac::Policy policy = engine.find_policy("replace");
    const Pairs pairs = preflight();
    const Map map(pairs.begin(), pairs.end());
    const std::unordered_multimap<std::string, std::string> unordered(pairs.begin(), pairs.end());
    const std::vector<corsac::Header> views(1, corsac::Header{pairs[1].first, pairs[1].second});
    const std::string method = "OPTIONS";

    CHECK(allowed(reader.decide(policy, corsac::Request(method).headers(pairs))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request(method).headers(map))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request(method).headers(unordered))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request("GET").headers(views))) == wild);
    corsac::Request by_line(method);
    for (const auto& [name, value] : pairs) by_line.header(name, value);
    CHECK(reader.decide(policy, by_line).verdict() == corsac::Verdict::preflight_allowed);
    CHECK(reader.origin_allowed(policy, by_line) == corsac::OriginAnswer::allowed);
    const std::string host = "api.example.com", path = "/v1";
    by_line.host(host).path(path);
    CHECK(reader.decide(corsac::Policy::by_route, by_line).policy() == policy);

    // However many there are; a ninth line of a header counts, and a second Origin behind hundreds of others.
    Pairs many = pairs;
    for (int i = 0; i < 7; i++) many.emplace_back("access-control-request-headers", "x-a");
    CHECK(reader.decide(policy, corsac::Request(method).headers(many)).reason() == corsac::Reason::ok);
    many.emplace_back("access-control-request-headers", "x-evil");
    CHECK(reader.decide(policy, corsac::Request(method).headers(many)).reason()
          == corsac::Reason::header_not_allowed);
    many.resize(pairs.size());
    for (int i = 0; i < 500; i++) many.emplace_back("cookie", "a=" + std::to_string(i));
    CHECK(reader.decide(policy, corsac::Request(method).headers(many)).reason() == corsac::Reason::ok);
    many.emplace_back("origin", "https://a.example");
    CHECK(reader.decide(policy, corsac::Request(method).headers(many)).reason()
          == corsac::Reason::origin_repeated);

    // Both ways at once contradict each other.
    const corsac::Decision both = reader.decide(policy, corsac::Request(method).headers(pairs).origin(wild));
    CHECK(both.verdict() == corsac::Verdict::denied && both.error() == corsac::Status::invalid_argument);
}

void by_name(const corsac::Engine& engine) {
    corsac::Reader reader = engine.reader();
    const corsac::Policy policy = engine.find_policy("replace");
    const std::unique_ptr<std::string> origin(new std::string(wild));
    const std::string_view view = *origin;
    const char* const pointer = origin->c_str();
    const char* const none = nullptr;
    const char array[] = "https://a.example";

    CHECK(allowed(reader.decide(policy, corsac::Request("GET").origin(*origin))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request("GET").origin(view))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request("GET").origin(view.substr(0)))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request("GET").origin(pointer))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request("GET").origin({pointer, wild.size()}))) == wild);
    CHECK(allowed(reader.decide(policy, corsac::Request("GET").origin(array))) == array);
    CHECK(allowed(reader.decide(policy, corsac::Request("GET").origin("https://a.example"))) == array);
    // A null pointer is no line; an empty view is one.
    CHECK(reader.decide(policy, corsac::Request("GET").origin(none)).verdict() == corsac::Verdict::not_cors);
    CHECK(reader.decide(policy, corsac::Request("GET").header("origin", none)).verdict()
          == corsac::Verdict::not_cors);
    CHECK(reader.decide(policy, corsac::Request("GET").origin("")).reason() == corsac::Reason::origin_malformed);
    CHECK(reader.decide(policy, corsac::Request("GET").origin({})).reason() == corsac::Reason::origin_malformed);
    CHECK(reader.decide(policy, corsac::Request(none).origin("x")).error() == corsac::Status::invalid_argument);
}

/* A decision that is kept, when the request and the reader are gone. */
void copies(const corsac::Engine& engine) {
    corsac::OwnedDecision kept;
    {
        corsac::Reader reader = engine.reader();
        const Pairs pairs = preflight();
        kept = reader.decide(engine.find_policy("replace"), corsac::Request("OPTIONS").headers(pairs)).copy();
    }
    CHECK(allowed(kept) == wild && kept.rule() == "https://*.b.example");
    Map response;
    kept.apply_to(response);
    CHECK(response.find("access-control-allow-origin")->second == wild);
}

void responses(const corsac::Engine& engine) {
    corsac::Reader reader = engine.reader();
    const corsac::Decision decision =
        reader.decide(engine.find_policy("replace"), corsac::Request("GET").origin("https://a.example"));
    Map response = {{"Access-Control-Allow-Origin", "*"}, {"Vary", "accept-encoding"}, {"Timing-Allow-Origin", "x"},
                    {"content-type", "application/json"}, {"access-control-expose-headers", "x-b"}};
    const corsac::HeaderLines lines(response);
    const corsac::Changes changes = decision.apply(lines);
    std::size_t at = 0, removed = 0;
    for (const auto& line : response) {
        const bool stays = line.first == "Vary" || line.first == "content-type";
        CHECK(changes.removes(at) != stays);
        removed += changes.removes(at++);
    }
    CHECK(removed == 3 && changes.removes(response.size()) && changes.vary() == "Origin");
    CHECK(changes.set().size() == 2 && changes.set()[0].value == "https://a.example");

    decision.apply_to(response);
    CHECK(response.size() == 5 && response.count("access-control-allow-origin") == 1);
    CHECK(response.find("timing-allow-origin")->second == "*" && response.count("vary") == 1);
    const Map once = response;
    decision.apply_to(response);
    CHECK(response == once);

    corsac::Reader another = engine.reader();
    const corsac::Decision keep =
        another.decide(engine.find_policy("keep"), corsac::Request("GET").origin("https://a.example"));
    Map own = {{"Access-Control-Allow-Origin", "*"}};
    keep.apply_to(own);
    CHECK(own.size() == 2 && own.find("vary")->second == "Origin");
    Map none;
    keep.apply_to(none);
    CHECK(none.size() == 2 && none.count("access-control-allow-origin") == 1);

    // More lines than are stored without allocating.
    Map many;
    for (int i = 0; i < 1000; i++) many.emplace("access-control-" + std::to_string(i), "x");
    decision.apply_to(many);
    CHECK(many.size() == 3);
    // A denial without a decision takes everything away.
    Map granted = {{"access-control-allow-origin", "*"}, {"x", "y"}};
    corsac::Decision().apply_to(granted);
    CHECK(granted.size() == 2 && granted.count("x") == 1 && granted.find("vary")->second == "Origin");
}

}  // namespace

int main() {
    const auto engine = corsac::Engine::from_text(document);
    CHECK(engine && engine.error().text() == "ok");
    if (!engine) return 1;
    all_headers(*engine);
    by_name(*engine);
    copies(*engine);
    responses(*engine);
    std::printf("%lu checks, %lu failed\n", made, failed);
    return failed != 0;
}
