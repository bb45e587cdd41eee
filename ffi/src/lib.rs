//! The C interface of corsac: what `include/corsac.h` declares. The header is written by cbindgen
//! from this crate (`header.rs` of the tests), so its prose is here: at the top of `cbindgen.toml`, and
//! on each type and function.
//!
//! For callers in other languages. Rust has the crate `corsac`, which needs no promise; the
//! functions here trust that their callers keep what the header says of pointers and threads.
//!
//! `unsafe` stands in two files, `pointer.rs` and `view.rs`. Handles come in as `Option<&T>`,
//! `Option<&mut T>` and `Option<Box<T>>`, where `NULL` is `None`; places for results as
//! `Option<&mut MaybeUninit<T>>`, which are written and never read.
#![allow(non_camel_case_types, reason = "types have the names that they have in C")]
#![allow(clippy::not_unsafe_ptr_arg_deref, reason = "the callers are C; what they promise is in the header")]

mod decide;
mod decision;
mod diagnostics;
mod engine;
mod guard;
mod names;
mod pointer;
mod reader;
mod request;
mod response;
mod stats;
mod status;
mod text;
mod version;
mod view;
mod watch;

pub use decide::*;
pub use decision::*;
pub use diagnostics::*;
pub use engine::*;
pub use names::*;
pub use reader::*;
pub use request::*;
pub use response::*;
pub use stats::*;
pub use status::*;
pub use text::*;
pub use version::*;
pub use view::{corsac_lines, corsac_str};
pub use watch::*;
