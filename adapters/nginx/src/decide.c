/* A request's decision, and responses to preflights.
 *
 * A decision is made once and kept for the lifetime of the request. It is made in the rewrite phase,
 * before nginx's own `return` and `rewrite` and before access control. For a request that does not
 * reach this phase (400, 413, a `return` of the server block), it is made when the response is sent.
 * Either way, the location that nginx found first decides: error pages, `try_files` and other internal
 * redirects change the location, but not the page's request.
 */

#include "module.h"

/* Marks a request that corsac does not change. */
static const corsac_decision unchanged;

/* Header lines whose views need no memory of the request's pool. */
#define FEW 32

/* Views of all header lines of a request: the library picks those that it needs. */
static ngx_int_t view_headers(ngx_http_request_t *r, corsac_request *request, corsac_header *few) {
    const ngx_list_part_t *part;
    const ngx_table_elt_t *header;
    corsac_header *views = few;
    size_t i, len = 0;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) len += part->nelts;
    if (len > FEW) views = ngx_palloc(r->pool, len * sizeof(corsac_header));
    if (views == NULL) return NGX_ERROR;
    request->headers = views;
    request->headers_len = len;
    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;
        for (i = 0; i < part->nelts; i++, views++) {
            views->name = ngx_http_corsac_view(header[i].key);
            views->value = ngx_http_corsac_view(header[i].value);
        }
    }
    return NGX_OK;
}

/* The method that the client sent: an internal redirect changes most methods to GET. */
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

/* Does nothing. Its cleanup record stores the decision, because internal redirects clear the context. */
static void keep(void *decision) {
}

/* Like ngx_pool_cleanup_add, with a record that is already allocated. */
static void remember(ngx_http_request_t *r, ngx_pool_cleanup_t *record, const corsac_decision *decision) {
    record->handler = keep;
    record->data = (void *)decision;
    record->next = r->pool->cleanup;
    r->pool->cleanup = record;
    ngx_http_set_ctx(r, (void *)decision, ngx_http_corsac_module);
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

/* The size of a copy, for a library of the same release. */
static size_t room_for(const corsac_decision *decision) {
    size_t i, size = sizeof(corsac_decision) + sizeof(void *) + decision->rule.len;

    for (i = 0; i < decision->set_len; i++) {
        size += sizeof(corsac_header) + decision->set[i].name.len + decision->set[i].value.len;
    }
    return size;
}

/* The reader overwrites its decision for the next request, and headers are sent later. The copy follows
 * its record in memory. */
static const corsac_decision *remember_copy(ngx_http_request_t *r, const corsac_decision *decision) {
    const corsac_decision *copied = NULL;
    size_t size = room_for(decision), needed;
    ngx_pool_cleanup_t *record = ngx_palloc(r->pool, sizeof(ngx_pool_cleanup_t) + size);
    corsac_status status;
    void *buffer;

    if (record == NULL) return NULL;
    status = corsac_decision_copy(decision, record + 1, size, &needed, &copied);
    if (status == CORSAC_STATUS_BUFFER_TOO_SMALL) {
        /* Decisions of a newer library are larger. */
        buffer = ngx_palloc(r->pool, needed);
        if (buffer == NULL) return NULL;
        status = corsac_decision_copy(decision, buffer, needed, NULL, &copied);
    }
    if (status != CORSAC_STATUS_OK) return NULL;
    remember(r, record, copied);
    return copied;
}

static const corsac_decision *make(ngx_http_request_t *r, corsac_policy policy) {
    const ngx_http_corsac_main_conf_t *conf = ngx_http_get_module_main_conf(r, ngx_http_corsac_module);
    corsac_reader *reader = ngx_http_corsac_reader(conf);
    corsac_request request = CORSAC_REQUEST_INIT;
    const corsac_decision *decision;
    corsac_header few[FEW];

    if (reader == NULL || view_headers(r, &request, few) != NGX_OK) return NULL;
    request.method = ngx_http_corsac_view(method_of(r));
    if (policy == CORSAC_POLICY_ROUTE) {
        request.host = ngx_http_corsac_view(r->headers_in.server);
        request.path = ngx_http_corsac_view(r->uri);
    }
    decision = corsac_decide(reader, policy, &request);
    if (decision->error != CORSAC_STATUS_OK) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0, "corsac: a request could not be decided and was denied: %s",
                      corsac_error_name(decision->error));
    }
    return remember_copy(r, decision);
}

const corsac_decision *ngx_http_corsac_decision(ngx_http_request_t *r) {
    const corsac_decision *decision = remembered(r);

    return decision == &unchanged ? NULL : decision;
}

/* The same for a request without a decision. */
static ngx_int_t decide(ngx_http_request_t *r, const corsac_decision **decision) {
    const ngx_http_corsac_loc_conf_t *conf = ngx_http_get_module_loc_conf(r, ngx_http_corsac_module);
    ngx_pool_cleanup_t *record;

    switch (conf->target) {
    case NGX_HTTP_CORSAC_UNSET:
        /* The location of an internal redirect may decide. */
        return NGX_DECLINED;
    case NGX_HTTP_CORSAC_OFF:
        record = ngx_palloc(r->pool, sizeof(ngx_pool_cleanup_t));
        if (record == NULL) return NGX_ERROR;
        remember(r, record, &unchanged);
        return NGX_DECLINED;
    case NGX_HTTP_CORSAC_POLICY:
        break;
    }
    *decision = make(r, conf->policy);
    return *decision == NULL ? NGX_ERROR : NGX_OK;
}

ngx_int_t ngx_http_corsac_decide(ngx_http_request_t *r, const corsac_decision **decision) {
    *decision = remembered(r);
    if (*decision == NULL) return decide(r, decision);
    return *decision == &unchanged ? NGX_DECLINED : NGX_OK;
}

/* Responds with this status and no body; the filter adds the headers. `error_page` does not apply, because
 * an error page could change the status and the headers that the browser evaluates. */
static ngx_int_t answer(ngx_http_request_t *r, ngx_uint_t status) {
    ngx_int_t rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) return rc;
    /* For an error page, nginx would send the error's status. Conditions of the request refer to the
     * application's content. */
    r->err_status = 0;
    r->disable_not_modified = 1;
    r->headers_out.status = status;
    r->headers_out.content_length_n = 0;
    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) return rc;
    return ngx_http_send_special(r, NGX_HTTP_LAST);
}

static ngx_int_t handler(ngx_http_request_t *r) {
    const corsac_decision *decision;
    ngx_int_t rc;

    if (r != r->main || remembered(r) != NULL) return NGX_DECLINED;
    rc = decide(r, &decision);
    if (rc == NGX_DECLINED) return NGX_DECLINED;
    if (rc != NGX_OK) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    return decision->status == 0 ? NGX_DECLINED : answer(r, decision->status);
}

ngx_int_t ngx_http_corsac_init_decide(ngx_conf_t *cf) {
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *slot = ngx_array_push(&core->phases[NGX_HTTP_REWRITE_PHASE].handlers);

    if (slot == NULL) return NGX_ERROR;
    *slot = handler;
    return NGX_OK;
}
