//! Policies that are replaced while requests are decided.

mod allocations;
mod ids;
mod pause;
mod requirements;
mod snapshots;
