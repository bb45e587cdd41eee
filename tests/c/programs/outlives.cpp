// Views that outlive what they refer to, in ways that no overload can refuse: each function draws a warning of
// compilers that know `lifetimebound`.
#include <corsac.hpp>
#include <string>

std::string_view of_a_status(const corsac::Engine& engine) {
    const corsac::Text status = engine.status();
    return status.view();
}

std::string_view of_warnings(const corsac::Engine& engine) {
    const corsac::Diagnostics warnings = engine.warnings();
    return warnings.text();
}

std::string_view of_a_copy(const corsac::Decision& decision) {
    const corsac::OwnedDecision copy = decision.copy();
    return copy.rule();
}

corsac::Headers of_headers(const corsac::Decision& decision) {
    const corsac::OwnedDecision copy = decision.copy();
    return copy.set();
}

corsac::Decision of_a_reader(const corsac::Engine& engine) {
    corsac::Reader reader = engine.reader();
    return reader.decide(corsac::Policy::by_route, corsac::Request("GET"));
}

corsac::Kept of_a_string(const std::string& text) {
    const std::string copy = text;
    return corsac::Kept(copy);
}
