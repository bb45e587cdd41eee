//! What `nginx -t` says of a configuration, and which location decides.

use std::net::SocketAddr;
use std::path::Path;

use corsac_tests::proxy::Running;
use corsac_tests::proxy::nginx::{GLOBAL, HTTP, Module, Server, build, check, installed};
use corsac_tests::proxy::wire::{Client, Request, Response};
use corsac_tests::scratch::Scratch;

const POLICY: &str = r#"version = 1
[policy.one]
allow_origins = ["https://one.example"]
[policy.two]
allow_origins = ["https://two.example"]
[[route]]
path = "/v2"
policy = "two"
"#;

/// A configuration with these lines in its http block.
fn configuration(http: &str) -> String {
    format!("load_module {};\n{GLOBAL}\nhttp {{\n{HTTP}\n{http}\n}}\n", Module::path().display())
}

/// A document without routes.
const UNROUTED: &str = "version = 1\n[policy.one]\nallow_origins = [\"https://one.example\"]\n";

/// What is said of a document and these lines, and whether they are accepted.
fn said(policy: &str, http: &str) -> (bool, String) {
    let scratch = Scratch::with("policy.toml", policy);
    let ended = check(scratch.folder(), &configuration(http));
    (ended.status.success(), ended.said())
}

#[test]
fn n_a_bad_policy_is_told_with_place_and_help() {
    let policy = "version = 1\n[policy.p]\nallow_origins = [\n  \"https://a.example/\",\n  \"http://*\",\n]\n";
    let (accepted, said) = said(policy, "corsac_policy_file policy.toml;");
    assert!(!accepted, "{said}");
    for text in
        ["policy.toml:4:3: ", "`https://a.example/`", "write `https://a.example`", "policy.toml:5:3: ", "nginx.conf:7"]
    {
        assert!(said.contains(text), "`{text}` is not in: {said}");
    }
}

#[test]
fn n_a_policy_file_that_is_missing_is_told() {
    let (accepted, said) = said(POLICY, "corsac_policy_file missing.toml;");
    assert!(!accepted && said.contains("missing.toml") && said.contains("nginx.conf:7"), "{said}");
}

#[test]
fn n_warnings_are_told_and_accepted() {
    let (accepted, said) = said("version = 1\n[policy.p]\nallow_origins = []\n", "corsac_policy_file policy.toml;");
    assert!(accepted && said.contains("[warn]") && said.contains("policy.toml:3:"), "{said}");
}

#[test]
fn n_wrong_directives_are_reported() {
    for (http, says) in [
        ("corsac_policy_file policy.toml; server { location / {\ncorsac three; } }", "there is no policy `three` in"),
        ("corsac_policy_file policy.toml; server { location / {\ncorsac three; } }", "nginx.conf:8"),
        ("corsac one;", "`corsac one` is used without policies"),
        ("corsac route;", "add \"corsac_policy_file\""),
        ("server { location /s { corsac_status; } }", "\"corsac_policy_file\" must come before it"),
        ("corsac_policy_file policy.toml poll=never;", "`poll=never` is not a valid polling interval"),
        ("corsac_policy_file policy.toml poll=0;", "`poll=0` is not a valid polling interval"),
        ("corsac_policy_file policy.toml often;", "invalid parameter `often`"),
        ("corsac_policy_file policy.toml; corsac_policy_file policy.toml;", "is duplicate"),
        ("corsac_policy_file policy.toml; corsac one; corsac two;", "is duplicate"),
        ("server { corsac_policy_file policy.toml; }", "not allowed here"),
        ("corsac;", "invalid number of arguments"),
    ] {
        let (accepted, said) = said(POLICY, http);
        assert!(!accepted && said.contains(says), "{http}: `{says}` is not in: {said}");
    }
}

#[test]
fn n_routes_that_are_not_there_are_told() {
    let (accepted, said) = said(UNROUTED, "corsac_policy_file policy.toml; server {\ncorsac route; }");
    assert!(!accepted && said.contains("has no routes; add a [[route]]") && said.contains("nginx.conf:8"), "{said}");
}

