//! Files that change while their policies are in use.

mod busy;
mod chaos;
mod failing;
mod lists;
mod pipes;
mod reload;
mod replaced;
mod required;
mod restricted;
mod rewritten;
mod variables;
