//! Mistakes in a configuration of the Lua adapter: they are reported, and open nothing.

use std::net::SocketAddr;

use corsac_tests::proxy::Running;
use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::nginx::{Dialect, GLOBAL, HTTP, Server};
use corsac_tests::proxy::process::until;
use corsac_tests::proxy::upstream::{Reply, Upstream};
use corsac_tests::proxy::wire::{Client, Request, Response};
use corsac_tests::scratch::Scratch;

const POLICY: &str = r#"version = 1
[policy.api]
allow_origins = ["https://a.example"]
[policy.keep]
allow_origins = ["https://a.example"]
upstream = "keep"
[policy.reject]
allow_origins = ["https://a.example"]
denied_requests = "reject"
[[route]]
path = "/routed"
policy = "api"
"#;

const A: &str = "https://a.example";
const EVIL: &str = "https://evil.example";

/// Code of the location itself, which hides what the server says.
const OWN_FILTER: &str = "header_filter_by_lua_block { ngx.header[\"x-own\"] = \"1\" }";
const OWN_REWRITE: &str = "rewrite_by_lua_block { ngx.ctx.own = true }";

/// An upstream that lets everybody in, in each way of writing it.
fn upstream() -> Upstream {
    let upstream = Upstream::start();
    let open = |name| Reply::plain().header(name, "*").header("Access-Control-Expose-Headers", "x-secret");
    upstream.reply("/lower", open("access-control-allow-origin"));
    upstream.reply("/mixed", open("Access-Control-Allow-Origin"));
    upstream
}

/// nginx with these lines in its http block and its server, and `SETTINGS` or these for `corsac.open`.
fn start_with(settings: &str, http: &str, server: impl Fn(SocketAddr) -> String, upstream: SocketAddr) -> Server {
    let scratch = Scratch::with("policy.toml", POLICY);
    scratch.write("page.shtml", "<!--# include virtual=\"/part\" -->");
    Server::start(scratch, |address, _| {
        format!(
            "{}\n{GLOBAL}\nhttp {{\n{HTTP}\n{}\n{http}\nserver {{ listen {address};\n{}\n}}\n}}\n",
            Lua.main(),
            Lua::open(settings),
            server(upstream)
        )
    })
}

const SETTINGS: &str =
    "file = \"policy.toml\", policies = { \"api\", \"keep\", \"reject\", \"route\" }, poll = false, thread = false";

fn start(server: impl Fn(SocketAddr) -> String, upstream: SocketAddr) -> Server {
    start_with(SETTINGS, "", server, upstream)
}

fn get(client: &mut Client, path: &str, origin: &str) -> Response {
    client.send(&Request::new("GET", path).header("origin", origin)).unwrap()
}

fn preflight(client: &mut Client, path: &str, origin: &str) -> Response {
    let request = Request::new("OPTIONS", path).header("origin", origin);
    client.send(&request.header("access-control-request-method", "PUT")).unwrap()
}

/// Whether a page may read this answer without credentials: all lines are one value (Fetch standard, "CORS
/// check", step 1).
fn lets_in(response: &Response, origin: &str) -> bool {
    let lines = response.lines("access-control-allow-origin");
    let value = lines.join(&b", "[..]);
    value == b"*" || value == origin.as_bytes()
}

/// How often the log has this text; what is logged behind the answer has been written.
fn logged(server: &Server, text: &str) -> usize {
    server.log().matches(text).count()
}

