//! The engine against oracles that were written from the specification alone.

mod lists;
mod monotonicity;
mod origins;
mod preflights;
mod proof;
mod routes;
