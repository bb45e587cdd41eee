//! What a grant allows its origins to do: methods, headers, exposed headers, max-age.

use std::borrow::Cow;
use std::collections::HashSet;
use std::rc::Rc;

use super::checked::CheckedGrant;
use crate::config::builder::GrantBuilder;
use crate::config::diagnostic::{Code, Collector, Place, Severity, quote};
use crate::config::text::Text;
use crate::header::{self, is_token};
use crate::method::{self, MAX_METHOD};

/// Fetch, "normalize a method": browsers send these in upper case, however a page writes them.
const NORMALIZED: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

/// Fetch, "forbidden request-header".
const FORBIDDEN: [&str; 22] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];
const FORBIDDEN_PREFIXES: [&str; 2] = ["proxy-", "sec-"];

/// Fetch, "forbidden response-header name".
const UNREADABLE: [&str; 2] = ["set-cookie", "set-cookie2"];

/// Seconds: the bound of the grammar that policies use, and what Chromium keeps at most.
const MAX_AGE: i64 = 86_400;
const MAX_AGE_CAP: i64 = 7_200;

/// Checks a grant's rights after inheritance from `own`. What a grant only inherits is reported
/// where it is written, once, unless the grant's own credentials are what makes it wrong.
///
/// `first` is grant 0, checked, unless this is it.
pub(super) fn check<'b>(
    own: &'b GrantBuilder<'_>,
    first: Option<&CheckedGrant<'b>>,
    grant: &'b GrantBuilder<'_>,
    credentials: bool,
    collector: &mut Collector<'_>,
) -> CheckedGrant<'b> {
    if let Some(listed) = &grant.methods {
        let errors = collector.errors();
        check_methods(listed, collector);
        if collector.errors() == errors {
            check_post(listed, grant.place, collector);
        }
    }
    if let Some(listed) = &grant.headers {
        check_names(listed, collector);
        check_request_headers(listed, collector);
    }
    if let Some(listed) = &grant.expose {
        check_names(listed, collector);
        check_exposed(listed, collector);
    }
    let expose = grant.expose.as_ref().or(own.expose.as_ref());
    // An inherited list is wrong here only if it is right where it is written.
    let inherited = grant.expose.is_none() && own.credentials.is_some_and(|(allow, _)| allow);
    if credentials && !inherited {
        check_exposed_with_credentials(expose, collector);
    }
    check_max_age(grant.max_age, collector);
    CheckedGrant {
        methods: methods(grant, first),
        headers: once(grant.headers.as_ref(), first.map(|first| &first.headers), in_lower_case),
        expose: once(grant.expose.as_ref(), first.map(|first| &first.expose), in_lower_case),
        credentials,
        max_age: grant.max_age.or(own.max_age).and_then(|(seconds, _)| u32::try_from(seconds).ok()),
        ..CheckedGrant::default()
    }
}

/// Unset: the safelisted methods. An empty list leaves those that only read, which every policy
/// allows.
fn methods<'b>(grant: &'b GrantBuilder<'_>, first: Option<&CheckedGrant<'b>>) -> Rc<[&'b str]> {
    match (&grant.methods, first) {
        (None, None) => method::SAFELISTED.as_slice().into(),
        (Some(listed), _) if listed.is_empty() => method::READING.as_slice().into(),
        (listed, first) => once(listed.as_ref(), first.map(|first| &first.methods), as_written),
    }
}

/// The list without repetitions: names are the same if `key` is. What a grant does not set is the
/// policy's own list itself, not a copy: there may be thousands of grants.
fn once<'b>(
    listed: Option<&'b Vec<Text<'_>>>,
    inherited: Option<&Rc<[&'b str]>>,
    key: fn(&str) -> Cow<'_, str>,
) -> Rc<[&'b str]> {
    let Some(listed) = listed else { return inherited.cloned().unwrap_or_default() };
    let mut seen = HashSet::with_capacity(listed.len());
    listed.iter().filter(|text| seen.insert(key(&text.text))).map(|text| &*text.text).collect()
}