#[test]
fn n_right_directives_are_accepted() {
    for http in [
        "",
        "corsac off;",
        "server { location / { corsac off; } }",
        // The file may be named below.
        "corsac one; corsac_policy_file policy.toml poll=off;",
        "corsac_policy_file policy.toml poll=30s; server { corsac route; location / { corsac two; } }",
        "corsac_policy_file policy.toml; server { location = /s { corsac_status; } }",
    ] {
        let (accepted, said) = said(POLICY, http);
        assert!(accepted, "{http}: {said}");
    }
}

/// Locations that say something about corsac, nothing, and lead to each other.
fn nested(address: SocketAddr, folder: &Path) -> String {
    let files = folder.display();
    let http = format!(
        "corsac_policy_file policy.toml poll=off;
log_format decisions '$request_uri $status $corsac_policy $corsac_verdict $corsac_reason $corsac_rule $corsac_generation';
access_log access.log decisions;
server {{
    listen {address};
    server_name silent;
    root {files};
    location / {{ return 200 silent; }}
    location /two/ {{ corsac two; return 200 two; }}
    location /late/ {{ try_files /missing @late; }}
    location @late {{ corsac two; return 200 late; }}
    location /off/ {{ corsac off; try_files /missing @late; }}
    location /asked/ {{ auth_request /auth; error_page 403 /; }}
    location = /auth {{ corsac two; return 403; }}
    location /v2/ {{ corsac route; return 200 routed; }}
    location /v3/ {{ corsac route; return 200 unrouted; }}
    location /failed/ {{ error_page 418 /two/; return 418; }}
    location /parts/ {{ ssi on; alias {files}/; }}
    location /part {{ corsac two; add_header x-part $corsac_verdict; return 200 part; }}
}}
server {{
    listen {address};
    server_name one;
    root {files};
    corsac one;
    location / {{ return 200 inherited; }}
    location /two/ {{ corsac two; return 200 two; location /two/off/ {{ corsac off; return 200 off; }} }}
    location /first/ {{ try_files /missing @second; }}
    location @second {{ corsac two; return 200 second; }}
    location /rewritten/ {{ rewrite ^ /two/ last; }}
    location /error/ {{ error_page 418 =200 /two/; return 418; }}
    location /parts/ {{ ssi on; ssi_types *; alias {files}/; }}
    location /part {{ corsac two; return 200 part; }}
    location /asked/ {{ auth_request /auth; error_page 403 /late/; root {files}; }}
    location = /auth {{ corsac two; return 403; }}
    location /late/ {{ return 200 late; }}
    location /limited/ {{ limit_except GET {{ deny all; }} return 200 limited; }}
    if ($uri = /early) {{ return 301 /two/; }}
}}"
    );
    // At one level, `off` would be all that counts.
    configuration(&http).replace("access_log off;", "")
}

fn ask(client: &mut Client, host: &str, path: &str, origin: &str) -> Response {
    let mut request = Request::new("GET", path).header("origin", origin);
    request.host = host.into();
    client.send(&request).unwrap()
}

/// Which of the two origins may read what is at a path: the names of policies.
fn readers(client: &mut Client, host: &str, path: &str) -> Vec<&'static str> {
    let mut readers = vec![];
    for (name, origin) in [("one", "https://one.example"), ("two", "https://two.example")] {
        let response = ask(client, host, path, origin);
        readers.extend((response.line("access-control-allow-origin").as_deref() == Some(origin)).then_some(name));
    }
    readers
}

#[test]
fn n_the_first_location_decides() {
    let scratch = Scratch::with("policy.toml", POLICY);
    scratch.write("page.shtml", "<!--# include virtual=\"/part\" -->");
    let server = Server::start(scratch, nested);
    let mut client = Client::new(server.address());
    for (host, path, expected) in [
        ("silent", "/", &[][..]),
        ("silent", "/two/", &["two"]),
        ("silent", "/late/", &["two"]),
        ("silent", "/failed/", &["two"]),
        ("silent", "/v2/", &["two"]),
        ("silent", "/v3/", &[]),
        ("silent", "/off/", &[]),
        ("silent", "/parts/page.shtml", &[]),
        ("one", "/", &["one"]),
        ("one", "/two/", &["two"]),
        ("one", "/two/off/", &[]),
        ("one", "/first/", &["one"]),
        ("one", "/rewritten/", &["one"]),
        ("one", "/error/", &["one"]),
        ("one", "/parts/page.shtml", &["one"]),
        // What nginx asks itself about access is no request of a page.
        ("silent", "/asked/", &[]),
        ("one", "/asked/", &["one"]),
        ("one", "/limited/", &["one"]),
        ("one", "/early", &["one"]),
    ] {
        assert_eq!(readers(&mut client, host, path), expected, "{host}{path}");
    }
    // A part of a page is not asked about, and the page is whole.
    assert_eq!(ask(&mut client, "one", "/parts/page.shtml", "https://one.example").body, b"part");
}

