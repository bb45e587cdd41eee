/* The server that the snippets of docs/embedding.md are part of: as little of one as they call. */
#ifndef SERVER_H
#define SERVER_H

#include <corsac.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVER_LINES = 64, SERVER_POOLED = 16 };

/* A text that the server keeps, which need not end in NUL. */
typedef struct server_text {
    const char *data;
    size_t len;
} server_text;

typedef struct server_headers {
    server_text names[SERVER_LINES];
    server_text values[SERVER_LINES];
    size_t len;
} server_headers;

/* Its pool goes with it. */
typedef struct server_request {
    server_text method, host, path;
    server_headers headers;
    void *pool[SERVER_POOLED];
    size_t pooled;
    bool out_of_memory;
} server_request;

typedef struct server_response {
    unsigned status;
    server_headers headers;
} server_response;

typedef struct server_worker {
    corsac_engine *engine;
    corsac_reader *reader;
    corsac_policy api;
    bool idle;
} server_worker;

static inline server_text server_literal(const char *text) {
    const server_text literal = {text, strlen(text)};
    return literal;
}

static inline bool server_is(server_text name, const char *wanted) {
    return name.len == strlen(wanted) && memcmp(name.data, wanted, name.len) == 0;
}

static inline void *server_alloc(server_request *request, size_t size) {
    void *memory = request->out_of_memory || request->pooled == SERVER_POOLED ? NULL : malloc(size);
    if (memory != NULL) request->pool[request->pooled++] = memory;
    return memory;
}

static inline void server_finish(server_request *request) {
    while (request->pooled > 0) free(request->pool[--request->pooled]);
}

static inline void server_add(server_headers *headers, server_text name, server_text value) {
    if (headers->len == SERVER_LINES) abort();
    headers->names[headers->len] = name;
    headers->values[headers->len++] = value;
}

static inline void server_remove(server_headers *headers, size_t index) {
    headers->len--;
    for (size_t i = index; i < headers->len; i++) {
        headers->names[i] = headers->names[i + 1];
        headers->values[i] = headers->values[i + 1];
    }
}

/* What was said last. */
static char server_said[4096];

static inline void server_log(const char *what, server_text text) {
    snprintf(server_said, sizeof server_said, "%s: %.*s", what, (int)text.len, text.len > 0 ? text.data : "");
}

#endif
