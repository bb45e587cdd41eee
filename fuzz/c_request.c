/* Any bytes as a request of C: a method in the first line, a header in each further one. The library
 * decides it alike whether it picks the lines itself or gets them picked, and however often it is asked.
 *
 * Built with -DFUZZER and clang's -fsanitize=fuzzer, or else into a program that runs the files of its
 * arguments. */
#include <corsac.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST = 256 };

static const char POLICY[] =
    "version = 1\n"
    "[policy.p]\n"
    "allow_origins = ['https://app.example.com', 'https://*.example.org', 'http://localhost:*']\n"
    "allow_methods = ['PUT', 'POST']\n"
    "allow_headers = ['x-a', 'content-type']\n"
    "allow_private_network = true\n"
    "allow_credentials = true\n";

#define REQUIRE(condition)                                                                             \
    do {                                                                                               \
        if (!(condition)) {                                                                            \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                  \
            abort();                                                                                   \
        }                                                                                              \
    } while (0)

static corsac_engine *engine;
static corsac_reader *reader, *other;
static corsac_policy policy;

static void start(void)
{
    const corsac_str text = {POLICY, sizeof POLICY - 1}, name = {"p", 1};
    REQUIRE(corsac_engine_new_from_text(&text, CORSAC_FORMAT_TOML, &engine, NULL) == CORSAC_STATUS_OK);
    REQUIRE(corsac_engine_find_policy(engine, &name, &policy) == CORSAC_STATUS_OK);
    REQUIRE(corsac_reader_new(engine, &reader) == CORSAC_STATUS_OK);
    REQUIRE(corsac_reader_new(engine, &other) == CORSAC_STATUS_OK);
}

static bool is_named(const corsac_header *header, const char *name)
{
    return header->name.len == strlen(name) && strncasecmp(header->name.ptr, name, header->name.len) == 0;
}

static bool equal(corsac_str a, corsac_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void compare(const corsac_decision *a, const corsac_decision *b)
{
    REQUIRE(a->verdict == b->verdict && a->reason == b->reason && a->failed == b->failed);
    REQUIRE(a->status == b->status && a->vary == b->vary && a->upstream == b->upstream);
    REQUIRE(a->grant == b->grant && a->error == b->error && equal(a->rule, b->rule));
    REQUIRE(a->set_len == b->set_len);
    for (size_t i = 0; i < a->set_len; i++)
        REQUIRE(equal(a->set[i].name, b->set[i].name) && equal(a->set[i].value, b->set[i].value));
}

static void decide(const char *bytes, size_t size)
{
    static const char *const NAMES[4] = {"origin", "access-control-request-method",
                                         "access-control-request-headers",
                                         "access-control-request-private-network"};
    corsac_header headers[MOST];
    corsac_str picked[4][MOST];
    size_t headers_len = 0, picked_len[4] = {0};
    corsac_request request = CORSAC_REQUEST_INIT, with_lines = CORSAC_REQUEST_INIT;

    const char *const end = bytes + size;
    const char *at = memchr(bytes, '\n', size);
    request.method = (corsac_str){bytes, (size_t)((at ? at : end) - bytes)};
    while (at && headers_len < MOST) {
        const char *const line = at + 1, *const next = memchr(line, '\n', (size_t)(end - line));
        const size_t length = (size_t)((next ? next : end) - line);
        const char *const colon = memchr(line, ':', length);
        const size_t name = colon ? (size_t)(colon - line) : length, skip = colon ? name + 1 : name;
        const corsac_header header = {{line, name}, {line + skip, length - skip}};
        headers[headers_len++] = header;
        for (size_t i = 0; i < 4; i++)
            if (is_named(&header, NAMES[i]))
                picked[i][picked_len[i]++] = header.value;
        at = next;
    }
    with_lines.method = request.method;
    with_lines.origin = (corsac_lines){picked[0], picked_len[0]};
    with_lines.request_method = (corsac_lines){picked[1], picked_len[1]};
    with_lines.request_headers = (corsac_lines){picked[2], picked_len[2]};
    with_lines.request_private_network = (corsac_lines){picked[3], picked_len[3]};
    request.headers = headers;
    request.headers_len = headers_len;

    const corsac_decision *const first = corsac_decide(reader, policy, &request);
    REQUIRE(first->error == CORSAC_STATUS_OK);
    compare(first, corsac_decide(other, policy, &with_lines));
    REQUIRE(corsac_origin_allowed(other, policy, &request) == corsac_origin_allowed(other, policy, &with_lines));
    compare(first, corsac_decide(other, policy, &request));
    /* What an answer holds can be sent: no byte ends its line. */
    for (size_t i = 0; i < first->set_len; i++)
        for (size_t j = 0; j < first->set[i].value.len; j++)
            REQUIRE((unsigned char)first->set[i].value.ptr[j] >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!engine)
        start();
    /* A copy that ends where the input does, so that a byte read behind it is seen. */
    char *const copy = malloc(size + 1);
    REQUIRE(copy);
    if (size > 0)
        memcpy(copy, data, size);
    char *const exact = realloc(copy, size ? size : 1);
    REQUIRE(exact);
    decide(exact, size);
    free(exact);
    return 0;
}

#ifndef FUZZER
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        static unsigned char input[1 << 16];
        FILE *const file = fopen(argv[i], "rb");
        REQUIRE(file);
        const size_t size = fread(input, 1, sizeof input, file);
        fclose(file);
        LLVMFuzzerTestOneInput(input, size);
    }
    printf("%d inputs\n", argc - 1);
    corsac_reader_free(reader);
    corsac_reader_free(other);
    corsac_engine_free(engine);
    return 0;
}
#endif
