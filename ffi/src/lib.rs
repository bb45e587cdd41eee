//! The C interface of corsac, declared by `include/corsac.h`. cbindgen generates the header from this
//! crate (see `header.rs` in the tests), so edit its text here: in `cbindgen.toml`, and on each type
//! and function.
//!
//! For callers in other languages. Rust code uses the crate `corsac`, which is safe; the functions
//! here rely on their callers to follow the header's rules about pointers and threads.
//!
//! Only `pointer.rs` and `view.rs` contain `unsafe`. Handles are passed as `Option<&T>`,
//! `Option<&mut T>` and `Option<Box<T>>`, where `NULL` is `None`; output parameters as
//! `Option<&mut MaybeUninit<T>>`, which are written and never read.
#![allow(non_camel_case_types, reason = "types have the names that they have in C")]
#![allow(clippy::not_unsafe_ptr_arg_deref, reason = "the callers are C; the header states their duties")]

mod beside;
mod copy;
mod decide;
mod decision;
mod diagnostics;
mod engine;
mod guard;
mod memory;
mod names;
mod pointer;
mod policies;
mod reader;
mod request;
mod response;
mod stats;
mod status;
mod text;
mod thread;
mod thread_readers;
mod version;
mod view;
mod watch;

pub use beside::*;
pub use copy::*;
pub use decide::*;
pub use decision::*;
pub use diagnostics::*;
pub use engine::*;
pub use names::*;
pub use policies::*;
pub use reader::*;
pub use request::*;
pub use response::*;
pub use stats::*;
pub use status::*;
pub use text::*;
pub use thread_readers::*;
pub use version::*;
pub use view::{corsac_header, corsac_lines, corsac_named, corsac_str};
pub use watch::*;
