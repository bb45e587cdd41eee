/* The whole corpus through the C interface: each decision field by field, each load by all of its
 * diagnostics. What is expected comes from the table alone.
 *
 * corpus TABLE */
#include "request.h"

/* The names of the bits that are set, in their order. */
static const char *bits(uint32_t set, const char *const *names, size_t len, char *text)
{
    text[0] = '\0';
    for (size_t i = 0; i < len; i++) {
        if (!(set & (UINT32_C(1) << i)))
            continue;
        if (text[0])
            strcat(text, ", ");
        strcat(text, names[i]);
        set &= ~(UINT32_C(1) << i);
    }
    return set ? "bits that have no name" : text;
}

static const char *failed_names(uint32_t failed, char *text)
{
    static const char *const names[] = {"origin", "method", "headers", "private-network"};
    return bits(failed, names, 4, text);
}

static const char *vary_names(uint32_t vary, char *text)
{
    static const char *const names[] = {"Origin", "Access-Control-Request-Method",
                                        "Access-Control-Request-Headers",
                                        "Access-Control-Request-Private-Network"};
    return bits(vary, names, 4, text);
}

static const char *upstream_name(uint32_t upstream)
{
    return upstream == CORSAC_UPSTREAM_REPLACE ? "replace"
           : upstream == CORSAC_UPSTREAM_KEEP  ? "keep"
                                               : "unknown";
}

/* Where a comparison stands, for its message. */
struct place {
    corsac_str name;
    const char *binding;
};

static void differ(const struct place *place, const char *field, corsac_str found,
                   corsac_str expected)
{
    if (check(same(found, expected), field, "corpus", 0))
        return;
    if (checks_failed > 40)
        return;
    fprintf(stderr, "%.*s, %s: %s: expected `%.*s`, not `%.*s`\n", (int)place->name.len,
            place->name.ptr, place->binding, field, (int)(expected.len > 300 ? 300 : expected.len),
            expected.ptr ? expected.ptr : "(none)", (int)(found.len > 300 ? 300 : found.len),
            found.ptr ? found.ptr : "(none)");
}

static void differ_number(const struct place *place, const char *field, unsigned long long found,
                          unsigned long long expected)
{
    char a[32], b[32];
    snprintf(a, sizeof a, "%llu", found);
    snprintf(b, sizeof b, "%llu", expected);
    differ(place, field, str(a), str(b));
}

static void compare(const struct table_case *entry, const char *binding,
                    const corsac_decision *decision, corsac_policy policy)
{
    const struct table_expected *expected = &entry->expected;
    const struct place place = {entry->name, binding};
    char text[256];
    differ(&place, "verdict", str(corsac_verdict_name(decision->verdict)), expected->verdict);
    differ(&place, "reason", str(corsac_reason_name(decision->reason)), expected->reason);
    differ(&place, "failed", str(failed_names(decision->failed, text)), expected->failed);
    differ_number(&place, "status", decision->status, expected->status);
    differ(&place, "vary", str(vary_names(decision->vary, text)), expected->vary);
    differ(&place, "upstream", str(upstream_name(decision->upstream)), expected->upstream);
    differ_number(&place, "policy", decision->policy, policy);
    differ_number(&place, "grant", decision->grant, expected->grant);
    differ_number(&place, "generation", decision->generation, 1);
    differ_number(&place, "error", decision->error, CORSAC_STATUS_OK);
    differ(&place, "rule", decision->rule, expected->rule);
    differ_number(&place, "set_len", decision->set_len, expected->set_len);
    for (size_t i = 0; i < decision->set_len && i < expected->set_len; i++) {
        differ(&place, "the name of a header", decision->set[i].name, expected->set[i].name);
        differ(&place, "the value of a header", decision->set[i].value, expected->set[i].value);
    }
}

static bool is_to_be_managed(corsac_str name)
{
    static const char prefix[] = "access-control-";
    return same(name, str("timing-allow-origin")) ||
           (name.len > sizeof prefix && memcmp(name.ptr, prefix, sizeof prefix - 1) == 0);
}

