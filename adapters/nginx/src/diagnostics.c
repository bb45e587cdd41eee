/* Diagnostics of a document, in nginx's logs. */

#include "module.h"

/* nginx cuts a message at 2,048 bytes. */
#define ROOM 1600

/* `file:line:column: message; help`, cut to the size of the buffer. */
static ngx_str_t line_of(u_char *room, const ngx_str_t *path, const corsac_diagnostic *diagnostic) {
    const ngx_str_t message = ngx_http_corsac_shown(diagnostic->message);
    const ngx_str_t help = ngx_http_corsac_shown(diagnostic->help);
    ngx_str_t file = ngx_http_corsac_shown(diagnostic->file);
    u_char *end = room, *last = room + ROOM;
    ngx_str_t line;

    if (file.len == 0) file = *path;
    end = ngx_slprintf(end, last, "%V:", &file);
    if (diagnostic->line != 0) end = ngx_slprintf(end, last, "%uD:%uD:", diagnostic->line, diagnostic->column);
    end = ngx_slprintf(end, last, " %V", &message);
    if (help.len != 0) end = ngx_slprintf(end, last, "; %V", &help);
    line.data = room;
    line.len = (size_t)(end - room);
    return line;
}

void ngx_http_corsac_conf_log_diagnostics(ngx_conf_t *cf, const ngx_str_t *path,
                                          const corsac_diagnostics *diagnostics) {
    const corsac_diagnostic *diagnostic;
    u_char room[ROOM];
    ngx_str_t line;
    size_t i;

    for (i = 0; i < corsac_diagnostics_len(diagnostics); i++) {
        diagnostic = corsac_diagnostics_get(diagnostics, i);
        if (diagnostic == NULL) continue;
        if (diagnostic->severity == CORSAC_SEVERITY_NOTE) continue;
        line = line_of(room, path, diagnostic);
        ngx_conf_log_error(diagnostic->severity == CORSAC_SEVERITY_ERROR ? NGX_LOG_EMERG : NGX_LOG_WARN, cf, 0,
                           "corsac: %V", &line);
    }
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
        if (errors++ == 0) line = line_of(room, path, diagnostic);
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
