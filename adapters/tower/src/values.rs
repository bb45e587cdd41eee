//! Header values that are the policy's own, kept so that giving them again copies nothing.

use http::HeaderValue;

/// A few values that a thread gave last, each in the place that its address leads to.
#[derive(Debug, Default)]
pub(crate) struct Values(Box<[Option<HeaderValue>]>);

impl Values {
    /// How many are kept, once there is one: about as many as the policies of a service have.
    const SLOTS: usize = 64;

    /// What answers say of credentials. Unlike values that are kept, it is shared without counting its users.
    const TRUE: HeaderValue = HeaderValue::from_static("true");

    /// These bytes as a value; `None` if they could not stand in a header, which no value that the
    /// engine gives does.
    pub(crate) fn of(&mut self, bytes: &[u8]) -> Option<HeaderValue> {
        if bytes == Self::TRUE.as_bytes() {
            return Some(Self::TRUE);
        }
        let slot = place(bytes);
        match self.0.get(slot) {
            // The bytes are compared: another set may have others at the same address.
            Some(Some(known)) if known.as_bytes() == bytes => Some(known.clone()),
            _ => self.keep(slot, bytes),
        }
    }

    #[cold]
    fn keep(&mut self, slot: usize, bytes: &[u8]) -> Option<HeaderValue> {
        if self.0.is_empty() {
            self.0 = std::iter::repeat_with(|| None).take(Self::SLOTS).collect();
        }
        let value = HeaderValue::from_bytes(bytes).ok()?;
        *self.0.get_mut(slot)? = Some(value.clone());
        Some(value)
    }
}

/// Texts of a policy were allocated one by one, so their addresses differ in all but the last bits.
fn place(bytes: &[u8]) -> usize {
    let address = bytes.as_ptr().addr();
    (address >> 4 ^ address >> 10) % Values::SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_an_address_now_is_given() {
        let mut values = Values::default();
        let mut bytes = *b"600";
        assert_eq!(values.of(&bytes).unwrap(), "600");
        bytes[0] = b'7';
        assert_eq!(values.of(&bytes).unwrap(), "700");
        assert_eq!(values.of(&bytes[..2]).unwrap(), "70");
        assert_eq!(values.of(b"a\nb"), None);
    }

    #[test]
    fn a_value_given_again_is_no_copy() {
        let mut values = Values::default();
        let text = "GET, PUT".to_owned();
        let of = |values: &mut Values| values.of(text.as_bytes()).unwrap().as_bytes().as_ptr();
        assert_eq!(of(&mut values), of(&mut values));
    }
}
