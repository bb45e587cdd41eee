/* The directives, and the configurations that they fill. */

#include "module.h"

/* A `corsac` directive and its position. Names are looked up after the whole configuration was read,
 * because `corsac_policy_file` may come later. */
typedef struct {
    ngx_str_t name;
    ngx_str_t file;
    ngx_uint_t line;
    ngx_http_corsac_loc_conf_t *conf;
} ngx_http_corsac_use_t;

static void *create_main_conf(ngx_conf_t *cf) {
    ngx_http_corsac_main_conf_t *conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_corsac_main_conf_t));

    if (conf == NULL) return NULL;
    if (ngx_array_init(&conf->uses, cf->pool, 8, sizeof(ngx_http_corsac_use_t)) != NGX_OK) return NULL;
    return conf;
}

static void *create_loc_conf(ngx_conf_t *cf) {
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_corsac_loc_conf_t));
}

static char *merge_loc_conf(ngx_conf_t *cf, void *outer, void *inner) {
    const ngx_http_corsac_loc_conf_t *from = outer;
    ngx_http_corsac_loc_conf_t *conf = inner;

    if (conf->target == NGX_HTTP_CORSAC_UNSET) *conf = *from;
    return NGX_CONF_OK;
}

/* Called at the end of the cycle, or if the configuration is rejected. */
static void free_engine(void *data) {
    ngx_http_corsac_main_conf_t *conf = data;

    ngx_http_corsac_stop_worker(conf);
    corsac_engine_free(conf->engine);
    conf->engine = NULL;
}

static char *make_engine(ngx_conf_t *cf, ngx_http_corsac_main_conf_t *conf) {
    const corsac_str file = ngx_http_corsac_view(conf->path);
    corsac_diagnostics *diagnostics = NULL;
    ngx_pool_cleanup_t *cleanup;
    corsac_status status;

    if (!corsac_abi_is_compatible(CORSAC_ABI_VERSION)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "corsac: the installed library `%s` is not compatible with this module; rebuild the module",
                           corsac_version());
        return NGX_CONF_ERROR;
    }
    cleanup = ngx_pool_cleanup_add(cf->pool, 0);
    if (cleanup == NULL) return NGX_CONF_ERROR;
    cleanup->handler = free_engine;
    cleanup->data = conf;
    status = corsac_engine_new_from_file(&file, &conf->engine, &diagnostics);
    if (status == CORSAC_STATUS_CONFIG) {
        ngx_http_corsac_conf_log_diagnostics(cf, &conf->path, diagnostics);
        corsac_diagnostics_free(diagnostics);
        return NGX_CONF_ERROR;
    }
    if (status != CORSAC_STATUS_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "corsac: `%V` cannot be loaded: %s", &conf->path,
                           corsac_error_name(status));
        return NGX_CONF_ERROR;
    }
    if (corsac_engine_warnings(conf->engine, &diagnostics) == CORSAC_STATUS_OK) {
        ngx_http_corsac_conf_log_diagnostics(cf, &conf->path, diagnostics);
        corsac_diagnostics_free(diagnostics);
    }
    return NGX_CONF_OK;
}

/* `poll=TIME` or `poll=off`. */
static char *read_poll(ngx_conf_t *cf, ngx_http_corsac_main_conf_t *conf, const ngx_str_t *argument) {
    ngx_str_t time;
    ngx_int_t parsed;

    if (argument->len <= 5 || ngx_strncmp(argument->data, "poll=", 5) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter `%V` of \"corsac_policy_file\"; write `poll=1s` or `poll=off`", argument);
        return NGX_CONF_ERROR;
    }
    time.data = argument->data + 5;
    time.len = argument->len - 5;
    if (time.len == 3 && ngx_strncmp(time.data, "off", 3) == 0) {
        conf->poll = 0;
        return NGX_CONF_OK;
    }
    parsed = ngx_parse_time(&time, 0);
    if (parsed == NGX_ERROR || parsed == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "`%V` is not a valid polling interval; write `poll=1s` or `poll=off`",
                           argument);
        return NGX_CONF_ERROR;
    }
    conf->poll = (ngx_msec_t)parsed;
    return NGX_CONF_OK;
}

static char *read_policy_file(ngx_conf_t *cf, ngx_command_t *command, void *data) {
    ngx_http_corsac_main_conf_t *conf = data;
    const ngx_str_t *arguments = cf->args->elts;

    if (conf->path.data != NULL) return "is duplicate: all policies must be in one document";
    conf->path = arguments[1];
    if (ngx_conf_full_name(cf->cycle, &conf->path, 1) != NGX_OK) return NGX_CONF_ERROR;
    conf->poll = 1000;
    if (cf->args->nelts > 2 && read_poll(cf, conf, &arguments[2]) != NGX_CONF_OK) return NGX_CONF_ERROR;
    return make_engine(cf, conf);
}

