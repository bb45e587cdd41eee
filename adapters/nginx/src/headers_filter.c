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

static ngx_int_t is_managed(const corsac_decision *decision, const ngx_table_elt_t *header) {
    const corsac_str name = ngx_http_corsac_view(header->key);

    return corsac_is_managed_header(decision, &name);
}

/* Whether the decision sets this header. `cache-control`, for example, is not managed but may be set. */
static ngx_int_t is_set(const corsac_decision *decision, const ngx_table_elt_t *header) {
    ngx_str_t name;
    size_t i;

    for (i = 0; i < decision->set_len; i++) {
        name = ngx_http_corsac_shown(decision->set[i].name);
        if (name.len == header->key.len && ngx_strncasecmp(name.data, header->key.data, name.len) == 0) return 1;
    }
    return 0;
}

/* For `keep`: whether the upstream set a CORS header. */
static ngx_int_t is_kept(const ngx_http_request_t *r, const corsac_decision *decision) {
    const ngx_table_elt_t *header;
    cursor_t cursor = first_of(r);

    /* A response of this module has no upstream, only `add_header`, which could allow an origin. */
    if (decision->upstream != CORSAC_UPSTREAM_KEEP || decision->status != 0) return 0;
    while ((header = next_of(&cursor)) != NULL) {
        if (is_managed(NULL, header)) return 1;
    }
    return 0;
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

static ngx_int_t replace(ngx_http_request_t *r, const corsac_decision *decision) {
    ngx_table_elt_t *header;
    cursor_t cursor = first_of(r);
    size_t i;

    while ((header = next_of(&cursor)) != NULL) {
        /* nginx does not send headers with hash 0. */
        if (is_managed(decision, header) || is_set(decision, header)) header->hash = 0;
    }
    for (i = 0; i < decision->set_len; i++) {
        if (add(r, ngx_http_corsac_shown(decision->set[i].name), ngx_http_corsac_shown(decision->set[i].value))
            != NGX_OK) {
            return NGX_ERROR;
        }
    }
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
static ngx_int_t merge_vary(ngx_http_request_t *r, const corsac_decision *decision) {
    ngx_str_t name = ngx_string("Vary");
    ngx_table_elt_t *header, *last = NULL;
    corsac_str *lines = NULL, missing;
    corsac_lines vary;
    cursor_t cursor = first_of(r);
    size_t len = 0;

    while ((header = next_of(&cursor)) != NULL) {
        if (header->key.len != name.len || ngx_strncasecmp(header->key.data, name.data, name.len) != 0) continue;
        last = header;
        len++;
    }
    if (len > 0) {
        lines = ngx_palloc(r->pool, len * sizeof(corsac_str));
        if (lines == NULL) return NGX_ERROR;
        cursor = first_of(r);
        for (len = 0; (header = next_of(&cursor)) != NULL;) {
            if (header->key.len != name.len || ngx_strncasecmp(header->key.data, name.data, name.len) != 0) continue;
            lines[len++] = ngx_http_corsac_view(header->value);
        }
    }
    vary.ptr = lines;
    vary.len = len;
    corsac_vary_merge(decision, &vary, &missing);
    if (missing.len == 0) return NGX_OK;
    if (last != NULL) return extend(r->pool, &last->value, ngx_http_corsac_shown(missing));
    return add(r, name, ngx_http_corsac_shown(missing));
}

static ngx_int_t filter(ngx_http_request_t *r) {
    const corsac_decision *decision;
    ngx_int_t rc;

    if (r != r->main) return next_header_filter(r);
    rc = ngx_http_corsac_decide(r, &decision);
    if (rc == NGX_DECLINED) return next_header_filter(r);
    if (rc != NGX_OK) return NGX_ERROR;
    if (!is_kept(r, decision) && replace(r, decision) != NGX_OK) return NGX_ERROR;
    if (merge_vary(r, decision) != NGX_OK) return NGX_ERROR;
    return next_header_filter(r);
}

ngx_int_t ngx_http_corsac_init_headers_filter(ngx_conf_t *cf) {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = filter;
    return NGX_OK;
}
