//! Addresses in the one form that a browser serialises (URL, "IPv4 serializer", "IPv6 serializer").

use core::net::{Ipv4Addr, Ipv6Addr};

/// Four decimal parts without leading zeros, which is all that the standard library accepts.
pub(crate) fn is_canonical_ipv4(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv4Addr>().is_ok())
}

/// The text between the brackets, equal to what the serialiser gives for the address it names.
pub(crate) fn is_canonical_ipv6(text: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(text) else { return false };
    let Ok(address) = text.parse::<Ipv6Addr>() else { return false };
    let mut buffer = [0; 39];
    write_ipv6(address, &mut buffer) == Some(text.as_bytes())
}

/// The serialiser: lower case, no leading zeros, the first longest run of two or more zero groups
/// compressed, never a dotted quad (in which it differs from the standard library's).
pub(crate) fn write_ipv6(address: Ipv6Addr, buffer: &mut [u8; 39]) -> Option<&[u8]> {
    let groups = address.segments();
    let (run_start, run_len) = longest_zero_run(groups);
    let mut at = 0;
    let mut put = |byte: u8| -> Option<()> {
        *buffer.get_mut(at)? = byte;
        at += 1;
        Some(())
    };
    for (index, group) in groups.into_iter().enumerate() {
        if run_len > 1 && (run_start..run_start + run_len).contains(&index) {
            if index == run_start {
                put(b':')?;
                if index == 0 {
                    put(b':')?;
                }
            }
            continue;
        }
        let mut started = false;
        for shift in [12, 8, 4, 0] {
            let digit = (group >> shift) & 0xf;
            if digit != 0 || started || shift == 0 {
                started = true;
                put(char::from_digit(u32::from(digit), 16)? as u8)?;
            }
        }
        if index + 1 < groups.len() {
            put(b':')?;
        }
    }
    buffer.get(..at)
}

fn longest_zero_run(groups: [u16; 8]) -> (usize, usize) {
    let (mut best, mut current) = ((0, 0), (0, 0));
    for (index, group) in groups.into_iter().enumerate() {
        current = match (group, current.1) {
            (0, 0) => (index, 1),
            (0, len) => (current.0, len + 1),
            _ => (0, 0),
        };
        if current.1 > best.1 {
            best = current;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serialised(text: &str) -> String {
        let mut buffer = [0; 39];
        let bytes = write_ipv6(text.parse().unwrap(), &mut buffer).unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn addresses_are_serialised_as_browsers_do() {
        for (address, expected) in [
            ("::", "::"),
            ("::1", "::1"),
            ("1::", "1::"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("::ffff:127.0.0.1", "::ffff:7f00:1"),
            ("2001:DB8::A", "2001:db8::a"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"),
            ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
        ] {
            assert_eq!(serialised(address), expected, "{address}");
        }
    }
}
