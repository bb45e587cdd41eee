//! The nginx module in a real nginx: the stage `make test-nginx`.

mod corpus;
mod proxy_cases;
