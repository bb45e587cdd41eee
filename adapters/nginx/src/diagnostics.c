/* Diagnostics of a document, in nginx's logs. */

#include "module.h"

/* nginx cuts a message at 2,048 bytes. */
#define ROOM 1600

/* Lines of one code: a list with one mistake in each row would fill the log. */
#define MOST_OF_A_CODE 10

/* Codes that are counted. There are fewer kinds of mistakes that one document can have in many rows. */
#define CODES 64

typedef struct {
    ngx_str_t code;
    ngx_uint_t count;
} count_t;

typedef struct {
    count_t counts[CODES];
    ngx_uint_t len;
} counts_t;

/* How often this code was counted, with so many more. */
static ngx_uint_t count(counts_t *counts, ngx_str_t code, ngx_uint_t more) {
    count_t *each;

    for (each = counts->counts; each < counts->counts + counts->len; each++) {
        if (each->code.len == code.len && ngx_memcmp(each->code.data, code.data, code.len) == 0) return each->count += more;
    }
    if (counts->len < CODES) {
        each->code = code;
        each->count = more;
        counts->len++;
    }
    return more;
}

/* `file:line:column: [code] message; help`, cut to the size of the buffer. */
static ngx_str_t line_of(u_char *room, const ngx_str_t *path, const corsac_diagnostic *diagnostic) {
    const ngx_str_t code = ngx_http_corsac_shown(diagnostic->code);
    const ngx_str_t message = ngx_http_corsac_shown(diagnostic->message);
    const ngx_str_t help = ngx_http_corsac_shown(diagnostic->help);
    ngx_str_t file = ngx_http_corsac_shown(diagnostic->file);
    u_char *end = room, *last = room + ROOM;
    ngx_str_t line;

    if (file.len == 0) file = *path;
    end = ngx_slprintf(end, last, "%V:", &file);
    if (diagnostic->line != 0) end = ngx_slprintf(end, last, "%uD:%uD:", diagnostic->line, diagnostic->column);
    end = ngx_slprintf(end, last, " [%V] %V", &code, &message);
    if (help.len != 0) end = ngx_slprintf(end, last, "; %V", &help);
    line.data = room;
    line.len = (size_t)(end - room);
    return line;
}

/* With the position in nginx's configuration while that is read, which is when there is a `cf`. */
static void write_line(ngx_conf_t *cf, ngx_log_t *log, ngx_uint_t level, const ngx_str_t *line) {
    if (cf != NULL) {
        ngx_conf_log_error(level, cf, 0, "corsac: %V", line);
    } else {
        ngx_log_error(level, log, 0, "corsac: %V", line);
    }
}

/* Errors and warnings, at most ten of each code, and how many more there are. */
static void write_all(ngx_conf_t *cf, ngx_log_t *log, const ngx_str_t *path, const corsac_diagnostics *diagnostics) {
    const corsac_diagnostic *diagnostic;
    ngx_uint_t counted;
    counts_t counts;
    u_char room[ROOM];
    ngx_str_t line;
    size_t i;

    counts.len = 0;
    for (i = 0; i < corsac_diagnostics_len(diagnostics); i++) {
        diagnostic = corsac_diagnostics_get(diagnostics, i);
        if (diagnostic == NULL || diagnostic->severity == CORSAC_SEVERITY_NOTE) continue;
        counted = count(&counts, ngx_http_corsac_shown(diagnostic->code), diagnostic->count);
        /* What an engine keeps is cut already: its last entry of a code stands for the rest. */
        if (diagnostic->count != 1 || counted > MOST_OF_A_CODE) continue;
        line = line_of(room, path, diagnostic);
        write_line(cf, log, diagnostic->severity == CORSAC_SEVERITY_ERROR ? NGX_LOG_EMERG : NGX_LOG_WARN, &line);
    }
    for (i = 0; i < counts.len; i++) {
        if (counts.counts[i].count <= MOST_OF_A_CODE) continue;
        line.data = room;
        line.len = (size_t)(ngx_slprintf(room, room + ROOM, "%V: [%V] %ui more", path, &counts.counts[i].code,
                                         counts.counts[i].count - MOST_OF_A_CODE)
                            - room);
        write_line(cf, log, NGX_LOG_WARN, &line);
    }
}

void ngx_http_corsac_conf_log_diagnostics(ngx_conf_t *cf, const ngx_str_t *path,
                                          const corsac_diagnostics *diagnostics) {
    write_all(cf, cf->log, path, diagnostics);
}

void ngx_http_corsac_log_warnings(ngx_log_t *log, const ngx_str_t *path, const corsac_engine *engine) {
    corsac_diagnostics *diagnostics;

    if (corsac_engine_warnings(engine, &diagnostics) != CORSAC_STATUS_OK) return;
    write_all(NULL, log, path, diagnostics);
    corsac_diagnostics_free(diagnostics);
}

void ngx_http_corsac_log_rejection(ngx_log_t *log, const ngx_str_t *path, const corsac_diagnostics *diagnostics) {
    const corsac_diagnostic *diagnostic;
    u_char room[ROOM];
    ngx_str_t line = ngx_string("unknown error");
    ngx_uint_t errors = 0;
    size_t i;

    for (i = 0; i < corsac_diagnostics_len(diagnostics); i++) {
        diagnostic = corsac_diagnostics_get(diagnostics, i);
        if (diagnostic == NULL) continue;
        if (diagnostic->severity != CORSAC_SEVERITY_ERROR) continue;
        if (errors == 0) line = line_of(room, path, diagnostic);
        errors += diagnostic->count;
    }
    if (errors > 1) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "corsac: `%V` was rejected; the previous policies stay in use: %V (and %ui more)", path, &line,
                      errors - 1);
    } else {
        ngx_log_error(NGX_LOG_ERR, log, 0, "corsac: `%V` was rejected; the previous policies stay in use: %V", path,
                      &line);
    }
}
