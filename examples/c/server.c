/* An HTTP server with CORS by a policy document, on libmicrohttpd: one thread, an event loop, hot reload.
 *
 *   server DOCUMENT POLICY [PORT]      without PORT the system chooses one */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <corsac.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 100, MAX_LINES = 8 };

/* A decision, and behind it what it points at. */
struct kept {
    const corsac_decision *decision;
    char block[];
};

typedef struct server {
    corsac_engine *engine;
    corsac_reader *reader; /* one for each thread that decides; here it is one */
    corsac_policy policy;
} server;

/* What the application says. It knows nothing of policies, and its `*` must reach nobody. */
typedef struct answer {
    unsigned status;
    const char *body;
    size_t len;
    corsac_header lines[MAX_LINES];
} answer;

static volatile sig_atomic_t stopping;

static void stop(int signal) {
    (void)signal;
    stopping = 1;
}

static corsac_str str(const char *text) {
    const corsac_str view = {text, strlen(text)};
    return view;
}

static void add(answer *answer, const char *name, const char *value) {
    const corsac_header line = {str(name), str(value)};
    if (answer->len < MAX_LINES) answer->lines[answer->len++] = line;
}

static answer application(const char *method, const char *path) {
    answer answer = {MHD_HTTP_OK, "[\"milk\",\"bread\"]\n", 0, {{{NULL, 0}, {NULL, 0}}}};
    add(&answer, "Access-Control-Allow-Origin", "*");
    add(&answer, "Vary", "Accept-Encoding");
    if (strcmp(path, "/notes") != 0) {
        answer.status = MHD_HTTP_NOT_FOUND;
        answer.body = "not found\n";
    } else if (strcmp(method, "PUT") == 0) {
        answer.body = "written\n";
    } else {
        add(&answer, "Content-Type", "application/json");
    }
    return answer;
}

static enum MHD_Result take_line(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                 const char *value, size_t value_len) {
    corsac_request *const request = cls;
    corsac_header *const line = (corsac_header *)request->headers + request->headers_len++;
    (void)kind;
    line->name = (corsac_str){name, name_len};
    line->value = (corsac_str){value ? value : "", value_len};
    return MHD_YES;
}

/* Decides, once for a request, and keeps the decision: others are decided before this request is answered.
 * Returns: the decision, in a block that ends with the request; NULL without memory. */
static struct kept *decide(server *server, struct MHD_Connection *connection, const char *method) {
    corsac_request request = CORSAC_REQUEST_INIT;
    const corsac_decision *decision;
    const int len = MHD_get_connection_values_n(connection, MHD_HEADER_KIND, NULL, NULL);
    corsac_header *const lines = calloc((size_t)len + 1, sizeof *lines);
    struct kept *kept;
    size_t size = 0;

    if (lines == NULL) return NULL;
    request.method = str(method);
    request.headers = lines;
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_line, &request);
    decision = corsac_decide(server->reader, server->policy, &request);
    free(lines);
    fprintf(stderr, "%s: %s %s\n", method, corsac_verdict_name(decision->verdict),
            corsac_reason_name(decision->reason));
    if (corsac_decision_copy(decision, NULL, 0, &size, NULL) != CORSAC_STATUS_BUFFER_TOO_SMALL) return NULL;
    kept = malloc(sizeof *kept + size);
    if (kept == NULL || corsac_decision_copy(decision, kept->block, size, NULL, &kept->decision)) {
        free(kept);
        return NULL;
    }
    return kept;
}

static void add_line(struct MHD_Response *response, corsac_str name, corsac_str value) {
    char *const name_text = strndup(name.ptr, name.len), *const value_text = strndup(value.ptr, value.len);
    if (name_text != NULL && value_text != NULL) MHD_add_response_header(response, name_text, value_text);
    free(name_text);
    free(value_text);
}

/* Sends an answer as the decision changes it: every answer, also a 404. */
static enum MHD_Result respond(struct MHD_Connection *connection, const corsac_decision *decision,
                               const answer *answer) {
    struct MHD_Response *const response =
        MHD_create_response_from_buffer(strlen(answer->body), (void *)answer->body, MHD_RESPMEM_PERSISTENT);
    bool remove[MAX_LINES];
    const corsac_header *set = NULL;
    size_t set_len = 0;
    corsac_str vary = {NULL, 0};
    enum MHD_Result sent;

    if (response == NULL) return MHD_NO;
    corsac_apply(decision, answer->lines, answer->len, remove, &set, &set_len, &vary);
    for (size_t i = 0; i < answer->len; i++) {
        if (!remove[i]) add_line(response, answer->lines[i].name, answer->lines[i].value);
    }
    for (size_t i = 0; i < set_len; i++) add_line(response, set[i].name, set[i].value);
    if (vary.len > 0) add_line(response, str("vary"), vary);
    sent = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return sent;
}

