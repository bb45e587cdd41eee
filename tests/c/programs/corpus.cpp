/* The whole corpus through the C++ wrapper: what corpus.c does, in the words of corsac.hpp. What is
 * expected comes from the table alone.
 *
 * corpus TABLE */
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <corsac.hpp>

#include "table.h"

namespace {

unsigned long made, failed;

std::string_view view(const corsac_str& text) { return {text.ptr, text.len}; }

std::string shown(std::string_view text) {
    return text.data() ? std::string(text.substr(0, 300)) : "(none)";
}

/* Views are equal if their bytes are, and absence is not emptiness. */
void compare(std::string_view place, const char* field, std::string_view found, std::string_view expected) {
    made++;
    if (found == expected && (found.data() == nullptr) == (expected.data() == nullptr)) return;
    if (failed++ > 40) return;
    std::fprintf(stderr, "%s: %s: expected `%s`, not `%s`\n", shown(place).c_str(), field,
                 shown(expected).c_str(), shown(found).c_str());
}

void compare(std::string_view place, const char* field, unsigned long long found, unsigned long long expected) {
    compare(place, field, std::string_view(std::to_string(found)), std::string_view(std::to_string(expected)));
}

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::exit(1);
}

std::string failed_names(const corsac::Decision& decision) {
    using corsac::Check;
    std::string names;
    const std::pair<Check, const char*> checks[] = {{Check::origin, "origin"},
                                                    {Check::method, "method"},
                                                    {Check::headers, "headers"},
                                                    {Check::private_network, "private-network"}};
    for (const auto& [check, name] : checks) {
        if (decision.failed(check)) names += names.empty() ? name : std::string(", ") + name;
    }
    return names;
}

std::string_view upstream_name(corsac::Upstream upstream) {
    switch (upstream) {
        case corsac::Upstream::replace: return "replace";
        case corsac::Upstream::keep: return "keep";
    }
    return "unknown";
}

std::string_view severity_name(corsac::Severity severity) {
    switch (severity) {
        case corsac::Severity::error: return "error";
        case corsac::Severity::warning: return "warning";
        case corsac::Severity::note: return "note";
    }
    return "unknown";
}

void compare_decision(const table_case& entry, const corsac::Decision& decision,
                      corsac::Policy policy) {
    const table_expected& expected = entry.expected;
    const std::string_view place = view(entry.name);
    compare(place, "verdict", name(decision.verdict()), view(expected.verdict));
    compare(place, "reason", name(decision.reason()), view(expected.reason));
    compare(place, "failed", failed_names(decision), view(expected.failed));
    compare(place, "status", decision.status().value_or(0), expected.status);
    compare(place, "vary", decision.vary_missing(), view(expected.vary));
    compare(place, "upstream", upstream_name(decision.upstream()), view(expected.upstream));
    compare(place, "policy", decision.policy() == policy, true);
    compare(place, "grant", decision.grant().value_or(CORSAC_GRANT_NONE), expected.grant);
    compare(place, "generation", decision.generation(), 1);
    compare(place, "error", name(decision.error()), "ok");
    compare(place, "rule", decision.rule(), view(expected.rule));
    compare(place, "set", decision.set().size(), expected.set_len);
    std::size_t at = 0;
    for (const corsac::Header header : decision.set()) {
        if (at == expected.set_len) break;
        compare(place, "the name of a header", header.name, view(expected.set[at].name));
        compare(place, "the value of a header", header.value, view(expected.set[at].value));
        at++;
    }
}

void run_case(const table_case& entry, const corsac::Engine& engine, corsac::Reader& reader) {
    corsac::Request request(view(entry.method));
    std::vector<corsac_str> room(entry.headers_len + 1);
    const auto lines = [&](const char* name, auto add) {
        const corsac_lines found = table_lines(&entry, name, room.data());
        for (std::size_t i = 0; i < found.len; i++) add(view(found.ptr[i]));
    };
    lines("origin", [&](std::string_view line) { request.origin(line); });
    lines("access-control-request-method", [&](std::string_view line) { request.request_method(line); });
    lines("access-control-request-headers", [&](std::string_view line) { request.request_headers(line); });
    lines("access-control-request-private-network",
          [&](std::string_view line) { request.request_private_network(line); });
    corsac::Policy policy = corsac::Policy::by_route;
    if (entry.policy.ptr) {
        policy = engine.find_policy(view(entry.policy));
        require(static_cast<bool>(policy), "the policy has an id");
    } else {
        request.host(view(entry.host)).path(view(entry.path));
    }
    corsac::Policy deciding;
    if (entry.expected.policy.ptr) deciding = engine.find_policy(view(entry.expected.policy));

    const corsac::Decision decision = reader.decide(policy, request);
    compare_decision(entry, decision, deciding);
    corsac::OwnedDecision copy = decision.copy();
    reader.release();
    const corsac::OwnedDecision moved = std::move(copy);
    compare_decision(entry, moved, deciding);
}

