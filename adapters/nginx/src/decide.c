/* A request's decision: made once, kept as long as the request lives, and preflights answered by it.
 *
 * Made in the rewrite phase, in front of nginx's own `return` and `rewrite` and of everything that
 * controls access; for a request that does not come so far (400, 413, a `return` of the server's) when
 * its response is sent. Either way by the location that the request met first: error pages,
 * `try_files` and the other internal redirects send it elsewhere, but it is still the same question of
 * the same page.
 */

#include "module.h"

/* Stands for the decision of a request that is left alone. */
static const corsac_decision left_alone;

/* The lines of one header. Most requests have one at most. */
typedef struct {
    corsac_str first;
    corsac_str *lines;
    size_t len;
    size_t room;
} found_lines_t;

typedef struct {
    found_lines_t origin;
    found_lines_t method;
    found_lines_t headers;
    found_lines_t private_network;
} found_t;

static ngx_int_t add_line(ngx_pool_t *pool, found_lines_t *found, ngx_str_t value) {
    corsac_str *more;

    if (found->len == 0) {
        found->lines = &found->first;
        found->room = 1;
    } else if (found->len == found->room) {
        more = ngx_palloc(pool, 4 * found->room * sizeof(corsac_str));
        if (more == NULL) return NGX_ERROR;
        ngx_memcpy(more, found->lines, found->len * sizeof(corsac_str));
        found->lines = more;
        found->room *= 4;
    }
    found->lines[found->len++] = ngx_http_corsac_view(value);
    return NGX_OK;
}

/* Which of the four headers this is; NULL for every other. */
static found_lines_t *header_of(found_t *found, const ngx_table_elt_t *header) {
    static const u_char prefix[] = "access-control-request-";
    const u_char *rest = header->lowcase_key + sizeof(prefix) - 1;
    const size_t len = header->key.len;

    if (len == 6) return ngx_memcmp(header->lowcase_key, "origin", 6) == 0 ? &found->origin : NULL;
    if (len < sizeof(prefix) - 1 || ngx_memcmp(header->lowcase_key, prefix, sizeof(prefix) - 1) != 0) return NULL;
    if (len == 29 && ngx_memcmp(rest, "method", 6) == 0) return &found->method;
    if (len == 30 && ngx_memcmp(rest, "headers", 7) == 0) return &found->headers;
    if (len == 38 && ngx_memcmp(rest, "private-network", 15) == 0) return &found->private_network;
    return NULL;
}

static ngx_int_t find_lines(ngx_http_request_t *r, found_t *found) {
    const ngx_list_part_t *part;
    const ngx_table_elt_t *header;
    found_lines_t *lines;
    ngx_uint_t i;

    ngx_memzero(found, sizeof(found_t));
    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;
        for (i = 0; i < part->nelts; i++) {
            lines = header_of(found, &header[i]);
            if (lines != NULL && add_line(r->pool, lines, header[i].value) != NGX_OK) return NGX_ERROR;
        }
    }
    return NGX_OK;
}

static corsac_lines lines_of(const found_lines_t *found) {
    corsac_lines lines;

    lines.ptr = found->lines;
    lines.len = found->len;
    return lines;
}

/* The method that the client sent: an internal redirect makes GET of most. */
static ngx_str_t method_of(const ngx_http_request_t *r) {
    ngx_str_t method = r->method_name;
    u_char *space;

    if (!r->internal || r->request_line.data == NULL) return method;
    space = ngx_strlchr(r->request_line.data, r->request_line.data + r->request_line.len, ' ');
    if (space == NULL) return method;
    method.data = r->request_line.data;
    method.len = (size_t)(space - method.data);
    return method;
}

/* Nothing but the record that an internal redirect leaves as it is, while it forgets the context. */
static void keep(void *decision) {
}

static ngx_int_t remember(ngx_http_request_t *r, const corsac_decision *decision) {
    ngx_pool_cleanup_t *record = ngx_pool_cleanup_add(r->pool, 0);

    if (record == NULL) return NGX_ERROR;
    record->handler = keep;
    record->data = (void *)decision;
    ngx_http_set_ctx(r, (void *)decision, ngx_http_corsac_module);
    return NGX_OK;
}

