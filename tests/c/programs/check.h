/* What the C programs of the tests share: checks that go on after a failure, and views. */
#ifndef CORSAC_TESTS_CHECK_H
#define CORSAC_TESTS_CHECK_H

#include <corsac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
/* Both sides are numbers. */
#define CHECK_EQUAL(found, expected)                                                               \
    check_equal((unsigned long long)(found), (unsigned long long)(expected), #found, __FILE__,     \
                __LINE__)
/* `found` is a corsac_str, `expected` a text that ends in NUL. */
#define CHECK_TEXT(found, expected) check_text((found), (expected), #found, __FILE__, __LINE__)
/* What nothing can go on without. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!CHECK(condition))                                                                     \
            exit(1);                                                                               \
    } while (0)

static unsigned long checks_made, checks_failed;

static inline bool check(bool holds, const char *what, const char *file, int line)
{
    checks_made++;
    if (!holds) {
        checks_failed++;
        if (checks_failed <= 20)
            fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    }
    return holds;
}

static inline bool check_equal(unsigned long long found, unsigned long long expected,
                               const char *what, const char *file, int line)
{
    bool holds = check(found == expected, what, file, line);
    if (!holds)
        fprintf(stderr, "    it is %llu, and should be %llu\n", found, expected);
    return holds;
}

/* A view that lives as long as the text. */
static inline corsac_str str(const char *text)
{
    corsac_str view;
    view.ptr = text;
    view.len = text ? strlen(text) : 0;
    return view;
}

static inline bool same(corsac_str a, corsac_str b)
{
    if (!a.ptr || !b.ptr)
        return !a.ptr && !b.ptr;
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool contains(corsac_str text, corsac_str part)
{
    for (size_t i = 0; text.ptr && i + part.len <= text.len; i++)
        if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
            return true;
    return false;
}

static inline bool check_text(corsac_str found, const char *expected, const char *what,
                              const char *file, int line)
{
    bool holds = check(same(found, str(expected)), what, file, line);
    if (!holds)
        fprintf(stderr, "    it is `%.*s`, and should be `%s`\n", (int)found.len,
                found.ptr ? found.ptr : "", expected ? expected : "(absent)");
    return holds;
}

/* The value of the header that a decision sets, or an absent view. */
static inline corsac_str header_of(const corsac_decision *decision, const char *name)
{
    for (size_t i = 0; i < decision->set_len; i++)
        if (same(decision->set[i].name, str(name)))
            return decision->set[i].value;
    return str(NULL);
}

static inline bool equal_decisions(const corsac_decision *a, const corsac_decision *b)
{
    if (a->verdict != b->verdict || a->reason != b->reason || a->failed != b->failed ||
        a->status != b->status || a->vary != b->vary || a->upstream != b->upstream ||
        a->policy != b->policy || a->grant != b->grant || a->generation != b->generation ||
        a->error != b->error || a->set_len != b->set_len || !same(a->rule, b->rule))
        return false;
    for (size_t i = 0; i < a->set_len; i++)
        if (!same(a->set[i].name, b->set[i].name) || !same(a->set[i].value, b->set[i].value))
            return false;
    return true;
}

/* An engine of a document that must be accepted. */
static inline corsac_engine *engine_of(const char *document)
{
    corsac_engine *engine = NULL;
    corsac_diagnostics *error = NULL;
    corsac_str text = str(document);
    if (corsac_engine_new_from_text(&text, CORSAC_FORMAT_TOML, &engine, &error)) {
        corsac_str said;
        corsac_diagnostics_text(error, &said);
        fprintf(stderr, "refused: %.*s\n", (int)said.len, said.ptr ? said.ptr : "");
        exit(1);
    }
    return engine;
}

static inline corsac_reader *reader_of(const corsac_engine *engine)
{
    corsac_reader *reader = NULL;
    REQUIRE(corsac_reader_new(engine, &reader) == CORSAC_STATUS_OK && reader);
    return reader;
}

static inline corsac_policy policy_of(const corsac_engine *engine, const char *name)
{
    corsac_str view = str(name);
    corsac_policy id = CORSAC_POLICY_NONE;
    REQUIRE(corsac_engine_find_policy(engine, &view, &id) == CORSAC_STATUS_OK);
    return id;
}

/* What main returns. */
static inline int checks_done(void)
{
    printf("%lu checks, %lu failed\n", checks_made, checks_failed);
    return checks_failed != 0;
}

#endif
