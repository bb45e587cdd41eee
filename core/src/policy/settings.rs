//! Settings that apply to all grants of a policy.

use core::fmt;

use crate::outcome::Upstream;

/// Declares every setting once: its name in documents, its type and its default. Reading, writing
/// back and comparing follow it by [`Settings::values`] and [`Settings::set`].
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr,)*) => {
        /// The keys of a policy that apply to all its grants, with the defaults filled in.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $name: $type,)*
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Settings {
            /// Every setting by the name of its key.
            pub(crate) fn values(&self) -> Vec<(&'static str, SettingValue<'_>)> {
                vec![$((stringify!($name), self.$name.value()),)*]
            }

            /// Sets what is known by this name. Other names, and values of another type, are ignored.
            pub(crate) fn set(&mut self, name: &str, value: SettingValue<'_>) {
                match name {
                    $(stringify!($name) => {
                        if let Some(value) = Setting::of(value) {
                            self.$name = value;
                        }
                    })*
                    _ => {}
                }
            }
        }
    };
}

/// What `preflight_status` and `refused_preflight_status` may be; the first of each is the default.
pub(crate) const PREFLIGHT_STATUSES: [u16; 2] = [204, 200];
pub(crate) const REFUSED_PREFLIGHT_STATUSES: [u16; 4] = [403, 200, 204, 400];

settings! {
    /// `denied_requests`: how a denied actual request is handled.
    denied_requests: DeniedRequests = DeniedRequests::Forward,
    /// `preflight`: who answers preflights.
    preflight: Preflight = Preflight::Answer,
    /// `preflight_answer`: what an accepted preflight's answer names.
    preflight_answer: PreflightAnswer = PreflightAnswer::List,
    /// `preflight_status`: 204 or 200.
    preflight_status: u16 = 204,
    /// `refused_preflight_status`: 403, 200, 204 or 400.
    refused_preflight_status: u16 = 403,
    /// `upstream`: how the upstream's own CORS headers are treated.
    upstream: Upstream = Upstream::Replace,
    /// `timing_allow_origin`: the origins of a static `Timing-Allow-Origin`, or `*`.
    timing_allow_origin: Box<[Box<str>]> = Box::default(),
    /// `allow_private_network`: whether private network access is granted.
    allow_private_network: bool = false,
}

/// The value of a setting, whatever its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettingValue<'s> {
    Word(&'s str),
    Number(u16),
    Boolean(bool),
    List(&'s [Box<str>]),
}

/// As documents write it, without quotes.
impl fmt::Display for SettingValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(boolean) => boolean.fmt(f),
            Self::List(list) => f.write_str(&list.join(", ")),
        }
    }
}

/// A type of settings.
trait Setting: Sized {
    fn value(&self) -> SettingValue<'_>;

    fn of(value: SettingValue<'_>) -> Option<Self>;
}

impl Setting for bool {
    fn value(&self) -> SettingValue<'_> {
        SettingValue::Boolean(*self)
    }

    fn of(value: SettingValue<'_>) -> Option<Self> {
        if let SettingValue::Boolean(boolean) = value { Some(boolean) } else { None }
    }
}

impl Setting for u16 {
    fn value(&self) -> SettingValue<'_> {
        SettingValue::Number(*self)
    }

    fn of(value: SettingValue<'_>) -> Option<Self> {
        if let SettingValue::Number(number) = value { Some(number) } else { None }
    }
}

impl Setting for Box<[Box<str>]> {
    fn value(&self) -> SettingValue<'_> {
        SettingValue::List(self)
    }

    fn of(value: SettingValue<'_>) -> Option<Self> {
        if let SettingValue::List(list) = value { Some(list.into()) } else { None }
    }
}

macro_rules! words {
    ($($word:ty),*) => {$(
        impl Setting for $word {
            fn value(&self) -> SettingValue<'_> {
                SettingValue::Word(self.as_str())
            }

            fn of(value: SettingValue<'_>) -> Option<Self> {
                Self::ALL.into_iter().find(|word| SettingValue::Word(word.as_str()) == value)
            }
        }
    )*};
}

words!(DeniedRequests, Preflight, PreflightAnswer, Upstream);

/// How a denied actual request is handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeniedRequests {
    /// It is forwarded; the page cannot read the answer.
    #[default]
    Forward,
    /// It is answered with 403 before the handler.
    Reject,
}

impl DeniedRequests {
    /// Every value; the first is the default.
    pub const ALL: [Self; 2] = [Self::Forward, Self::Reject];

    /// The word in documents. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Reject => "reject",
        }
    }
}

/// Who answers preflights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preflight {
    /// They are answered here.
    #[default]
    Answer,
    /// The application answers; our headers are added.
    Forward,
}

impl Preflight {
    /// Every value; the first is the default.
    pub const ALL: [Self; 2] = [Self::Answer, Self::Forward];

    /// The word in documents. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Forward => "forward",
        }
    }
}

/// What an accepted preflight's answer names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreflightAnswer {
    /// The whole lists, which browsers keep for later requests.
    #[default]
    List,
    /// Only what was asked for.
    Requested,
}

impl PreflightAnswer {
    /// Every value; the first is the default.
    pub const ALL: [Self; 2] = [Self::List, Self::Requested];

    /// The word in documents. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Requested => "requested",
        }
    }
}
