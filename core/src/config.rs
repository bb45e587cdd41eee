//! The configuration path: documents and builders, checked in full, then compiled to a
//! [`Policy`](crate::Policy). It may be slow and must be plain. Nothing outside names it.

pub(crate) mod builder;
mod code_hosts;
mod compile;
pub mod diagnostic;
pub mod diff;
#[cfg(feature = "document")]
pub mod document;
mod nearest;
mod open_names;
pub mod pattern;
pub(crate) mod policies;
mod routes;
pub(crate) mod row;
#[cfg_attr(not(feature = "suffix-list"), path = "config/no_suffix_list.rs")]
pub(crate) mod suffix_list;
mod text;
mod validate;