#[test]
fn l_a_header_filter_of_its_own_opens_nothing() {
    let upstream = upstream();
    let places = |upstream| {
        format!(
            "{}
location /lower/ {{ {OWN_FILTER} proxy_pass http://{upstream}; }}
location /mixed/ {{ {OWN_FILTER} proxy_pass http://{upstream}; }}
location /keep/ {{ {} {OWN_FILTER} proxy_pass http://{upstream}/lower/; }}
location /failed/ {{ error_page 418 =200 /lower/; return 418; }}
location /logs/ {{ {OWN_FILTER} log_by_lua_block {{ ngx.ctx.own = true }} proxy_pass http://{upstream}/lower/; }}
location /silent/ {{ {OWN_FILTER} proxy_pass http://{upstream}; }}",
            Lua::target("api"),
            "rewrite_by_lua_block { require(\"corsac\").access(\"keep\") }"
        )
    };
    let server = start(places, upstream.address());
    let mut client = Client::new(server.address());
    for path in ["/lower/", "/mixed/", "/keep/", "/failed/", "/logs/", "/silent/"] {
        for origin in [EVIL, A] {
            let response = get(&mut client, path, origin);
            assert_eq!((response.status, response.line("x-own").as_deref()), (200, Some("1")), "{path}");
            assert!(!lets_in(&response, origin), "{path} {origin}: {response:?}");
            // Where the first location is right, the preflight is answered there.
            let response = preflight(&mut client, path, origin);
            let is_right = path == "/failed/" && origin == A;
            assert_eq!(lets_in(&response, origin), is_right, "{path} {origin}: {response:?}");
        }
    }
    // Once for each of the places, and not for the one that has a log_by_lua of its own.
    let said = "headers() did not run for this response";
    until("each is reported", || logged(&server, said) >= 4);
    get(&mut client, "/lower/", EVIL);
    get(&mut client, "/last", EVIL);
    let log = server.log();
    assert_eq!(log.matches(said).count(), 4, "{log}");
    assert!(log.lines().filter(|line| line.contains(said)).all(|line| line.contains("[error]")), "{log}");
    assert!(log.contains("require(\"corsac\").headers(TARGET)"), "{log}");
}

#[test]
fn l_the_guard_is_never_sent_where_headers_runs() {
    let upstream = upstream();
    let last = "header_filter_by_lua_block { ngx.header[\"Access-Control-Allow-Origin\"] = \"*\" require(\"corsac\").headers(\"api\") }";
    let places = |upstream| {
        format!(
            "{}
location /lower/ {{ {} proxy_pass http://{upstream}; }}
location /mixed/ {{ {} proxy_pass http://{upstream}; }}
location /silent/ {{ {} proxy_pass http://{upstream}; }}
location /last/ {{ {last} proxy_pass http://{upstream}; }}
location /parts/ {{ ssi on; ssi_types *; alias ./; }}
location /part {{ {OWN_FILTER} return 200 part; }}",
            Lua::target("api"),
            Lua::target("keep"),
            Lua::target("keep"),
            Lua::target("keep")
        )
    };
    let server = start(places, upstream.address());
    let mut client = Client::new(server.address());
    for (path, a, evil) in [
        ("/lower/", Some("*"), Some("*")),
        ("/mixed/", Some("*"), Some("*")),
        ("/silent/", Some(A), None),
        ("/last/", Some(A), None),
        ("/missing/", Some(A), None),
        ("/parts/page.shtml", Some(A), None),
    ] {
        for (origin, reader) in [(A, a), (EVIL, evil)] {
            let response = get(&mut client, path, origin);
            assert_eq!(response.line("access-control-allow-origin").as_deref(), reader, "{path} {origin}");
        }
    }
    // A client that leaves before there is a response is no mistake, and neither is a part of a page.
    upstream.hold();
    let request = b"GET /lower/ HTTP/1.1\r\nhost: a\r\norigin: https://a.example\r\n\r\n";
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    std::io::Write::write_all(&mut stream, request).unwrap();
    upstream.take_seen();
    until("it is forwarded", || !upstream.take_seen().is_empty());
    drop(stream);
    server.until_logged("prematurely closed connection");
    upstream.release();
    get(&mut client, "/lower/", A);
    assert!(!server.log().contains("did not run"), "{}", server.log());
}

#[test]
fn l_a_rewrite_of_its_own_is_reported() {
    let upstream = upstream();
    let places = |upstream| {
        format!(
            "{}
location / {{ {OWN_REWRITE} proxy_pass http://{upstream}; }}
location /moved/ {{ {OWN_REWRITE} return 301 https://elsewhere.example/; }}
location /right/ {{ client_max_body_size 1; proxy_pass http://{upstream}; }}",
            Lua::target("reject")
        )
    };
    let server = start(places, upstream.address());
    let mut client = Client::new(server.address());
    // What nginx itself answers before there is a location, and what needs no answer of ours.
    get(&mut client, "/moved/", EVIL);
    get(&mut client, "/", A);
    let mut large = Request::new("POST", "/right/").header("origin", EVIL);
    large.body = b"large".to_vec();
    assert_eq!(client.send(&large).unwrap().status, 413);
    assert!(!server.log().contains("access() did not run"), "{}", server.log());
    for _ in 0..3 {
        assert_eq!(preflight(&mut client, "/lower/", EVIL).line("access-control-allow-origin"), None);
        assert_eq!(get(&mut client, "/", EVIL).line("access-control-allow-origin"), None);
    }
    assert_eq!(logged(&server, "access() did not run for this request"), 2, "{}", server.log());
}

#[test]
fn l_headers_that_are_added_later_are_reported() {
    let upstream = upstream();
    let later = "header_filter_by_lua_block { require(\"corsac\").headers(\"api\") ngx.header[\"Access-Control-Allow-Origin\"] = \"*\" }";
    let places = |upstream| {
        format!(
            "{}
location /added/ {{ add_header Access-Control-Allow-Origin * always; proxy_pass http://{upstream}; }}
location /later/ {{ {later} proxy_pass http://{upstream}; }}",
            Lua::target("api")
        )
    };
    let server = start(places, upstream.address());
    let mut client = Client::new(server.address());
    get(&mut client, "/missing/", EVIL);
    get(&mut client, "/added/", A);
    for path in ["/added/", "/later/", "/added/", "/later/"] {
        get(&mut client, path, EVIL);
    }
    let said = "`access-control-allow-origin: *` was added to a response after headers()";
    until("both are reported", || logged(&server, said) == 2);
    get(&mut client, "/missing/", EVIL);
    assert_eq!(logged(&server, said), 2, "{}", server.log());
}

#[test]
fn l_targets_that_are_wrong_are_a_clean_500() {
    let upstream = upstream();
    let call = |access: &str, headers: &str| {
        format!(
            "rewrite_by_lua_block {{ require(\"corsac\").access({access}) }}
header_filter_by_lua_block {{ require(\"corsac\").headers({headers}) }}"
        )
    };
    let places = |upstream| {
        format!(
            "location /misspelt/ {{ {} proxy_pass http://{upstream}/lower/; }}
location /nothing/ {{ {} proxy_pass http://{upstream}/lower/; }}
location /number/ {{ {} proxy_pass http://{upstream}/lower/; }}
location /filter/ {{ {} proxy_pass http://{upstream}/lower/; }}
location /only-filter/ {{ {OWN_REWRITE} header_filter_by_lua_block {{ require(\"corsac\").headers(\"apii\") }} proxy_pass http://{upstream}/mixed/; }}
location /page/ {{ {} error_page 500 /right/; proxy_pass http://{upstream}/lower/; }}
location /right/ {{ {} proxy_pass http://{upstream}/lower/; }}",
            call("\"apii\"", "\"apii\""),
            call("misspelt", "misspelt"),
            call("1", "1"),
            call("\"api\"", "\"apii\""),
            call("\"apii\"", "\"apii\""),
            call("\"api\"", "\"api\""),
        )
    };
    let server = start(places, upstream.address());
    let mut client = Client::new(server.address());
    for (path, status, reader) in [
        ("/misspelt/", 500, None),
        ("/nothing/", 500, None),
        ("/number/", 500, None),
        // access() has decided.
        ("/filter/", 200, Some(A)),
        ("/only-filter/", 200, None),
        // The page for the error is at a place that is right.
        ("/page/", 500, Some(A)),
        ("/right/", 200, Some(A)),
    ] {
        let response = get(&mut client, path, A);
        assert_eq!(
            (response.status, response.line("access-control-allow-origin").as_deref()),
            (status, reader),
            "{path}"
        );
        let response = get(&mut client, path, EVIL);
        assert_eq!((response.status, response.line("access-control-allow-origin")), (status, None), "{path}");
        let response = preflight(&mut client, path, EVIL);
        assert_eq!(response.line("access-control-allow-origin"), None, "{path}");
    }
    let log = server.log();
    for says in [
        "`apii` is not among the `policies` of `corsac.open`",
        "the target is nil; write the name of a policy, \"route\" or \"off\"",
        "the target is number; ",
    ] {
        assert!(log.contains(says), "`{says}` is not in: {log}");
    }
    // One line a request.
    let misspelt = log.lines().filter(|line| line.contains("[error]") && line.contains("GET /misspelt/")).count();
    assert_eq!(misspelt, 2, "{log}");
}

#[test]
fn l_names_of_requests_are_looked_up() {
    let upstream = upstream();
    let target = "require(\"corsac\").access(ngx.var.arg_policy)";
    let places = |upstream| {
        format!(
            "location / {{ rewrite_by_lua_block {{ {target} }} header_filter_by_lua_block {{ {} }} proxy_pass http://{upstream}/lower/; }}",
            target.replace("access", "headers")
        )
    };
    let server = start_with("file = \"policy.toml\", policies = false, poll = false", "", places, upstream.address());
    let mut client = Client::new(server.address());
    for (path, status, reader) in [
        ("/?policy=api", 200, Some(A)),
        ("/?policy=keep", 200, Some("*")),
        ("/?policy=off", 200, Some("*")),
        // No route covers it.
        ("/?policy=route", 200, None),
        ("/?policy=missing", 500, None),
        ("/", 500, None),
    ] {
        let response = get(&mut client, path, A);
        assert_eq!(
            (response.status, response.line("access-control-allow-origin").as_deref()),
            (status, reader),
            "{path}"
        );
    }
    assert!(server.log().contains("`missing` is not a policy of"), "{}", server.log());
}
