//! Policies that change while nginx runs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use corsac_tests::ending::Ending;
use corsac_tests::proxy::Running;
use corsac_tests::proxy::nginx::{GLOBAL, HTTP, Module, Server};
use corsac_tests::proxy::process::{memory, signal, until};
use corsac_tests::proxy::wire::{Client, Request};
use corsac_tests::proxy::wrk::Wrk;
use corsac_tests::scratch::Scratch;
use serde_json::Value;

fn configuration(address: SocketAddr, workers: usize, more: &str) -> String {
    // So that each worker gets its part of the connections.
    let share = if workers > 1 { "reuseport" } else { "" };
    format!(
        "load_module {};\n{GLOBAL}\nworker_processes {workers};\nhttp {{\n{HTTP}
corsac_policy_file policy.toml poll=20ms;
{more}
server {{
    listen {address} {share};
    location / {{ corsac p; add_header x-generation $corsac_generation always; return 200 ok; }}
    location = /status {{ corsac_status; }}
}}
}}\n",
        Module::path().display()
    )
}

/// A policy for this origin alone, which also says its name to whoever reads the answer.
pub(super) fn policy(name: &str) -> String {
    format!("version = 1\n[policy.p]\nallow_origins = [\"https://{name}.example\"]\nexpose_headers = [\"x-{name}\"]\n")
}

pub(super) fn start(workers: usize) -> Server {
    let scratch = Scratch::with("policy.toml", policy("a"));
    Server::start(scratch, |address, _: &Path| configuration(address, workers, ""))
}

/// Replaced at once, as an editor or a deployment does it.
pub(super) fn replace(server: &Server, text: &str) {
    let new = server.scratch().write("policy.new", text);
    std::fs::rename(new, server.scratch().document()).unwrap();
}

/// Writes half of a document for a while, and then all of it; whether it was left alone meanwhile for
/// nearly as long as a file must be that is read.
fn write_in_pieces(server: &Server, half: &str, whole: &str) -> bool {
    let document = server.scratch().document();
    let (begun, mut last) = (Instant::now(), Instant::now());
    let mut longest = Duration::ZERO;
    while begun.elapsed() < Duration::from_millis(60) {
        std::fs::write(document, half).unwrap();
        longest = longest.max(last.elapsed());
        last = Instant::now();
    }
    std::fs::write(document, whole).unwrap();
    longest.max(last.elapsed()) > Duration::from_millis(80)
}

pub(super) fn status(server: &Server) -> Value {
    let response = Client::new(server.address()).send(&Request::new("GET", "/status")).unwrap();
    assert_eq!((response.status, response.line("cache-control").as_deref()), (200, Some("no-store")));
    serde_json::from_slice(&response.body).unwrap()
}

/// Whether a new connection finds a worker whose policy is this one.
pub(super) fn serves(server: &Server, name: &str) -> bool {
    let origin = format!("https://{name}.example");
    let response = Client::new(server.address()).send(&Request::new("GET", "/").header("origin", &origin)).unwrap();
    response.line("access-control-allow-origin").as_deref() == Some(&origin)
}

/// Whether each worker was met, and had this policy.
pub(super) fn all_serve(server: &Server, name: &str, workers: usize) -> bool {
    let mut met = std::collections::BTreeMap::new();
    for _ in 0..20 * workers {
        let mut client = Client::new(server.address());
        let pid = client.send(&Request::new("GET", "/status")).unwrap();
        let pid = serde_json::from_slice::<Value>(&pid.body).unwrap()["pid"].as_u64().unwrap();
        let origin = format!("https://{name}.example");
        let response = client.send(&Request::new("GET", "/").header("origin", &origin)).unwrap();
        // A worker that is about to end leaves the second request to another one.
        if client.connections == 1 {
            met.insert(pid, response.line("access-control-allow-origin").is_some());
        }
    }
    met.len() == workers && met.values().all(|serves| *serves)
}

#[test]
fn n_status_shows_a_reload_and_a_refusal() {
    let server = start(1);
    assert!(serves(&server, "a") && !serves(&server, "b"));
    let first = status(&server);
    assert_eq!(first["pid"], server.workers()[0]);
    assert_eq!((&first["engine"]["generation"], &first["engine"]["last_error"]), (&1.into(), &Value::Null));
    assert_eq!(first["decisions"]["by"]["allowed"]["ok"], 1);
    assert_eq!(first["decisions"]["by"]["denied"]["origin-not-allowed"], 1);
    assert_eq!(first["decisions"]["total"], 2);

    replace(&server, &policy("b"));
    until("b is let in", || serves(&server, "b"));
    assert!(!serves(&server, "a"));
    let second = status(&server);
    assert_eq!(second["engine"]["generation"], 2);
    assert_ne!(second["engine"]["digest"], first["engine"]["digest"]);
    server.until_logged("reloaded, generation 2");

    replace(&server, "version = 1\n[policy.p]\nallow_origins = [\"https://c.example/\"]\n");
    server.until_logged("was rejected; the previous policies stay in use: ");
    server.until_logged("policy.toml:3:18: ");
    assert!(serves(&server, "b") && !serves(&server, "c"));
    let third = status(&server);
    assert_eq!(third["engine"]["generation"], 2);
    assert_eq!(third["engine"]["last_error"]["diagnostics"][0]["code"], "origin/trailing-slash");
    assert_eq!(server.log().matches("was rejected").count(), 1, "{}", server.log());

    replace(&server, &policy("c"));
    until("c is let in", || serves(&server, "c"));
    assert_eq!(status(&server)["engine"]["last_error"], Value::Null);
    // A worker that decides nothing holds nothing that was replaced.
    replace(&server, &policy("d"));
    until("d is loaded", || status(&server)["engine"]["generation"] == 4);
    until("nothing is held", || status(&server)["retired"] == 0);
}

