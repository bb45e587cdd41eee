//! The proxy cases, `tests/data/proxy/*.toml`: what an upstream says, what the proxy itself answers,
//! and what the client is to see of both.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::Proxy;
use super::corpus::{set_in, show};
use super::site::{Place, Serves, Site, Target};
use super::upstream::{Reply, Seen, Upstream};
use super::wire::{Client, Line, Request, Response};
use crate::bytes::Text;

/// One file of cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Policy documents by name; each has a policy `p`.
    pub documents: BTreeMap<String, String>,
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

/// A request to a place, and everything that is to come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    pub document: String,
    pub serves: Serves,
    /// The place is left alone by corsac.
    #[serde(default)]
    pub off: bool,
    #[serde(default)]
    pub upstream: Answered,
    pub request: TestRequest,
    pub expect: Expected,
    /// Why a proxy cannot serve this case, by the proxy's name.
    #[serde(default)]
    pub cannot: BTreeMap<String, String>,
}

/// What the upstream answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: Vec<(String, Text)>,
    #[serde(default = "some_text")]
    pub body: Text,
}

/// What the client sends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRequest {
    pub method: String,
    /// Below the place.
    #[serde(default)]
    pub path: String,
    #[serde(default)]
    pub headers: Vec<(String, Text)>,
    #[serde(default)]
    pub body: String,
}

/// What the client gets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub status: u16,
    /// All `access-control-*`, `timing-allow-origin` and `cache-control` lines.
    #[serde(default)]
    pub set: Vec<(String, Text)>,
    /// All names in `Vary`.
    #[serde(default)]
    pub vary: Vec<String>,
    /// Whether the request reaches the upstream.
    pub forwarded: bool,
    /// Other lines, of which the response has exactly these.
    #[serde(default)]
    pub lines: Vec<(String, Text)>,
    /// Other headers, which the response has not.
    #[serde(default)]
    pub without: Vec<String>,
    /// The body, if it matters.
    pub body: Option<Text>,
}

fn ok() -> u16 {
    200
}

fn some_text() -> Text {
    Text::Plain("upstream\n".into())
}

impl Default for Answered {
    fn default() -> Self {
        Self { status: ok(), headers: vec![], body: some_text() }
    }
}

/// Reads all tables; a mistake in one fails the run.
pub fn read() -> Vec<Table> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/proxy");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let tables = paths.iter().map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in &table.cases {
            assert!(table.documents.contains_key(&case.document), "`{}`: `{}`", case.name, case.document);
        }
        table
    });
    tables.collect()
}

/// How the tables went.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that were sent.
    pub served: usize,
    /// Cases that the table says this proxy cannot serve, with the reason.
    pub not_served: Vec<(String, String)>,
    pub failures: Vec<String>,
}

/// Runs all tables against a proxy.
pub fn run(proxy: &dyn Proxy) -> Report {
    let mut report = Report::default();
    for table in read() {
        for (name, document) in &table.documents {
            let mut cases: Vec<&Case> = table.cases.iter().filter(|case| case.document == *name).collect();
            cases.retain(|case| match case.cannot.get(proxy.name()) {
                Some(reason) => {
                    report.not_served.push((case.name.clone(), reason.clone()));
                    false
                }
                None => true,
            });
            run_document(proxy, document, &cases, &mut report);
        }
    }
    report
}

fn run_document(proxy: &dyn Proxy, document: &str, cases: &[&Case], report: &mut Report) {
    let upstream = Upstream::start();
    let mut places = vec![];
    for (at, case) in cases.iter().enumerate() {
        let path = format!("/case-{at}/");
        let headers = lines_of(&case.upstream.headers);
        let (status, body) = (case.upstream.status, case.upstream.body.to_bytes().unwrap());
        upstream.reply(&path, Reply { status, headers, body });
        let target = if case.off { Target::Off } else { Target::Policy("p".into()) };
        places.push(Place { path, target, serves: case.serves });
    }
    let running = proxy.start(&Site { document: document.to_owned(), places, upstream: upstream.address() });
    for (at, case) in cases.iter().enumerate() {
        let mut client = Client::new(running.address());
        let mut differences = play(case, at, &mut client, &upstream);
        if case.expect.status == 101 {
            differences.extend(echo(client).err());
        } else {
            // The connection is in order: what was not read of a body would be taken for a request.
            let again = play(case, at, &mut client, &upstream);
            differences.extend(again.iter().map(|difference| format!("the second time: {difference}")));
        }
        report.served += 1;
        report.failures.extend(differences.iter().map(|d| format!("`{}`: {d}", case.name)));
    }
}

