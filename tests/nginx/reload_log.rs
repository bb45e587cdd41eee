//! What workers log of a reload, and what workers that are shutting down leave alone.

use std::net::SocketAddr;

use corsac_tests::proxy::Running;
use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::nginx::{Dialect, GLOBAL, HTTP, Module, Server};
use corsac_tests::proxy::process::until;
use corsac_tests::proxy::upstream::Upstream;
use corsac_tests::proxy::wire::{Client, Request};
use corsac_tests::scratch::Scratch;

use super::lua_reload::{self, LOOP, THREAD};
use super::reload::{self, policy, replace, serves};

/// An override in each of so many rows.
fn overridden(rows: usize) -> String {
    let rows: String = (0..rows)
        .map(|at| format!("{{ pattern = \"http://host-{at}.example\", dangerously_allow_insecure_scheme = true }},\n"))
        .collect();
    format!("version = 1\n[policy.p]\nallow_origins = [\n{rows}]\nallow_credentials = true\n")
}

/// Holds that overrides which come into use by a reload are logged: once, although two workers reload.
fn tells_overrides(server: &Server) {
    let reloaded = |generation| server.log().matches(&format!("reloaded, generation {generation}")).count();
    let said = || server.log().lines().filter(|line| line.contains("[override/insecure-scheme]")).count();
    assert_eq!(said(), 0);
    replace(server, &overridden(25));
    until("both workers have reloaded", || reloaded(2) == 2);
    // Ten, and how many more there are.
    until("overrides are told", || said() >= 11);
    replace(server, &policy("b"));
    until("both workers have reloaded again", || reloaded(3) == 2);
    let log = server.log();
    assert_eq!(said(), 11, "{log}");
    assert!(log.contains("[override/insecure-scheme] 15 more"), "{log}");
    let first = log.lines().find(|line| line.contains("[override/insecure-scheme]")).unwrap();
    assert!(first.contains("[warn]") && first.contains("policy.toml:4:"), "{first}");
}

#[test]
fn n_a_reload_tells_overrides_once() {
    tells_overrides(&reload::start(2));
}

#[test]
fn l_a_reload_tells_overrides_once() {
    for settings in [LOOP, THREAD] {
        tells_overrides(&lua_reload::start(2, settings));
    }
}

/// nginx with one worker, and a location that is answered as late as the upstream wants.
fn start(upstream: SocketAddr, adapter: &dyn Dialect, target: &str) -> Server {
    Server::start(Scratch::with("policy.toml", policy("a")), |address, folder| {
        let http = adapter.http(&folder.join("policy.toml"));
        format!(
            "{}\n{GLOBAL}\nhttp {{\n{HTTP}\n{http}
server {{
    listen {address};
    location / {{ {target} return 200 ok; }}
    location /slow/ {{ {target} proxy_pass http://{upstream}; }}
}}
}}\n",
            adapter.main()
        )
    })
}

/// Starts a worker, has it wait for the upstream while nginx replaces it, and edits the policies. Calls back
/// with the old worker.
fn outlives(upstream: &Upstream, server: &Server, look: impl FnOnce(u32)) {
    let old = server.started_workers(1)[0];
    upstream.hold();
    std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let request = Request::new("GET", "/slow/").header("origin", "https://a.example");
            Client::new(server.address()).send(&request).unwrap()
        });
        until("it waits", || !upstream.take_seen().is_empty());
        server.signal("HUP");
        until("another worker serves", || {
            let workers = server.workers();
            workers.len() == 1 && workers[0] != old
        });
        for name in ["b", "c", "d"] {
            replace(server, &policy(name));
            until("the edit is served", || serves(server, name));
        }
        look(old);
        upstream.release();
        let response = client.join().unwrap();
        assert_eq!(response.line("access-control-allow-origin").as_deref(), Some("https://a.example"));
    });
}

#[test]
fn n_a_worker_that_is_shutting_down_reloads_nothing() {
    let upstream = Upstream::start();
    let server = start(upstream.address(), &Module, "corsac p;");
    outlives(&upstream, &server, |old| {
        let is_old = |line: &str| line.contains(&format!(" {old}#"));
        let reloads = |of_old| {
            let log = server.log();
            log.lines().filter(|line| line.contains("reloaded") && is_old(line) == of_old).count()
        };
        until("all edits are logged", || reloads(false) == 3);
        assert_eq!(reloads(true), 0, "{}", server.log());
    });
}

#[test]
fn l_a_worker_that_is_shutting_down_reloads_nothing() {
    let upstream = Upstream::start();
    let server = start(upstream.address(), &Lua, &Lua::target("p"));
    outlives(&upstream, &server, |old| {
        let watches = || {
            let tasks = std::fs::read_dir(format!("/proc/{old}/task")).unwrap();
            let mut names =
                tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap_or_default());
            names.any(|name| name.trim() == "corsac-watch")
        };
        until("its thread has ended", || !watches());
    });
}
