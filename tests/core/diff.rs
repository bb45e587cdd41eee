//! The difference between two sets of policies.

mod explains;