fn lines_of(lines: &[(String, Text)]) -> Vec<Line> {
    lines.iter().map(|(name, value)| (name.clone(), value.to_bytes().unwrap())).collect()
}

fn request(case: &Case, at: usize) -> Request {
    let mut request = Request::new(&case.request.method, &format!("/case-{at}/{}", case.request.path));
    request.headers = lines_of(&case.request.headers);
    request.body = case.request.body.clone().into();
    request
}

fn play(case: &Case, at: usize, client: &mut Client, upstream: &Upstream) -> Vec<String> {
    let request = request(case, at);
    let response = match client.send(&request) {
        Ok(response) => response,
        Err(error) => return vec![error],
    };
    let mut differences = compare(&case.expect, &response);
    let seen = upstream.take_seen();
    if seen.len() != usize::from(case.expect.forwarded) {
        differences.push(format!("forwarded {} times", seen.len()));
    }
    for seen in seen {
        differences.extend(compare_seen(&request, &seen));
    }
    differences
}

fn compare(expect: &Expected, response: &Response) -> Vec<String> {
    let mut differences = vec![];
    let mut differ = |what: &str, expected: String, found: String| {
        if expected != found {
            differences.push(format!("{what}: expected {expected}, not {found}"));
        }
    };
    differ("status", expect.status.to_string(), response.status.to_string());
    differ("set", show(lines_of(&expect.set)), show(set_in(response)));
    let mut vary: Vec<String> = expect.vary.iter().map(|name| name.to_ascii_lowercase()).collect();
    vary.sort();
    differ("vary", format!("{vary:?}"), format!("{:?}", response.vary()));
    for (name, value) in lines_of(&expect.lines) {
        let found = response.lines(&name).into_iter().map(|value| (name.clone(), value.to_vec())).collect();
        differ("line", show(vec![(name.clone(), value)]), show(found));
    }
    for name in &expect.without {
        differ(
            name,
            "nothing".into(),
            if response.lines(name).is_empty() { "nothing".into() } else { "a line".into() },
        );
    }
    if let Some(body) = &expect.body {
        let shown = |bytes: &[u8]| crate::bytes::shown(bytes);
        differ("body", shown(&body.to_bytes().unwrap()), shown(&response.body));
    }
    differences
}

/// The upstream is to see the request as the client sent it.
fn compare_seen(request: &Request, seen: &Seen) -> Vec<String> {
    let mut differences = vec![];
    if seen.method.as_bytes() != request.method || seen.path.as_bytes() != request.path {
        differences.push(format!("{} {} reached the upstream", seen.method, seen.path));
    }
    if seen.body != request.body {
        differences.push(format!("{} bytes of body reached the upstream", seen.body.len()));
    }
    for name in ["origin", "access-control-request-method", "access-control-request-headers"] {
        if seen.lines(name) != request.lines(name) {
            differences.push(format!("{name}: {} lines reached the upstream", seen.lines(name).len()));
        }
    }
    differences
}

/// A changed protocol passes both ways.
fn echo(client: Client) -> Result<(), String> {
    use std::io::{Read, Write};
    let mut stream = client.into_stream().ok_or("the connection is closed")?;
    let mut back = [0; 5];
    stream.write_all(b"hello").and_then(|()| stream.read_exact(&mut back)).map_err(|error| error.to_string())?;
    if &back == b"hello" { Ok(()) } else { Err(format!("{back:?} came back")) }
}
