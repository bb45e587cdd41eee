//! What the tests of corsac share: the corpus and what reads it, comparable forms of what the
//! engine says, oracles written from the specification alone, and generators of policies and
//! requests. The runners are in `tests/`, the corpus itself is in `data/`.

pub mod answer;
pub mod automaton;
pub mod binary;
pub mod built;
pub mod bytes;
pub mod confined;
pub mod corpus;
pub mod editions;
pub mod ending;
pub mod engine;
pub mod finding;
pub mod fuzz;
pub mod generate;
pub mod live;
pub mod native;
pub mod oracle;
pub mod pages;
pub mod proxy;
pub mod question;
pub mod sandbox;
pub mod scratch;
pub mod table;
