/* The corpus, as tests/src/table.rs writes it. */
#ifndef CORSAC_TESTS_TABLE_H
#define CORSAC_TESTS_TABLE_H

#include <corsac.h>

#ifdef __cplusplus
extern "C" {
#endif

struct table_expected {
    corsac_str verdict, reason, failed;
    uint32_t status;
    corsac_str vary, upstream, policy;
    uint32_t grant;
    corsac_str rule;
    size_t set_len;
    corsac_header *set;
};

/* One request. `policy` is absent where a route decides, by `host` and `path`. */
struct table_case {
    corsac_str name, policy, host, path, method;
    size_t headers_len;
    corsac_header *headers;
    struct table_expected expected;
};

struct table_document {
    corsac_str name, text;
    size_t cases_len;
    struct table_case *cases;
};

struct table_diagnostic {
    corsac_str code, severity, policy, file;
    uint32_t line, column;
    size_t says_len;
    corsac_str *says;
};

/* A document on disk; `text` is absent where it is not to be loaded from memory too. */
struct table_load {
    corsac_str name, path, text;
    uint32_t format;
    bool accepted;
    size_t diagnostics_len;
    struct table_diagnostic *diagnostics;
};

struct table {
    size_t documents_len, loads_len;
    struct table_document *documents;
    struct table_load *loads;
};

/* Ends the program if the file is no table. Each text has a block of its own from malloc, so that
 * memcheck sees a byte that is read too many. */
struct table *table_read(const char *path);
void table_free(struct table *table);

/* The lines of one header, in order, as a server finds them: by name, in any case. `lines` has
 * room for all headers. */
corsac_lines table_lines(const struct table_case *entry, const char *name, corsac_str *lines);

#ifdef __cplusplus
}
#endif

#endif
