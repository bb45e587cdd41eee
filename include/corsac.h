/* corsac: a CORS decision engine. The C interface.
 *
 * At startup, create an engine from a document (corsac_engine_new_from_file), require each policy
 * that the server's configuration names (corsac_engine_require_policy), and create a reader for each
 * worker (corsac_reader_new). For each request, call corsac_decide and apply the decision. See
 * docs/embedding.md for a complete guide.
 *
 * Views. A corsac_str is not NUL-terminated. The bytes behind a request's views must stay readable
 * and unchanged until the decision is no longer used, because a decision may point into them. All
 * other views passed to a function are read only during the call.
 *
 * Threads. A function that takes a const handle may be called from several threads at once; a
 * function that takes a non-const handle, from one thread at a time per handle. Any handle may move to
 * another thread. Servers that are not told when a thread starts or ends call corsac_engine_decide,
 * which keeps a reader for each thread. Only corsac_engine_watch starts a thread, and no function
 * installs a signal handler.
 *
 * Errors. A corsac_status of 0 is success. Without success a handle is written as NULL and a policy's
 * id as 0, and every function takes both: a program that ignores each status denies, and crashes at
 * most. Parameters documented as optional may be NULL. A panic in the library does not cross this
 * interface: it is reported as CORSAC_STATUS_PANIC, and the request is denied.
 *
 * Growth. Numeric values are permanent. Structs filled by the caller begin with struct_size;
 * structs filled and owned by the library get new fields at the end only. corsac_abi_is_compatible
 * tells at run time whether the library and the header are compatible.
 *
 * Other languages. Define CORSAC_NO_INLINE for parsers that know declarations only (LuaJIT's FFI,
 * cffi): it leaves out the functions that have a body.
 */
#ifndef CORSAC_H
#define CORSAC_H


/* Written by cbindgen from the crate corsac-ffi: change it there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The release that this header belongs to. What the linked library is, corsac_version says. */
#define CORSAC_VERSION_MAJOR 0
#define CORSAC_VERSION_MINOR 1
#define CORSAC_VERSION_PATCH 0
#define CORSAC_VERSION_STRING "0.1.0"

/* Stands before each function. Define it to what your build needs; on Windows, define CORSAC_STATIC if
 * you link the archive. */
#ifndef CORSAC_API
#if defined(_WIN32) && !defined(CORSAC_STATIC)
#define CORSAC_API __declspec(dllimport)
#elif defined(__GNUC__) && !defined(_WIN32)
#define CORSAC_API __attribute__((visibility("default")))
#else
#define CORSAC_API
#endif
#endif

/* Enums are types of their own where the language has those of a fixed size: in C++, in C23, and in
 * every C of clang. Otherwise they are numbers. Their size is the same. */
#if defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define CORSAC_ENUM(name) enum name : uint32_t
#define CORSAC_ENUM_TYPE(name) typedef enum name name
#elif defined(__clang__)
#define CORSAC_ENUM(name) __extension__ enum name : uint32_t
#define CORSAC_ENUM_TYPE(name) typedef enum name name
#else
#define CORSAC_ENUM(name) enum name
#define CORSAC_ENUM_TYPE(name) typedef uint32_t name
#endif

/* Whoever ignores the result of such a function is warned. */
#if defined(__GNUC__)
#define CORSAC_MUST_USE __attribute__((warn_unused_result))
#else
#define CORSAC_MUST_USE
#endif

/* An empty request for the library version of this header. Only struct_size is set; every field that is zero is absent. */
#ifdef __cplusplus
#define CORSAC_REQUEST_INIT corsac_request{sizeof(corsac_request), {}, {}, {}, {}, {}, {}, {}, {}, {}}
#else
#define CORSAC_REQUEST_INIT {.struct_size = sizeof(corsac_request)}
#endif


/**
 * No row of a grant matched.
 */
#define CORSAC_GRANT_NONE UINT32_MAX

/**
 * The origin was refused.
 */
#define CORSAC_FAILED_ORIGIN 1

/**
 * The method was refused.
 */
#define CORSAC_FAILED_METHOD 2

/**
 * A requested header name was refused.
 */
#define CORSAC_FAILED_HEADERS 4

/**
 * Private network access was refused.
 */
#define CORSAC_FAILED_PRIVATE_NETWORK 8

/**
 * `Origin`.
 */
#define CORSAC_VARY_ORIGIN 1

/**
 * `Access-Control-Request-Method`.
 */
#define CORSAC_VARY_REQUEST_METHOD 2

/**
 * `Access-Control-Request-Headers`.
 */
#define CORSAC_VARY_REQUEST_HEADERS 4

/**
 * `Access-Control-Request-Private-Network`.
 */
#define CORSAC_VARY_REQUEST_PRIVATE_NETWORK 8

/**
 * The version of the interface that this header describes: the upper 16 bits change when programs
 * must be recompiled, the lower 16 bits when something is added.
 */
#define CORSAC_ABI_VERSION 65536

/**
 * The status of a call. 0 is success; the numbers are permanent.
 */
CORSAC_ENUM(corsac_status) {
    /**
     * Success.
     */
    CORSAC_STATUS_OK = 0,
    /**
     * A pointer that must not be `NULL` is `NULL`, a text is not UTF-8, or a number is not a value
     * that the interface defines.
     */
    CORSAC_STATUS_INVALID_ARGUMENT = 1,
    /**
     * An internal error (panic) in the library was caught. Nothing was changed.
     */
    CORSAC_STATUS_PANIC = 2,
    /**
     * The document was rejected; the diagnostics give the reasons. The previous policies stay in use.
     */
    CORSAC_STATUS_CONFIG = 3,
    /**
     * No policy has that name.
     */
    CORSAC_STATUS_NOT_FOUND = 4,
    /**
     * The buffer is too small for the result.
     */
    CORSAC_STATUS_BUFFER_TOO_SMALL = 5,
    /**
     * The system cannot start another thread.
     */
    CORSAC_STATUS_THREAD = 6,
};
CORSAC_ENUM_TYPE(corsac_status);

