// Each line with the mark `refused` would leave a view of something that is gone, and must not compile; the line
// above it does the same with something that stays, and must. Compiled with REFUSED, and without.
#include <corsac.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

#ifdef REFUSED
#define refused(statement) statement
#else
#define refused(statement)
#endif

using Map = std::multimap<std::string, std::string>;

std::string make();
const std::string make_const();
Map make_map();
const std::vector<std::pair<std::string, std::string>> make_pairs();
corsac::Engine make_engine();
extern std::string kept;
extern const std::string kept_const;
extern const char* pointer;
extern Map map;
extern bool condition;

/** A string of one's own: it owns, and converts to a view. */
struct Own {
    std::string text;
    operator std::string_view() const { return text; }
};
Own make_own();
extern Own own;

/** A container that makes its elements when it is read. */
template <class Text>
struct Makes {
    struct Iterator {
        std::pair<Text, Text> operator*() const;
        Iterator& operator++();
        bool operator!=(const Iterator&) const;
    };
    Iterator begin() const;
    Iterator end() const;
};
extern Makes<std::string> strings;
extern Makes<std::string_view> views;

void method() {
    corsac::Request a{kept};
    refused(corsac::Request b{make()};)
    corsac::Request c{kept_const};
    refused(corsac::Request d{make_const()};)
    corsac::Request e{"GET"};
    refused(corsac::Request f{std::string("GET")};)
    corsac::Request g{pointer};
    refused(corsac::Request h{make().c_str()};)
    corsac::Request i{own};
    refused(corsac::Request j{make_own()};)
    corsac::Request k{std::string_view(kept)};
    refused(corsac::Request l{nullptr};)
}

void lines(corsac::Request& request) {
    request.origin(kept);
    refused(request.origin(make());)
    request.origin(map.begin()->second);
    refused(request.origin(make_map().begin()->second + "");)
    request.origin(condition ? kept : kept_const);
    refused(request.origin(condition ? kept : "");)
    request.origin(pointer);
    refused(request.origin(make().c_str());)
    request.origin(kept);
    refused(request.origin(std::move(kept));)
    request.origin({pointer, 3});
    refused(request.origin(make_own());)
    request.request_method(kept);
    refused(request.request_method(make());)
    request.request_headers(kept);
    refused(request.request_headers(make());)
    request.request_private_network(kept);
    refused(request.request_private_network(make());)
    request.host(kept);
    refused(request.host(make());)
    request.path(kept);
    refused(request.path(make());)
    request.path(kept.substr().empty() ? kept : kept_const);
    refused(request.path(kept.substr(0, kept.find('?')));)
    request.path(std::string_view(kept).substr(0, kept.find('?')));
    refused(request.path(kept + "/");)
    request.header("origin", kept);
    refused(request.header("origin", make());)
    request.header(kept, "x");
    refused(request.header(make(), "x");)
    request.headers(map);
    refused(request.headers(make_map());)
    request.headers(std::as_const(map));
    refused(request.headers(make_pairs());)
    request.headers(map);
    refused(request.headers(std::move(map));)
    request.headers(views);
    refused(request.headers(strings);)
}

void containers() {
    corsac::Lines vary;
    vary.add(kept);
    refused(vary.add(make());)
    corsac::HeaderLines all;
    all.add("vary", kept);
    refused(all.add("vary", make());)
    all.add_all(map);
    refused(all.add_all(make_map());)
    corsac::HeaderLines whole(map);
    refused(corsac::HeaderLines gone(make_map());)
}

void handles(const corsac::Engine& engine) {
    corsac::Reader reader = engine.reader();
    corsac::Request request("GET");
    const corsac::Decision decision = reader.decide(corsac::Policy::by_route, request);
    refused(const corsac::Decision gone = engine.reader().decide(corsac::Policy::by_route, request);)
    const corsac::OwnedDecision copy = decision.copy();
    refused(const corsac::Decision view = decision.copy();)
    (void)copy.set();
    refused((void)decision.copy().set();)
    (void)copy.rule();
    refused((void)decision.copy().rule();)
    (void)copy.raw();
    refused((void)decision.copy().raw();)
    corsac::HeaderLines none;
    (void)copy.apply(none).set();
    refused((void)decision.copy().apply(none).set();)
    const corsac::Text status = engine.status();
    (void)status.view();
    refused((void)engine.status().view();)
    const corsac::Diagnostics warnings = engine.warnings();
    (void)warnings.text();
    refused((void)engine.warnings().text();)
    (void)warnings[0];
    refused((void)engine.warnings()[0];)
    const corsac::Policies policies = engine.policies();
    (void)policies[0].name;
    refused((void)engine.policies()[0].name;)
    (void)engine.policy_name(policies[0].policy);
    refused((void)make_engine().policy_name(policies[0].policy);)
    const corsac::Error error = engine.reload();
    (void)error.text();
    refused((void)engine.reload().text();)
    (void)error.diagnostics().text();
    refused((void)engine.reload().diagnostics().text();)
    const auto diagnostics = engine.reload().diagnostics();
    const auto made = corsac::Engine::from_file(kept);
    (void)made.error().text();
    refused((void)corsac::Engine::from_file(kept).error().text();)
    const auto reason = corsac::Engine::from_file(kept).error();
    // What is read during the call may be a temporary.
    (void)corsac::Engine::from_file(make());
    (void)engine.find_policy(make());
    (void)decision.is_managed(make());
    (void)decision.vary_missing(make());
    (void)corsac::is_access_control(make());
}
