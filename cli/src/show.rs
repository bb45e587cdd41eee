//! Output for people and tools: text, tables, colours, JSON.

pub(crate) mod changes;
pub(crate) mod decision;
pub(crate) mod escape;
pub(crate) mod events;
pub(crate) mod explanation;
pub(crate) mod finding;
pub(crate) mod format;
pub(crate) mod numbers;
pub(crate) mod output;
pub(crate) mod progress_bar;
pub(crate) mod render;