/* What a binding needs beside the decision: that it knows which headers are managed, and that nothing
 * of `vary` is missing once it was merged. */
static void check_response(const corsac_decision *decision)
{
    for (size_t i = 0; i < decision->set_len; i++) {
        const corsac_str *name = &decision->set[i].name;
        CHECK_EQUAL(corsac_is_managed_header(decision, name), is_to_be_managed(*name));
    }
    const corsac_lines none = {NULL, 0};
    corsac_str missing;
    char text[256];
    corsac_vary_merge(decision, &none, &missing);
    CHECK_TEXT(missing, vary_names(decision->vary, text));
    const corsac_lines merged = {&missing, 1};
    corsac_str more;
    corsac_vary_merge(decision, &merged, &more);
    CHECK_TEXT(more, "");
}

/* The lines of an upstream: of corsac's kind, of `vary`, and of others. */
static const char *const upstream_lines[][2] = {
    {"Access-Control-Allow-Origin", "*"}, {"vary", "accept"},        {"content-type", "text/plain"},
    {"TIMING-ALLOW-ORIGIN", "*"},         {"Cache-Control", "private"}, {"access-control-max-age", "5"},
    {"Vary", "x, ORIGIN"},                {"access-control", "x"},   {"set-cookie", "a=b"}};

/* What is to be done with a response, from the corpus alone, for many sets of these lines. */
static void check_applied(const struct table_case *entry, const corsac_decision *decision)
{
    enum { LINES = sizeof upstream_lines / sizeof *upstream_lines };
    const struct table_expected *const expected = &entry->expected;
    const struct place place = {entry->name, "applied"};
    for (unsigned chosen = 0; chosen < 1u << LINES; chosen += 1 + chosen % 29) {
        corsac_header lines[LINES];
        size_t len = 0;
        bool has_cors = false, has_origin = false;
        for (size_t i = 0; i < LINES; i++) {
            if (!(chosen & (1u << i)))
                continue;
            lines[len++] = (corsac_header){str(upstream_lines[i][0]), str(upstream_lines[i][1])};
            has_cors = has_cors || i == 0 || i == 5;
            has_origin = has_origin || i == 6;
        }
        const bool keeps = same(expected->upstream, str("keep")) && expected->status == 0 && has_cors;
        bool remove[LINES];
        const corsac_header *set = NULL;
        size_t set_len = 0;
        corsac_str vary;
        CHECK_EQUAL(corsac_apply(decision, lines, len, remove, &set, &set_len, &vary), CORSAC_STATUS_OK);
        differ_number(&place, "the number of headers to set", set_len, keeps ? 0 : expected->set_len);
        for (size_t i = 0; i < set_len; i++)
            differ(&place, "the value of a header", set[i].value, expected->set[i].value);
        for (size_t i = 0, at = 0; i < LINES; i++) {
            if (!(chosen & (1u << i)))
                continue;
            bool goes = i == 0 || i == 5 || (i == 3 && decision->manages_timing);
            for (size_t j = 0; j < expected->set_len; j++)
                goes = goes || (i == 3 && same(expected->set[j].name, str("timing-allow-origin"))) ||
                       (i == 4 && same(expected->set[j].name, str("cache-control")));
            differ_number(&place, upstream_lines[i][0], remove[at++], goes && !keeps);
        }
        char text[256];
        const bool names_origin = decision->vary & CORSAC_VARY_ORIGIN && !has_origin;
        differ(&place, "vary", vary,
               str(vary_names((decision->vary & ~CORSAC_VARY_ORIGIN) | (names_origin ? CORSAC_VARY_ORIGIN : 0), text)));
    }
}