/**
 * Whether a policy lists an origin.
 */
CORSAC_ENUM(corsac_origin) {
    /**
     * It is not listed, or there is more than one.
     */
    CORSAC_ORIGIN_NOT_ALLOWED = 0,
    /**
     * It is listed, or one of the service's own.
     */
    CORSAC_ORIGIN_ALLOWED = 1,
    /**
     * There is no `Origin`: not a browser, or a page of the same origin.
     */
    CORSAC_ORIGIN_ABSENT = 2,
};
CORSAC_ENUM_TYPE(corsac_origin);

/**
 * The result of checking the sources for changes.
 */
CORSAC_ENUM(corsac_poll) {
    /**
     * The sources have not changed.
     */
    CORSAC_POLL_UNCHANGED = 0,
    /**
     * A source changed a moment ago and may still be being written; poll again later.
     */
    CORSAC_POLL_UNSETTLED = 1,
    /**
     * New policies are in use.
     */
    CORSAC_POLL_RELOADED = 2,
    /**
     * The sources changed and were rejected; the previous policies stay in use.
     */
    CORSAC_POLL_REFUSED = 3,
};
CORSAC_ENUM_TYPE(corsac_poll);

/**
 * The verdict.
 */
CORSAC_ENUM(corsac_verdict) {
    /**
     * No `Origin`: not a request of the CORS protocol.
     */
    CORSAC_VERDICT_NOT_CORS = 0,
    /**
     * From one of the service's own origins, which needs no permission.
     */
    CORSAC_VERDICT_SAME_ORIGIN = 1,
    /**
     * The page may read the response.
     */
    CORSAC_VERDICT_ALLOWED = 2,
    /**
     * The page may not read the response.
     */
    CORSAC_VERDICT_DENIED = 3,
    /**
     * The page may send the request.
     */
    CORSAC_VERDICT_PREFLIGHT_ALLOWED = 4,
    /**
     * The page may not send the request.
     */
    CORSAC_VERDICT_PREFLIGHT_DENIED = 5,
    /**
     * No policy covers the request.
     */
    CORSAC_VERDICT_NO_POLICY = 6,
};
CORSAC_ENUM_TYPE(corsac_verdict);

/**
 * The reason for the verdict: the first check that failed, or the kind of request.
 */
CORSAC_ENUM(corsac_reason) {
    /**
     * Every check passed.
     */
    CORSAC_REASON_OK = 0,
    /**
     * The request carries no `Origin`.
     */
    CORSAC_REASON_NO_ORIGIN = 1,
    /**
     * The origin is the service's own, and in no grant.
     */
    CORSAC_REASON_OWN_ORIGIN = 2,
    /**
     * Not a serialised origin; no browser sends such a value.
     */
    CORSAC_REASON_ORIGIN_MALFORMED = 3,
    /**
     * More than one `Origin` line, or a comma in it.
     */
    CORSAC_REASON_ORIGIN_REPEATED = 4,
    /**
     * `null`: a sandboxed frame, a local file, or a redirect across origins.
     */
    CORSAC_REASON_ORIGIN_NULL = 5,
    /**
     * A valid origin that no row matches.
     */
    CORSAC_REASON_ORIGIN_NOT_ALLOWED = 6,
    /**
     * Not exactly one method token of at most 64 bytes.
     */
    CORSAC_REASON_METHOD_MALFORMED = 7,
    /**
     * A method that the deciding grant does not allow.
     */
    CORSAC_REASON_METHOD_NOT_ALLOWED = 8,
    /**
     * The requested header names are not a list of tokens.
     */
    CORSAC_REASON_HEADERS_MALFORMED = 9,
    /**
     * More lines, elements, white space or bytes than the limits for the grant's list.
     */
    CORSAC_REASON_HEADERS_OVER_BUDGET = 10,
    /**
     * A header name that the deciding grant does not allow.
     */
    CORSAC_REASON_HEADER_NOT_ALLOWED = 11,
    /**
     * A request for private network access, which the policy does not allow.
     */
    CORSAC_REASON_PRIVATE_NETWORK_NOT_ALLOWED = 12,
    /**
     * The policy is unknown, or no route covers the request.
     */
    CORSAC_REASON_NO_POLICY = 13,
    /**
     * The path can be read in two ways that could lead to different policies.
     */
    CORSAC_REASON_PATH_AMBIGUOUS = 14,
    /**
     * An internal error was caught, or the call was invalid; the request is denied.
     */
    CORSAC_REASON_INTERNAL = 15,
};
CORSAC_ENUM_TYPE(corsac_reason);

/**
 * The severity of a diagnostic.
 */
CORSAC_ENUM(corsac_severity) {
    /**
     * The document is rejected.
     */
    CORSAC_SEVERITY_ERROR = 0,
    /**
     * The document is accepted, but something in it is dangerous.
     */
    CORSAC_SEVERITY_WARNING = 1,
    /**
     * The document is accepted, and something in it is worth knowing.
     */
    CORSAC_SEVERITY_NOTE = 2,
};
CORSAC_ENUM_TYPE(corsac_severity);

/**
 * How to treat managed headers that the upstream set in its response.
 */
CORSAC_ENUM(corsac_upstream) {
    /**
     * All are removed, then those of `set` are set, whatever the verdict.
     */
    CORSAC_UPSTREAM_REPLACE = 0,
    /**
     * If there is any `access-control-*` header, none of `set` is set and only `vary` is merged;
     * otherwise those of `set` are set.
     */
    CORSAC_UPSTREAM_KEEP = 1,
};
CORSAC_ENUM_TYPE(corsac_upstream);

