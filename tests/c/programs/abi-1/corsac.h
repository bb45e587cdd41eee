/* corsac: a CORS decision engine. The C interface.
 *
 * Start: an engine from a document (corsac_engine_new_from_file), an id for each policy that the
 * server uses (corsac_engine_policy_id), a reader for each worker (corsac_reader_new). Each request:
 * corsac_decide, and what the decision says. docs/embedding.md has the whole story.
 *
 * Views. A corsac_str is not NUL-terminated. What a request's views show must be readable, and must
 * not change, until the decision is done with: a decision may point at the request's own bytes.
 * All other views that are handed in are read only during the call.
 *
 * Threads. A function that takes a const handle may be called by many threads at a time; one that
 * takes a handle without const, by one thread at a time for each handle. Nothing here starts a
 * thread but corsac_engine_watch, and nothing installs a signal handler.
 *
 * Errors. A corsac_status of 0 is success. Results are written only then, unless a function says
 * otherwise; any place for a result that is marked so may be NULL. A panic of the library does not
 * cross this interface: it is CORSAC_STATUS_PANIC, and a decision that panicked is denied.
 *
 * Growth. Numbers are permanent. Structs that callers fill begin with struct_size; structs that the
 * library fills and owns grow at their end. corsac_abi_is_compatible says at run time whether
 * library and header fit.
 */


#ifndef CORSAC_H
#define CORSAC_H

/* Written by cbindgen from the crate corsac-ffi: change it there. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define CORSAC_API __declspec(dllimport)
#elif defined(__GNUC__)
#define CORSAC_API __attribute__((visibility("default")))
#else
#define CORSAC_API
#endif

/* A request without anything, for the library that this header is of. Size is what matters: every
 * other field is absent if it is zero. */
#ifdef __cplusplus
#define CORSAC_REQUEST_INIT corsac_request{sizeof(corsac_request), {}, {}, {}, {}, {}, {}, {}}
#else
#define CORSAC_REQUEST_INIT {.struct_size = sizeof(corsac_request)}
#endif


/**
 * Let the document's routes choose the policy, by the request's `host` and `path`.
 */
#define CORSAC_POLICY_ROUTE UINT32_MAX

/**
 * No policy decided.
 */
#define CORSAC_POLICY_NONE UINT32_MAX

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
 * The header names were refused.
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
 * must be compiled again, the lower ones when something was added.
 */
#define CORSAC_ABI_VERSION 65536

/**
 * What a policy says of an origin alone.
 */
enum corsac_origin
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
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
#ifndef __cplusplus
typedef uint32_t corsac_origin;
#endif // __cplusplus

/**
 * How a call ended. 0 is success; the numbers are permanent.
 */
enum corsac_status
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
    /**
     * It did what it says.
     */
    CORSAC_STATUS_OK = 0,
    /**
     * A pointer is `NULL` that must not be, a text is not UTF-8, or a number is none that the
     * interface knows.
     */
    CORSAC_STATUS_INVALID_ARGUMENT = 1,
    /**
     * A defect of the library was caught. Nothing was changed.
     */
    CORSAC_STATUS_PANIC = 2,
    /**
     * The document was refused; the diagnostics say why. What served before goes on serving.
     */
    CORSAC_STATUS_CONFIG = 3,
    /**
     * No policy has that name.
     */
    CORSAC_STATUS_NOT_FOUND = 4,
    /**
     * There is more to write than the buffer holds.
     */
    CORSAC_STATUS_BUFFER_TOO_SMALL = 5,
    /**
     * The system gives no more threads.
     */
    CORSAC_STATUS_THREAD = 6,
};
#ifndef __cplusplus
typedef uint32_t corsac_status;
#endif // __cplusplus

/**
 * What came of asking the sources for something new.
 */
enum corsac_poll
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
    /**
     * What serves is what the sources say.
     */
    CORSAC_POLL_UNCHANGED = 0,
    /**
     * Something changed a moment ago and may still be written: ask again.
     */
    CORSAC_POLL_UNSETTLED = 1,
    /**
     * New policies serve.
     */
    CORSAC_POLL_RELOADED = 2,
    /**
     * The sources changed and were refused; what served before goes on serving.
     */
    CORSAC_POLL_REFUSED = 3,
};
#ifndef __cplusplus
typedef uint32_t corsac_poll;
#endif // __cplusplus

/**
 * The answer in one word.
 */
