//! Several hops that all have an opinion about CORS: nginx with corsac in front of an application of
//! Express that does it on its own, and HAProxy in front of both.

use std::net::SocketAddr;
use std::path::Path;

use corsac_tests::proxy::Running;
use corsac_tests::proxy::express::Express;
use corsac_tests::proxy::haproxy::HaProxy;
use corsac_tests::proxy::nginx::{GLOBAL, HTTP, Module, Server};
use corsac_tests::proxy::wire::{Client, Request, Response};
use corsac_tests::scratch::Scratch;
use serde_json::{Value, json};

/// Policies that let in `a`, where the application lets in others.
const POLICY: &str = r#"version = 1
[policy.replace]
allow_origins = ["https://a.example"]
allow_methods = ["GET", "PUT"]
expose_headers = ["x-corsac"]
[policy.keep]
allow_origins = ["https://a.example"]
allow_methods = ["GET", "PUT"]
upstream = "keep"
[policy.forward]
allow_origins = ["https://a.example"]
allow_methods = ["GET", "PUT"]
preflight = "forward"
[policy.keep-forward]
allow_origins = ["https://a.example"]
allow_methods = ["GET", "PUT"]
preflight = "forward"
upstream = "keep"
"#;

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const STRANGER: &str = "https://stranger.example";

fn start(application: SocketAddr) -> Server {
    let places: String = ["replace", "keep", "forward", "keep-forward"]
        .iter()
        .map(|policy| format!("location /{policy}/ {{ corsac {policy}; proxy_pass http://{application}/; }}\n"))
        .collect();
    Server::start(Scratch::with("policy.toml", POLICY), |address, _: &Path| {
        format!(
            "load_module {};\n{GLOBAL}\nhttp {{\n{HTTP}\ncorsac_policy_file policy.toml poll=off;\nserver {{ listen {address};\n{places}}}\n}}\n",
            Module::path().display()
        )
    })
}

/// Who may read an answer, by all of its lines.
fn readers(response: &Response) -> Vec<String> {
    response.lines("access-control-allow-origin").iter().map(|line| String::from_utf8_lossy(line).into()).collect()
}

/// A policy, a place of the application, who asks, and who may read.
const ACTUAL: [(&str, &str, Option<&str>, Option<&str>); 24] = [
    // The application says `*`, the origins b and c, whoever asks, or nothing.
    ("replace", "anyone", Some(A), Some(A)),
    ("replace", "anyone", Some(STRANGER), None),
    ("replace", "anyone", None, None),
    ("replace", "listed", Some(A), Some(A)),
    ("replace", "listed", Some(B), None),
    ("replace", "reflected", Some(A), Some(A)),
    ("replace", "reflected", Some(STRANGER), None),
    ("replace", "twice", Some(A), Some(A)),
    ("replace", "failing", Some(A), Some(A)),
    ("replace", "silent", Some(A), Some(A)),
    ("replace", "silent", Some(STRANGER), None),
    ("keep", "anyone", Some(A), Some("*")),
    ("keep", "anyone", Some(STRANGER), Some("*")),
    ("keep", "anyone", None, Some("*")),
    // Its other headers say that the application has decided.
    ("keep", "listed", Some(A), None),
    ("keep", "listed", Some(B), Some(B)),
    ("keep", "reflected", Some(STRANGER), Some(STRANGER)),
    ("keep", "twice", Some(A), Some(B)),
    ("keep", "failing", Some(A), Some("*")),
    ("keep", "silent", Some(A), Some(A)),
    ("keep", "silent", Some(STRANGER), None),
    ("forward", "anyone", Some(A), Some(A)),
    ("keep-forward", "anyone", Some(A), Some("*")),
    ("keep-forward", "silent", Some(A), Some(A)),
];

fn ask(client: &mut Client, policy: &str, place: &str, origin: Option<&str>) -> Response {
    let request = Request::new("GET", &format!("/{policy}/{place}/"));
    let request = origin.iter().fold(request, |request, origin| request.header("origin", origin));
    client.send(&request).unwrap()
}

fn hold_actual(client: &mut Client) {
    for (policy, place, origin, reader) in ACTUAL {
        let response = ask(client, policy, place, origin);
        let case = format!("{policy}, {place}, {origin:?}: {response:?}");
        assert_eq!(readers(&response), Vec::from_iter(reader), "{case}");
        assert_eq!(response.status, if place == "failing" { 500 } else { 200 }, "{case}");
        // The application's word and ours, each once.
        assert_eq!(response.vary(), ["accept-encoding", "origin"], "{case}");
        let credentials = response.lines("access-control-allow-credentials").len();
        let is_application = policy == "keep" && ["listed", "reflected"].contains(&place);
        assert_eq!(credentials, usize::from(is_application), "{case}");
        if place != "failing" {
            let body: Value = serde_json::from_slice(&response.body).unwrap();
            assert_eq!(body, json!({ "method": "GET", "origin": origin }), "{case}");
        }
    }
}

/// A policy, a place of the application, who may send a PUT, and whether the application answered.
const PREFLIGHTS: [(&str, &str, Option<&str>, bool); 8] = [
    ("replace", "anyone", Some(A), false),
    ("replace", "silent", Some(A), false),
    ("keep", "anyone", Some(A), false),
    ("forward", "anyone", Some(A), true),
    ("forward", "listed", Some(A), true),
    ("forward", "silent", Some(A), true),
    ("keep-forward", "anyone", Some("*"), true),
    ("keep-forward", "silent", Some(A), true),
];

fn hold_preflights(client: &mut Client) {
    for (policy, place, reader, is_forwarded) in PREFLIGHTS {
        let request = Request::new("OPTIONS", &format!("/{policy}/{place}/"));
        let request = request.header("origin", A).header("access-control-request-method", "PUT");
        let response = client.send(&request).unwrap();
        let case = format!("{policy}, {place}: {response:?}");
        assert_eq!(readers(&response), Vec::from_iter(reader), "{case}");
        assert_eq!(response.lines("access-control-allow-methods").len(), 1, "{case}");
        assert_eq!(!response.lines("x-powered-by").is_empty(), is_forwarded, "{case}");
        let mut vary = response.vary();
        assert!(vary.contains(&"origin".to_owned()), "{case}");
        vary.dedup();
        assert_eq!(vary, response.vary(), "{case}");
    }
}

#[test]
fn n_express_behind_nginx() {
    let express = Express::start();
    let nginx = start(express.address());
    // Without nginx, it says what the cases expect under `keep`.
    let alone = Client::new(express.address()).send(&Request::new("GET", "/anyone/").header("origin", A)).unwrap();
    assert_eq!(readers(&alone), ["*"]);
    let mut client = Client::new(nginx.address());
    hold_actual(&mut client);
    hold_preflights(&mut client);
    assert_eq!(client.connections, 1);
}

#[test]
fn n_express_behind_nginx_behind_haproxy() {
    let express = Express::start();
    let nginx = start(express.address());
    let haproxy = HaProxy::start(nginx.address());
    let mut client = Client::new(haproxy.address());
    hold_actual(&mut client);
    hold_preflights(&mut client);
}
