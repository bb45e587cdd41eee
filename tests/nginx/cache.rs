//! Caches of nginx, in front of corsac and in the same server: what was stored for one origin is never
//! another's answer.

use std::net::SocketAddr;

use corsac_tests::proxy::Running;
use corsac_tests::proxy::nginx::{GLOBAL, HTTP, Module, Server};
use corsac_tests::proxy::process::until;
use corsac_tests::proxy::upstream::{Reply, Upstream};
use corsac_tests::proxy::wire::{Client, Request, Response};
use corsac_tests::scratch::Scratch;

const POLICY: &str = r#"version = 1
[policy.replace]
allow_origins = ["https://a.example", "https://b.example"]
[policy.keep]
allow_origins = ["https://a.example", "https://b.example"]
upstream = "keep"
"#;

const A: Option<&str> = Some("https://a.example");
const B: Option<&str> = Some("https://b.example");
const STRANGER: Option<&str> = Some("https://stranger.example");

/// Lines of a server that caches: as long as the answer says, then asks whether it is still the same.
const CACHED: &str = "proxy_cache stored; proxy_cache_revalidate on; add_header x-cache $upstream_cache_status always;";

const STORE: &str = "proxy_cache_path stored keys_zone=stored:1m;";

/// An upstream whose answers can be stored, for a second or an hour.
fn upstream() -> Upstream {
    let upstream = Upstream::start();
    let stored = |age| Reply::plain().header("cache-control", age).header("etag", "\"1\"");
    upstream.reply("/replace/long/", stored("max-age=3600"));
    upstream.reply("/replace/short/", stored("max-age=1"));
    // For whom it is, it says wrongly, and of whom it depends on not at all.
    let granting = |age| stored(age).header("access-control-allow-origin", "https://poison.example");
    upstream.reply("/replace/granting/", granting("max-age=3600"));
    upstream.reply("/replace/granting-short/", granting("max-age=1"));
    upstream.reply("/keep/silent/", stored("max-age=3600"));
    upstream
}

/// nginx with corsac, and these lines in its server.
fn start(upstream: SocketAddr, lines: &str) -> Server {
    Server::start(Scratch::with("policy.toml", POLICY), |address, _| {
        format!(
            "load_module {};\n{GLOBAL}\nhttp {{\n{HTTP}\n{STORE}\ncorsac_policy_file policy.toml poll=off;
server {{
    listen {address};
    {lines}
    location /replace/ {{ corsac replace; proxy_pass http://{upstream}; }}
    location /keep/ {{ corsac keep; proxy_pass http://{upstream}; }}
}}
}}\n",
            Module::path().display()
        )
    })
}

/// nginx without corsac, which stores what another server says.
fn start_cache(behind: SocketAddr) -> Server {
    Server::start(Scratch::without("policy.toml"), |address, _| {
        format!(
            "{GLOBAL}\nhttp {{\n{HTTP}\n{STORE}
server {{ listen {address}; {CACHED} location / {{ proxy_pass http://{behind}; }} }}\n}}\n"
        )
    })
}

fn get(path: &str, origin: Option<&str>) -> Request {
    let request = Request::new("GET", path);
    origin.iter().fold(request, |request, origin| request.header("origin", origin))
}

/// Asks, and holds that the answer is for who asked. Gives what the cache says of itself.
fn hold(client: &mut Client, request: &Request) -> (String, Response) {
    let response = client.send(request).unwrap();
    let origin = request.lines("origin").first().map(|origin| String::from_utf8_lossy(origin).into_owned());
    let reader = origin.filter(|origin| Some(&origin[..]) != STRANGER);
    assert_eq!(response.line("access-control-allow-origin"), reader, "{request:?}: {response:?}");
    assert_eq!(response.vary(), ["origin"], "{request:?}: {response:?}");
    (response.line("x-cache").unwrap(), response)
}

fn cache_says(client: &mut Client, path: &str, origin: Option<&str>) -> String {
    hold(client, &get(path, origin)).0
}

/// Who asks, in orders in which each comes behind each other.
const ORDERS: [[Option<&str>; 4]; 3] = [[A, B, STRANGER, None], [None, STRANGER, B, A], [STRANGER, A, None, B]];

#[test]
fn n_a_cache_in_front_keeps_origins_apart() {
    let upstream = upstream();
    let nginx = start(upstream.address(), "");
    let cache = start_cache(nginx.address());
    let mut client = Client::new(cache.address());
    for (at, order) in ORDERS.iter().enumerate() {
        let path = format!("/replace/long/{at}");
        for asked in ["MISS", "HIT", "HIT"] {
            for origin in order {
                assert_eq!(cache_says(&mut client, &path, *origin), asked, "{path} {origin:?}");
            }
        }
        // Four answers are stored: one for each who asked.
        assert_eq!(upstream.take_seen().len(), 4, "{path}");
        for origin in order {
            let (said, response) = hold(&mut client, &get(&path, *origin).header("if-none-match", "\"1\""));
            assert_eq!((&said[..], response.status), ("HIT", 304));
        }
        assert_eq!(upstream.take_seen().len(), 0, "{path}");
    }
}

/// Asks for a path that is stored for a second, until all answers have once been found to be the same
/// as before by the server behind.
fn hold_revalidated(client: &mut Client, upstream: &Upstream, path: &str, by_origin: bool) {
    for origin in [A, B, STRANGER, None] {
        cache_says(client, path, origin);
    }
    let seen = upstream.take_seen().len();
    assert_eq!(seen, if by_origin { 4 } else { 1 });
    upstream.reply(path, Reply { status: 304, headers: vec![("etag".into(), b"\"1\"".to_vec())], body: vec![] });
    for origin in [B, None, A, STRANGER] {
        until(&format!("{path} is looked up again for {origin:?}"), || {
            let (said, response) = hold(client, &get(path, origin));
            assert_eq!((response.status, &response.body[..]), (200, &b"upstream\n"[..]));
            said == "REVALIDATED"
        });
        let asked = upstream.take_seen();
        assert!(asked.iter().all(|seen| seen.lines("if-none-match") == [b"\"1\""]), "{asked:?}");
    }
}

#[test]
fn n_a_cache_in_front_keeps_origins_apart_over_304() {
    let upstream = upstream();
    let nginx = start(upstream.address(), "");
    let cache = start_cache(nginx.address());
    hold_revalidated(&mut Client::new(cache.address()), &upstream, "/replace/short/", true);
}

#[test]
fn n_hits_of_the_same_server_are_decided_anew() {
    let upstream = upstream();
    let nginx = start(upstream.address(), CACHED);
    let mut client = Client::new(nginx.address());
    for place in ["/replace/long/", "/replace/granting/", "/keep/silent/"] {
        for (at, order) in ORDERS.iter().enumerate() {
            let path = format!("{place}{at}");
            assert_eq!(cache_says(&mut client, &path, order[0]), "MISS");
            for origin in order.iter().chain(order) {
                assert_eq!(cache_says(&mut client, &path, *origin), "HIT");
            }
            // One answer of the upstream is enough for everybody.
            assert_eq!(upstream.take_seen().len(), 1, "{path}");
            for origin in order {
                let (said, response) = hold(&mut client, &get(&path, *origin).header("if-none-match", "\"1\""));
                assert_eq!((&said[..], response.status), ("HIT", 304));
            }
        }
    }
}

#[test]
fn n_hits_of_the_same_server_are_decided_anew_over_304() {
    let upstream = upstream();
    let nginx = start(upstream.address(), CACHED);
    hold_revalidated(&mut Client::new(nginx.address()), &upstream, "/replace/granting-short/", false);
}