enum corsac_verdict
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
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
     * The page may send the request that it asked for.
     */
    CORSAC_VERDICT_PREFLIGHT_ALLOWED = 4,
    /**
     * The page may not send the request that it asked for.
     */
    CORSAC_VERDICT_PREFLIGHT_DENIED = 5,
    /**
     * No policy covers the request.
     */
    CORSAC_VERDICT_NO_POLICY = 6,
};
#ifndef __cplusplus
typedef uint32_t corsac_verdict;
#endif // __cplusplus

/**
 * Why, in one word.
 */
enum corsac_reason
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
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
     * Not a serialised origin: nothing a browser sends.
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
     * The requested header names are no list of tokens.
     */
    CORSAC_REASON_HEADERS_MALFORMED = 9,
    /**
     * More lines, elements, white space or bytes than the grant's list can need.
     */
    CORSAC_REASON_HEADERS_OVER_BUDGET = 10,
    /**
     * A header name that the deciding grant does not allow.
     */
    CORSAC_REASON_HEADER_NOT_ALLOWED = 11,
    /**
     * A request for private network access, which the policy does not give.
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
     * A defect of the engine, caught, or a wrong call: denied.
     */
    CORSAC_REASON_INTERNAL = 15,
};
#ifndef __cplusplus
typedef uint32_t corsac_reason;
#endif // __cplusplus

/**
 * How much a diagnostic weighs.
 */
enum corsac_severity
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
    /**
     * The document is refused.
     */
    CORSAC_SEVERITY_ERROR = 0,
    /**
     * It is accepted, and something in it is dangerous.
     */
    CORSAC_SEVERITY_WARNING = 1,
    /**
     * It is accepted, and something in it is worth knowing.
     */
    CORSAC_SEVERITY_NOTE = 2,
};
#ifndef __cplusplus
typedef uint32_t corsac_severity;
#endif // __cplusplus

/**
 * What becomes of the managed headers that the upstream put into its response.
 */
enum corsac_upstream
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
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
#ifndef __cplusplus
typedef uint32_t corsac_upstream;
#endif // __cplusplus

/**
 * How a document in memory is written.
 */
enum corsac_format
#ifdef __cplusplus
  : uint32_t
#endif // __cplusplus
 {
    /**
     * TOML.
     */
    CORSAC_FORMAT_TOML = 0,
    /**
     * JSON of the same shape.
     */
    CORSAC_FORMAT_JSON = 1,
};
#ifndef __cplusplus
typedef uint32_t corsac_format;
#endif // __cplusplus

/**
 * What a load has to say: all errors, warnings and notes at once, in the order of their places.
 */
typedef struct corsac_diagnostics corsac_diagnostics;

/**
 * The policies that serve, and where they come from. They can be replaced while requests are
 * decided by them.
 */
typedef struct corsac_engine corsac_engine;

/**
 * Decides on the current policies of an engine: one per worker thread or event loop. It keeps the
 * decision that it made last.
 */
typedef struct corsac_reader corsac_reader;

/**
 * What an engine did and holds, at one moment.
 */
typedef struct corsac_stats corsac_stats;

/**
 * A text that the library made, UTF-8.
 */
typedef struct corsac_text corsac_text;

/**
 * Bytes that somebody else keeps. They need not end in NUL, and may hold any byte.
 *
 * `ptr == NULL` is absent; any other `ptr` with `len == 0` is present and empty, which is not the
 * same: an empty `Origin` is an `Origin`.
 */
typedef struct corsac_str {
    /**
     * Where the bytes are.
     */
    const char *ptr;
    /**
     * How many there are.
     */
    size_t len;
} corsac_str;

/**
 * One header to set: a name in lower case, and its value.
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
 * One request, decided. Fields are only ever added, behind the others.
 *
 * Take out the managed headers of the upstream's response if `upstream` says so
 * (`corsac_is_managed_header`), set the headers of `set`, merge `vary` (`corsac_vary_merge`), and
 * answer with `status`, or forward the request if it is 0.
 */
