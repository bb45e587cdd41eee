//! The nginx module in a real nginx: the stage `make test-nginx`.

mod configuration;
mod corpus;
mod example;
mod proxy_cases;
mod reload;
