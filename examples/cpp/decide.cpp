// A starting point: decides requests as a proxy does, and prints the head of each response.
//
//   decide DOCUMENT POLICY      reads requests from standard input, one per line:
//                               METHOD ORIGIN [REQUEST-METHOD [REQUEST-HEADERS]]
#include <corsac.hpp>
#include <iostream>
#include <sstream>
#include <string>

// The upstream's response to every request that is forwarded.
static constexpr corsac::Header upstream[] = {
    {"content-type", "application/json"}, {"vary", "accept-encoding"}, {"access-control-allow-origin", "*"}};

// Call it from a timer, or before each request as here: it costs a few calls of stat if nothing changed.
static void reload(const corsac::Engine& engine) {
    if (!engine.changed()) return;
    const auto poll = engine.poll();
    if (!poll) std::cerr << "not reloaded, the last good policies stay in use:\n" << poll.error().text() << "\n";
    if (*poll == corsac::Poll::reloaded) std::cerr << "reloaded\n";
}

static void respond(const corsac::Decision& decision) {
    bool kept = false;
    corsac::Lines vary;
    std::cout << decision.status().value_or(200) << ' ' << name(decision.verdict()) << ' ' << name(decision.reason())
              << '\n';
    if (!decision.status()) {
        for (const auto& [name, value] : upstream) {
            if (decision.upstream() == corsac::Upstream::replace && decision.is_managed(name)) continue;
            // With `keep`, any access-control-* header of the upstream means that ours are not set.
            kept = kept || corsac::is_access_control(name);
            if (name == "vary") vary.add(value);
            std::cout << name << ": " << value << '\n';
        }
    }
    if (!kept) {
        for (const auto [name, value] : decision.set()) std::cout << name << ": " << value << '\n';
    }
    if (const auto missing = decision.vary_missing(vary); !missing.empty()) std::cout << "vary: " << missing << '\n';
    std::cout << std::endl;
}

int main(int argc, char** argv) {
    if (argc != 3) return std::cerr << "usage: decide DOCUMENT POLICY\n", 2;
    if (!corsac::is_compatible()) return std::cerr << "another libcorsac is needed\n", 2;
    const auto engine = corsac::Engine::from_file(argv[1]);
    if (!engine) return std::cerr << argv[1] << ":\n" << engine.error().text() << "\n", 2;
    const corsac::Policy policy = engine->require(argv[2]);
    if (!policy) return std::cerr << argv[2] << ": no such policy\n", 2;
    corsac::Reader reader = engine->reader();

    for (std::string line, method, origin, request_method, request_headers; std::getline(std::cin, line);) {
        std::istringstream words(line);
        words >> method;
        corsac::Request request(method);
        if (words >> origin) request.origin(origin);
        if (words >> request_method) request.request_method(request_method);
        if (words >> request_headers) request.request_headers(request_headers);
        reload(*engine);
        respond(reader.decide(policy, request));
    }
}
