//! `[[route]]`: which policy covers which host and path.

use std::collections::HashMap;

use super::draft::{Draft, RouteDraft};
use super::schema::{Table, suggest};
use crate::config::diagnostic::{Code, Collector, quote};
use crate::origin;
use crate::route::{PathRoute, Routes, is_ambiguous};

pub(super) fn read<'d>(table: &Table<'d, '_>, collector: &mut Collector<'_>) -> Vec<RouteDraft<'d>> {
    let mut routes = Vec::new();
    let nodes = table.array("route", "an array of tables (`[[route]]`)", collector);
    for node in nodes.into_iter().flatten() {
        let Some(table) = Table::new(node, "a route", &["host", "path", "policy"], collector) else { continue };
        let host = table.string("host", collector);
        let path = table.string("path", collector);
        let help = "write the name of the policy that decides, such as `policy = \"api\"`";
        table.require("policy", "the route", help, collector);
        if let Some(policy) = table.string("policy", collector) {
            routes.push(RouteDraft { host, path, policy, place: node.place });
        }
    }
    routes
}

/// Checks every route. What comes back is used only if nothing was an error.
pub(super) fn resolve(draft: &Draft<'_>, collector: &mut Collector<'_>) -> Routes {
    let names: Vec<&str> = draft.policies.iter().map(|policy| policy.builder.name.text.as_ref()).collect();
    let places: HashMap<&str, u32> = names.iter().copied().zip(0..).collect();
    let mut seen = HashMap::new();
    let mut routes = Vec::new();
    for route in &draft.routes {
        check_host(route, collector);
        check_path(route, collector);
        let host = route.host.as_ref().map(|host| host.text.as_ref());
        let path = route.path.as_ref().map_or("", |path| path.text.trim_end_matches('/'));
        if let Some(policy) = seen.insert((host, path), route.policy.text.as_ref()) {
            let message = format!("an earlier route with the same host and path leads to {}", quote(policy));
            collector.error(Code::RouteDuplicate, Some(route.place), message, "remove one of them".into());
        }
        match places.get(route.policy.text.as_ref()) {
            Some(&policy) => {
                routes.push((host.map(Into::into), PathRoute { path: path.into(), policy }));
            }
            None => {
                let message = format!("there is no policy {}", quote(&route.policy.text));
                let help = suggest(&route.policy.text, &names).replace("the keys are", "the policies are");
                collector.error(Code::RouteUnknownPolicy, route.policy.place, message, help);
            }
        }
    }
    Routes::new(routes)
}

fn check_host(route: &RouteDraft<'_>, collector: &mut Collector<'_>) {
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

fn check_path(route: &RouteDraft<'_>, collector: &mut Collector<'_>) {
    let Some(path) = &route.path else { return };
    let text = path.text.as_ref();
    let trimmed = text.trim_end_matches('/');
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
    let valid = text.starts_with('/') && printable && !is_ambiguous(text.as_bytes(), usize::MAX);
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
