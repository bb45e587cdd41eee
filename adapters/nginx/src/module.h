/* corsac in nginx: declarations shared by the files of this module.
 *
 * State: `corsac_policy_file` creates an engine when the master reads the configuration. After the
 * fork, each worker creates a `ngx_http_corsac_worker_t`. Both are freed with the pool of the cycle.
 * There is no other state.
 */
#ifndef CORSAC_NGINX_MODULE_H
#define CORSAC_NGINX_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <corsac.h>

typedef struct ngx_http_corsac_worker_s ngx_http_corsac_worker_t;

/* The configuration of the http block: the policies. */
typedef struct {
    /* The document's absolute path, NUL-terminated. */
    ngx_str_t path;
    /* The polling interval of workers, in milliseconds; 0: never. */
    ngx_msec_t poll;
    /* NULL without `corsac_policy_file`. */
    corsac_engine *engine;
    /* Each `corsac` directive with a policy or `route`: of ngx_http_corsac_use_t. */
    ngx_array_t uses;
    /* The state of this worker; NULL in the master. */
    ngx_http_corsac_worker_t *worker;
} ngx_http_corsac_main_conf_t;

typedef enum {
    /* No `corsac` directive. */
    NGX_HTTP_CORSAC_UNSET = 0,
    /* `corsac off`. */
    NGX_HTTP_CORSAC_OFF,
    /* `corsac route`, and `corsac NAME`. */
    NGX_HTTP_CORSAC_POLICY
} ngx_http_corsac_target_t;

/* The configuration of a location, server or http block: the policy. */
typedef struct {
    ngx_http_corsac_target_t target;
    /* An id of the engine, or CORSAC_POLICY_ROUTE. */
    corsac_policy policy;
} ngx_http_corsac_loc_conf_t;

extern ngx_module_t ngx_http_corsac_module;

/* A view of the library as a string of nginx. */
static inline ngx_str_t ngx_http_corsac_shown(corsac_str view) {
    ngx_str_t text;

    text.data = (u_char *)view.ptr;
    text.len = view.len;
    return text;
}

/* A string of nginx as a view of the library. */
static inline corsac_str ngx_http_corsac_view(ngx_str_t text) {
    corsac_str view;

    /* nginx may represent an empty string by NULL, but it is present. */
    view.ptr = text.data == NULL ? "" : (const char *)text.data;
    view.len = text.len;
    return view;
}

/* decide.c */

/* Registers the handler that decides and responds to preflights. */
ngx_int_t ngx_http_corsac_init_decide(ngx_conf_t *cf);

/* The existing decision of a main request; NULL if there is none, or if corsac does not change the
 * request. */
const corsac_decision *ngx_http_corsac_decision(ngx_http_request_t *r);

/* The decision, made now if there is none yet. NGX_DECLINED: corsac does not change the request. */
ngx_int_t ngx_http_corsac_decide(ngx_http_request_t *r, const corsac_decision **decision);

/* headers_filter.c */

/* Registers the filter that applies decisions, before the existing filters. */
ngx_int_t ngx_http_corsac_init_headers_filter(ngx_conf_t *cf);

/* diagnostics.c */

/* Logs errors and warnings of a document, at most ten of each code, each as a message about the configuration. */
void ngx_http_corsac_conf_log_diagnostics(ngx_conf_t *cf, const ngx_str_t *path, const corsac_diagnostics *diagnostics);

/* Logs the warnings of the policies that an engine uses. */
void ngx_http_corsac_log_warnings(ngx_log_t *log, const ngx_str_t *path, const corsac_engine *engine);

/* Logs the first error of a document that was rejected during a reload. */
void ngx_http_corsac_log_rejection(ngx_log_t *log, const ngx_str_t *path, const corsac_diagnostics *diagnostics);

/* reload.c */

/* Creates the state of this worker. Does nothing in processes that serve no requests. */
ngx_int_t ngx_http_corsac_init_process(ngx_cycle_t *cycle);

/* The reader of this worker; NULL if it has no state. */
corsac_reader *ngx_http_corsac_reader(const ngx_http_corsac_main_conf_t *conf);

/* Stops polling and frees the state of this worker, if it has one. */
void ngx_http_corsac_stop_worker(ngx_http_corsac_main_conf_t *conf);

/* status.c */

/* `corsac_status`. */
char *ngx_http_corsac_status(ngx_conf_t *cf, ngx_command_t *command, void *conf);

/* variables.c */

/* Registers the variables. */
ngx_int_t ngx_http_corsac_add_variables(ngx_conf_t *cf);

#endif