#[test]
fn n_a_worker_that_died_is_replaced_by_one_that_is_up_to_date() {
    let server = start(1);
    replace(&server, &policy("b"));
    until("b is let in", || serves(&server, "b"));
    let before = server.workers();
    signal(before[0], "KILL");
    // While there is no worker, connections wait for the next. Its first answer is right.
    assert!(serves(&server, "b"));
    assert!(!serves(&server, "a"));
    assert_ne!(server.workers(), before);
    // And it goes on looking.
    replace(&server, &policy("c"));
    until("c is let in", || serves(&server, "c"));
}

#[test]
fn n_a_policy_that_changed_a_moment_before_a_worker_starts() {
    let server = start(1);
    for name in ["b", "c", "d", "e"] {
        replace(&server, &policy(name));
        // The file is younger than what counts as settled.
        until("there is a worker", || server.workers().len() == 1);
        signal(server.workers()[0], "KILL");
        assert!(serves(&server, name), "{name}: {}", server.log());
    }
}

#[test]
fn n_nginx_reloads_and_refuses_configurations() {
    let server = start(2);
    let address = server.address();
    replace(&server, &policy("b"));
    until("b is let in", || all_serve(&server, "b", 2));

    // Refused behind our directive: what was read there is nobody's policy, also not of a worker that
    // starts later.
    let broken = configuration(address, 2, "no_such_directive;");
    replace(&server, &policy("c"));
    until("c is let in", || all_serve(&server, "c", 2));
    server.scratch().write("nginx.conf", broken.replace("policy.toml", "other.toml"));
    server.scratch().write("other.toml", policy("x"));
    server.signal("HUP");
    server.until_logged("unknown directive \"no_such_directive\"");
    signal(server.workers()[0], "KILL");
    until("c is let in, and not x", || all_serve(&server, "c", 2));
    assert!(!serves(&server, "x"));

    // Accepted: new workers, whose engine begins anew.
    server.scratch().write("nginx.conf", configuration(address, 2, "").replace("policy.toml", "other.toml"));
    server.signal("HUP");
    until("x is let in", || all_serve(&server, "x", 2));
    assert!(!serves(&server, "c"));
    assert_eq!(status(&server)["engine"]["generation"], 1);
    server.scratch().write("other.toml", policy("y"));
    until("y is let in", || all_serve(&server, "y", 2));
    until("the old workers are gone", || server.workers().len() == 2);
}

#[test]
fn n_nginx_ends_in_good_order() {
    for (name, workers) in [("TERM", 2), ("QUIT", 1)] {
        let mut server = start(workers);
        replace(&server, &policy("b"));
        server.signal(name);
        assert!(server.process().end().success(), "{}", server.log());
        assert!(!server.log().contains("[alert]") && !server.log().contains("exited on signal"), "{}", server.log());
    }
}

/// A worker that ends waits for what its thread reads.
#[test]
fn n_nginx_ends_while_a_policy_is_loaded() {
    let mut server = start(1);
    let rows: String = (0..300_000).map(|at| format!("\"https://host-{at}.example\",\n")).collect();
    replace(&server, &format!("version = 1\n[policy.p]\nallow_origins = [\n{rows}]\n"));
    let worker = server.workers()[0];
    let tasks = std::fs::read_dir(format!("/proc/{worker}/task")).unwrap().map(|task| task.unwrap().path());
    let thread = tasks.into_iter().find(|task| !task.ends_with(worker.to_string())).expect("there is a thread");
    until("it loads", || std::fs::read_to_string(thread.join("stat")).unwrap().contains(") R "));
    server.signal("TERM");
    assert!(server.process().end().success(), "{}", server.log());
    assert!(!server.log().contains("[alert]") && !server.log().contains("exited on signal"), "{}", server.log());
}