static const corsac_decision *remembered(ngx_http_request_t *r) {
    const corsac_decision *decision = ngx_http_get_module_ctx(r, ngx_http_corsac_module);
    const ngx_pool_cleanup_t *record;

    if (decision != NULL || !(r->internal || r->filter_finalize)) return decision;
    for (record = r->pool->cleanup; record != NULL; record = record->next) {
        if (record->handler != keep) continue;
        ngx_http_set_ctx(r, record->data, ngx_http_corsac_module);
        return record->data;
    }
    return NULL;
}

/* The reader gives the next request the same place, and headers are sent later. */
static const corsac_decision *copy(ngx_http_request_t *r, const corsac_decision *decision) {
    const corsac_decision *copied = NULL;
    size_t size = 0;
    void *buffer;

    corsac_decision_copy(decision, NULL, 0, &size, NULL);
    buffer = ngx_palloc(r->pool, size);
    if (buffer == NULL || corsac_decision_copy(decision, buffer, size, NULL, &copied) != CORSAC_STATUS_OK) return NULL;
    return copied;
}

static const corsac_decision *make(ngx_http_request_t *r, uint32_t policy) {
    const ngx_http_corsac_main_conf_t *conf = ngx_http_get_module_main_conf(r, ngx_http_corsac_module);
    corsac_reader *reader = ngx_http_corsac_reader(conf);
    corsac_request request = CORSAC_REQUEST_INIT;
    const corsac_decision *decision;
    found_t found;

    if (reader == NULL || find_lines(r, &found) != NGX_OK) return NULL;
    request.method = ngx_http_corsac_view(method_of(r));
    request.origin = lines_of(&found.origin);
    request.request_method = lines_of(&found.method);
    request.request_headers = lines_of(&found.headers);
    request.request_private_network = lines_of(&found.private_network);
    if (policy == CORSAC_POLICY_ROUTE) {
        request.host = ngx_http_corsac_view(r->headers_in.server);
        request.path = ngx_http_corsac_view(r->uri);
    }
    decision = corsac_decide(reader, policy, &request);
    if (decision->error != CORSAC_STATUS_OK) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0, "corsac: a request could not be decided, and is denied: %s",
                      corsac_error_name(decision->error));
    }
    return copy(r, decision);
}

const corsac_decision *ngx_http_corsac_decision(ngx_http_request_t *r) {
    const corsac_decision *decision = remembered(r);

    return decision == &left_alone ? NULL : decision;
}

ngx_int_t ngx_http_corsac_decide(ngx_http_request_t *r, const corsac_decision **decision) {
    const ngx_http_corsac_loc_conf_t *conf;

    *decision = remembered(r);
    if (*decision == NULL) {
        conf = ngx_http_get_module_loc_conf(r, ngx_http_corsac_module);
        /* Who says nothing leaves the word to the location of an internal redirect. */
        if (conf->target == NGX_HTTP_CORSAC_SILENT) return NGX_DECLINED;
        *decision = conf->target == NGX_HTTP_CORSAC_OFF ? &left_alone : make(r, conf->policy);
        if (*decision == NULL || remember(r, *decision) != NGX_OK) return NGX_ERROR;
    }
    return *decision == &left_alone ? NGX_DECLINED : NGX_OK;
}

/* With that status and no body; the filter adds the headers. Not by way of `error_page`: the answer is
 * for the browser, and a page in its place would be another answer. */
static ngx_int_t answer(ngx_http_request_t *r, ngx_uint_t status) {
    ngx_int_t rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) return rc;
    /* On the way to an error page, nginx would send the error's status. */
    r->err_status = 0;
    r->headers_out.status = status;
    r->headers_out.content_length_n = 0;
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) return rc;
    return ngx_http_send_special(r, NGX_HTTP_LAST);
}

static ngx_int_t handler(ngx_http_request_t *r) {
    const corsac_decision *before, *decision;
    ngx_int_t rc;

    if (r != r->main) return NGX_DECLINED;
    before = remembered(r);
    if (before != NULL) return NGX_DECLINED;
    rc = ngx_http_corsac_decide(r, &decision);
    if (rc == NGX_DECLINED) return NGX_DECLINED;
    if (rc != NGX_OK) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return decision->status == 0 ? NGX_DECLINED : answer(r, decision->status);
}

ngx_int_t ngx_http_corsac_init_decide(ngx_conf_t *cf) {
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *place = ngx_array_push(&core->phases[NGX_HTTP_REWRITE_PHASE].handlers);

    if (place == NULL) return NGX_ERROR;
    *place = handler;
    return NGX_OK;
}