/**
 * How a document in memory is written.
 */
CORSAC_ENUM(corsac_format) {
    /**
     * TOML.
     */
    CORSAC_FORMAT_TOML = 0,
    /**
     * JSON of the same shape.
     */
    CORSAC_FORMAT_JSON = 1,
};
CORSAC_ENUM_TYPE(corsac_format);

/**
 * All errors, warnings and notes of one load, in document order.
 */
typedef struct corsac_diagnostics corsac_diagnostics;

/**
 * The current policies and their source. They can be replaced while requests are being decided.
 */
typedef struct corsac_engine corsac_engine;

/**
 * The policies of one document, in its order.
 */
typedef struct corsac_policies corsac_policies;

/**
 * Decides requests with an engine's current policies: one per worker thread or event loop. It
 * holds its last decision.
 */
typedef struct corsac_reader corsac_reader;

/**
 * A snapshot of an engine's statistics.
 */
typedef struct corsac_stats corsac_stats;

/**
 * A UTF-8 text allocated by the library.
 */
typedef struct corsac_text corsac_text;

/**
 * A borrowed byte string. It need not end in NUL and may contain any byte.
 *
 * It is absent if `ptr` is `NULL`, and present but empty if `len` is 0 and `ptr` is not `NULL`. The two
 * differ: an empty `Origin` is an `Origin`. A `len` that is not 0 without a `ptr`, or that is longer than
 * memory can be, is an error wherever it is passed.
 */
typedef struct corsac_str {
    /**
     * The first byte.
     */
    const char *ptr;
    /**
     * The length.
     */
    size_t len;
} corsac_str;

/**
 * Something that a document names, with what it holds: a list or an environment variable.
 */
typedef struct corsac_named {
    /**
     * The name, as the document writes it: UTF-8.
     */
    struct corsac_str name;
    /**
     * The rows of the list, or the value of the variable.
     */
    struct corsac_str content;
} corsac_named;

/**
 * The id of a policy: of the engine that gave it, and of no other engine of the process, ever. It
 * belongs to the policy's name for the life of the engine.
 */
typedef uint64_t corsac_policy;

/**
 * One header line: a name and a value.
 */
typedef struct corsac_header {
    /**
     * The name.
     */
    struct corsac_str name;
    /**
     * The value.
     */
    struct corsac_str value;
} corsac_header;

/**
 * The decision for one request. New fields are only added at the end.
 *
 * Remove the managed headers of the upstream's response if `upstream` says so
 * (`corsac_is_managed_header`), set the headers in `set`, merge `vary` (`corsac_vary_merge`), and
 * respond with `status`, or forward the request if `status` is 0.
 */
typedef struct corsac_decision {
    /**
     * The verdict: a `corsac_verdict`.
     */
    uint32_t verdict;
    /**
     * The reason for the verdict: a `corsac_reason`.
     */
    uint32_t reason;
    /**
     * The checks that failed: bits of `CORSAC_FAILED_*`.
     */
    uint32_t failed;
    /**
     * The status to respond with immediately; 0 means forward the request.
     */
    uint32_t status;
    /**
     * What to merge into the response's `Vary`: bits of `CORSAC_VARY_*`.
     */
    uint32_t vary;
    /**
     * How to treat the upstream's managed headers: a `corsac_upstream`.
     */
    uint32_t upstream;
    /**
     * The policy that decided; `CORSAC_POLICY_NONE` if there is none.
     */
    corsac_policy policy;
    /**
     * The generation of the policies that decided.
     */
    uint64_t generation;
    /**
     * The grant of the row that matched, 0 being the policy's own `allow_origins`;
     * `CORSAC_GRANT_NONE` if there is none.
     */
    uint32_t grant;
    /**
     * A `corsac_status`. If it is not 0, the call was invalid or an internal error was caught, and
     * the request is denied.
     */
    uint32_t error;
    /**
     * 1 if `timing-allow-origin` is managed in addition to `access-control-*`, otherwise 0.
     */
    uint32_t manages_timing;
    /**
     * The number of headers to set, at most 10.
     */
    size_t set_len;
    /**
     * The headers to set; names are in lower case. A name occurs more than once if it must be set in several lines.
     */
    const struct corsac_header *set;
    /**
     * The row that matched, as the document writes it; absent if there is none.
     */
    struct corsac_str rule;
} corsac_decision;

/**
 * The lines of one header, in their order in the request: an array of `len` views.
 *
 * If `len` is 0, the request does not have the header. An absent view in the array counts as an empty
 * line.
 */
typedef struct corsac_lines {
    /**
     * The first line.
     */
    const struct corsac_str *ptr;
    /**
     * The length.
     */
    size_t len;
} corsac_lines;

/**
 * The parts of a request that a decision depends on. Initialise it with `corsac_request request =
 * CORSAC_REQUEST_INIT;`, which sets `struct_size` and makes all other fields absent.
 *
 * Pass all header lines of the request in `headers`, and the library picks those that it needs. A server
 * that has them sorted by name passes the lines of `origin` and the three `request_…` instead. If both are
 * given, the request is denied with an error.
 *
 * A program may be older than the library: fields that its struct does not have are absent. If it is
 * newer, the fields that the library does not know must be zero. Any other `struct_size` is an error.
 */
