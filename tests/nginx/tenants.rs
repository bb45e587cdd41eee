//! A list of 100,000 tenants: what a worker holds after reloads of it, and what is said of one in which every
//! row is wrong.

use corsac_tests::proxy::Running;
use corsac_tests::proxy::nginx::Server;
use corsac_tests::proxy::process::{memory, private_memory, until};
use corsac_tests::proxy::wire::{Client, Request};

use super::reload::{policy, replace, start, status};

const TENANTS: usize = 100_000;

/// A list file, and the document that names it.
fn write_list(server: &Server, edit: u64, line: impl Fn(usize) -> String) {
    let rows: String = (0..TENANTS).map(|at| line(at) + "\n").collect();
    let new = server.scratch().write("tenants.new", format!("{rows}https://edit-{edit}.example\n"));
    std::fs::rename(new, server.scratch().folder().join("tenants.txt")).unwrap();
}

const DOCUMENT: &str = "version = 1\n[policy.p]\nallow_origins = [{ file = \"tenants.txt\" }]\n";

fn tenant(at: usize) -> String {
    format!("https://app-{at}.customer-{}.example", at * 7919 % TENANTS)
}

fn generation(server: &Server) -> u64 {
    status(server)["engine"]["generation"].as_u64().unwrap()
}

/// A new worker: one that has loaded nothing itself.
fn renew(server: &Server) -> u32 {
    let before = server.started_workers(1)[0];
    server.signal("HUP");
    until("there is another worker, and only one", || {
        let workers = server.workers();
        workers.len() == 1 && workers[0] != before
    });
    assert_eq!(generation(server), 1, "{}", server.log());
    server.workers()[0]
}

#[test]
fn n_memory_of_a_worker_after_ten_reloads() {
    let server = start(1);
    let empty = memory(renew(&server));
    write_list(&server, 0, tenant);
    replace(&server, DOCUMENT);
    let worker = renew(&server);
    let (first, set) = (private_memory(worker), memory(worker) - empty);
    for edit in 1..=10 {
        write_list(&server, edit, tenant);
        until("it serves", || generation(&server) == edit + 1);
    }
    until("nothing is held", || status(&server)["retired"] == 0);
    assert_eq!(server.workers(), [worker]);
    let last = private_memory(worker);
    println!(
        "{TENANTS} tenants, KiB: {set} a set; private memory of a worker {first} at its start, {last} after ten reloads"
    );
    assert!(last <= first + first / 2 + set, "{set} KiB a set, {first} KiB at the start, {last} KiB after ten reloads");
}

#[test]
fn n_a_list_that_is_all_wrong_is_refused_in_few_words() {
    let server = start(1);
    let worker = server.started_workers(1)[0];
    let size = |server: &Server| {
        let response = Client::new(server.address()).send(&Request::new("GET", "/status")).unwrap();
        response.body.len()
    };
    let (status_before, memory_before) = (size(&server), memory(worker));
    write_list(&server, 0, |at| tenant(at) + "/");
    replace(&server, DOCUMENT);
    server.until_logged("was rejected; the previous policies stay in use: ");
    let said = status(&server);
    assert_eq!(said["engine"]["last_error"]["diagnostics"][0]["code"], "origin/trailing-slash");
    let (status_after, memory_after) = (size(&server), memory(worker));
    println!("status {status_before} and {status_after} bytes, worker {memory_before} and {memory_after} KiB");
    assert!(status_after < 16384, "{status_after} bytes");
    assert!(memory_after < memory_before + 16384, "{memory_before} and {memory_after} KiB");
    let rejections = server.log().lines().filter(|line| line.contains("origin/trailing-slash")).count();
    assert_eq!(rejections, 1, "{}", server.log());
    replace(&server, &policy("b"));
    until("it is forgotten", || size(&server) < 2 * status_before);
}
