/* corsac in nginx: what the files of this module share.
 *
 * Life of a configuration: `corsac_policy_file` makes an engine where the configuration is read, in
 * the master; each worker makes a `ngx_http_corsac_worker_t` after the fork; both go with the pool of
 * the cycle. There is no other state.
 */
#ifndef CORSAC_NGINX_MODULE_H
#define CORSAC_NGINX_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <corsac.h>

typedef struct ngx_http_corsac_worker_s ngx_http_corsac_worker_t;

/* http: the policies. */
typedef struct {
    /* The document: absolute, ends in NUL. */
    ngx_str_t path;
    /* How often a worker looks at it; 0 for never. */
    ngx_msec_t poll;
    /* NULL without `corsac_policy_file`. */
    corsac_engine *engine;
    /* Every `corsac` that names a policy or `route`, of ngx_http_corsac_use_t. */
    ngx_array_t uses;
    /* This process's part; NULL in the master. */
    ngx_http_corsac_worker_t *worker;
} ngx_http_corsac_main_conf_t;

typedef enum {
    /* No `corsac` at all. */
    NGX_HTTP_CORSAC_SILENT = 0,
    /* `corsac off`. */
    NGX_HTTP_CORSAC_OFF,
    /* `corsac route`, and `corsac NAME`. */
    NGX_HTTP_CORSAC_POLICY
} ngx_http_corsac_target_t;

/* location, server, http: who decides. */
typedef struct {
    ngx_http_corsac_target_t target;
    /* An id of the engine, or CORSAC_POLICY_ROUTE. */
    uint32_t policy;
} ngx_http_corsac_loc_conf_t;

extern ngx_module_t ngx_http_corsac_module;

/* A view of the library's as nginx writes it. */
static inline ngx_str_t ngx_http_corsac_shown(corsac_str view) {
    ngx_str_t text;

    text.data = (u_char *)view.ptr;
    text.len = view.len;
    return text;
}

/* And back. */
static inline corsac_str ngx_http_corsac_view(ngx_str_t text) {
    corsac_str view;

    /* What is empty may have no place in nginx, and is present all the same. */
    view.ptr = text.data == NULL ? "" : (const char *)text.data;
    view.len = text.len;
    return view;
}

/* decide.c */

/* Registers the handler that answers preflights. */
ngx_int_t ngx_http_corsac_init_decide(ngx_conf_t *cf);

/* The decision of a main request that was made before; NULL if none was, or if it is left alone. */
const corsac_decision *ngx_http_corsac_decision(ngx_http_request_t *r);

/* The same, made now if it was not before. NGX_DECLINED: the request is left alone. */
ngx_int_t ngx_http_corsac_decide(ngx_http_request_t *r, const corsac_decision **decision);

/* headers_filter.c */

/* Puts the filter that carries decisions out in front of those that there are. */
ngx_int_t ngx_http_corsac_init_headers_filter(ngx_conf_t *cf);

/* diagnostics.c */

/* All errors and warnings of a document, each as a message of the configuration's. */
void ngx_http_corsac_conf_log_diagnostics(ngx_conf_t *cf, const ngx_str_t *path, const corsac_diagnostics *diagnostics);

/* The first error of a document that was refused while another serves, as one line of the log. */
void ngx_http_corsac_log_refusal(ngx_log_t *log, const ngx_str_t *path, const corsac_diagnostics *diagnostics);

/* reload.c */

/* Starts this process's part, if it serves requests. */
ngx_int_t ngx_http_corsac_init_process(ngx_cycle_t *cycle);

/* This process's reader; NULL where nothing was started. */
corsac_reader *ngx_http_corsac_reader(const ngx_http_corsac_main_conf_t *conf);

/* Ends this process's part, if there is one. */
void ngx_http_corsac_stop_worker(ngx_http_corsac_main_conf_t *conf);

/* status.c */

/* `corsac_status`. */
char *ngx_http_corsac_status(ngx_conf_t *cf, ngx_command_t *command, void *conf);

/* variables.c */

/* Registers the variables. */
ngx_int_t ngx_http_corsac_add_variables(ngx_conf_t *cf);

#endif