typedef struct corsac_decision {
    /**
     * The answer in one word: a `corsac_verdict`.
     */
    uint32_t verdict;
    /**
     * Why: a `corsac_reason`.
     */
    uint32_t reason;
    /**
     * The checks that failed: bits of `CORSAC_FAILED_*`.
     */
    uint32_t failed;
    /**
     * The status to answer with, here and now; 0 forwards the request.
     */
    uint32_t status;
    /**
     * What to merge into the response's `Vary`: bits of `CORSAC_VARY_*`.
     */
    uint32_t vary;
    /**
     * What becomes of the upstream's managed headers: a `corsac_upstream`.
     */
    uint32_t upstream;
    /**
     * The policy that decided; `CORSAC_POLICY_NONE` if there is none.
     */
    uint32_t policy;
    /**
     * The grant of the row that matched, 0 being the policy's own `allow_origins`;
     * `CORSAC_GRANT_NONE` if there is none.
     */
    uint32_t grant;
    /**
     * The generation of the policies that decided.
     */
    uint64_t generation;
    /**
     * A `corsac_status`. Not 0: the call was wrong or a defect was caught, and the request is
     * denied.
     */
    uint32_t error;
    /**
     * The number of headers to set, at most 10.
     */
    size_t set_len;
    /**
     * The headers to set. A name stands more than once where it is to be set in several lines.
     */
    const struct corsac_header *set;
    /**
     * The row that matched, as the document writes it; absent if there is none.
     */
    struct corsac_str rule;
} corsac_decision;

/**
 * The lines of one header, in the order in which they came: an array of `len` views.
 *
 * `ptr == NULL` or `len == 0` is a header that the request does not have. A view in the array that
 * is absent counts as an empty line.
 */
typedef struct corsac_lines {
    /**
     * The first line.
     */
    const struct corsac_str *ptr;
    /**
     * How many there are.
     */
    size_t len;
} corsac_lines;

/**
 * What a decision depends on. Begin with `corsac_request request = CORSAC_REQUEST_INIT;`, which
 * sets `struct_size` and makes everything else absent.
 *
 * The library reads the first `struct_size` bytes and takes what is missing for absent, so that a
 * program may be older than the library; of a program that is newer it passes over what it does
 * not know.
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
     * The `Origin` lines. All of them: that there are two is a fact of its own.
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
     * For `CORSAC_POLICY_ROUTE`: the request's host.
     */
    struct corsac_str host;
    /**
     * For `CORSAC_POLICY_ROUTE`: the request's path, as the server normalised it.
     */
    struct corsac_str path;
} corsac_request;

/**
 * One thing that is wrong with a document, or dangerous.
 */
typedef struct corsac_diagnostic {
    /**
     * Its permanent name, such as `origin/trailing-slash`.
     */
    struct corsac_str code;
    /**
     * How much it weighs: a `corsac_severity`.
     */
    uint32_t severity;
    /**
     * The line, from 1; 0 if it has no place.
     */
    uint32_t line;
    /**
     * The column in characters, from 1; 0 if it has no place.
     */
    uint32_t column;
    /**
     * The policy that it is about; absent if it is about none.
     */
    struct corsac_str policy;
    /**
     * The file that it is in, a list file as the document names it; absent if it has no place.
     */
    struct corsac_str file;
    /**
     * What is wrong.
     */
    struct corsac_str message;
    /**
     * What to write instead; absent if there is nothing to say.
     */
    struct corsac_str help;
} corsac_diagnostic;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Decides one request by the current policies. `policy` is from `corsac_engine_policy_id`, or
 * `CORSAC_POLICY_ROUTE`. Allocates nothing, takes no lock, and costs the same for any number of
 * origins.
 *
 * Returns: the decision, never `NULL`. A wrong call (`NULL`, no method, a `struct_size` that is
 * none) and a caught defect are denied, with `error` saying why; an id that no policy has is
 * `CORSAC_VERDICT_NO_POLICY`.
 *
 * Memory: the decision belongs to the reader. It lives until the next call with the same reader,
 * and only as long as the request's own bytes, which it may point at. `corsac_decision_copy`
 * keeps it.
 *
 * Thread safety: one thread at a time per reader.
 */
CORSAC_API
const struct corsac_decision *corsac_decide(struct corsac_reader *reader,
                                            uint32_t policy,
                                            const struct corsac_request *request);

/**
 * Whether a policy lists a request's origin, for handshakes that carry an `Origin` without CORS
 * being applied (WebSocket, WebTransport). Only the request's `origin` lines are looked at. A
 * policy for any origin gives false: public data says nothing about who may open a connection.
 *
 * Returns: a `corsac_origin`; for a wrong call, a caught defect or an unknown policy
 * `CORSAC_ORIGIN_NOT_ALLOWED`.
 *
 * Memory: ends the life of the decision that was made last.
 *
 * Thread safety: one thread at a time per reader.
 */
