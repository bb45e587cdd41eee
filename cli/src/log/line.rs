//! One line of a request log, parsed from JSON without unnecessary copies.
//!
//! ```json
//! {"id": 7, "policy": "api", "method": "GET", "headers": [["origin", "https://app.example.com"]]}
//! ```

use std::borrow::Cow;
use std::fmt;

use data_encoding::BASE64;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::log::bad_line::BadLine;

/// A request as a log records it. Unknown keys are ignored: logs contain more.
#[derive(Debug)]
pub(crate) struct LogLine<'a> {
    pub(crate) id: Option<&'a RawValue>,
    pub(crate) policy: Option<ByteString<'a>>,
    pub(crate) route: Option<Route<'a>>,
    pub(crate) method: ByteString<'a>,
    pub(crate) headers: Vec<Header<'a>>,
}

impl<'a> LogLine<'a> {
    pub(crate) fn parse(line: &'a [u8]) -> Result<Self, BadLine> {
        let text = std::str::from_utf8(line).map_err(|error| BadLine::not_utf8(error.valid_up_to()))?;
        serde_json::from_str(text).map_err(|error| BadLine::from_json(&error))
    }
}

/// The request's host and path, from which the document's routes choose a policy.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    pub(crate) host: ByteString<'a>,
    pub(crate) path: ByteString<'a>,
}

/// A JSON string, or `{"base64": "..."}` for bytes that are not UTF-8.
#[derive(Debug)]
pub(crate) struct ByteString<'a>(Cow<'a, [u8]>);

impl<'a> ByteString<'a> {
    pub(crate) fn new(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// `["name", "value"]`
#[derive(Debug)]
pub(crate) struct Header<'a> {
    pub(crate) name: ByteString<'a>,
    pub(crate) value: ByteString<'a>,
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum LineKey {
    Id,
    Policy,
    Route,
    Method,
    Headers,
    #[serde(other)]
    Other,
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum RouteKey {
    Host,
    Path,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for LogLine<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = LogLine<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut id, mut policy, mut route, mut method, mut headers) = (None, None, None, None, None);
        while let Some(key) = map.next_key()? {
            match key {
                LineKey::Id => once(&mut id, "id", map.next_value()?)?,
                LineKey::Policy => once(&mut policy, "policy", map.next_value::<Option<ByteString<'de>>>()?)?,
                LineKey::Route => once(&mut route, "route", map.next_value::<Option<Route<'de>>>()?)?,
                LineKey::Method => once(&mut method, "method", map.next_value()?)?,
                LineKey::Headers => once(&mut headers, "headers", map.next_value()?)?,
                LineKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(LogLine {
            id,
            policy: policy.flatten(),
            route: route.flatten(),
            method: required(method, "method")?,
            headers: required(headers, "headers")?,
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Route<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RouteVisitor)
    }
}

struct RouteVisitor;

impl<'de> Visitor<'de> for RouteVisitor {
    type Value = Route<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `host` and `path`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut host, mut path) = (None, None);
        while let Some(key) = map.next_key()? {
            match key {
                RouteKey::Host => once(&mut host, "host", map.next_value()?)?,
                RouteKey::Path => once(&mut path, "path", map.next_value()?)?,
                RouteKey::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Route { host: required(host, "host")?, path: required(path, "path")? })
    }
}

fn once<T, E: Error>(slot: &mut Option<T>, key: &str, value: T) -> Result<(), E> {
    match slot.replace(value) {
        Some(_) => Err(E::custom(format_args!("`{key}` appears twice"))),
        None => Ok(()),
    }
}

fn required<T, E: Error>(value: Option<T>, key: &str) -> Result<T, E> {
    value.ok_or_else(|| E::custom(format_args!("`{key}` is missing")))
}

impl<'de: 'a, 'a> Deserialize<'de> for Header<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header as `[\"name\", \"value\"]`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let wrong = || A::Error::custom("a header is `[\"name\", \"value\"]`, two elements");
        let name = sequence.next_element()?.ok_or_else(wrong)?;
        let value = sequence.next_element()?.ok_or_else(wrong)?;
        match sequence.next_element::<IgnoredAny>()? {
            Some(_) => Err(wrong()),
            None => Ok(Header { name, value }),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ByteString<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ByteStringVisitor)
    }
}

struct ByteStringVisitor;

impl<'de> Visitor<'de> for ByteStringVisitor {
    type Value = ByteString<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or `{\"base64\": \"...\"}`")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(ByteString(Cow::Borrowed(text.as_bytes())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(ByteString(Cow::Owned(text.as_bytes().to_vec())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let wrong = || A::Error::custom("a non-UTF-8 value is `{\"base64\": \"...\"}` with no other key");
        let Some(Base64Key::Base64) = map.next_key()? else { return Err(wrong()) };
        let encoded: Encoded<'de> = map.next_value()?;
        match map.next_key::<Base64Key>()? {
            Some(_) => Err(wrong()),
            None => match BASE64.decode(encoded.0.as_bytes()) {
                Ok(bytes) => Ok(ByteString(Cow::Owned(bytes))),
                Err(_) => Err(A::Error::custom("`base64` is not base64 (standard alphabet, with padding)")),
            },
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Base64Key {
    Base64,
    #[serde(other)]
    Other,
}

/// The text in `{"base64": "..."}`.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Encoded<'a>(#[serde(borrow)] Cow<'a, str>);
