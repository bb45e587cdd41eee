/* Lists and environment variables that are passed beside a document. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

static const char document[] = "version = 1\n"
                               "[policy.p]\n"
                               "allow_origins = [\n"
                               "  { file = \"tenants.txt\", scheme = \"https\" },\n"
                               "  { env = \"CORSAC_TEST_ROWS\" },\n"
                               "]\n";

static corsac_named named(const char *name, const char *content)
{
    const corsac_named one = {str(name), str(content)};
    return one;
}

/* Whether the first finding has this code; none of them may show what a variable holds. */
static void check_found(corsac_diagnostics *found, const char *code)
{
    size_t i;
    REQUIRE(found);
    REQUIRE(corsac_diagnostics_len(found) > 0);
    CHECK_TEXT(corsac_diagnostics_get(found, 0)->code, code);
    for (i = 0; i < corsac_diagnostics_len(found); i++) {
        CHECK(!contains(corsac_diagnostics_get(found, i)->message, str("hunter2")));
    }
    corsac_diagnostics_free(found);
}

static void check_allows(const corsac_engine *engine, const char *origin, bool allowed)
{
    corsac_reader *reader = reader_of(engine);
    corsac_request request = CORSAC_REQUEST_INIT;
    const corsac_str line = str(origin);
    request.method = str("GET");
    request.origin.ptr = &line;
    request.origin.len = 1;
    CHECK_EQUAL(corsac_decide(reader, policy_of(engine, "p"), &request)->verdict,
                allowed ? CORSAC_VERDICT_ALLOWED : CORSAC_VERDICT_DENIED);
    corsac_reader_free(reader);
}

static void texts(void)
{
    const corsac_str text = str(document);
    const corsac_named lists[] = {named("unused", "x"), named("tenants.txt", "a.example\nb.example")};
    const corsac_named others[] = {named("tenants.txt", "c.example\n")};
    const corsac_named rows[] = {named("CORSAC_TEST_ROWS", "https://d.example,https://e.example")};
    const corsac_named bad[] = {named("CORSAC_TEST_ROWS", "https://d.example,https://u:hunter2@e.example")};
    corsac_engine *engine = NULL;
    corsac_diagnostics *error = NULL;

    CHECK_EQUAL(corsac_engine_new_from_text_with(&text, 0, NULL, 0, rows, 1, &engine, &error),
                CORSAC_STATUS_CONFIG);
    check_found(error, "list/not-given");
    CHECK_EQUAL(corsac_engine_new_from_text_with(&text, 0, lists, 2, NULL, 0, &engine, &error),
                CORSAC_STATUS_CONFIG);
    check_found(error, "env/not-given");
    CHECK_EQUAL(corsac_engine_new_from_text_with(&text, 0, lists, 2, bad, 1, &engine, &error),
                CORSAC_STATUS_CONFIG);
    check_found(error, "origin/userinfo");
    CHECK(!engine);

    REQUIRE(corsac_engine_new_from_text_with(&text, 0, lists, 2, rows, 1, &engine, &error) == 0);
    check_allows(engine, "https://b.example", true);
    check_allows(engine, "https://e.example", true);
    check_allows(engine, "https://c.example", false);
    CHECK_EQUAL(corsac_engine_reload_text_with(engine, &text, 0, others, 1, &error), 0);
    check_allows(engine, "https://c.example", true);
    check_allows(engine, "https://e.example", true);
    check_allows(engine, "https://b.example", false);
    CHECK_EQUAL(corsac_engine_reload_text(engine, &text, 0, &error), CORSAC_STATUS_CONFIG);
    check_found(error, "list/not-given");
    check_allows(engine, "https://c.example", true);
    corsac_engine_free(engine);
}

static void files(const char *path)
{
    const corsac_str file = str(path);
    const corsac_named rows[] = {named("CORSAC_TEST_ROWS", "https://d.example")};
    corsac_engine *engine = NULL;
    corsac_diagnostics *error = NULL;
    FILE *written = fopen(path, "w");
    REQUIRE(written);
    REQUIRE(fputs("version = 1\n[policy.p]\nallow_origins = [{ env = \"CORSAC_TEST_ROWS\" }]\n", written) >= 0);
    REQUIRE(fclose(written) == 0);

    CHECK_EQUAL(corsac_engine_new_from_file(&file, &engine, &error), CORSAC_STATUS_CONFIG);
    check_found(error, "env/unset");
    CHECK_EQUAL(corsac_engine_new_restricted(&file, &engine, &error), CORSAC_STATUS_CONFIG);
    check_found(error, "env/not-given");
    REQUIRE(corsac_engine_new_from_file_with(&file, true, rows, 1, &engine, &error) == 0);
    check_allows(engine, "https://d.example", true);
    corsac_engine_free(engine);

    /* As a server that loses its environment when it starts its workers. */
    REQUIRE(setenv("CORSAC_TEST_ROWS", "https://e.example", 1) == 0);
    REQUIRE(corsac_engine_new_from_file(&file, &engine, &error) == 0);
    REQUIRE(unsetenv("CORSAC_TEST_ROWS") == 0);
    CHECK_EQUAL(corsac_engine_reload_file(engine, &file, &error), 0);
    check_allows(engine, "https://e.example", true);
    corsac_engine_free(engine);
    REQUIRE(remove(path) == 0);
}

static void misuse(void)
{
    const corsac_str text = str(document);
    const corsac_named nameless[] = {{{NULL, 0}, str("x")}};
    const corsac_named empty[] = {{str("tenants.txt"), {NULL, 0}}};
    const corsac_named bytes[] = {named("\xff", "x")};
    const corsac_named *wrong[] = {nameless, empty, bytes, NULL};
    corsac_engine *engine = engine_of("version = 1\n[policy.p]\nallow_origins = []\n");
    corsac_engine *made;
    size_t i;
    for (i = 0; i < 4; i++) {
        CHECK_EQUAL(corsac_engine_new_from_text_with(&text, 0, wrong[i], 1, NULL, 0, &made, NULL),
                    CORSAC_STATUS_INVALID_ARGUMENT);
        CHECK_EQUAL(corsac_engine_new_from_text_with(&text, 0, NULL, 0, wrong[i], 1, &made, NULL),
                    CORSAC_STATUS_INVALID_ARGUMENT);
        CHECK_EQUAL(corsac_engine_new_from_file_with(&text, false, wrong[i], 1, &made, NULL),
                    CORSAC_STATUS_INVALID_ARGUMENT);
        CHECK_EQUAL(corsac_engine_reload_text_with(engine, &text, 0, wrong[i], 1, NULL),
                    CORSAC_STATUS_INVALID_ARGUMENT);
        CHECK(!made);
    }
    CHECK_EQUAL(corsac_engine_new_from_text_with(NULL, 0, NULL, 0, NULL, 0, &made, NULL),
                CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK_EQUAL(corsac_engine_new_from_text_with(&text, 2, NULL, 0, NULL, 0, &made, NULL),
                CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK_EQUAL(corsac_engine_new_from_text_with(&text, 0, NULL, 0, NULL, 0, NULL, NULL),
                CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK_EQUAL(corsac_engine_new_from_file_with(NULL, false, NULL, 0, &made, NULL),
                CORSAC_STATUS_INVALID_ARGUMENT);
    CHECK_EQUAL(corsac_engine_reload_text_with(NULL, &text, 0, NULL, 0, NULL),
                CORSAC_STATUS_INVALID_ARGUMENT);
    corsac_engine_free(engine);
}

int main(int argc, char **argv)
{
    REQUIRE(argc == 2);
    texts();
    files(argv[1]);
    misuse();
    return checks_done();
}
