/* The smallest program that uses what is installed: decides a request, and prints the verdict.
 *
 *   decide DOCUMENT POLICY ORIGIN */
#include <corsac.h>
#include <stdio.h>
#include <string.h>

static corsac_str str(const char *text) {
    corsac_str view = {text, strlen(text)};
    return view;
}

int main(int argc, char **argv) {
    corsac_engine *engine = NULL;
    corsac_reader *reader = NULL;
    corsac_request request = CORSAC_REQUEST_INIT;
    corsac_policy policy = CORSAC_POLICY_NONE;

    if (argc != 4) return 2;
    const corsac_str file = str(argv[1]), name = str(argv[2]);
    const corsac_header origin = {str("Origin"), str(argv[3])};
    if (corsac_engine_new_from_file(&file, &engine, NULL) || corsac_engine_require_policy(engine, &name, &policy)
        || corsac_reader_new(engine, &reader)) {
        return 2;
    }
    request.method = str("GET");
    request.headers = &origin;
    request.headers_len = 1;
    printf("%s\n", corsac_verdict_name(corsac_decide(reader, policy, &request)->verdict));
    corsac_reader_free(reader);
    corsac_engine_free(engine);
    return 0;
}