typedef struct corsac_request {
    /**
     * `sizeof(corsac_request)`, as the caller was compiled.
     */
    size_t struct_size;
    /**
     * The method, byte for byte.
     */
    struct corsac_str method;
    /**
     * All `Origin` lines: two of them deny the request. Leave out this field and the next three if
     * `headers` is given.
     */
    struct corsac_lines origin;
    /**
     * The `Access-Control-Request-Method` lines.
     */
    struct corsac_lines request_method;
    /**
     * The `Access-Control-Request-Headers` lines.
     */
    struct corsac_lines request_headers;
    /**
     * The `Access-Control-Request-Private-Network` lines.
     */
    struct corsac_lines request_private_network;
    /**
     * For `CORSAC_POLICY_ROUTE`: the request's host, as the server selects a site by it. It is not taken
     * from `headers`, whose `Host` is not the host if the request line has one.
     */
    struct corsac_str host;
    /**
     * For `CORSAC_POLICY_ROUTE`: the request's path, as the server normalised it.
     */
    struct corsac_str path;
    /**
     * All header lines of the request, in their order, with names in any case.
     */
    const struct corsac_header *headers;
    /**
     * The number of header lines.
     */
    size_t headers_len;
} corsac_request;

/**
 * One mistake, risk or remark about a document. New fields are only added at the end.
 */
typedef struct corsac_diagnostic {
    /**
     * The permanent code, such as `origin/trailing-slash`.
     */
    struct corsac_str code;
    /**
     * The severity: a `corsac_severity`.
     */
    uint32_t severity;
    /**
     * The line, from 1; 0 if the diagnostic has no position.
     */
    uint32_t line;
    /**
     * The column in characters, from 1; 0 if the diagnostic has no position.
     */
    uint32_t column;
    /**
     * The line where what is meant ends; 0 if the diagnostic has no position.
     */
    uint32_t end_line;
    /**
     * The column behind its last character; 0 if the diagnostic has no position.
     */
    uint32_t end_column;
    /**
     * The policy that it concerns; absent if none.
     */
    struct corsac_str policy;
    /**
     * The file, for a list file as named in the document; absent if the diagnostic has no
     * file.
     */
    struct corsac_str file;
    /**
     * The message.
     */
    struct corsac_str message;
    /**
     * The fix; absent if there is none.
     */
    struct corsac_str help;
    /**
     * The line of the document; absent if the diagnostic has no position or the line is longer than
     * 400 bytes.
     */
    struct corsac_str excerpt;
    /**
     * The part of `excerpt` that is meant, which points into it; absent like `excerpt`.
     */
    struct corsac_str marked;
    /**
     * 1; in what an engine keeps, the number of further diagnostics of this code that one entry without a
     * position stands for.
     */
    size_t count;
} corsac_diagnostic;

/**
 * One policy of a document. New fields are only added at the end.
 */
typedef struct corsac_policy_entry {
    /**
     * The id.
     */
    corsac_policy policy;
    /**
     * The name.
     */
    struct corsac_str name;
} corsac_policy_entry;

/**
 * No policy: what a failed lookup writes, and what decided if nothing did. Asked, it gives
 * `CORSAC_VERDICT_NO_POLICY`.
 */
#define CORSAC_POLICY_NONE 0

/**
 * Let the document's routes choose the policy, by the request's `host` and `path`.
 */
#define CORSAC_POLICY_ROUTE UINT64_MAX

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Creates an engine from a document in memory. A document that names list files or environment variables
 * is rejected, because none are read; `corsac_engine_new_from_text_with` passes them.
 *
 * Returns: as `corsac_engine_new_from_file`; `format` is a `corsac_format`.
 *
 * Memory: as `corsac_engine_new_from_file`. The text is no longer needed once this returns.
 *
 * Thread safety: any thread, concurrently. Blocks for compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_new_from_text(const struct corsac_str *text,
                                          uint32_t format,
                                          struct corsac_engine **out,
                                          struct corsac_diagnostics **error);

