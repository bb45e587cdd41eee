/* A starting point: decides requests as a proxy does, and prints the head of each response.
 *
 *   decide DOCUMENT POLICY      reads requests from standard input, one per line:
 *                               METHOD ORIGIN [REQUEST-METHOD [REQUEST-HEADERS]] */
#include <corsac.h>
#include <stdio.h>
#include <string.h>

#define STR(text) {text, sizeof(text) - 1}

/* The upstream's response to every request that is forwarded. */
static const corsac_header upstream[] = {{STR("content-type"), STR("application/json")},
                                         {STR("vary"), STR("accept-encoding")},
                                         {STR("access-control-allow-origin"), STR("*")}};

/* An empty string means that the header is absent. */
static corsac_str str(const char *text) {
    corsac_str view = {text, text ? strlen(text) : 0};
    return view;
}

static void emit(corsac_str name, corsac_str value) {
    printf("%.*s: %.*s\n", (int)name.len, name.ptr, (int)value.len, value.ptr);
}

static int complain(const char *what, corsac_status status, corsac_diagnostics *error) {
    corsac_str text;
    corsac_diagnostics_text(error, &text);
    fprintf(stderr, "%s: %s\n%.*s\n", what, corsac_error_name(status), (int)text.len, text.ptr ? text.ptr : "");
    corsac_diagnostics_free(error);
    return 2;
}

/* Call it from a timer, or before each request as here: it costs a few calls of stat if nothing changed. */
static void reload(const corsac_engine *engine) {
    corsac_diagnostics *error = NULL;
    corsac_poll poll = CORSAC_POLL_UNCHANGED;
    if (!corsac_engine_changed(engine)) return;
    corsac_status status = corsac_engine_poll(engine, &poll, &error);
    if (status != CORSAC_STATUS_OK) complain("not reloaded, the last good policies stay in use", status, error);
    if (poll == CORSAC_POLL_RELOADED) fprintf(stderr, "reloaded\n");
}

static void respond(const corsac_decision *decision) {
    corsac_str vary = {NULL, 0}, missing;
    bool kept = false, forwarded = decision->status == 0;
    printf("%u %s %s\n", forwarded ? 200 : decision->status, corsac_verdict_name(decision->verdict),
           corsac_reason_name(decision->reason));
    for (size_t i = 0; forwarded && i < sizeof upstream / sizeof *upstream; i++) {
        corsac_str name = upstream[i].name;
        if (decision->upstream == CORSAC_UPSTREAM_REPLACE && corsac_is_managed_header(decision, &name)) continue;
        /* Without a decision: any access-control-*. Under `keep` one of these keeps ours out. */
        kept = kept || corsac_is_managed_header(NULL, &name);
        if (name.len == 4 && memcmp(name.ptr, "vary", 4) == 0) vary = upstream[i].value;
        emit(name, upstream[i].value);
    }
    for (size_t i = 0; !kept && i < decision->set_len; i++) emit(decision->set[i].name, decision->set[i].value);
    const corsac_lines lines = {&vary, vary.ptr != NULL};
    corsac_vary_merge(decision, &lines, &missing);
    if (missing.len > 0) emit(str("vary"), missing);
    printf("\n");
    fflush(stdout);
}

static int serve(const corsac_engine *engine, corsac_policy policy) {
    corsac_reader *reader = NULL; /* one for each worker thread or event loop */
    char line[8192];
    const corsac_status status = corsac_reader_new(engine, &reader);
    if (status != CORSAC_STATUS_OK) return complain("no reader", status, NULL);
    while (fgets(line, sizeof line, stdin)) {
        const corsac_str method = str(strtok(line, " \n")), origin = str(strtok(NULL, " \n"));
        const corsac_str request_method = str(strtok(NULL, " \n")), request_headers = str(strtok(NULL, " \n"));
        corsac_request request = CORSAC_REQUEST_INIT;
        request.method = method;
        request.origin = (corsac_lines){&origin, origin.ptr != NULL};
        request.request_method = (corsac_lines){&request_method, request_method.ptr != NULL};
        request.request_headers = (corsac_lines){&request_headers, request_headers.ptr != NULL};
        reload(engine);
        respond(corsac_decide(reader, policy, &request));
    }
    corsac_reader_free(reader);
    return 0;
}

int main(int argc, char **argv) {
    corsac_engine *engine = NULL;
    corsac_diagnostics *error = NULL;
    corsac_policy policy = 0;
    int code;

    if (argc != 3) return fprintf(stderr, "usage: decide DOCUMENT POLICY\n"), 2;
    if (!corsac_abi_is_compatible(CORSAC_ABI_VERSION)) return fprintf(stderr, "another libcorsac is needed\n"), 2;
    const corsac_str file = str(argv[1]), name = str(argv[2]);
    corsac_status status = corsac_engine_new_from_file(&file, &engine, &error);
    if (status != CORSAC_STATUS_OK) return complain(argv[1], status, error);
    status = corsac_engine_require_policy(engine, &name, &policy);
    code = status == CORSAC_STATUS_OK ? serve(engine, policy) : complain(argv[2], status, NULL);
    corsac_engine_free(engine);
    return code;
}