/* Called when a request's headers are there, for each part of its body, and at its end. */
static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *body, size_t *body_len, void **state) {
    const struct kept *kept = *state;
    answer answer = {0, "", 0, {{{NULL, 0}, {NULL, 0}}}};

    (void)version, (void)body;
    if (kept == NULL) {
        *state = decide(cls, connection, method);
        if ((kept = *state) == NULL) return MHD_NO;
        answer.status = kept->decision->status;
        /* A preflight, or a request that is refused: nobody else sees it. */
        return answer.status != 0 ? respond(connection, kept->decision, &answer) : MHD_YES;
    }
    if (*body_len > 0) {
        *body_len = 0;
        return MHD_YES;
    }
    answer = application(method, path);
    return respond(connection, kept->decision, &answer);
}

static void completed(void *cls, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode how) {
    (void)cls, (void)connection, (void)how;
    free(*state);
    *state = NULL;
}

static int complain(const char *what, corsac_status status, corsac_diagnostics *error) {
    corsac_str text;

    corsac_diagnostics_text(error, &text);
    fprintf(stderr, "%s: %s\n%.*s\n", what, corsac_error_name(status), (int)text.len, text.ptr ? text.ptr : "");
    corsac_diagnostics_free(error);
    return 2;
}

/* On each tick: it costs a few calls of stat if nothing changed. */
static void reload(server *server) {
    corsac_diagnostics *error = NULL;
    corsac_poll poll = CORSAC_POLL_UNCHANGED;
    corsac_status status;

    if (!corsac_engine_changed(server->engine)) return;
    status = corsac_engine_poll(server->engine, &poll, &error);
    if (status != CORSAC_STATUS_OK) complain("not reloaded, the last good policies stay in use", status, error);
    if (poll != CORSAC_POLL_RELOADED) return;
    corsac_reader_release(server->reader); /* or it would hold the old policies until the next request */
    fprintf(stderr, "reloaded\n");
}

static int serve(server *server, unsigned port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    const struct sigaction action = {.sa_handler = stop};
    const union MHD_DaemonInfo *info;
    struct MHD_Daemon *daemon;

    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    daemon = MHD_start_daemon(MHD_USE_ERROR_LOG, (uint16_t)port, NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR,
                              &address, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
    if (daemon == NULL) return fprintf(stderr, "cannot listen on port %u\n", port), 2;
    info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    printf("http://127.0.0.1:%u\n", info ? info->port : port);
    fflush(stdout);
    while (!stopping) {
        MHD_run_wait(daemon, TICK_MS);
        reload(server);
    }
    MHD_stop_daemon(daemon);
    return 0;
}

int main(int argc, char **argv) {
    server server = {NULL, NULL, CORSAC_POLICY_NONE};
    corsac_diagnostics *error = NULL;
    corsac_status status;
    corsac_str file, name;
    int code;

    if (argc != 3 && argc != 4) return fprintf(stderr, "usage: server DOCUMENT POLICY [PORT]\n"), 2;
    if (!corsac_abi_is_compatible(CORSAC_ABI_VERSION)) return fprintf(stderr, "another libcorsac is needed\n"), 2;
    file = str(argv[1]);
    name = str(argv[2]);
    status = corsac_engine_new_from_file(&file, &server.engine, &error);
    if (status != CORSAC_STATUS_OK) return complain(argv[1], status, error);
    status = corsac_engine_require_policy(server.engine, &name, &server.policy);
    if (status == CORSAC_STATUS_OK) status = corsac_reader_new(server.engine, &server.reader);
    code = status == CORSAC_STATUS_OK ? serve(&server, argc == 4 ? (unsigned)atoi(argv[3]) : 0)
                                      : complain(argv[2], status, NULL);
    corsac_reader_free(server.reader);
    corsac_engine_free(server.engine);
    return code;
}