/**
 * Creates an engine as `corsac_engine_new_from_text`, with what the document names: `lists` are its list
 * files, by the names that it writes, and `variables` the environment variables of its rows `{ env = "…" }`.
 * The engine keeps a copy of the variables for its reloads.
 *
 * Returns: as `corsac_engine_new_from_text`.
 *
 * Memory: as `corsac_engine_new_from_text`. `lists` and `variables` may be `NULL` if their lengths are 0, and
 * are no longer needed once this returns.
 *
 * Thread safety: any thread, concurrently. Blocks for compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_new_from_text_with(const struct corsac_str *text,
                                               uint32_t format,
                                               const struct corsac_named *lists,
                                               size_t lists_len,
                                               const struct corsac_named *variables,
                                               size_t variables_len,
                                               struct corsac_engine **out,
                                               struct corsac_diagnostics **error);

/**
 * Creates an engine as `corsac_engine_new_from_file` or, if `restrict_paths`, as
 * `corsac_engine_new_restricted`, with environment variables for the document's rows `{ env = "…" }`. They
 * come before those of the process, of which a document with `restrict_paths` has none. The engine keeps a
 * copy of the variables for its reloads.
 *
 * Returns: as `corsac_engine_new_from_file`.
 *
 * Memory: as `corsac_engine_new_from_file`. `variables` may be `NULL` if its length is 0, and is no longer
 * needed once this returns.
 *
 * Thread safety: any thread, concurrently. Blocks for reading and compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_new_from_file_with(const struct corsac_str *file,
                                               bool restrict_paths,
                                               const struct corsac_named *variables,
                                               size_t variables_len,
                                               struct corsac_engine **out,
                                               struct corsac_diagnostics **error);

/**
 * Replaces the policies with those of a document in memory. A rejected document changes nothing.
 *
 * Returns: as `corsac_engine_reload_file`; `format` is a `corsac_format`.
 *
 * Memory: as `corsac_engine_reload_file`. The text is no longer needed once this returns.
 *
 * Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
 * for compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_reload_text(const struct corsac_engine *engine,
                                        const struct corsac_str *text,
                                        uint32_t format,
                                        struct corsac_diagnostics **error);

/**
 * Replaces the policies as `corsac_engine_reload_text`, with the lists that the document names. Its
 * environment variables are those with which the engine was created.
 *
 * Returns: as `corsac_engine_reload_text`.
 *
 * Memory: as `corsac_engine_reload_text`. `lists` may be `NULL` if its length is 0, and is no longer needed
 * once this returns.
 *
 * Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
 * for compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_reload_text_with(const struct corsac_engine *engine,
                                             const struct corsac_str *text,
                                             uint32_t format,
                                             const struct corsac_named *lists,
                                             size_t lists_len,
                                             struct corsac_diagnostics **error);

/**
 * Copies a decision and everything it points to, for servers that send headers after the reader
 * has decided another request. Copies can be copied again.
 *
 * Returns: `CORSAC_STATUS_OK`, with the copy in `*out`, which points into `buffer`;
 * `CORSAC_STATUS_BUFFER_TOO_SMALL` if `buffer_len` is less than what it wrote to `*needed`;
 * `CORSAC_STATUS_INVALID_ARGUMENT` if `decision` is `NULL`. `buffer` may be `NULL` to ask for the
 * size; 1,024 bytes are enough for most decisions. `needed` may be `NULL`.
 *
 * Memory: writes to `buffer` only, which stays the caller's; the copy lives as long as it does.
 *
 * Thread safety: any thread, concurrently, while no call overwrites `decision`.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_decision_copy(const struct corsac_decision *decision,
                                   void *buffer,
                                   size_t buffer_len,
                                   size_t *needed,
                                   const struct corsac_decision **out);

/**
 * Decides one request by the current policies. `policy` is from `corsac_engine_require_policy` or
 * `corsac_engine_find_policy`, or is `CORSAC_POLICY_ROUTE`. Allocates nothing, takes no lock, and
 * costs the same for any number of origins.
 *
 * Returns: the decision, never `NULL`. An invalid call (`NULL`, no method, an invalid `struct_size`, a
 * view that cannot be read) or a caught internal error gives a denial, and `error` gives the reason; an
 * id without a policy, and that of another engine, gives `CORSAC_VERDICT_NO_POLICY`.
 *
 * Memory: the reader owns the decision. It is valid until the next call with the same reader, and
 * only while the request's own bytes are, because it may point into them. Use
 * `corsac_decision_copy` to keep it.
 *
 * Thread safety: one thread at a time per reader.
 */
CORSAC_API
CORSAC_MUST_USE
const struct corsac_decision *corsac_decide(struct corsac_reader *reader,
                                            corsac_policy policy,
                                            const struct corsac_request *request);

/**
 * Whether a policy lists a request's origin, for handshakes that carry an `Origin` without CORS
 * being applied (WebSocket, WebTransport). Only the request's `Origin` lines are used. A
 * policy for any origin gives `CORSAC_ORIGIN_NOT_ALLOWED`: public data does not imply that anyone may
 * open a connection.
 *
 * Returns: a `corsac_origin`; for an invalid call, a caught internal error or an unknown policy
 * `CORSAC_ORIGIN_NOT_ALLOWED`.
 *
 * Memory: invalidates the reader's last decision.
 *
 * Thread safety: one thread at a time per reader.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_origin corsac_origin_allowed(struct corsac_reader *reader,
                                    corsac_policy policy,
                                    const struct corsac_request *request);

/**
 * The number of diagnostics.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API size_t corsac_diagnostics_len(const struct corsac_diagnostics *diagnostics);

/**
 * One diagnostic.
 *
 * Returns: the diagnostic; `NULL` if there is none with this index.
 *
 * Memory: lives as long as `diagnostics`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
const struct corsac_diagnostic *corsac_diagnostics_get(const struct corsac_diagnostics *diagnostics,
                                                       size_t index);

/**
 * The diagnostics as one text of several lines, for a log or a terminal: of each code the first ten, and
 * how many more there are.
 *
 * Returns: nothing; writes a view to `*out`, absent if `diagnostics` is `NULL`.
 *
 * Memory: the view lives as long as `diagnostics`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
void corsac_diagnostics_text(const struct corsac_diagnostics *diagnostics,
                             struct corsac_str *out);

/**
 * Frees diagnostics.
 *
 * Returns: nothing.
 *
 * Memory: frees `diagnostics`, which must not be used or freed again; `NULL` is ignored.
 *
 * Thread safety: any thread, while no other thread uses `diagnostics`.
 */
CORSAC_API void corsac_diagnostics_free(struct corsac_diagnostics *diagnostics);