static char *read_target(ngx_conf_t *cf, ngx_command_t *command, void *data) {
    ngx_http_corsac_main_conf_t *main = ngx_http_conf_get_module_main_conf(cf, ngx_http_corsac_module);
    const ngx_str_t *arguments = cf->args->elts;
    ngx_http_corsac_loc_conf_t *conf = data;
    ngx_http_corsac_use_t *use;

    if (conf->target != NGX_HTTP_CORSAC_UNSET) return "is duplicate";
    if (ngx_strcmp(arguments[1].data, "off") == 0) {
        conf->target = NGX_HTTP_CORSAC_OFF;
        return NGX_CONF_OK;
    }
    conf->target = NGX_HTTP_CORSAC_POLICY;
    use = ngx_array_push(&main->uses);
    if (use == NULL) return NGX_CONF_ERROR;
    use->name = arguments[1];
    use->file = cf->conf_file->file.name;
    use->line = cf->conf_file->line;
    use->conf = conf;
    return NGX_CONF_OK;
}

/* From now on, a reload without the policy is rejected. The requirement ends with the engine, and so with the cycle. */
static char *require_policy(ngx_conf_t *cf, const ngx_http_corsac_main_conf_t *conf, ngx_http_corsac_use_t *use) {
    const corsac_str name = ngx_http_corsac_view(use->name);

    if (conf->engine == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "corsac: `corsac %V` is used without policies; add \"corsac_policy_file\" to the http block, in %V:%ui",
                      &use->name, &use->file, use->line);
        return NGX_CONF_ERROR;
    }
    if (ngx_strcmp(use->name.data, "route") == 0) {
        use->conf->policy = CORSAC_POLICY_ROUTE;
        if (corsac_engine_require_routes(conf->engine) == CORSAC_STATUS_OK) return NGX_CONF_OK;
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "corsac: `corsac route` is used, and `%V` has no routes; add a [[route]], or use the name of a policy, in %V:%ui",
                      &conf->path, &use->file, use->line);
        return NGX_CONF_ERROR;
    }
    if (corsac_engine_require_policy(conf->engine, &name, &use->conf->policy) != CORSAC_STATUS_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "corsac: there is no policy `%V` in `%V`; use the name of an existing [policy.NAME], in %V:%ui", &use->name,
                      &conf->path, &use->file, use->line);
        return NGX_CONF_ERROR;
    }
    return NGX_CONF_OK;
}

static char *init_main_conf(ngx_conf_t *cf, void *data) {
    ngx_http_corsac_main_conf_t *conf = data;
    ngx_http_corsac_use_t *uses = conf->uses.elts;
    ngx_uint_t i;

    for (i = 0; i < conf->uses.nelts; i++) {
        if (require_policy(cf, conf, &uses[i]) != NGX_CONF_OK) return NGX_CONF_ERROR;
    }
    return NGX_CONF_OK;
}

static ngx_int_t postconfiguration(ngx_conf_t *cf) {
    const ngx_http_corsac_main_conf_t *conf = ngx_http_conf_get_module_main_conf(cf, ngx_http_corsac_module);

    /* Without policies, no request needs a handler. */
    if (conf->engine == NULL) return NGX_OK;
    if (ngx_http_corsac_init_decide(cf) != NGX_OK) return NGX_ERROR;
    return ngx_http_corsac_init_headers_filter(cf);
}

static ngx_command_t commands[] = {
    {ngx_string("corsac_policy_file"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, read_policy_file,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},
    {ngx_string("corsac"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, read_target,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},
    {ngx_string("corsac_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, ngx_http_corsac_status,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},
    ngx_null_command,
};

static ngx_http_module_t context = {
    ngx_http_corsac_add_variables, /* preconfiguration */
    postconfiguration,
    create_main_conf,
    init_main_conf,
    NULL, /* create server configuration */
    NULL, /* merge server configuration */
    create_loc_conf,
    merge_loc_conf,
};

ngx_module_t ngx_http_corsac_module = {
    NGX_MODULE_V1,
    &context,
    commands,
    NGX_HTTP_MODULE,
    NULL, /* init master */
    NULL, /* init module */
    ngx_http_corsac_init_process,
    NULL, /* init thread */
    NULL, /* exit thread */
    NULL, /* exit process: the cycle's pool is freed then, with everything in it */
    NULL, /* exit master */
    NGX_MODULE_V1_PADDING,
};
