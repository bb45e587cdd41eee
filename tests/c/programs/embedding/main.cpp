// Runs the C++ snippets of docs/embedding.md.
#include <corsac.hpp>

#include <map>
#include <string>
#include <vector>

#include "snippets.inc"

static int check(corsac::Reader& reader, corsac::Policy policy) {
    const Headers app = {{"Origin", "https://app.example.com"}, {"origin", "https://app.example.com"}};
    const Headers one = {{"origin", "https://app.example.com"}};
    const Headers evil = {{"origin", "https://evil.example"}};
    const Headers preflight = {{"Origin", "https://app.example.com"}, {"Access-Control-Request-Method", "GET"}};
    if (!allows(reader, policy, one) || allows(reader, policy, evil) || allows(reader, policy, {})) return 3;

    Headers response;
    if (before(reader, policy, "GET", app, response) || !response.empty()) return 4;
    if (before(reader, policy, "OPTIONS", preflight, response) != 204u) return 5;
    if (response.count("access-control-allow-origin") != 1 || response.count("vary") != 1) return 6;

    std::vector<Line> lines = {{"Access-Control-Allow-Origin", "*"}, {"content-type", "text/plain"}};
    const std::string origin = "https://app.example.com";
    after(reader.decide(policy, corsac::Request("GET").origin(origin)), lines);
    if (lines.size() != 3 || lines[0].name != "content-type" || lines[1].value != origin) return 7;
    return lines[2].value == "Origin" ? 0 : 8;
}

int main() {
    const auto engine = corsac::Engine::from_text(
        "version = 1\n[policy.api]\nallow_origins = [\"https://app.example.com\"]\n");
    if (!engine) return 1;
    corsac::Reader reader = engine->reader();
    const corsac::Policy policy = engine->require("api");
    return policy ? check(reader, policy) : 2;
}
