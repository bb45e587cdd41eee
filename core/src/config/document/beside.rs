//! What a document names, beside what it says itself.

use super::list::Lists;
use super::variable::Variables;

#[derive(Clone, Copy, Debug)]
pub(super) struct Beside<'a> {
    pub(super) lists: &'a Lists,
    pub(super) variables: &'a Variables,
}
