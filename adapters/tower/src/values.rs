//! A cache of header values that come from a policy, so that repeating them copies nothing.

use http::HeaderValue;

/// Recent values of a thread, in slots chosen by address.
#[derive(Debug, Default)]
pub(crate) struct Values(Box<[Option<HeaderValue>]>);

impl Values {
    /// The number of slots, allocated for the first value: about as many as a service's policies have.
    const SLOTS: usize = 64;

    /// The value of `access-control-allow-credentials`. It is static, so it needs no reference count.
    const TRUE: HeaderValue = HeaderValue::from_static("true");

    /// These bytes as a value; `None` if they are not valid in a header, which never happens for values
    /// of the engine.
    pub(crate) fn of(&mut self, bytes: &[u8]) -> Option<HeaderValue> {
        if bytes == Self::TRUE.as_bytes() {
            return Some(Self::TRUE);
        }
        let slot = slot_of(bytes);
        match self.0.get(slot) {
            // The bytes are compared, because other policies may have other bytes at the same address.
            Some(Some(known)) if known.as_bytes() == bytes => Some(known.clone()),
            _ => self.store(slot, bytes),
        }
    }

    #[cold]
    fn store(&mut self, slot: usize, bytes: &[u8]) -> Option<HeaderValue> {
        if self.0.is_empty() {
            self.0 = std::iter::repeat_with(|| None).take(Self::SLOTS).collect();
        }
        let value = HeaderValue::from_bytes(bytes).ok()?;
        *self.0.get_mut(slot)? = Some(value.clone());
        Some(value)
    }
}

/// The strings of a policy were allocated separately, so their addresses differ in all but the last bits.
fn slot_of(bytes: &[u8]) -> usize {
    let address = bytes.as_ptr().addr();
    (address >> 4 ^ address >> 10) % Values::SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_bytes_at_an_address_are_returned() {
        let mut values = Values::default();
        let mut bytes = *b"600";
        assert_eq!(values.of(&bytes).unwrap(), "600");
        bytes[0] = b'7';
        assert_eq!(values.of(&bytes).unwrap(), "700");
        assert_eq!(values.of(&bytes[..2]).unwrap(), "70");
        assert_eq!(values.of(b"a\nb"), None);
    }

    #[test]
    fn a_repeated_value_is_not_copied() {
        let mut values = Values::default();
        let text = "GET, PUT".to_owned();
        let of = |values: &mut Values| values.of(text.as_bytes()).unwrap().as_bytes().as_ptr();
        assert_eq!(of(&mut values), of(&mut values));
    }
}
