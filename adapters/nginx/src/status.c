/* `corsac_status`: the state of the worker that responds, as JSON. */

#include "module.h"

/* The counted reasons of one verdict, `"verdict":{"reason":7}`; nothing if all counts are 0. */
static u_char *write_reasons(u_char *at, u_char *last, const corsac_stats *stats, uint32_t verdict, int is_first) {
    const char *reason;
    uint32_t i;
    uint64_t count;
    ngx_uint_t written = 0;

    for (i = 0; reason = corsac_reason_name(i), strcmp(reason, "unknown") != 0; i++) {
        count = corsac_stats_count(stats, verdict, i);
        if (count == 0) continue;
        if (written++ > 0) {
            at = ngx_slprintf(at, last, ",\"%s\":%uL", reason, count);
        } else {
            at = ngx_slprintf(at, last, "%s\"%s\":{\"%s\":%uL", is_first ? "" : ",", corsac_verdict_name(verdict),
                              reason, count);
        }
    }
    return written > 0 ? ngx_slprintf(at, last, "}") : at;
}

static u_char *write_counts(u_char *at, u_char *last, const corsac_stats *stats) {
    u_char *start = at;
    uint32_t i;

    for (i = 0; strcmp(corsac_verdict_name(i), "unknown") != 0; i++) {
        at = write_reasons(at, last, stats, i, at == start);
    }
    return at;
}

/* Enough bytes for all counts. */
#define COUNTS 16384

static ngx_buf_t *write_status(ngx_http_request_t *r, const corsac_text *text, const corsac_stats *stats) {
    corsac_str view;
    ngx_str_t engine;
    ngx_buf_t *buffer;
    u_char *last;

    corsac_text_view(text, &view);
    engine = ngx_http_corsac_shown(view);
    buffer = ngx_create_temp_buf(r->pool, engine.len + COUNTS);
    if (buffer == NULL) return NULL;
    last = buffer->end;
    buffer->last = ngx_slprintf(buffer->last, last, "{\"pid\":%P,\"engine\":%V,\"decisions\":{\"total\":%uL,\"by\":{",
                                ngx_pid, &engine, corsac_stats_total(stats));
    buffer->last = write_counts(buffer->last, last, stats);
    buffer->last = ngx_slprintf(buffer->last, last, "}},\"readers\":%uz,\"retired\":%uz}\n",
                                corsac_stats_readers(stats), corsac_stats_retired(stats));
    buffer->last_buf = r == r->main;
    buffer->last_in_chain = 1;
    return buffer;
}

static ngx_buf_t *status_of(ngx_http_request_t *r) {
    const ngx_http_corsac_main_conf_t *conf = ngx_http_get_module_main_conf(r, ngx_http_corsac_module);
    corsac_stats *stats = NULL;
    corsac_text *text = NULL;
    ngx_buf_t *buffer = NULL;

    if (corsac_engine_status(conf->engine, &text) == CORSAC_STATUS_OK
        && corsac_engine_stats(conf->engine, &stats) == CORSAC_STATUS_OK) {
        buffer = write_status(r, text, stats);
    }
    corsac_stats_free(stats);
    corsac_text_free(text);
    return buffer;
}

static ngx_int_t handler(ngx_http_request_t *r) {
    ngx_table_elt_t *header;
    ngx_buf_t *buffer;
    ngx_chain_t chain;
    ngx_int_t rc;

    if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD))) return NGX_HTTP_NOT_ALLOWED;
    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) return rc;
    buffer = status_of(r);
    header = ngx_list_push(&r->headers_out.headers);
    if (buffer == NULL || header == NULL) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    ngx_memzero(header, sizeof(ngx_table_elt_t));
    header->hash = 1;
    ngx_str_set(&header->key, "Cache-Control");
    ngx_str_set(&header->value, "no-store");
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = buffer->last - buffer->pos;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) return rc;
    chain.buf = buffer;
    chain.next = NULL;
    return ngx_http_output_filter(r, &chain);
}

char *ngx_http_corsac_status(ngx_conf_t *cf, ngx_command_t *command, void *conf) {
    const ngx_http_corsac_main_conf_t *main = ngx_http_conf_get_module_main_conf(cf, ngx_http_corsac_module);
    ngx_http_core_loc_conf_t *core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (main->engine == NULL) return "has no policies to report: \"corsac_policy_file\" must come before it";
    core->handler = handler;
    return NGX_CONF_OK;
}
