//! The nginx module and the Lua adapter in a real nginx: the stage `make test-nginx`.

mod building;
mod cache;
mod chain;
mod configuration;
mod corpus;
mod example;
mod http2;
mod lua;
mod lua_configuration;
mod lua_header;
mod lua_mistakes;
mod lua_reload;
mod memory;
mod proxy_cases;
mod random_bytes;
mod reload;
mod reload_log;
mod required;
mod tenants;
