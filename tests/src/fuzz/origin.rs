//! Any bytes as an `Origin`: the engine's parser and the oracle's find the same parts, or none.

use corsac::origin::Origin;

use crate::bytes::shown;
use crate::oracle::origin::{Parsed, parse};

pub(super) fn run(input: &[u8]) {
    let parts = Origin::parse(input).ok().map(|origin| Parsed {
        text: origin.as_str().into(),
        scheme: origin.scheme().into(),
        host: origin.host().into(),
        port: origin.port().map(u32::from),
    });
    assert_eq!(parts, parse(input), "`{}`", shown(input));
}