CORSAC_API
corsac_origin corsac_origin_allowed(struct corsac_reader *reader,
                                    uint32_t policy,
                                    const struct corsac_request *request);

/**
 * Copies a decision with all that it points at, for servers that emit headers after the reader
 * has gone on. Copies can be copied.
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
corsac_status corsac_decision_copy(const struct corsac_decision *decision,
                                   void *buffer,
                                   size_t buffer_len,
                                   size_t *needed,
                                   const struct corsac_decision **out);

/**
 * How many diagnostics there are.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API size_t corsac_diagnostics_len(const struct corsac_diagnostics *diagnostics);

/**
 * Shows one diagnostic.
 *
 * Returns: `CORSAC_STATUS_OK`, with the diagnostic in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT`
 * if there is none with this index.
 *
 * Memory: the views live as long as `diagnostics`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
corsac_status corsac_diagnostics_get(const struct corsac_diagnostics *diagnostics,
                                     size_t index,
                                     struct corsac_diagnostic *out);

/**
 * All diagnostics as one text of several lines, for a log or a terminal.
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
 * Memory: ends the life of `diagnostics`, at most once; `NULL` is nothing.
 *
 * Thread safety: any thread, when no other uses `diagnostics`.
 */
CORSAC_API void corsac_diagnostics_free(struct corsac_diagnostics *diagnostics);

/**
 * An engine that serves a document and the list files that it names. A name that ends in `.json`
 * is JSON, every other is TOML. Starts no thread; may be followed by a fork, after which parent
 * and child have engines of their own.
 *
 * Returns: `CORSAC_STATUS_OK`, with the engine in `*out`; `CORSAC_STATUS_CONFIG`, with the reasons
 * in `*error`, if the document is refused or cannot be read; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: free the engine with `corsac_engine_free`, and `*error`, which is written only with
 * `CORSAC_STATUS_CONFIG`, with `corsac_diagnostics_free`. `error` may be `NULL`.
 *
 * Thread safety: any thread, concurrently. Blocks for reading and compiling.
 */
CORSAC_API
corsac_status corsac_engine_new_from_file(const struct corsac_str *file,
                                          struct corsac_engine **out,
                                          struct corsac_diagnostics **error);

/**
 * An engine that serves a document from memory. List files that it names are not read: it is
 * refused if it names any.
 *
 * Returns: as `corsac_engine_new_from_file`; `format` is a `corsac_format`.
 *
 * Memory: as `corsac_engine_new_from_file`. The text is not needed any more when this returns.
 *
 * Thread safety: any thread, concurrently. Blocks for compiling.
 */
CORSAC_API
corsac_status corsac_engine_new_from_text(const struct corsac_str *text,
                                          uint32_t format,
                                          struct corsac_engine **out,
                                          struct corsac_diagnostics **error);

/**
 * Serves another file from now on, or, if `file` is `NULL`, what the same file says now. A refused
 * document changes nothing.
 *
 * Returns: `CORSAC_STATUS_OK` if the sources are what serves now; `CORSAC_STATUS_CONFIG`, with the
 * reasons in `*error`, if the document was refused; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: free `*error`, which is written only with `CORSAC_STATUS_CONFIG`, with
 * `corsac_diagnostics_free`. `error` may be `NULL`.
 *
 * Thread safety: any thread, concurrently; reloads take turns, and no reader waits. Blocks for
 * reading and compiling.
 */
CORSAC_API
corsac_status corsac_engine_reload_file(const struct corsac_engine *engine,
                                        const struct corsac_str *file,
                                        struct corsac_diagnostics **error);

/**
 * Serves a document from memory from now on. A refused document changes nothing.
 *
 * Returns: as `corsac_engine_reload_file`; `format` is a `corsac_format`.
 *
 * Memory: as `corsac_engine_reload_file`. The text is not needed any more when this returns.
 *
 * Thread safety: any thread, concurrently; reloads take turns, and no reader waits. Blocks for
 * compiling.
 */
CORSAC_API
corsac_status corsac_engine_reload_text(const struct corsac_engine *engine,
                                        const struct corsac_str *text,
                                        uint32_t format,
                                        struct corsac_diagnostics **error);

