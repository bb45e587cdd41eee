//! What nginx says of a configuration with the Lua adapter, and who decides in it.

use std::net::SocketAddr;
use std::path::Path;

use corsac_tests::binary::bounded;
use corsac_tests::proxy::Running;
use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::nginx::{Dialect, GLOBAL, HTTP, Server, program};
use corsac_tests::proxy::process::until;
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

/// A document without routes.
const UNROUTED: &str = "version = 1\n[policy.one]\nallow_origins = [\"https://one.example\"]\n";

/// Places that say something about corsac, nothing, and lead to each other.
fn nested(address: SocketAddr, folder: &Path) -> String {
    let (one, two, off, route) = (Lua::target("one"), Lua::target("two"), Lua::target("off"), Lua::target("route"));
    let files = folder.display();
    format!(
        "{}\n{GLOBAL}\nhttp {{\n{}\n{}
log_format decisions '$request_uri $status $corsac_policy $corsac_verdict $corsac_reason $corsac_rule $corsac_generation';
access_log access.log decisions;
server {{
    listen {address};
    server_name silent;
    root {files};
    location / {{ return 200 silent; }}
    location /two/ {{ {two} return 200 two; }}
    location /late/ {{ try_files /missing @late; }}
    location @late {{ {two} return 200 late; }}
    location /off/ {{ {off} try_files /missing @late; }}
    location /v2/ {{ {route} error_page 418 =200 @silent; return 418; }}
    location @silent {{ return 200 silent; }}
}}
server {{
    listen {address};
    server_name one;
    root {files};
    {one}
    location / {{ return 200 inherited; }}
    location /two/ {{ {two} return 200 two; location /two/off/ {{ {off} return 200 off; }} }}
    location /first/ {{ try_files /missing @second; }}
    location @second {{ {two} return 200 second; }}
    location /rewritten/ {{ rewrite ^ /two/ last; }}
    location /error/ {{ error_page 418 =200 /two/; return 418; }}
    location /parts/ {{ ssi on; ssi_types *; alias {files}/; }}
    location /part {{ {two} return 200 part; }}
    if ($uri = /early) {{ return 301 /two/; }}
}}
}}\n",
        Lua.main(),
        HTTP.replace("access_log off;", "")
            .replace("large_client_header_buffers 16 4m", "large_client_header_buffers 4 8k"),
        Lua::open("file = \"policy.toml\", policies = { \"one\", \"two\", \"route\" }, poll = false"),
    )
}

fn start() -> (Server, Client) {
    let scratch = Scratch::with("policy.toml", POLICY);
    scratch.write("page.shtml", "<!--# include virtual=\"/part\" -->");
    let server = Server::start(scratch, nested);
    let client = Client::new(server.address());
    (server, client)
}

fn ask(client: &mut Client, host: &str, request: Request) -> Response {
    client.send(&Request { host: host.into(), ..request }).unwrap()
}

/// Which of the two origins may read what is at a path: the names of policies.
fn readers(client: &mut Client, host: &str, path: &str) -> Vec<&'static str> {
    let mut readers = vec![];
    for (name, origin) in [("one", "https://one.example"), ("two", "https://two.example")] {
        let response = ask(client, host, Request::new("GET", path).header("origin", origin));
        readers.extend((response.line("access-control-allow-origin").as_deref() == Some(origin)).then_some(name));
    }
    readers
}

#[test]
fn l_the_first_place_decides() {
    let (_server, mut client) = start();
    for (host, path, expected) in [
        ("silent", "/", &[][..]),
        ("silent", "/two/", &["two"]),
        ("silent", "/late/", &["two"]),
        ("silent", "/off/", &[]),
        // By its route, where the internal redirect has another path, and forgets.
        ("silent", "/v2/", &["two"]),
        ("one", "/", &["one"]),
        ("one", "/two/", &["two"]),
        ("one", "/two/off/", &[]),
        ("one", "/first/", &["one"]),
        ("one", "/rewritten/", &["one"]),
        ("one", "/error/", &["one"]),
        ("one", "/parts/page.shtml", &["one"]),
        ("one", "/early", &["one"]),
    ] {
        assert_eq!(readers(&mut client, host, path), expected, "{host}{path}");
    }
    // A part of a page is not asked about, and the page is whole.
    let page = Request::new("GET", "/parts/page.shtml").header("origin", "https://one.example");
    assert_eq!(ask(&mut client, "one", page).body, b"part");
}

#[test]
fn l_a_preflight_stays_one_on_its_way() {
    let (_server, mut client) = start();
    for (host, path, origin, status) in [
        ("one", "/error/", "https://one.example", 204),
        ("one", "/error/", "https://two.example", 403),
        // Internal redirects make GET of it, before the place that answers is met.
        ("silent", "/late/", "https://two.example", 204),
        ("silent", "/late/", "https://one.example", 403),
        ("silent", "/off/", "https://two.example", 200),
        ("silent", "/v2/", "https://two.example", 204),
    ] {
        let request = Request::new("OPTIONS", path).header("origin", origin);
        let response = ask(&mut client, host, request.header("access-control-request-method", "GET"));
        let granted = response.line("access-control-allow-origin");
        let expected = (status, (status == 204).then(|| origin.to_owned()));
        assert_eq!((response.status, granted), expected, "{host}{path} {origin}");
    }
}

#[test]
fn l_heads_that_nginx_refuses_are_answered_by_the_server() {
    let (_server, mut client) = start();
    let request = Request::new("GET", "/").header("origin", "https://one.example").header("x-long", vec![b'a'; 65536]);
    let response = client.send(&request).unwrap();
    // The host is not known yet, and the first server says nothing.
    assert_eq!((response.status, response.line("access-control-allow-origin")), (400, None));
    let mut request = Request::new("GET", "/").header("x-long", vec![b'a'; 65536]);
    request.host = b"one".into();
    request.headers.insert(0, ("origin".into(), b"https://one.example".to_vec()));
    let response = client.send(&request).unwrap();
    assert_eq!(response.status, 400);
    assert_eq!(response.line("access-control-allow-origin").as_deref(), Some("https://one.example"));
}

