//! Regular expressions that are written as patterns.

use super::proposal::write;
use crate::config::diagnostic::quote;
use crate::config::pattern::{expression, parse};

/// Signs of an expression that no pattern has.
const SIGNS: [&str; 8] = ["\\.", "\\/", "\\d", "^", ".+", "[0-9", "[a-z", "s?:"];

/// The rows that say what the expression says.
pub(super) fn help(text: &str) -> Option<String> {
    let is_path = text.starts_with("//") || text.contains(',') || text.contains(char::is_whitespace);
    if is_path || !SIGNS.iter().any(|sign| text.contains(sign)) {
        return None;
    }
    let plain = text.trim_start_matches(['~', '*']).replace("\\\\", "\\").replace("\\/", "/");
    let plain = plain.strip_prefix('/').map_or(plain.as_str(), |inside| inside.trim_end_matches(['/', 'i', 'g']));
    let plain = plain.trim_start_matches('^').trim_end_matches('$');
    if let Some((schemes, host)) = plain.split_once("s?://") {
        let host =
            [":\\d+", ":[0-9]+", ":.*"].iter().fold(host.replace("\\.", "."), |host, port| host.replace(port, ":*"));
        let rows = [format!("{schemes}s://{host}"), format!("{schemes}://{host}")];
        if let Some(help) = write(&rows) {
            return Some(help);
        }
    }
    let glob = [".*\\.", ".+\\.", "[^.]+\\.", "[^/]+\\.", ".*.", ".+."]
        .iter()
        .fold(plain.to_owned(), |text, open| text.replace(open, "*."));
    let glob = glob.replace("\\.", ".");
    let glob = (parse::shape(&glob).is_ok()).then_some(glob);
    let is_proved = !plain.contains('\'') && expression::is_proved(plain);
    match (glob, is_proved) {
        (Some(glob), true) => Some(format!("write {}, or the expression `{{ regex = '{plain}' }}`", quote(&glob))),
        (Some(glob), false) => write(&[glob]),
        (None, true) => Some(format!("write an expression as `{{ regex = '{plain}' }}`")),
        (None, false) => {
            Some("write an expression as `{ regex = '…' }`, with its dots escaped, such as `{ regex = 'https://[a-z]+\\.example\\.com' }`".into())
        }
    }
}