/**
 * Whether the document or one of its lists may have changed since it was last looked at. Only asks
 * the file system for their times and sizes, so an event loop can call it from a timer.
 *
 * Returns: true if a `corsac_engine_poll` has something to do; false without a file.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API bool corsac_engine_changed(const struct corsac_engine *engine);

/**
 * Loads the document and its lists again if they changed and are settled, and frees policies that
 * were replaced and that no reader holds any more. A refused document changes nothing, and is
 * tried again when it changes again.
 *
 * Returns: `CORSAC_STATUS_OK`, with a `corsac_poll` in `*out`; `CORSAC_STATUS_CONFIG`, with
 * `CORSAC_POLL_REFUSED` in `*out` and the reasons in `*error`; `CORSAC_STATUS_INVALID_ARGUMENT`.
 * `out` may be `NULL`.
 *
 * Memory: as `corsac_engine_reload_file`.
 *
 * Thread safety: any thread, concurrently; reloads take turns, and no reader waits. Blocks for as
 * long as reading and compiling takes if something changed: an event loop with large lists calls
 * it from a thread.
 */
CORSAC_API
corsac_status corsac_engine_poll(const struct corsac_engine *engine,
                                 corsac_poll *out,
                                 struct corsac_diagnostics **error);

/**
 * The generation of the policies that serve: 1, and one more after each reload.
 *
 * Returns: the generation; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API uint64_t corsac_engine_generation(const struct corsac_engine *engine);

/**
 * The id of the policy with this name. A name keeps its id for the engine's life, also while no
 * policy has it: ask once, when the server starts.
 *
 * Returns: `CORSAC_STATUS_OK`, with the id in `*out`; `CORSAC_STATUS_NOT_FOUND` if no policy of
 * this engine ever had the name; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
corsac_status corsac_engine_policy_id(const struct corsac_engine *engine,
                                      const struct corsac_str *name,
                                      uint32_t *out);

/**
 * The warnings and notes of the document that serves.
 *
 * Returns: `CORSAC_STATUS_OK`, with the diagnostics, perhaps none, in `*out`;
 * `CORSAC_STATUS_INVALID_ARGUMENT` if a pointer is `NULL`.
 *
 * Memory: free the diagnostics with `corsac_diagnostics_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
corsac_status corsac_engine_warnings(const struct corsac_engine *engine,
                                     struct corsac_diagnostics **out);

/**
 * Where the engine stands, as one line of JSON: generation, digest of the sources, when they were
 * loaded, the last error and when it was met, whether they are watched.
 *
 * Returns: `CORSAC_STATUS_OK`, with the text in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
 * pointer is `NULL`.
 *
 * Memory: free the text with `corsac_text_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
corsac_status corsac_engine_status(const struct corsac_engine *engine,
                                   struct corsac_text **out);

/**
 * Frees an engine, and ends its watch. Its readers go on with the policies that they have.
 *
 * Returns: nothing.
 *
 * Memory: ends the life of `engine`, at most once; `NULL` is nothing.
 *
 * Thread safety: any thread, when no other uses `engine`.
 */
CORSAC_API void corsac_engine_free(struct corsac_engine *engine);

/**
 * The name of a `corsac_verdict`, as in logs and in every other face.
 *
 * Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
 *
 * Memory: static.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API const char *corsac_verdict_name(uint32_t verdict);

/**
 * The name of a `corsac_reason`, as in logs and in every other face.
 *
 * Returns: a text that ends in NUL; `"unknown"` for numbers of a later release. Never `NULL`.
 *
 * Memory: static.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API const char *corsac_reason_name(uint32_t reason);

/**
 * A reader for one thread. Take it on the thread that will use it, and after a fork in the child.
 *
 * Returns: `CORSAC_STATUS_OK`, with the reader in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
 * pointer is `NULL`.
 *
 * Memory: free the reader with `corsac_reader_free`. It holds on to the engine, which may be freed
 * first.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
corsac_status corsac_reader_new(const struct corsac_engine *engine,
                                struct corsac_reader **out);

/**
 * Lets go of the policies that the reader saw last, for readers that will be idle. The next
 * decision loads the current ones.
 *
 * Returns: nothing.
 *
 * Memory: ends the life of the decision that was made last.
 *
 * Thread safety: one thread at a time per reader.
 */
CORSAC_API void corsac_reader_release(struct corsac_reader *reader);

