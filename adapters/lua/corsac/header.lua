-- The declarations of corsac.h that are used here, word for word, and its constants.
local ffi = require "ffi"

ffi.cdef [[
typedef struct corsac_diagnostics corsac_diagnostics;
typedef struct corsac_engine corsac_engine;
typedef struct corsac_reader corsac_reader;
typedef struct corsac_stats corsac_stats;
typedef struct corsac_text corsac_text;

typedef uint64_t corsac_policy;

typedef struct corsac_str {
    const char *ptr;
    size_t len;
} corsac_str;

typedef struct corsac_header {
    struct corsac_str name;
    struct corsac_str value;
} corsac_header;

typedef struct corsac_decision {
    uint32_t verdict;
    uint32_t reason;
    uint32_t failed;
    uint32_t status;
    uint32_t vary;
    uint32_t upstream;
    corsac_policy policy;
    uint64_t generation;
    uint32_t grant;
    uint32_t error;
    uint32_t manages_timing;
    size_t set_len;
    const struct corsac_header *set;
    struct corsac_str rule;
} corsac_decision;

typedef struct corsac_lines {
    const struct corsac_str *ptr;
    size_t len;
} corsac_lines;

typedef struct corsac_request {
    size_t struct_size;
    struct corsac_str method;
    struct corsac_lines origin;
    struct corsac_lines request_method;
    struct corsac_lines request_headers;
    struct corsac_lines request_private_network;
    struct corsac_str host;
    struct corsac_str path;
    const struct corsac_header *headers;
    size_t headers_len;
} corsac_request;

typedef struct corsac_diagnostic {
    struct corsac_str code;
    uint32_t severity;
    uint32_t line;
    uint32_t column;
    uint32_t end_line;
    uint32_t end_column;
    struct corsac_str policy;
    struct corsac_str file;
    struct corsac_str message;
    struct corsac_str help;
    struct corsac_str excerpt;
    struct corsac_str marked;
    size_t count;
} corsac_diagnostic;

const struct corsac_decision *corsac_decide(struct corsac_reader *reader, corsac_policy policy,
                                            const struct corsac_request *request);
uint32_t corsac_decision_copy(const struct corsac_decision *decision, void *buffer, size_t buffer_len,
                              size_t *needed, const struct corsac_decision **out);
size_t corsac_diagnostics_len(const struct corsac_diagnostics *diagnostics);
const struct corsac_diagnostic *corsac_diagnostics_get(const struct corsac_diagnostics *diagnostics, size_t index);
void corsac_diagnostics_free(struct corsac_diagnostics *diagnostics);
uint32_t corsac_engine_new_from_file(const struct corsac_str *file, struct corsac_engine **out,
                                     struct corsac_diagnostics **error);
bool corsac_engine_changed(const struct corsac_engine *engine);
uint32_t corsac_engine_poll(const struct corsac_engine *engine, uint32_t *out, struct corsac_diagnostics **error);
uint64_t corsac_engine_generation(const struct corsac_engine *engine);
uint32_t corsac_engine_require_policy(const struct corsac_engine *engine, const struct corsac_str *name,
                                      corsac_policy *out);
uint32_t corsac_engine_require_routes(const struct corsac_engine *engine);
uint32_t corsac_engine_find_policy(const struct corsac_engine *engine, const struct corsac_str *name,
                                   corsac_policy *out);
void corsac_engine_policy_name(const struct corsac_engine *engine, corsac_policy policy, struct corsac_str *out);
uint32_t corsac_engine_warnings(const struct corsac_engine *engine, struct corsac_diagnostics **out);
uint32_t corsac_engine_status(const struct corsac_engine *engine, struct corsac_text **out);
uint32_t corsac_engine_stats(const struct corsac_engine *engine, struct corsac_stats **out);
uint32_t corsac_engine_watch(const struct corsac_engine *engine);
void corsac_engine_unwatch(const struct corsac_engine *engine);
void corsac_engine_free(struct corsac_engine *engine);
const char *corsac_verdict_name(uint32_t verdict);
const char *corsac_reason_name(uint32_t reason);
const char *corsac_error_name(uint32_t status);
uint32_t corsac_reader_new(const struct corsac_engine *engine, struct corsac_reader **out);
void corsac_reader_release(struct corsac_reader *reader);
void corsac_reader_free(struct corsac_reader *reader);
uint32_t corsac_apply(const struct corsac_decision *decision, const struct corsac_header *upstream,
                      size_t upstream_len, bool *remove, const struct corsac_header **set, size_t *set_len,
                      struct corsac_str *vary);
uint64_t corsac_stats_count(const struct corsac_stats *stats, uint32_t verdict, uint32_t reason);
uint64_t corsac_stats_total(const struct corsac_stats *stats);
size_t corsac_stats_readers(const struct corsac_stats *stats);
size_t corsac_stats_retired(const struct corsac_stats *stats);
void corsac_stats_free(struct corsac_stats *stats);
void corsac_text_view(const struct corsac_text *text, struct corsac_str *out);
void corsac_text_free(struct corsac_text *text);
bool corsac_abi_is_compatible(uint32_t header_version);
uint32_t corsac_abi_version(void);
const char *corsac_version(void);
]]

return {
  ABI_VERSION = 65536,
  POLICY_ROUTE = 0xffffffffffffffffULL,
  STATUS_OK = 0,
  STATUS_CONFIG = 3,
  STATUS_BUFFER_TOO_SMALL = 5,
  POLL_UNSETTLED = 1,
  POLL_RELOADED = 2,
  SEVERITY_ERROR = 0,
  SEVERITY_WARNING = 1,
}