/**
 * Creates an engine from a document and the list files that it names. A file whose name ends in
 * `.json` is JSON, any other is TOML. Starts no thread. The process may fork afterwards; parent and
 * child then have separate engines.
 *
 * Returns: `CORSAC_STATUS_OK`, with the engine in `*out`; `CORSAC_STATUS_CONFIG`, with the reasons
 * in `*error`, if the document is rejected or cannot be read; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: free the engine with `corsac_engine_free`, and `*error`, which is written only with
 * `CORSAC_STATUS_CONFIG`, with `corsac_diagnostics_free`. `error` may be `NULL`.
 *
 * Thread safety: any thread, concurrently. Blocks for reading and compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_new_from_file(const struct corsac_str *file,
                                          struct corsac_engine **out,
                                          struct corsac_diagnostics **error);

/**
 * Creates an engine as `corsac_engine_new_from_file`, from a document that somebody else may have written:
 * every list file must be in the document's folder or below, after symbolic links are resolved. Otherwise
 * it is the error `list/outside-folder`, and is not read. This holds for every reload of the engine, too.
 *
 * Returns: as `corsac_engine_new_from_file`.
 *
 * Memory: as `corsac_engine_new_from_file`.
 *
 * Thread safety: any thread, concurrently. Blocks for reading and compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_new_restricted(const struct corsac_str *file,
                                           struct corsac_engine **out,
                                           struct corsac_diagnostics **error);

/**
 * Loads another file or, if `file` is `NULL`, reloads the same file. A rejected document changes
 * nothing.
 *
 * Returns: `CORSAC_STATUS_OK` if the sources' policies are now in use; `CORSAC_STATUS_CONFIG`,
 * with the reasons in `*error`, if the document was rejected; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: free `*error`, which is written only with `CORSAC_STATUS_CONFIG`, with
 * `corsac_diagnostics_free`. `error` may be `NULL`.
 *
 * Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
 * for reading and compiling.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_reload_file(const struct corsac_engine *engine,
                                        const struct corsac_str *file,
                                        struct corsac_diagnostics **error);

/**
 * Whether the document or one of its lists may have changed since the last check. Only reads file
 * times and sizes, so an event loop can call it from a timer.
 *
 * Returns: true if a `corsac_engine_poll` has something to do, which includes reading a file once more
 * that was read soon after it was written: once, 0.1 s later, or 2 s where the file system has a coarse
 * clock; false without a file.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
bool corsac_engine_changed(const struct corsac_engine *engine);

/**
 * Reloads the document and its lists if they changed and are no longer being written, and frees
 * replaced policies that no reader uses. A rejected document changes nothing and is tried again
 * after its next change.
 *
 * Returns: `CORSAC_STATUS_OK`, with a `corsac_poll` in `*out`; `CORSAC_STATUS_CONFIG`, with
 * `CORSAC_POLL_REFUSED` in `*out` and the reasons in `*error`; `CORSAC_STATUS_INVALID_ARGUMENT`.
 * `out` may be `NULL`.
 *
 * Memory: as `corsac_engine_reload_file`.
 *
 * Thread safety: any thread, concurrently; reloads are serialised, and readers never wait. Blocks
 * for as long as reading and compiling takes if something changed: an event loop with large lists
 * calls it from a thread.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_poll(const struct corsac_engine *engine,
                                 corsac_poll *out,
                                 struct corsac_diagnostics **error);

/**
 * The generation of the current policies: 1 at first, incremented by each reload.
 *
 * Returns: the generation; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API uint64_t corsac_engine_generation(const struct corsac_engine *engine);

/**
 * The warnings and notes of the current document.
 *
 * Returns: `CORSAC_STATUS_OK`, with the diagnostics, perhaps none, in `*out`;
 * `CORSAC_STATUS_INVALID_ARGUMENT` if a pointer is `NULL`.
 *
 * Memory: free the diagnostics with `corsac_diagnostics_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_warnings(const struct corsac_engine *engine,
                                     struct corsac_diagnostics **out);

/**
 * The engine's status, as one line of JSON: the generation, the digest of the sources, when they
 * were loaded, the last error and its time, and whether the sources are watched.
 *
 * Returns: `CORSAC_STATUS_OK`, with the text in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
 * pointer is `NULL`.
 *
 * Memory: free the text with `corsac_text_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_status(const struct corsac_engine *engine,
                                   struct corsac_text **out);

/**
 * Frees an engine, after its watch thread has ended, and the readers of `corsac_engine_decide`. Readers that were made by
 * `corsac_reader_new` keep working with their current policies.
 *
 * Returns: nothing.
 *
 * Memory: frees `engine`, which must not be used or freed again; `NULL` is ignored.
 *
 * Thread safety: any thread, while no other thread uses `engine`.
 */
CORSAC_API
void corsac_engine_free(struct corsac_engine *engine);

/**
 * The name of a `corsac_verdict`, the same in logs and in all bindings.
 *
 * Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
 *
 * Memory: static.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API const char *corsac_verdict_name(uint32_t verdict);

/**
 * The name of a `corsac_reason`, the same in logs and in all bindings.
 *
 * Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
 *
 * Memory: static.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API const char *corsac_reason_name(uint32_t reason);

/**
 * Requires a policy of this name, for names that stand in a server's configuration. As long as it is
 * required, a reload without the policy is refused as a whole, with `reload/policy-missing`.
 * Requirements are counted, and end with the engine.
 *
 * Returns: `CORSAC_STATUS_OK`, with the policy's id in `*out`; `CORSAC_STATUS_NOT_FOUND` if the
 * current policies have none of the name, and then nothing is required;
 * `CORSAC_STATUS_INVALID_ARGUMENT`. Without success `*out` is `CORSAC_POLICY_NONE`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_require_policy(const struct corsac_engine *engine,
                                           const struct corsac_str *name,
                                           corsac_policy *out);

/**
 * Takes one requirement of this name back. A reload that was refused for its sake is not made up
 * for: call `corsac_engine_reload_file`. Does nothing if the name is not required.
 *
 * Returns: nothing.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
void corsac_engine_release_policy(const struct corsac_engine *engine,
                                  const struct corsac_str *name);

/**
 * Requires routes, for servers that pass `CORSAC_POLICY_ROUTE`: as long as they are required, a
 * reload to a document without any route is refused as a whole, with `reload/routes-missing`.
 * Requirements are counted, and end with the engine.
 *
 * Returns: `CORSAC_STATUS_OK`; `CORSAC_STATUS_NOT_FOUND` if the current document has no routes, and
 * then nothing is required; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_require_routes(const struct corsac_engine *engine);

/**
 * Takes one requirement of routes back. Does nothing if they are not required.
 *
 * Returns: nothing.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API void corsac_engine_release_routes(const struct corsac_engine *engine);

/**
 * The id of the policy with this name, for names that come with a request. A name keeps its id for
 * the lifetime of the engine, even while no policy has that name. Names that stand in a server's
 * configuration are required: see `corsac_engine_require_policy`.
 *
 * Returns: `CORSAC_STATUS_OK`, with the id in `*out`; `CORSAC_STATUS_NOT_FOUND` if no policy of
 * this engine ever had the name; `CORSAC_STATUS_INVALID_ARGUMENT`. Without success `*out` is
 * `CORSAC_POLICY_NONE`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_find_policy(const struct corsac_engine *engine,
                                        const struct corsac_str *name,
                                        corsac_policy *out);

/**
 * The name of the policy with this id, also while no policy has the name.
 *
 * Returns: nothing; writes a view to `*out`, absent for `CORSAC_POLICY_NONE`, `CORSAC_POLICY_ROUTE`
 * and ids of other engines.
 *
 * Memory: the view lives as long as `engine`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
void corsac_engine_policy_name(const struct corsac_engine *engine,
                               corsac_policy policy,
                               struct corsac_str *out);

/**
 * Lists the current policies.
 *
 * Returns: `CORSAC_STATUS_OK`, with the list in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
 * pointer is `NULL`.
 *
 * Memory: free the list with `corsac_policies_free`. It does not keep the policies in memory.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_policies(const struct corsac_engine *engine,
                                     struct corsac_policies **out);

/**
 * The number of policies.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API size_t corsac_policies_len(const struct corsac_policies *policies);

/**
 * One policy of a list.
 *
 * Returns: the policy; `NULL` if there is none with this index.
 *
 * Memory: lives as long as `policies`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
const struct corsac_policy_entry *corsac_policies_get(const struct corsac_policies *policies,
                                                      size_t index);

/**
 * Frees a list of policies.
 *
 * Returns: nothing.
 *
 * Memory: frees `policies`, which must not be used or freed again; `NULL` is ignored.
 *
 * Thread safety: any thread, while no other thread uses `policies`.
 */