std::size_t run_document(const table_document& document) {
    auto engine = corsac::Engine::from_text(view(document.text));
    compare(view(document.name), "is accepted", engine.error().text(), "ok");
    if (!engine) return 0;
    corsac::Reader reader = engine->reader();
    for (std::size_t i = 0; i < document.cases_len; i++) run_case(document.cases[i], *engine, reader);
    compare(view(document.name), "the sum of decisions", engine->stats().total(), document.cases_len);
    return document.cases_len;
}

/* The wrapper has no absence in diagnostics: what is absent is empty. */
bool is_expected(const corsac::Diagnostic& found, const table_diagnostic& expected, std::string_view document) {
    const bool in_file = found.file == (expected.file.ptr ? view(expected.file) : document) ||
                         (!expected.file.ptr && expected.line == 0 && found.file.empty());
    return in_file && found.code == view(expected.code) &&
           severity_name(found.severity) == view(expected.severity) && found.policy == view(expected.policy) &&
           found.line == expected.line && found.column == expected.column;
}

void compare_diagnostics(const table_load& load, std::string_view document, const corsac::Diagnostics& found) {
    const std::string_view place = view(load.name);
    compare(place, "the number of diagnostics", found.size(), load.diagnostics_len);
    std::vector<bool> met(load.diagnostics_len);
    std::size_t first = 0;
    for (const corsac::Diagnostic diagnostic : found) {
        std::size_t at = first;
        while (at < met.size() && (met[at] || !is_expected(diagnostic, load.diagnostics[at], document))) at++;
        compare(place, "a diagnostic that is expected", at < met.size() ? "" : diagnostic.message, "");
        if (at == met.size()) continue;
        met[at] = true;
        while (first < met.size() && met[first]) first++;
        const std::string text = std::string(diagnostic.message) + " " + std::string(diagnostic.help);
        for (std::size_t i = 0; i < load.diagnostics[at].says_len; i++) {
            const std::string_view says = view(load.diagnostics[at].says[i]);
            compare(place, "says", text.find(says) == std::string::npos ? std::string_view(text) : says, says);
        }
    }
    compare(place, "a text", found.text().empty(), found.empty());
}

void compare_load(const table_load& load, std::string_view document, const corsac::Result<corsac::Engine>& engine) {
    compare(view(load.name), "status", name(engine.error().status()), load.accepted ? "ok" : "config");
    if (engine) {
        compare_diagnostics(load, document, engine->warnings());
    } else {
        compare_diagnostics(load, document, engine.error().diagnostics());
    }
}

void run_load(const table_load& load) {
    compare_load(load, view(load.path), corsac::Engine::from_file(view(load.path)));
    // Every list of the corpus is below its document's folder.
    compare_load(load, view(load.path), corsac::Engine::from_file_restricted(view(load.path)));
    if (load.text.ptr) {
        const auto format = static_cast<corsac::Format>(load.format);
        compare_load(load, "document", corsac::Engine::from_text(view(load.text), format));
    }
}

}  // namespace

int main(int argc, char** argv) {
    require(argc == 2, "there is a table");
    table* const table = table_read(argv[1]);
    std::size_t cases = 0;
    for (std::size_t i = 0; i < table->documents_len; i++) cases += run_document(table->documents[i]);
    for (std::size_t i = 0; i < table->loads_len; i++) run_load(table->loads[i]);
    std::printf("%zu cases, %zu loads\n%lu checks, %lu failed\n", cases, table->loads_len, made, failed);
    table_free(table);
    return failed != 0;
}
