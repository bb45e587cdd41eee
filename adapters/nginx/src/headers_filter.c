/* Applies decisions to the headers of every response: the upstream's, a file's, and nginx's own error
 * pages. Runs after `add_header` (see `config`), so its headers are managed like all others. */

#include "module.h"

static ngx_http_output_header_filter_pt next_header_filter;

/* A position in the headers of a response. */
typedef struct {
    const ngx_list_part_t *part;
    ngx_uint_t index;
} cursor_t;

static cursor_t first_of(const ngx_http_request_t *r) {
    cursor_t cursor;

    cursor.part = &r->headers_out.headers.part;
    cursor.index = 0;
    return cursor;
}

/* The next header that will be sent; NULL after the last. */
static ngx_table_elt_t *next_of(cursor_t *cursor) {
    ngx_table_elt_t *header;

    while (cursor->part != NULL) {
        if (cursor->index >= cursor->part->nelts) {
            cursor->part = cursor->part->next;
            cursor->index = 0;
            continue;
        }
        header = (ngx_table_elt_t *)cursor->part->elts + cursor->index++;
        if (header->hash != 0) return header;
    }
    return NULL;
}

static ngx_int_t add(ngx_http_request_t *r, ngx_str_t name, ngx_str_t value) {
    ngx_table_elt_t *header = ngx_list_push(&r->headers_out.headers);

    if (header == NULL) return NGX_ERROR;
    ngx_memzero(header, sizeof(ngx_table_elt_t));
    header->hash = 1;
    header->key = name;
    header->value = value;
    return NGX_OK;
}

/* Appends names to a value: `value, missing`. */
static ngx_int_t extend(ngx_pool_t *pool, ngx_str_t *value, ngx_str_t missing) {
    u_char *joined;

    if (value->len == 0) {
        *value = missing;
        return NGX_OK;
    }
    joined = ngx_pnalloc(pool, value->len + 2 + missing.len);
    if (joined == NULL) return NGX_ERROR;
    value->len = (size_t)(ngx_sprintf(joined, "%V, %V", value, &missing) - joined);
    value->data = joined;
    return NGX_OK;
}

/* nginx writes the `Vary` line of gzip separately, after all filters. */
static ngx_int_t is_vary(const ngx_table_elt_t *header) {
    return header->key.len == 4 && ngx_strncasecmp(header->key.data, (u_char *)"vary", 4) == 0;
}

/* Header lines that need no memory of the request's pool. */
#define FEW 32

/* The header lines of a response, and which of them a decision removes. */
typedef struct {
    corsac_header few_views[FEW];
    bool few_flags[FEW];
    corsac_header *views;
    bool *removed;
    size_t len;
} lines_t;

static ngx_int_t view_lines(ngx_http_request_t *r, lines_t *lines) {
    const ngx_table_elt_t *header;
    cursor_t cursor = first_of(r);
    corsac_header *view;

    for (lines->len = 0; next_of(&cursor) != NULL; lines->len++) {}
    lines->views = lines->few_views;
    lines->removed = lines->few_flags;
    if (lines->len > FEW) {
        lines->views = ngx_palloc(r->pool, lines->len * (sizeof(corsac_header) + sizeof(bool)));
        if (lines->views == NULL) return NGX_ERROR;
        lines->removed = (bool *)(lines->views + lines->len);
    }
    cursor = first_of(r);
    for (view = lines->views; (header = next_of(&cursor)) != NULL; view++) {
        view->name = ngx_http_corsac_view(header->key);
        view->value = ngx_http_corsac_view(header->value);
    }
    return NGX_OK;
}

/* Removes lines, and returns the last `Vary` of the others; NULL if there is none. */
static ngx_table_elt_t *remove_lines(ngx_http_request_t *r, const lines_t *lines) {
    ngx_table_elt_t *header, *vary = NULL;
    cursor_t cursor = first_of(r);
    size_t i;

    for (i = 0; (header = next_of(&cursor)) != NULL; i++) {
        /* nginx does not send headers with hash 0. */
        if (lines->removed[i]) {
            header->hash = 0;
        } else if (is_vary(header)) {
            vary = header;
        }
    }
    return vary;
}

static ngx_int_t apply(ngx_http_request_t *r, const corsac_decision *decision) {
    ngx_str_t name = ngx_string("Vary");
    const corsac_header *set;
    ngx_table_elt_t *vary;
    corsac_str missing;
    size_t i, set_len;
    lines_t lines;

    if (view_lines(r, &lines) != NGX_OK) return NGX_ERROR;
    if (corsac_apply(decision, lines.views, lines.len, lines.removed, &set, &set_len, &missing) != CORSAC_STATUS_OK) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "corsac: a decision could not be applied, and the response lost its CORS headers");
    }
    vary = remove_lines(r, &lines);
    for (i = 0; i < set_len; i++) {
        if (add(r, ngx_http_corsac_shown(set[i].name), ngx_http_corsac_shown(set[i].value)) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    if (missing.len == 0) return NGX_OK;
    if (vary != NULL) return extend(r->pool, &vary->value, ngx_http_corsac_shown(missing));
    return add(r, name, ngx_http_corsac_shown(missing));
}

static ngx_int_t filter(ngx_http_request_t *r) {
    const corsac_decision *decision;
    ngx_int_t rc;

    if (r != r->main) return next_header_filter(r);
    rc = ngx_http_corsac_decide(r, &decision);
    if (rc == NGX_DECLINED) return next_header_filter(r);
    if (rc != NGX_OK) return NGX_ERROR;
    if (apply(r, decision) != NGX_OK) return NGX_ERROR;
    return next_header_filter(r);
}

ngx_int_t ngx_http_corsac_init_headers_filter(ngx_conf_t *cf) {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = filter;
    return NGX_OK;
}