CORSAC_API void corsac_policies_free(struct corsac_policies *policies);

/**
 * Creates a reader. It may move between threads and is used by one at a time, so a pool of readers works,
 * too; one for each worker is the fastest. If the process forks, create it in the child.
 *
 * Returns: `CORSAC_STATUS_OK`, with the reader in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
 * pointer is `NULL`.
 *
 * Memory: free the reader with `corsac_reader_free`. It keeps the engine's data alive, so the
 * engine may be freed first.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_reader_new(const struct corsac_engine *engine,
                                struct corsac_reader **out);

/**
 * Releases the policies that the reader holds, for readers that will be idle. The next decision
 * loads the current ones.
 *
 * Returns: nothing.
 *
 * Memory: invalidates the reader's last decision.
 *
 * Thread safety: one thread at a time per reader.
 */
CORSAC_API void corsac_reader_release(struct corsac_reader *reader);

/**
 * Frees a reader.
 *
 * Returns: nothing.
 *
 * Memory: frees `reader`, which must not be used or freed again, and invalidates its last
 * decision; `NULL` is ignored.
 *
 * Thread safety: any thread, while no other thread uses `reader`.
 */
CORSAC_API void corsac_reader_free(struct corsac_reader *reader);

/**
 * Applies a decision to the response of the upstream, or to one that the server generates: tells which of
 * its header lines to remove, which headers to add then, and what to add to its `Vary`. This is all that
 * `upstream`, `set` and `vary` of the decision ask for. The caller changes the response; applying the same
 * decision again changes nothing.
 *
 * `upstream` has the `upstream_len` header lines of the response, with names in any case. `remove` has room
 * for as many flags: `remove[i]` becomes true if line `i` is to be removed. Append the names in `*vary`, if
 * there are any, as a new line `vary`, or after `, ` to the last that is there.
 *
 * Returns: `CORSAC_STATUS_OK`; `CORSAC_STATUS_INVALID_ARGUMENT` if a pointer is `NULL`, or if a line cannot
 * be read. All results are written in either case. In the second they remove every header that could allow an
 * origin, and set none.
 *
 * Memory: `*set` refers to the headers of `decision`; `*vary` to a static string. Nothing is kept of
 * `upstream`.
 *
 * Thread safety: any thread, concurrently, while no call overwrites `decision`.
 */
CORSAC_API
corsac_status corsac_apply(const struct corsac_decision *decision,
                           const struct corsac_header *upstream,
                           size_t upstream_len,
                           bool *remove,
                           const struct corsac_header **set,
                           size_t *set_len,
                           struct corsac_str *vary);

/**
 * The names that are missing from a response's `Vary` lines: append them to a line, or add them as
 * a new line. Nothing is missing if a line contains `*`; merging twice has no further effect.
 *
 * Returns: nothing; writes the names, joined with `, `, to `*out`: empty if nothing is missing.
 *
 * Memory: `*out` refers to a static string.
 *
 * Thread safety: any thread, concurrently, while no call overwrites `decision`.
 */
CORSAC_API
void corsac_vary_merge(const struct corsac_decision *decision,
                       const struct corsac_lines *lines,
                       struct corsac_str *out);

/**
 * Returns the decision counters of an engine, summed over all readers.
 *
 * Returns: `CORSAC_STATUS_OK`, with the sums in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
 * pointer is `NULL`.
 *
 * Memory: free the sums with `corsac_stats_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_status corsac_engine_stats(const struct corsac_engine *engine,
                                  struct corsac_stats **out);

/**
 * The number of decisions with this verdict and reason.
 *
 * Returns: the number; 0 for `NULL` and for invalid arguments.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
uint64_t corsac_stats_count(const struct corsac_stats *stats,
                            uint32_t verdict,
                            uint32_t reason);

/**
 * The number of decisions.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API uint64_t corsac_stats_total(const struct corsac_stats *stats);

/**
 * The number of the engine's readers.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API size_t corsac_stats_readers(const struct corsac_stats *stats);

/**
 * The number of replaced policy sets that are not yet freed, because a reader still holds them or
 * there has been no reload or poll since.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API size_t corsac_stats_retired(const struct corsac_stats *stats);

/**
 * Frees statistics.
 *
 * Returns: nothing.
 *
 * Memory: frees `stats`, which must not be used or freed again; `NULL` is ignored.
 *
 * Thread safety: any thread, while no other thread uses `stats`.
 */
