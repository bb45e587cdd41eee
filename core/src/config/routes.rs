//! Routes as they are configured, in documents and in code.

use std::collections::HashMap;

use crate::config::diagnostic::{Code, Collector, Place, quote};
use crate::config::nearest::for_name;
use crate::config::text::Text;
use crate::origin;
use crate::route::{PathRoute, Routes, is_ambiguous};

/// A route as it is written.
#[derive(Clone, Debug)]
pub(super) struct ConfiguredRoute<'a> {
    pub(super) host: Option<Text<'a>>,
    pub(super) path: Option<Text<'a>>,
    pub(super) policy: Text<'a>,
    pub(super) place: Option<Place>,
}

/// Checks every route; `names` are those of the policies, in their order. The result is used only
/// if there was no error.
pub(super) fn resolve(names: &[&str], routes: &[ConfiguredRoute<'_>], collector: &mut Collector<'_>) -> Routes {
    let places: HashMap<&str, u32> = names.iter().copied().zip(0..).collect();
    let mut seen = HashMap::new();
    let mut resolved = Vec::new();
    for route in routes {
        check_host(route, collector);
        check_path(route, collector);
        let host = route.host.as_ref().map(|host| host.text.as_ref());
        let path = route.path.as_ref().map_or("", |path| path.text.trim_end_matches('/'));
        if let Some(policy) = seen.insert((host, path), route.policy.text.as_ref()) {
            let message = format!("an earlier route with the same host and path leads to {}", quote(policy));
            collector.error(Code::RouteDuplicate, route.place, message, "remove one of them".into());
        }
        match places.get(route.policy.text.as_ref()) {
            Some(&policy) => {
                resolved.push((host.map(Into::into), PathRoute { path: path.into(), policy }));
            }
            None => {
                let message = format!("there is no policy {}", quote(&route.policy.text));
                let help = for_name(&route.policy.text, names, "policies", collector);
                collector.error(Code::RouteUnknownPolicy, route.policy.place, message, help);
            }
        }
    }
    Routes::new(resolved)
}

fn check_host(route: &ConfiguredRoute<'_>, collector: &mut Collector<'_>) {
    let Some(host) = &route.host else { return };
    let text = host.text.as_ref();
    if !text.ends_with('.') && origin::classify(text.as_bytes()).is_some() {
        return;
    }
    let message = format!("{} is not a valid host for a route", quote(text));
    let help =
        "write a lower-case host name without scheme, port or trailing dot; request hosts are compared in this form";
    collector.error(Code::RouteHost, host.place, message, help.into());
}

fn check_path(route: &ConfiguredRoute<'_>, collector: &mut Collector<'_>) {
    let Some(path) = &route.path else { return };
    let text = path.text.as_ref();
    let trimmed = text.trim_end_matches('/');
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
    let valid = text.starts_with('/') && printable && !is_ambiguous(text.as_bytes(), usize::MAX, true);
    if valid && (text == "/" || text == trimmed) {
        return;
    }
    let message = format!("{} is not a valid path for a route", quote(text));
    let help = if valid {
        format!("write {}: it covers the path itself and everything below it", quote(trimmed))
    } else {
        "write `/` and whole segments, such as `/v1`, with nothing that servers could interpret differently".into()
    };
    collector.error(Code::RoutePath, path.place, message, help);
}
