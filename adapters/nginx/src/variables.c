/* $corsac_policy, $corsac_verdict, $corsac_reason, $corsac_rule and $corsac_generation. */

#include "module.h"

typedef enum { POLICY, VERDICT, REASON, RULE, GENERATION } field_t;

static ngx_str_t text_of(const char *name) {
    ngx_str_t text;

    text.data = (u_char *)name;
    text.len = ngx_strlen(name);
    return text;
}

/* The name lives as long as the engine. */
static ngx_str_t policy_of(ngx_http_request_t *r, const corsac_decision *decision) {
    const ngx_http_corsac_main_conf_t *conf = ngx_http_get_module_main_conf(r, ngx_http_corsac_module);
    corsac_str name;

    corsac_engine_policy_name(conf->engine, decision->policy, &name);
    return ngx_http_corsac_shown(name);
}

/* Subrequests show the decision of their main request. */
static ngx_int_t get(ngx_http_request_t *r, ngx_http_variable_value_t *value, uintptr_t data) {
    const corsac_decision *decision = ngx_http_corsac_decision(r->main);
    ngx_str_t text = ngx_null_string;

    value->not_found = 1;
    if (decision == NULL) return NGX_OK;
    switch ((field_t)data) {
    case POLICY:
        text = policy_of(r, decision);
        break;
    case VERDICT:
        text = text_of(corsac_verdict_name(decision->verdict));
        break;
    case REASON:
        text = text_of(corsac_reason_name(decision->reason));
        break;
    case RULE:
        text = ngx_http_corsac_shown(decision->rule);
        break;
    case GENERATION:
        text.data = ngx_pnalloc(r->pool, NGX_INT64_LEN);
        if (text.data == NULL) return NGX_ERROR;
        text.len = (size_t)(ngx_sprintf(text.data, "%uL", decision->generation) - text.data);
        break;
    }
    if (text.data == NULL) return NGX_OK;
    value->data = text.data;
    value->len = (unsigned)text.len;
    value->valid = 1;
    value->no_cacheable = 0;
    value->not_found = 0;
    return NGX_OK;
}

/* Not cacheable, because the values change when the decision is made. */
static ngx_http_variable_t variables[] = {
    {ngx_string("corsac_policy"), NULL, get, POLICY, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("corsac_verdict"), NULL, get, VERDICT, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("corsac_reason"), NULL, get, REASON, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("corsac_rule"), NULL, get, RULE, NGX_HTTP_VAR_NOCACHEABLE, 0},
    {ngx_string("corsac_generation"), NULL, get, GENERATION, NGX_HTTP_VAR_NOCACHEABLE, 0},
};

ngx_int_t ngx_http_corsac_add_variables(ngx_conf_t *cf) {
    ngx_http_variable_t *added;
    ngx_uint_t i;

    for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        added = ngx_http_add_variable(cf, &variables[i].name, variables[i].flags);
        if (added == NULL) return NGX_ERROR;
        added->get_handler = variables[i].get_handler;
        added->data = variables[i].data;
    }
    return NGX_OK;
}