#[test]
fn n_a_preflight_stays_one_on_its_way() {
    let server = Server::start(Scratch::with("policy.toml", POLICY), nested);
    let mut client = Client::new(server.address());
    for (host, path, origin, status) in [
        ("one", "/error/", "https://one.example", 204),
        ("one", "/error/", "https://two.example", 403),
        ("one", "/limited/", "https://one.example", 204),
        ("silent", "/late/", "https://two.example", 204),
        // An error page makes GET of it, before the location that answers is met.
        ("silent", "/failed/", "https://two.example", 204),
        ("silent", "/failed/", "https://one.example", 403),
        ("silent", "/late/", "https://one.example", 403),
        ("silent", "/off/", "https://two.example", 200),
    ] {
        let mut request = Request::new("OPTIONS", path).header("origin", origin);
        request.host = host.into();
        let response = client.send(&request.header("access-control-request-method", "GET")).unwrap();
        let granted = response.line("access-control-allow-origin");
        let expected = (status, (status == 204).then(|| origin.to_owned()));
        assert_eq!((response.status, granted), expected, "{host}{path} {origin}");
    }
}

#[test]
fn n_the_log_shows_decisions() {
    let server = Server::start(Scratch::with("policy.toml", POLICY), nested);
    let mut client = Client::new(server.address());
    ask(&mut client, "one", "/", "https://one.example");
    ask(&mut client, "one", "/", "https://two.example");
    ask(&mut client, "one", "/error/", "https://one.example");
    ask(&mut client, "one", "/two/off/", "https://one.example");
    // By the routes: the policy's name is the one way to see which.
    ask(&mut client, "silent", "/v2/", "https://two.example");
    ask(&mut client, "silent", "/v3/", "https://two.example");
    let log = server.scratch().folder().join("access.log");
    let logged = || std::fs::read_to_string(&log).unwrap();
    corsac_tests::proxy::process::until("six requests are logged", || logged().lines().count() == 6);
    let expected = [
        "/ 200 one allowed ok https://one.example 1",
        "/ 200 one denied origin-not-allowed - 1",
        "/error/ 200 one allowed ok https://one.example 1",
        "/two/off/ 200 - - - - -",
        "/v2/ 200 two allowed ok https://two.example 1",
        "/v3/ 200 - no-policy no-policy - 1",
    ];
    assert_eq!(logged().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn n_heads_that_nginx_refuses_are_answered_by_the_server() {
    let server = Server::start(Scratch::with("policy.toml", POLICY), |address, folder| {
        nested(address, folder).replace("large_client_header_buffers 16 4m", "large_client_header_buffers 4 8k")
    });
    let mut client = Client::new(server.address());
    let mut request =
        Request::new("GET", "/").header("origin", "https://one.example").header("x-long", vec![b'a'; 65536]);
    request.host = b"one".into();
    let response = client.send(&request).unwrap();
    assert_eq!(response.status, 400);
    assert_eq!(response.line("access-control-allow-origin").as_deref(), Some("https://one.example"));
}

#[test]
fn n_the_archive_serves_as_well() {
    let module = build(installed(), &["--static"]);
    let scratch = Scratch::with("policy.toml", POLICY);
    let server = Server::start(scratch, |address, folder| {
        nested(address, folder).replace(&Module::path().display().to_string(), &module.display().to_string())
    });
    assert_eq!(readers(&mut Client::new(server.address()), "one", "/"), ["one"]);
}
