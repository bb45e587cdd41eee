//! The corpus over HTTP: every case as a request to a proxy, what comes back held against what is
//! expected of the decision.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Proxy;
use super::site::{Place, Serves, Site, Target};
use super::upstream::Upstream;
use super::wire::{Client, Line, Request, Response};
use crate::bytes::shown;
use crate::corpus::{self, Case, Theme};

/// How the corpus went.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that were sent and answered.
    pub served: usize,
    /// Why other cases were not sent, and how many.
    pub not_served: BTreeMap<&'static str, Vec<String>>,
    pub failures: Vec<String>,
}

/// What the upstream grants on its own, where it is asked to.
const GRANTED: &str = "https://granted-by-upstream.example";

/// Runs the whole corpus against a proxy, two documents at a time.
pub fn run(proxy: &dyn Proxy) -> Report {
    let themes = corpus::read();
    let documents: Vec<(&Theme, &str)> =
        themes.iter().flat_map(|theme| theme.documents.keys().map(move |name| (theme, name.as_str()))).collect();
    let (next, report) = (AtomicUsize::new(0), Mutex::new(Report::default()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((theme, name)) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run_document(proxy, theme, name, &report);
                }
            });
        }
    });
    report.into_inner().unwrap()
}

fn run_document(proxy: &dyn Proxy, theme: &Theme, name: &str, report: &Mutex<Report>) {
    let document = &theme.documents[name];
    let (policies, has_routes) = (policies(document), has_routes(document));
    let mut requests = vec![];
    for case in theme.cases.iter().filter(|case| case.document == name) {
        match request(case, &policies, has_routes, proxy) {
            Ok(request) => requests.push((case, request)),
            Err(reason) => {
                let name = format!("{}: {}", theme.file, case.name);
                report.lock().unwrap().not_served.entry(reason).or_default().push(name);
            }
        }
    }
    if requests.is_empty() {
        return;
    }
    let upstream = Upstream::start();
    let place =
        |name: &String| Place { path: path_of(name), target: Target::Policy(name.clone()), serves: Serves::Upstream };
    let mut places: Vec<Place> = policies.iter().map(place).collect();
    if has_routes {
        places.push(Place { path: "/".into(), target: Target::Route, serves: Serves::Upstream });
    }
    let running = proxy.start(&Site { document: document.clone(), places, upstream: upstream.address() });
    let mut client = Client::new(running.address());
    for (case, request) in requests {
        // The policy that a place names is the one that decides.
        let policy = case.route.is_none().then(|| case.policy.as_ref().unwrap_or(&policies[0]).as_str());
        let differences = play(case, policy, &request, &mut client, &upstream);
        let mut report = report.lock().unwrap();
        report.served += 1;
        report.failures.extend(differences.iter().map(|d| format!("{}: `{}`: {d}", theme.file, case.name)));
    }
    drop(running);
}

/// The names of a document's policies.
fn policies(document: &str) -> Vec<String> {
    let table: toml::Table = toml::from_str(document).unwrap();
    table.get("policy").and_then(toml::Value::as_table).map_or(vec![], |table| table.keys().cloned().collect())
}

fn has_routes(document: &str) -> bool {
    let table: toml::Table = toml::from_str(document).unwrap();
    table.get("route").and_then(toml::Value::as_array).is_some_and(|routes| !routes.is_empty())
}

fn path_of(policy: &str) -> String {
    format!("/policy-{policy}/")
}

/// The case as a request, or why it cannot be one.
fn request(case: &Case, policies: &[String], has_routes: bool, proxy: &dyn Proxy) -> Result<Request, &'static str> {
    let mut request = Request::new("", "/");
    request.method = case.method.to_bytes().unwrap();
    match (&case.route, &case.policy) {
        (Some(_), _) if !has_routes => {
            return Err("a server that asks for routes which are not there does not start");
        }
        (Some(route), _) => {
            request.host = route.host.to_bytes().unwrap();
            request.path = route.path.to_bytes().unwrap();
        }
        (None, Some(name)) if !policies.contains(name) => {
            return Err("a server that names a policy which is not there does not start");
        }
        (None, Some(name)) => request.path = path_of(name).into(),
        (None, None) => request.path = path_of(&policies[0]).into(),
    }
    for (name, value) in &case.headers {
        let name = String::from_utf8(name.to_bytes().unwrap()).map_err(|_| "a header's name is no token")?;
        let value = value.to_bytes().unwrap();
        // A message has one of these.
        match name.eq_ignore_ascii_case("host") {
            true => request.host = value,
            false => request.headers.push((name, value)),
        }
    }
    match request.is_no_message().or_else(|| proxy.cannot(&request)) {
        Some(reason) => Err(reason),
        None => Ok(request),
    }
}