#[test]
fn l_the_log_shows_decisions() {
    let (server, mut client) = start();
    for (path, origin) in [("/", "one"), ("/", "two"), ("/error/", "one"), ("/two/off/", "one")] {
        ask(&mut client, "one", Request::new("GET", path).header("origin", format!("https://{origin}.example")));
    }
    // By the routes: the policy's name is the one way to see which.
    ask(&mut client, "silent", Request::new("GET", "/v2/").header("origin", "https://two.example"));
    let log = server.scratch().folder().join("access.log");
    let logged = || std::fs::read_to_string(&log).unwrap();
    until("five requests are logged", || logged().lines().count() == 5);
    let expected = [
        "/ 200 one allowed ok https://one.example 1",
        "/ 200 one denied origin-not-allowed  1",
        "/error/ 200 one allowed ok https://one.example 1",
        "/two/off/ 200     ",
        "/v2/ 200 two allowed ok https://two.example 1",
    ];
    assert_eq!(logged().lines().collect::<Vec<_>>(), expected);
}

/// What nginx says of these lines of the http block when it does not start.
fn refused(policy: &str, http: &str) -> String {
    let scratch = Scratch::with("policy.toml", policy);
    let text = format!("{}\n{GLOBAL}\nhttp {{\n{HTTP}\n{http}\n}}\n", Lua.main());
    std::fs::write(scratch.folder().join("nginx.conf"), text).unwrap();
    let mut command = program();
    command.arg("-p").arg(scratch.folder()).args(["-c", "nginx.conf", "-e", "error.log"]);
    let ended = bounded(command, None, 60);
    assert!(!ended.status.success(), "{http}");
    ended.said()
}

#[test]
fn l_nginx_does_not_start_with_what_is_wrong() {
    let policy = "version = 1\n[policy.p]\nallow_origins = [\n  \"https://a.example/\",\n  \"http://*\",\n]\n";
    let said = refused(policy, &Lua::open("file = \"policy.toml\", policies = {}"));
    for text in [
        "policy.toml:4:3: [origin/trailing-slash] ",
        "`https://a.example/`",
        "write `https://a.example`",
        "policy.toml:5:3: ",
    ] {
        assert!(said.contains(text), "`{text}` is not in: {said}");
    }
    let file = "file = \"policy.toml\"";
    for (settings, says) in [
        ("file = \"missing.toml\", policies = {}", "missing.toml"),
        ("policies = { \"one\" }", "no file was given"),
        (file, "no policies were given; write `policies = { \"NAME\" }`"),
        (&format!("{file}, policies = {{ \"one\", \"three\" }}"), "there is no policy `three` in `"),
        (&format!("{file}, policies = {{ \"off\" }}"), "there is no policy `off` in `"),
        (&format!("{file}, policies = {{ \"route\" }}"), "has no routes; add a [[route]], or remove it"),
        (&format!("{file}, policies = {{ 1 }}"), "there is no policy `1` in `"),
        (
            &format!("{file}, policies = {{ one = true }}"),
            "`policies` cannot have the key `one`; write a list of names",
        ),
        (&format!("{file}, policies = \"one\""), "`policies` cannot be `one`; write a list of names, or false"),
        (&format!("{file}, policies = {{}}, pol = 1"), "`pol` is not a setting"),
        (&format!("{file}, policies = {{}}, poll = 0"), "`poll` cannot be `0`; write a number of seconds, or false"),
        (&format!("{file}, policies = {{}}, poll = \"1s\""), "`poll` cannot be `1s`"),
        ("file = true", "`file` cannot be `true`; write a string"),
        (
            "file = \"policy.toml\", policies = {}, library = \"libcorsac-missing.so\"",
            "`libcorsac-missing.so` cannot be loaded",
        ),
        ("file = \"policy.toml\", policies = {}, library = \"libc.so.6\"", "is not corsac"),
    ] {
        let policy = if settings.contains("route") { UNROUTED } else { POLICY };
        let said = refused(policy, &Lua::open(settings));
        assert!(said.contains(says), "{settings}: `{says}` is not in: {said}");
    }
}

#[test]
fn l_what_a_configuration_omits_is_reported() {
    for (left_out, says) in [
        ("init_worker_by_lua_block { require(\"corsac\").start() }", "call `corsac.start` in init_worker_by_lua"),
        ("include ", "its variables are not declared; write `include "),
    ] {
        let scratch = Scratch::with("policy.toml", POLICY);
        let server = Server::start(scratch, |address, _| {
            let open = Lua::open("file = \"policy.toml\", policies = { \"one\" }");
            assert_eq!(open.matches(left_out).count(), 1);
            let open = open.replace(left_out, if left_out == "include " { "# " } else { "" });
            let open = open.replace("variables.conf; ", "variables.conf;\n");
            let main = Lua.main();
            let target = Lua::target("one");
            format!(
                "{main}\n{GLOBAL}\nhttp {{\n{HTTP}\n{open}\nserver {{ listen {address}; {target} location / {{ return 200 ok; }} }}\n}}\n"
            )
        });
        let request = Request::new("GET", "/").header("origin", "https://one.example");
        let answered = Client::new(server.address()).send(&request).unwrap();
        assert_eq!((answered.status, answered.line("access-control-allow-origin")), (500, None), "{answered:?}");
        server.until_logged(says);
    }
}