fn as_written(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

fn in_lower_case(text: &str) -> Cow<'_, str> {
    Cow::Owned(text.to_ascii_lowercase())
}

/// Those that stand in the list before, under the same `key`.
fn repeated<'t, 'b>(listed: &'t [Text<'b>], key: fn(&str) -> Cow<'_, str>) -> impl Iterator<Item = &'t Text<'b>> {
    let mut seen = HashSet::with_capacity(listed.len());
    listed.iter().filter(move |text| !seen.insert(key(&text.text).into_owned()))
}

fn any(listed: &[Text<'_>]) -> Option<Option<Place>> {
    listed.iter().find(|text| text.text == "*").map(|text| text.place)
}

fn check_methods(listed: &[Text<'_>], collector: &mut Collector<'_>) {
    for method in listed {
        check_method(method, collector);
    }
    for method in repeated(listed, as_written) {
        let message = format!("the method {} is listed twice", quote(&method.text));
        collector.warning(Code::MethodDuplicate, method.place, message, "remove one of them".into());
    }
    if let Some(place) = any(listed).filter(|_| listed.iter().any(|method| method.text != "*")) {
        let message = "`*` means any method, so it must be the only entry".into();
        let help = "write `allow_methods = [\"*\"]`, or remove `*`".into();
        collector.error(Code::MethodAnyNotAlone, place, message, help);
    }
}

/// A list without `POST` refuses its preflights and no more: `place` is where the grant begins, for a
/// list that is empty.
fn check_post(listed: &[Text<'_>], place: Option<Place>, collector: &mut Collector<'_>) {
    if listed.iter().any(|method| matches!(&*method.text, "POST" | "*")) {
        return;
    }
    let place = listed.first().map_or(place, |first| first.place);
    let message =
        "`allow_methods` does not list `POST`: its preflights are refused, but simple POSTs still come".into();
    let help = "the handler must refuse the method; if it accepts it, list `POST`".into();
    collector.report(Code::MethodPostUnlisted, Severity::Note, place, message, help);
}

/// Words for any method in the configuration of other programs. Browsers would send them as they are.
const ANY_METHOD: [&str; 2] = ["ALL", "ANY"];

fn check_method(method: &Text<'_>, collector: &mut Collector<'_>) {
    let (text, place) = (&*method.text, method.place);
    let shown = quote(text);
    if text.len() > MAX_METHOD || !is_token(text.as_bytes()) {
        let help = format!("write one method, such as `PUT`, of at most {MAX_METHOD} bytes");
        collector.error(Code::MethodInvalid, place, format!("{shown} is not a method"), help);
    } else if text != "*" && (text.contains('*') || ANY_METHOD.iter().any(|word| word.eq_ignore_ascii_case(text))) {
        let message = format!("{shown} is not a method: methods are compared whole, byte for byte");
        let help = "write each method, such as `PUT`, or `[\"*\"]` for any method".into();
        collector.error(Code::MethodNotAMethod, place, message, help);
    } else if method::is_forbidden(text.as_bytes()) {
        let message = format!("{shown} is a forbidden method, which browsers never send");
        collector.error(Code::MethodForbidden, place, message, "remove it".into());
    } else if let Some(normalized) = NORMALIZED.iter().find(|name| **name != text && name.eq_ignore_ascii_case(text)) {
        let message = format!("browsers send {shown} as `{normalized}`, and methods are compared byte for byte");
        collector.error(Code::MethodNotNormalized, place, message, format!("write `{normalized}`"));
    } else if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        let upper = text.to_ascii_uppercase();
        let message = format!("{shown} has lower-case letters, and methods are case-sensitive");
        let help = format!("write `{upper}`, unless clients really send {shown}");
        collector.warning(Code::MethodLowerCase, place, message, help);
    }
}

/// What request and response header names have in common.
fn check_names(listed: &[Text<'_>], collector: &mut Collector<'_>) {
    for name in listed {
        if name.text.len() > header::MAX_NAME || !is_token(name.text.as_bytes()) {
            let message = format!("{} is not a header name", quote(&name.text));
            let help = format!("write one name, such as `x-request-id`, of at most {} bytes", header::MAX_NAME);
            collector.error(Code::HeaderInvalid, name.place, message, help);
        } else if name.text != "*" && name.text.contains('*') {
            let message = format!("{} is not a header name: names are compared whole", quote(&name.text));
            let help = "write each name, such as `x-request-id`, or `[\"*\"]` for any name".into();
            collector.error(Code::HeaderPattern, name.place, message, help);
        }
    }
    for name in repeated(listed, in_lower_case) {
        let message = format!("the header name {} is listed twice", quote(&name.text));
        collector.warning(Code::HeaderDuplicate, name.place, message, "remove one of them".into());
    }
}

fn check_request_headers(listed: &[Text<'_>], collector: &mut Collector<'_>) {
    for name in listed {
        let lower = name.text.to_ascii_lowercase();
        let forbidden =
            FORBIDDEN.contains(&lower.as_str()) || FORBIDDEN_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
        if forbidden {
            let message = format!("{} is a forbidden request header, which pages cannot set", quote(&name.text));
            collector.warning(Code::HeaderForbidden, name.place, message, "remove it".into());
        }
    }
    let beside = |name: &Text<'_>| name.text != "*" && !name.text.eq_ignore_ascii_case("authorization");
    if let Some(place) = any(listed).filter(|_| listed.iter().any(beside)) {
        let message =
            "`*` means any header name except `authorization`, which is the only name that may be listed with it"
                .into();
        let help = "write `[\"*\"]` or `[\"*\", \"authorization\"]`, or remove `*`".into();
        collector.error(Code::HeaderAnyNotAlone, place, message, help);
    }
}

fn check_exposed(listed: &[Text<'_>], collector: &mut Collector<'_>) {
    for name in listed {
        if UNREADABLE.iter().any(|unreadable| name.text.eq_ignore_ascii_case(unreadable)) {
            let message =
                format!("{} can never be read by a script, whatever `expose_headers` says", quote(&name.text));
            collector.warning(Code::ExposeUnreadable, name.place, message, "remove it".into());
        }
    }
    if let Some(place) = any(listed).filter(|_| listed.iter().any(|name| name.text != "*")) {
        let message = "`*` exposes every header, so it must be the only entry".into();
        let help = "write `expose_headers = [\"*\"]`, or remove `*`".into();
        collector.error(Code::ExposeAnyNotAlone, place, message, help);
    }
}

fn check_exposed_with_credentials(expose: Option<&Vec<Text<'_>>>, collector: &mut Collector<'_>) {
    let Some(place) = expose.and_then(|listed| any(listed)) else { return };
    let message =
        "with credentials, `*` in `expose_headers` is not a wildcard but a header named `*`, so it exposes nothing"
            .into();
    collector.error(Code::ExposeAnyWithCredentials, place, message, "list the headers that pages may read".into());
}

fn check_max_age(max_age: Option<(i64, Option<Place>)>, collector: &mut Collector<'_>) {
    let Some((seconds, place)) = max_age else { return };
    if !(0..=MAX_AGE).contains(&seconds) {
        let message = format!("`max_age = {seconds}` is out of range");
        collector.error(Code::MaxAgeRange, place, message, format!("write a number of seconds from 0 to {MAX_AGE}"));
    } else if seconds > MAX_AGE_CAP {
        let message = format!("`max_age = {seconds}` is more than Chromium's limit of {MAX_AGE_CAP}");
        collector.warning(Code::MaxAgeAboveCap, place, message, format!("write at most {MAX_AGE_CAP}"));
    }
}
