//! Requests whose four headers hold any bytes at all, among them such as nearly mean something.

use super::requests::{Request, header_lines, hostile, method_line};
use super::{Dice, Policy, origins};

/// Methods that every server hands on.
const METHODS: [&str; 9] = ["OPTIONS", "OPTIONS", "OPTIONS", "OPTIONS", "GET", "POST", "PUT", "DELETE", "HEAD"];

/// One request to a service that has this policy.
pub fn wild_request(dice: &mut Dice, policy: &Policy) -> Request {
    let method = dice.pick(&METHODS).as_bytes().to_vec();
    let origins = *dice.pick(&[0, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    let methods = *dice.pick(&[0, 1, 1, 1, 1, 1, 1, 2]);
    let mut request = Request {
        method,
        origins: (0..origins).map(|_| origins::origin(dice, policy)).collect(),
        request_methods: (0..methods).map(|_| method_line(dice)).collect(),
        request_headers: header_lines(dice),
        private_network: (0..dice.below(3) / 2).map(|_| b"true".to_vec()).collect(),
    };
    // Where all lines were wild, none would come further than the first check.
    for lines in
        [&mut request.origins, &mut request.request_methods, &mut request.request_headers, &mut request.private_network]
    {
        for line in lines.iter_mut() {
            if !dice.percent(15) {
                continue;
            }
            *line = if dice.percent(50) { hostile(dice, std::mem::take(line)) } else { wild_line(dice) };
        }
    }
    request
}

/// Bytes of any kind, at times more than a header holds anywhere.
fn wild_line(dice: &mut Dice) -> Vec<u8> {
    let length = *dice.pick(&[0, 1, 2, 7, 40, 200, 400, 4000]);
    (0..dice.below(length + 1)).map(|_| dice.below(256) as u8).collect()
}