/// Every answer is of one generation: what it exposes belongs to whom it lets in.
pub(super) fn ask_until(ended: &AtomicBool, address: SocketAddr, answered: &AtomicUsize) -> Result<(), String> {
    let mut client = Client::new(address);
    let mut at = 0;
    while !ended.load(Ordering::Acquire) {
        let name = ["a", "b"][at % 2];
        at += 1;
        let response = client.send(&Request::new("GET", "/").header("origin", format!("https://{name}.example")))?;
        let granted = response.line("access-control-allow-origin");
        let exposed = response.line("access-control-expose-headers");
        let expected = granted.as_ref().map(|_| format!("x-{name}"));
        if response.status != 200 || exposed != expected || response.vary() != ["origin"] {
            return Err(format!("{name}: {response:?}"));
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    match client.connections {
        1 => Ok(()),
        more => Err(format!("{more} connections were needed")),
    }
}

#[test]
fn n_edits_under_load_fail_no_request() {
    let server = start(2);
    let (ended, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let address = server.address();
    let before = server.started_workers(2);
    let wrk = Wrk::start(address, "whole.lua");
    std::thread::scope(|scope| {
        let ending = Ending(&ended);
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(|| ask_until(&ended, address, &answered))).collect();
        for edit in 0..20 {
            let name = ["b", "a"][edit % 2];
            match edit {
                6 | 13 => {
                    let refused = server.log().matches("was rejected").count();
                    replace(&server, "version = 1\n[policy.p]\nallow_origins = [\"https://*\"]\n");
                    until("it is rejected", || server.log().matches("was rejected").count() == refused + 2);
                }
                9 => {
                    let generation = || status(&server)["engine"]["generation"].as_u64().unwrap();
                    let before = generation();
                    let is_left_alone = write_in_pieces(&server, &policy("half"), &policy(name));
                    until("the other is let in", || all_serve(&server, name, 2));
                    // The half is a document of its own: where the machine paused, it was one for a while.
                    assert!(is_left_alone || (0..8).all(|_| generation() == before + 1), "the half was served");
                }
                _ => {
                    replace(&server, &policy(name));
                    until("the other is let in", || all_serve(&server, name, 2));
                }
            }
        }
        drop(ending);
        for client in clients {
            client.join().unwrap().unwrap();
        }
    });
    let met = wrk.end();
    println!("{} requests during 20 edits, and {met:?} by wrk", answered.load(Ordering::Relaxed));
    assert!(answered.load(Ordering::Relaxed) > 1000 && met.answered > 1000);
    assert_eq!((met.failed, met.mixed), (0, 0));
    assert_eq!(server.workers(), before);
}

/// Enough that a set which is not freed shows: two megabytes each.
fn large(edit: u64) -> String {
    let rows: String = (0..20_000).map(|at| format!("\"https://host-{at}.edit-{edit}.example\",\n")).collect();
    format!("version = 1\n[policy.p]\nallow_origins = [\n{rows}]\n")
}

#[test]
fn n_a_pipe_for_a_document_is_refused_and_holds_up_nothing() {
    let mut server = start(1);
    let (pipe, document) = (server.scratch().folder().join("pipe"), server.scratch().document());
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::fs::rename(pipe, document).unwrap();
    server.until_logged("was rejected; the previous policies stay in use: ");
    assert!(serves(&server, "a"));
    replace(&server, &policy("b"));
    until("it serves what is good again", || serves(&server, "b"));
    server.signal("QUIT");
    assert!(server.process().end().success());
}

#[test]
fn n_memory_stays_over_many_reloads() {
    let reloads: u64 = std::env::var("CORSAC_RELOADS").map_or(200, |number| number.parse().unwrap());
    let server = start(1);
    let (master, before) = (server.process_id(), server.started_workers(1));
    let mut settled = (0, 0);
    for edit in 1..=reloads {
        replace(&server, &large(edit));
        until("it serves", || status(&server)["engine"]["generation"] == edit + 1);
        if edit == 20 {
            settled = (memory(before[0]), memory(master));
        }
    }
    let last = (memory(before[0]), memory(master));
    println!("worker and master: {settled:?} KiB after 20 reloads, {last:?} KiB after {reloads}");
    assert!(last.0 < settled.0 + settled.0 / 2 + 8192, "{settled:?} KiB became {last:?}");
    // The master has nothing to do with them.
    assert!(last.1 <= settled.1 + 256, "{settled:?} KiB became {last:?}");
    assert_eq!(server.workers(), before);
    // nginx's own thread, and the one that loads.
    let threads = std::fs::read_dir(format!("/proc/{}/task", before[0])).unwrap().count();
    assert_eq!(threads, 2);
}

#[test]
fn n_memory_stays_over_many_reloads_of_nginx() {
    let server = start(1);
    let mut settled = 0;
    for reload in 0..40 {
        let before = server.started_workers(1);
        replace(&server, &large(reload));
        server.signal("HUP");
        until("there is another worker, and only one", || {
            let workers = server.workers();
            workers.len() == 1 && workers != before
        });
        let generation = &status(&server)["engine"]["generation"];
        assert_eq!(generation, 1, "{}", server.log());
        if reload == 10 {
            settled = memory(server.process_id());
        }
    }
    let last = memory(server.process_id());
    println!("master: {settled} KiB after 10 reloads of nginx, {last} KiB after 40");
    assert!(last < settled + settled / 2 + 4096, "{settled} KiB became {last}");
}
