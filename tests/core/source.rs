//! Files that change while their policies are in use.

mod failing;
mod lists;
mod reload;
mod replaced;
mod required;
mod rewritten;
