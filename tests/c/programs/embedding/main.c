/* Runs every snippet of docs/embedding.md, on a document in the folder that it is given. */
#define _POSIX_C_SOURCE 200809L
#include "server.h"

#include "snippets.inc"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                \
    do {                                                                                \
        if (!(condition)) {                                                             \
            fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, server_said); \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

#define APP "https://app.example.com"
#define DOCUMENT(origin) "version = 1\n[policy.api]\nallow_origins = [\"" origin "\"]\nallow_methods = [\"PUT\"]\n" \
    "[policy.kept]\nallow_origins = [\"" origin "\"]\nupstream = \"keep\"\ntiming_allow_origin = [\"*\"]\n"

static char path[4096];

static void write_document(const char *text) {
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static server_request a_request(const char *method, const char *origin) {
    server_request request;
    memset(&request, 0, sizeof request);
    request.method = server_literal(method);
    request.host = server_literal("api.example.com");
    request.path = server_literal("/");
    if (origin != NULL) server_add(&request.headers, server_literal("origin"), server_literal(origin));
    return request;
}

static const char *value_of(const server_headers *headers, const char *name, size_t *lines) {
    static char value[256];
    *lines = 0;
    for (size_t i = 0; i < headers->len; i++) {
        if (!server_is(headers->names[i], name)) continue;
        snprintf(value, sizeof value, "%.*s", (int)headers->values[i].len, headers->values[i].data);
        ++*lines;
    }
    return *lines > 0 ? value : "";
}

/* What an upstream that knows CORS says. */
static server_response a_response(void) {
    server_response response;
    memset(&response, 0, sizeof response);
    response.status = 200;
    server_add(&response.headers, server_literal("vary"), server_literal("accept-encoding"));
    server_add(&response.headers, server_literal("access-control-allow-origin"), server_literal("*"));
    server_add(&response.headers, server_literal("access-control-max-age"), server_literal("5"));
    server_add(&response.headers, server_literal("content-type"), server_literal("text/plain"));
    return response;
}

static void configuration(void) {
    corsac_policy id = 7;
    write_document(DOCUMENT(APP "/"));
    CHECK(configure(path, "api", &id) == NULL);
    CHECK(strstr(server_said, "policy document rejected") != NULL && strstr(server_said, "origin/trailing-slash") != NULL);
    write_document(DOCUMENT(APP));
    CHECK(configure(path, "web", &id) == NULL);
    CHECK(strstr(server_said, "not-found") != NULL && id == CORSAC_POLICY_NONE);
    CHECK(configure("/nonexistent/policy.toml", "api", &id) == NULL);
    CHECK(strstr(server_said, "document/unreadable") != NULL);
}

static void requests_and_responses(server_worker *worker) {
    size_t lines;
    server_request first = a_request("GET", APP), second = a_request("GET", "https://evil.example");
    server_response response = a_response();
    const corsac_decision *allowed = decide(worker, &first, worker->api);
    const corsac_decision *denied = decide(worker, &second, worker->api);
    CHECK(allowed != NULL && allowed->verdict == CORSAC_VERDICT_ALLOWED);
    CHECK(denied != NULL && denied->verdict == CORSAC_VERDICT_DENIED);

    respond(&response, allowed);
    respond(&response, allowed); /* twice changes nothing */
    CHECK(strcmp(value_of(&response.headers, "access-control-allow-origin", &lines), APP) == 0 && lines == 1);
    CHECK((value_of(&response.headers, "access-control-max-age", &lines), lines == 0));
    CHECK((value_of(&response.headers, "content-type", &lines), lines == 1));
    CHECK(strcmp(value_of(&response.headers, "vary", &lines), "Origin") == 0 && lines == 2);
    CHECK(response.status == 200);

    response = a_response();
    merge_vary(&response.headers, allowed);
    merge_vary(&response.headers, allowed);
    CHECK(strcmp(value_of(&response.headers, "vary", &lines), "Origin") == 0 && lines == 2);

    response = a_response();
    CHECK(apply(&response.headers, denied) && !apply(&response.headers, NULL));
    response = a_response();
    respond(&response, denied);
    CHECK((value_of(&response.headers, "access-control-allow-origin", &lines), lines == 0));
    log_decision(denied);
    CHECK(strstr(server_said, "origin-not-allowed") != NULL);

    server_finish(&first);
    server_finish(&second);

    first = a_request("OPTIONS", APP);
    server_add(&first.headers, server_literal("access-control-request-method"), server_literal("PUT"));
    server_add(&first.headers, server_literal("access-control-request-headers"), server_literal("a"));
    server_add(&first.headers, server_literal("access-control-request-headers"), server_literal("b"));
    memset(&response, 0, sizeof response);
    denied = decide(worker, &first, worker->api);
    CHECK(denied->reason == CORSAC_REASON_HEADER_NOT_ALLOWED);
    respond(&response, denied);
    CHECK(response.status == 204 && strstr(value_of(&response.headers, "vary", &lines), "Request-Headers") != NULL);
    server_finish(&first);

    first = a_request("GET", APP);
    server_add(&first.headers, server_literal("origin"), server_literal(APP));
    CHECK(decide(worker, &first, worker->api)->reason == CORSAC_REASON_ORIGIN_REPEATED);
    server_finish(&first);
    CHECK(decide(worker, &first, CORSAC_POLICY_ROUTE)->verdict == CORSAC_VERDICT_NO_POLICY);
    server_finish(&first);
    first.out_of_memory = true;
    CHECK(decide(worker, &first, worker->api) == NULL);
}

static void upstreams_that_keep_theirs(server_worker *worker) {
    const corsac_str name = {"kept", 4};
    size_t lines;
    corsac_policy kept;
    server_request request = a_request("GET", APP);
    server_response response = a_response();
    CHECK(corsac_engine_find_policy(worker->engine, &name, &kept) == CORSAC_STATUS_OK);
    respond(&response, decide(worker, &request, kept));
    CHECK(strcmp(value_of(&response.headers, "access-control-allow-origin", &lines), "*") == 0 && lines == 1);
    CHECK((value_of(&response.headers, "timing-allow-origin", &lines), lines == 0));
    CHECK((value_of(&response.headers, "vary", &lines), lines == 2));
    server_finish(&request);

    memset(&response, 0, sizeof response);
    server_add(&response.headers, server_literal("timing-allow-origin"), server_literal("https://x.example"));
    respond(&response, decide(worker, &request, kept));
    CHECK(strcmp(value_of(&response.headers, "access-control-allow-origin", &lines), APP) == 0 && lines == 1);
    CHECK(strcmp(value_of(&response.headers, "timing-allow-origin", &lines), "*") == 0 && lines == 1);
    server_finish(&request);
}

static void wrong_calls_and_documents(server_worker *worker) {
    const char *text = "version = 1\n[policy.api]\nallow_origins = [\"https://a.example/\", \"https://*\"]\n";
    const corsac_str document = {text, strlen(text)};
    corsac_diagnostics *error = NULL;
    log_decision(corsac_decide(worker->reader, worker->api, NULL));
    CHECK(strstr(server_said, "invalid-argument") != NULL);
    CHECK(corsac_engine_reload_text(worker->engine, &document, CORSAC_FORMAT_TOML, &error) == CORSAC_STATUS_CONFIG);
    CHECK(errors_on_line(error, 3) == 2 && errors_on_line(error, 1) == 0 && errors_on_line(NULL, 3) == 0);
    corsac_diagnostics_free(error);
}

static void handshakes(server_worker *worker) {
    server_request listed = a_request("GET", APP), unlisted = a_request("GET", "null"), none = a_request("GET", NULL);
    CHECK(may_connect(worker, &listed, true));
    CHECK(!may_connect(worker, &unlisted, false));
    CHECK(may_connect(worker, &none, false) && !may_connect(worker, &none, true));
    server_finish(&listed);
    server_finish(&unlisted);
}

/* Ticks until the server says this; the deadline is far beyond what it takes. */
static void tick_until(const server_worker *worker, const char *said) {
    const time_t deadline = time(NULL) + 30;
    const struct timespec tick = {0, 5000000};
    server_said[0] = '\0';
    while (strstr(server_said, said) == NULL) {
        CHECK(time(NULL) < deadline);
        nanosleep(&tick, NULL);
        on_timer(worker);
    }
}

static bool is_allowed(server_worker *worker, const char *origin) {
    server_request request = a_request("GET", origin);
    const bool allowed = decide(worker, &request, worker->api)->verdict == CORSAC_VERDICT_ALLOWED;
    server_finish(&request);
    return allowed;
}

static void reloads(server_worker *worker) {
    char body[4096];
    write_document(DOCUMENT("https://new.example.com"));
    tick_until(worker, "policies reloaded");
    CHECK(is_allowed(worker, "https://new.example.com") && !is_allowed(worker, APP));
    write_document(DOCUMENT("https://*"));
    tick_until(worker, "policies not reloaded");
    CHECK(strstr(server_said, "wildcard/any-host") != NULL && is_allowed(worker, "https://new.example.com"));
    worker_is_idle(worker);
    write_document(DOCUMENT(APP));
    tick_until(worker, "policies reloaded");
    CHECK(is_allowed(worker, APP));
    CHECK(show_status(worker, body, sizeof body) && strstr(body, "\"generation\":3") != NULL);
    CHECK(strstr(body, "\"digest\"") != NULL);
}

static void children(server_worker *worker) {
    for (int watch = 0; watch < 2; watch++) {
        int ended = -1;
        const pid_t child = fork();
        if (child == 0) {
            server_worker mine = *worker;
            CHECK(start_child(&mine, watch) && is_allowed(&mine, APP));
            stop_worker(&mine);
            corsac_engine_free(mine.engine);
            stop_worker(worker);
            exit(0);
        }
        CHECK(child > 0 && waitpid(child, &ended, 0) == child && ended == 0);
    }
}

int main(int argc, char **argv) {
    server_worker worker = {NULL, NULL, 0, false};
    CHECK(argc == 2);
    snprintf(path, sizeof path, "%s/policy.toml", argv[1]);
    configuration();
    worker.engine = configure(path, "api", &worker.api);
    CHECK(worker.engine != NULL && start_worker(&worker));
    requests_and_responses(&worker);
    upstreams_that_keep_theirs(&worker);
    wrong_calls_and_documents(&worker);
    handshakes(&worker);
    reloads(&worker);
    children(&worker);
    stop_worker(&worker);
    corsac_engine_free(worker.engine);
    printf("ok\n");
    return 0;
}
