//! The nginx module in a real nginx: the stage `make test-nginx`.

mod configuration;
mod corpus;
mod example;
mod http2;
mod memory;
mod proxy_cases;
mod reload;
