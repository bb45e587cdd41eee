//! Decides a whole log on several cores, and delivers the results in the order of its lines.

pub(crate) mod against;
pub(crate) mod comparison;
pub(crate) mod decider;
pub(crate) mod delivery;
pub(crate) mod denied_origins;
pub(crate) mod differences;
pub(crate) mod mode;
pub(crate) mod sample;
pub(crate) mod summary;
pub(crate) mod workers;