/**
 * Frees a reader.
 *
 * Returns: nothing.
 *
 * Memory: ends the life of `reader` and of the decision that it made last, at most once; `NULL` is
 * nothing.
 *
 * Thread safety: any thread, when no other uses `reader`.
 */
CORSAC_API void corsac_reader_free(struct corsac_reader *reader);

/**
 * Whether a response header is one that corsac manages for this request: every `access-control-*`,
 * and `timing-allow-origin` where the policy sets it. Ignores ASCII case. Where `decision` is
 * `NULL`, only the former: the question that `CORSAC_UPSTREAM_KEEP` asks of a response.
 *
 * Returns: true if it is.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently, while no call overwrites `decision`.
 */
CORSAC_API
bool corsac_is_managed_header(const struct corsac_decision *decision,
                              const struct corsac_str *name);

/**
 * What is still to be merged into a response that has these `Vary` lines: add it to a line, or as
 * a line. Nothing is missing where a line has `*`; doing it twice changes nothing more.
 *
 * Returns: nothing; writes the names, joined with `, `, to `*out`: empty if nothing is missing.
 *
 * Memory: what `*out` shows is static.
 *
 * Thread safety: any thread, concurrently, while no call overwrites `decision`.
 */
CORSAC_API
void corsac_vary_merge(const struct corsac_decision *decision,
                       const struct corsac_lines *lines,
                       struct corsac_str *out);

/**
 * Sums up what all readers of an engine decided so far.
 *
 * Returns: `CORSAC_STATUS_OK`, with the sums in `*out`; `CORSAC_STATUS_INVALID_ARGUMENT` if a
 * pointer is `NULL`.
 *
 * Memory: free the sums with `corsac_stats_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API
corsac_status corsac_engine_stats(const struct corsac_engine *engine,
                                  struct corsac_stats **out);

/**
 * How often this verdict had this reason.
 *
 * Returns: the number; 0 for `NULL` and for numbers that are none.
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
 * How many decisions were made.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API uint64_t corsac_stats_total(const struct corsac_stats *stats);

/**
 * How many readers the engine has.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API size_t corsac_stats_readers(const struct corsac_stats *stats);

/**
 * How many sets of policies were replaced and are not freed, because a reader holds them or no
 * reload or poll came by since.
 *
 * Returns: the number; 0 for `NULL`.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API size_t corsac_stats_retired(const struct corsac_stats *stats);

/**
 * Frees sums.
 *
 * Returns: nothing.
 *
 * Memory: ends the life of `stats`, at most once; `NULL` is nothing.
 *
 * Thread safety: any thread, when no other uses `stats`.
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
 * Shows a text.
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
 * Memory: ends the life of `text`, at most once; `NULL` is nothing.
 *
 * Thread safety: any thread, when no other uses `text`.
 */
CORSAC_API void corsac_text_free(struct corsac_text *text);

/**
 * Whether this library can serve a program that was compiled with this header: call it once with
 * `CORSAC_ABI_VERSION`, and refuse to start where it gives false.
 *
 * Returns: true for the same upper half and a lower half that the library has.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API bool corsac_abi_is_compatible(uint32_t header_version);

/**
 * The version of the interface that the library has.
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
 * Starts a thread that reloads when the document or a list changes. Refused documents show in
 * `corsac_engine_status`. Threads do not outlive a fork: call it in the child. A child that was
 * forked while its parent's watch ran, or while another thread of the parent reloaded, may make
 * readers and decide, and free what it has; to load, to ask for ids or to watch, it could wait for
 * ever for a thread that it does not have. Who needs that ends the watch before the fork.
 *
 * Returns: `CORSAC_STATUS_OK` if the thread runs, also if it ran before;
 * `CORSAC_STATUS_THREAD` if none can be started; `CORSAC_STATUS_INVALID_ARGUMENT`.
 *
 * Memory: the thread ends with `corsac_engine_unwatch` or `corsac_engine_free`.
 *
 * Thread safety: any thread, concurrently.
 */
CORSAC_API corsac_status corsac_engine_watch(const struct corsac_engine *engine);

/**
 * Ends the thread that `corsac_engine_watch` started, and waits for its end; nothing if there is
 * none.
 *
 * Returns: nothing.
 *
 * Memory: none.
 *
 * Thread safety: any thread, concurrently. Blocks for a load that is being made.
 */
CORSAC_API void corsac_engine_unwatch(const struct corsac_engine *engine);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CORSAC_H */
