// Runs the C++ snippets of docs/embedding.md.
#include <corsac.hpp>

#include "snippets.inc"

int main() {
    const auto engine = corsac::Engine::from_text(
        "version = 1\n[policy.api]\nallow_origins = [\"https://app.example.com\"]\n");
    if (!engine) return 1;
    corsac::Reader reader = engine->reader();
    const corsac::Policy policy = engine->require("api");
    if (!policy || !allows(reader, policy, "https://app.example.com")) return 2;
    return allows(reader, policy, "https://evil.example") ? 3 : 0;
}