static void run_case(const struct table_case *entry, const corsac_engine *engine,
                     corsac_reader *reader)
{
    struct case_request made;
    case_request_init(&made, entry, engine);
    corsac_policy policy = CORSAC_POLICY_NONE;
    if (entry->expected.policy.ptr)
        CHECK_EQUAL(corsac_engine_find_policy(engine, &entry->expected.policy, &policy),
                    CORSAC_STATUS_OK);

    const corsac_decision *decision = corsac_decide(reader, made.policy, &made.request);
    compare(entry, "decided", decision, policy);
    check_response(decision);
    check_applied(entry, decision);
    decision = corsac_decide(reader, made.policy, &made.with_headers);
    compare(entry, "decided by all headers", decision, policy);

    size_t needed = 0;
    const corsac_decision *copy = NULL;
    CHECK_EQUAL(corsac_decision_copy(decision, NULL, 0, &needed, &copy),
                CORSAC_STATUS_BUFFER_TOO_SMALL);
    void *buffer = malloc(needed);
    REQUIRE(buffer);
    REQUIRE(corsac_decision_copy(decision, buffer, needed, NULL, &copy) == CORSAC_STATUS_OK);
    /* The copy has nothing that the request or the reader could take away. */
    case_request_free(&made);
    corsac_reader_release(reader);
    compare(entry, "copied", copy, policy);
    free(buffer);
}

static size_t run_document(const struct table_document *document)
{
    corsac_engine *engine = NULL;
    corsac_status status =
        corsac_engine_new_from_text(&document->text, CORSAC_FORMAT_TOML, &engine, NULL);
    const struct place place = {document->name, "loaded"};
    differ(&place, "status", str(corsac_error_name(status)), str("ok"));
    if (status)
        return 0;
    corsac_reader *reader = reader_of(engine);
    for (size_t i = 0; i < document->cases_len; i++)
        run_case(&document->cases[i], engine, reader);
    corsac_stats *stats = NULL;
    REQUIRE(corsac_engine_stats(engine, &stats) == CORSAC_STATUS_OK);
    differ_number(&place, "the sum of decisions", corsac_stats_total(stats),
                  2 * document->cases_len);
    corsac_stats_free(stats);
    corsac_reader_free(reader);
    corsac_engine_free(engine);
    return document->cases_len;
}

static const char *severity_name(uint32_t severity)
{
    return severity == CORSAC_SEVERITY_ERROR     ? "error"
           : severity == CORSAC_SEVERITY_WARNING ? "warning"
           : severity == CORSAC_SEVERITY_NOTE    ? "note"
                                                 : "unknown";
}

/* `document` is what the library calls the document itself. Without a place there may be no file. */
static bool is_expected(const corsac_diagnostic *found, const struct table_diagnostic *expected,
                        corsac_str document)
{
    corsac_str file = expected->file.ptr ? expected->file : document;
    bool in_file = same(found->file, file) ||
                   (!expected->file.ptr && expected->line == 0 && !found->file.ptr);
    return in_file && same(found->code, expected->code) &&
           same(str(severity_name(found->severity)), expected->severity) &&
           same(found->policy, expected->policy) && found->line == expected->line &&
           found->column == expected->column;
}

/* The end is not before the start, and what is marked is part of the line. */
static void check_span(const corsac_diagnostic *found)
{
    CHECK((found->line == 0) == (found->end_line == 0) && (found->line == 0) == (found->column == 0));
    CHECK(found->end_line > found->line ||
          (found->end_line == found->line && found->end_column >= found->column));
    CHECK(!found->excerpt.ptr == !found->marked.ptr && (found->line != 0 || !found->excerpt.ptr));
    if (found->excerpt.ptr)
        CHECK(found->marked.ptr >= found->excerpt.ptr &&
              found->marked.ptr + found->marked.len <= found->excerpt.ptr + found->excerpt.len);
}

