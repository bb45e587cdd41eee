//! Prose: chapters that belong to no single type.

pub mod hot_reload;
