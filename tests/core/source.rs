//! Files that change while their policies are in use.

mod busy;
mod chaos;
mod failing;
mod lists;
mod pipes;
mod reload;
mod replaced;
mod restricted;
mod rewritten;