/// Sends the case twice, the second time with an upstream that lets somebody in on its own.
fn play(case: &Case, policy: Option<&str>, request: &Request, client: &mut Client, upstream: &Upstream) -> Vec<String> {
    let set: Vec<Line> =
        case.expect.set.iter().map(|(name, value)| (name.clone(), value.to_bytes().unwrap())).collect();
    let mut differences = play_once(case, policy, request, &set, client, upstream);
    let kept = case.expect.upstream == "keep" && case.expect.status.is_none();
    let set = if kept { vec![("access-control-allow-origin".into(), GRANTED.into())] } else { set };
    let granting = request.clone().header("x-upstream-grants", GRANTED);
    let granted = play_once(case, policy, &granting, &set, client, upstream);
    differences.extend(granted.iter().map(|difference| format!("with an upstream that grants: {difference}")));
    differences
}

fn play_once(
    case: &Case,
    policy: Option<&str>,
    request: &Request,
    set: &[Line],
    client: &mut Client,
    upstream: &Upstream,
) -> Vec<String> {
    let response = match client.send(request) {
        Ok(response) => response,
        Err(error) => return vec![error],
    };
    let expect = &case.expect;
    let mut differences = vec![];
    let mut compare = |what: &str, expected: String, found: String| {
        if expected != found {
            differences.push(format!("{what}: expected {expected}, not {found}"));
        }
    };
    compare("status", expect.status.unwrap_or(200).to_string(), response.status.to_string());
    if policy.is_some() {
        compare("policy", format!("{policy:?}"), format!("{:?}", response.line("x-corsac-policy").as_deref()));
    }
    compare("verdict", format!("{:?}", Some(&expect.verdict)), format!("{:?}", response.line("x-corsac-verdict")));
    compare("reason", format!("{:?}", Some(&expect.reason)), format!("{:?}", response.line("x-corsac-reason")));
    compare("rule", format!("{:?}", expect.rule), format!("{:?}", response.line("x-corsac-rule")));
    compare("generation", "Some(\"1\")".into(), format!("{:?}", response.line("x-corsac-generation")));
    compare("set", show(set.to_vec()), show(set_in(&response)));
    let mut vary: Vec<String> = expect.vary.iter().map(|name| name.to_ascii_lowercase()).collect();
    vary.sort();
    compare("vary", format!("{vary:?}"), format!("{:?}", response.vary()));
    let seen: Vec<Vec<Vec<u8>>> = upstream
        .take_seen()
        .iter()
        .map(|seen| seen.lines("origin").into_iter().map(<[u8]>::to_vec).collect())
        .collect();
    let origins: Vec<Vec<u8>> = request.lines("origin").into_iter().map(<[u8]>::to_vec).collect();
    let forwarded = if expect.status.is_none() { vec![origins] } else { vec![] };
    compare("forwarded, with Origin", format!("{forwarded:?}"), format!("{seen:?}"));
    differences
}

/// The lines of a response that decisions speak of.
pub fn set_in(response: &Response) -> Vec<Line> {
    let is_set =
        |name: &str| name.starts_with("access-control-") || name == "timing-allow-origin" || name == "cache-control";
    let lines = response.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    lines.filter(|(name, _)| is_set(name)).collect()
}

/// Lines for a person. The order of different headers means nothing.
pub fn show(mut lines: Vec<Line>) -> String {
    lines.sort_by(|(one, _), (other, _)| one.cmp(other));
    let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect();
    format!("{lines:?}")
}