CORSAC_API void corsac_stats_free(struct corsac_stats *stats);

/**
 * The name of a `corsac_status`, also of the `error` of a decision.
 *
 * Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
 *
 * Memory: static.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API const char *corsac_error_name(uint32_t status);

/**
 * Reads a text.
 *
 * Returns: nothing; writes a view to `*out`, absent if `text` is `NULL`.
 *
 * Memory: the view lives as long as `text`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API void corsac_text_view(const struct corsac_text *text, struct corsac_str *out);

/**
 * Frees a text.
 *
 * Returns: nothing.
 *
 * Memory: frees `text`, which must not be used or freed again; `NULL` is ignored.
 *
 * Thread safety: any thread, while no other thread uses `text`.
 */
CORSAC_API void corsac_text_free(struct corsac_text *text);

/**
 * Decides one request by the current policies with a reader that the engine keeps for this thread, for
 * servers that are not told when a thread starts or ends. As `corsac_decide` otherwise; the first call of
 * a thread makes its reader, and each call costs some nanoseconds more.
 *
 * Returns: as `corsac_decide`; for a `NULL` engine a denial with `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: the thread's reader owns the decision. It is valid until the next call of this function or of
 * `corsac_engine_origin_allowed` for the same engine on the same thread, until the thread ends, and until
 * the engine is freed, whichever comes first; and only while the request's own bytes are. The reader is
 * freed at the end of its thread or of the engine; between two calls it holds the policies of the last.
 *
 * Thread safety: any thread, concurrently. A decision belongs to the thread that made it.
 */
CORSAC_API
CORSAC_MUST_USE
const struct corsac_decision *corsac_engine_decide(const struct corsac_engine *engine,
                                                   corsac_policy policy,
                                                   const struct corsac_request *request);

/**
 * As `corsac_origin_allowed`, with the reader that the engine keeps for this thread.
 *
 * Returns: a `corsac_origin`; `CORSAC_ORIGIN_NOT_ALLOWED` for an invalid call, a caught internal error or
 * an unknown policy.
 *
 * Memory: invalidates the decision that this thread made by `corsac_engine_decide` for the same engine.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
CORSAC_MUST_USE
corsac_origin corsac_engine_origin_allowed(const struct corsac_engine *engine,
                                           corsac_policy policy,
                                           const struct corsac_request *request);

/**
 * Whether this library is compatible with a program compiled with this header. Call it once with
 * `CORSAC_ABI_VERSION`, and refuse to start if it returns false.
 *
 * Returns: true if the upper 16 bits are equal and the lower 16 bits are not greater than the
 * library's.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API bool corsac_abi_is_compatible(uint32_t header_version);

/**
 * The version of the library's interface.
 *
 * Returns: `CORSAC_ABI_VERSION` as it was when the library was made.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API uint32_t corsac_abi_version(void);

/**
 * The release of the library, such as `"0.1.0"`.
 *
 * Returns: a text that ends in NUL. Never `NULL`.
 *
 * Memory: static.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API const char *corsac_version(void);

/**
 * Starts a thread that reloads the document when it or a list file changes. Rejected documents are
 * reported by `corsac_engine_status`. Threads do not survive a fork, so call this in the child. A
 * child forked while its parent was watching, or while another thread of the parent was reloading,
 * may create readers, decide, and free what it has. Loading, looking up ids or watching could
 * deadlock in such a child, because it may wait for a thread that does not exist there; to do any
 * of these, stop the watch before forking.
 *
 * Returns: `CORSAC_STATUS_OK` if the thread runs, also if it ran before;
 * `CORSAC_STATUS_THREAD` if none can be started; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: the thread ends with `corsac_engine_unwatch` or `corsac_engine_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API CORSAC_MUST_USE corsac_status corsac_engine_watch(const struct corsac_engine *engine);

/**
 * Stops the thread started by `corsac_engine_watch` and waits for it to end. Does nothing if there
 * is no such thread.
 *
 * Returns: nothing.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently. Blocks until a load in progress has finished.
 */
CORSAC_API void corsac_engine_unwatch(const struct corsac_engine *engine);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#ifndef CORSAC_NO_INLINE

#ifdef __cplusplus
#define CORSAC_INLINE inline
#else
#define CORSAC_INLINE static inline
#endif

/** Whether `name` begins with `start`, which is in lower case; ignores ASCII case. */
CORSAC_INLINE bool corsac_detail_starts_with(const corsac_str *name, const char *start, size_t len)
{
    size_t i;

    if (!name->ptr || name->len < len) return false;
    for (i = 0; i < len; i++) {
        const char byte = name->ptr[i];
        if ((byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte) != start[i]) return false;
    }
    return true;
}

/**
 * Whether corsac manages a response header for this request: every `access-control-*` header is
 * managed, and `timing-allow-origin` if the policy sets it. Ignores ASCII case. If `decision` is
 * `NULL`, only `access-control-*` headers count, which is the test that `CORSAC_UPSTREAM_KEEP`
 * needs. This function is part of the header, so it costs no call into the library.
 *
 * Returns: true if the header is managed; false if `name` is `NULL` or absent.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently, while no call overwrites `decision`.
 */
CORSAC_INLINE bool corsac_is_managed_header(const corsac_decision *decision, const corsac_str *name)
{
    if (!name) return false;
    return corsac_detail_starts_with(name, "access-control-", 15)
           || (decision && decision->manages_timing && name->len == 19
               && corsac_detail_starts_with(name, "timing-allow-origin", 19));
}

#endif

#endif
