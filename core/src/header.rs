//! Header names: the ones that CORS is made of, and the request headers that a preflight asks for.

mod ignore_case;
mod names;
mod requested;

pub(crate) use requested::{Failure, HeaderNames, RequestedLines};

/// The request headers of the CORS protocol (Fetch, "`Origin` header" and "HTTP requests"; Private
/// Network Access), in the lower case in which they are compared.
pub(crate) const ORIGIN: &[u8] = b"origin";
pub(crate) const REQUEST_METHOD: &[u8] = b"access-control-request-method";
pub(crate) const REQUEST_HEADERS: &[u8] = b"access-control-request-headers";
pub(crate) const REQUEST_PRIVATE_NETWORK: &[u8] = b"access-control-request-private-network";

/// The longest header name that a policy can allow, in bytes.
pub(crate) const MAX_NAME: usize = 256;

/// RFC 9110, 5.6.2: the bytes of a token.
pub(crate) const fn is_token_byte(byte: u8) -> bool {
    /// Bit n: the ASCII character n is a token byte.
    const TOKEN: u128 = {
        let mut bits = 0_u128;
        let mut byte = 0_u8;
        while byte < 128 {
            let is_mark = matches!(
                byte,
                b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
            );
            if is_mark || byte.is_ascii_alphanumeric() {
                bits |= 1 << byte;
            }
            byte += 1;
        }
        bits
    };
    byte < 128 && (TOKEN >> byte) & 1 == 1
}

/// RFC 9110, 5.6.2: one or more token bytes.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
}