static void compare_diagnostics(const struct table_load *load, const char *binding,
                                corsac_str document, const corsac_diagnostics *diagnostics)
{
    const struct place place = {load->name, binding};
    size_t len = corsac_diagnostics_len(diagnostics);
    differ_number(&place, "the number of diagnostics", len, load->diagnostics_len);
    bool *met = calloc(load->diagnostics_len + 1, sizeof *met);
    REQUIRE(met);
    corsac_str said;
    corsac_diagnostics_text(diagnostics, &said);
    /* All that stand before `first` are met. `last` is the one with a place that was met last. */
    size_t first = 0, last = 0;
    for (size_t i = 0; i < len; i++) {
        const corsac_diagnostic *const entry = corsac_diagnostics_get(diagnostics, i);
        REQUIRE(entry);
        const corsac_diagnostic found = *entry;
        check_span(&found);
        size_t at = first;
        while (at < load->diagnostics_len &&
               (met[at] || !is_expected(&found, &load->diagnostics[at], document)))
            at++;
        if (!CHECK(at < load->diagnostics_len)) {
            fprintf(stderr, "%.*s, %s: not expected: %.*s %u:%u: %.*s\n", (int)load->name.len,
                    load->name.ptr, binding, (int)found.code.len, found.code.ptr,
                    (unsigned)found.line, (unsigned)found.column, (int)found.message.len,
                    found.message.ptr);
            continue;
        }
        met[at] = true;
        while (first < load->diagnostics_len && met[first])
            first++;
        const struct table_diagnostic *expected = &load->diagnostics[at];
        if (expected->line) {
            const struct table_diagnostic *before = &load->diagnostics[last];
            CHECK(at >= last || (same(before->file, expected->file) &&
                                 before->line == expected->line &&
                                 before->column == expected->column));
            last = at;
        }
        for (size_t j = 0; j < expected->says_len; j++)
            if (!contains(found.message, expected->says[j]))
                differ(&place, "says",
                       contains(found.help, expected->says[j]) ? expected->says[j] : found.message,
                       expected->says[j]);
        /* Of each code the text has the first ten. */
        if (i < 10)
            CHECK(contains(said, found.message) && contains(said, found.code));
    }
    CHECK((said.len > 0) == (len > 0));
    CHECK(!corsac_diagnostics_get(diagnostics, len));
    free(met);
}

/* What a load came to: an engine with warnings, or reasons. */
static void compare_load(const struct table_load *load, const char *binding, corsac_str document,
                         corsac_status status, corsac_engine *engine, corsac_diagnostics *error)
{
    const struct place place = {load->name, binding};
    differ(&place, "status", str(corsac_error_name(status)),
           str(load->accepted ? "ok" : "config"));
    CHECK((engine != NULL) == (status == CORSAC_STATUS_OK));
    CHECK((error != NULL) == (status == CORSAC_STATUS_CONFIG));
    if (engine)
        CHECK_EQUAL(corsac_engine_warnings(engine, &error), CORSAC_STATUS_OK);
    compare_diagnostics(load, binding, document, error);
    corsac_diagnostics_free(error);
    corsac_engine_free(engine);
}

static void run_load(const struct table_load *load)
{
    const corsac_str in_memory = str("document");
    corsac_engine *engine = NULL;
    corsac_diagnostics *error = NULL;
    corsac_status status = corsac_engine_new_from_file(&load->path, &engine, &error);
    compare_load(load, "from its file", load->path, status, engine, error);

    if (load->text.ptr) {
        engine = NULL;
        error = NULL;
        status = corsac_engine_new_from_text(&load->text, load->format, &engine, &error);
        compare_load(load, "from memory", in_memory, status, engine, error);
    }

    /* The same as a reload, which changes nothing if it is refused. */
    engine = engine_of("version = 1\n[policy.before]\nallow_origins = [\"https://a.example\"]\n");
    error = NULL;
    status = corsac_engine_reload_file(engine, &load->path, &error);
    CHECK_EQUAL(corsac_engine_generation(engine), load->accepted ? 2 : 1);
    compare_load(load, "as a reload", load->path, status,
                 status == CORSAC_STATUS_OK ? engine : NULL, error);
    if (status)
        corsac_engine_free(engine);
}

int main(int argc, char **argv)
{
    REQUIRE(argc == 2);
    struct table *table = table_read(argv[1]);
    size_t cases = 0;
    for (size_t i = 0; i < table->documents_len; i++)
        cases += run_document(&table->documents[i]);
    for (size_t i = 0; i < table->loads_len; i++)
        run_load(&table->loads[i]);
    printf("%zu cases, %zu loads\n", cases, table->loads_len);
    table_free(table);
    return checks_done();
}
