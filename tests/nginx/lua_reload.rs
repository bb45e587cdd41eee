//! Policies that change while nginx serves them by its Lua module: on the event loop, and on a thread.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use corsac_tests::ending::Ending;
use corsac_tests::proxy::Running;
use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::nginx::{Dialect, GLOBAL, HTTP, Server};
use corsac_tests::proxy::process::{signal, until};
use corsac_tests::scratch::Scratch;
use serde_json::Value;

use super::reload::{all_serve, ask_until, policy, replace, serves, status};

fn configuration(address: SocketAddr, workers: usize, settings: &str) -> String {
    let share = if workers > 1 { "reuseport" } else { "" };
    format!(
        "{}\n{GLOBAL}\nworker_processes {workers};\nhttp {{\n{HTTP}\n{}
server {{
    listen {address} {share};
    location / {{ {} return 200 ok; }}
    location = /status {{ content_by_lua_block {{ require(\"corsac\").status() }} }}
}}
}}\n",
        Lua.main(),
        Lua::open(settings),
        Lua::target("p")
    )
}

/// On the event loop of each worker.
pub(super) const LOOP: &str = "file = \"policy.toml\", policies = { \"p\" }, poll = 0.02, thread = false";
/// On a thread of each worker.
pub(super) const THREAD: &str = "file = \"policy.toml\", policies = { \"p\" }, poll = 0.02";

pub(super) fn start(workers: usize, settings: &str) -> Server {
    let scratch = Scratch::with("policy.toml", policy("a"));
    Server::start(scratch, |address, _| configuration(address, workers, settings))
}

#[test]
fn l_a_reload_and_a_refusal() {
    for settings in [LOOP, THREAD] {
        let server = start(1, settings);
        assert!(serves(&server, "a") && !serves(&server, "b"));
        let first = status(&server);
        assert_eq!(first["pid"], server.workers()[0]);
        assert_eq!((&first["engine"]["generation"], &first["engine"]["last_error"]), (&1.into(), &Value::Null));
        assert_eq!(first["engine"]["watched"], settings == THREAD);
        assert_eq!(first["decisions"]["by"]["allowed"]["ok"], 1);
        assert_eq!(first["decisions"]["total"], 2);

        replace(&server, &policy("b"));
        until("b is let in", || serves(&server, "b"));
        assert!(!serves(&server, "a"));
        assert_eq!(status(&server)["engine"]["generation"], 2);
        server.until_logged("reloaded, generation 2");

        replace(&server, "version = 1\n[policy.p]\nallow_origins = [\"https://c.example/\"]\n");
        server.until_logged("was rejected; the previous policies stay in use: ");
        let expected = "policy.toml:3:18: [origin/trailing-slash] `https://c.example/` ends with `/`, which no origin does; write `https://c.example`";
        assert!(server.log().contains(expected), "{}", server.log());
        assert!(serves(&server, "b") && !serves(&server, "c"));
        let third = status(&server);
        assert_eq!(third["engine"]["generation"], 2);
        assert_eq!(third["engine"]["last_error"]["diagnostics"][0]["code"], "origin/trailing-slash");
        assert_eq!(server.log().matches("was rejected").count(), 1, "{}", server.log());

        replace(&server, &policy("c"));
        until("c is let in", || serves(&server, "c"));
        assert_eq!(status(&server)["engine"]["last_error"], Value::Null);
        // Two were replaced; who reads none lets go of all.
        until("nothing is held", || status(&server)["retired"] == 0);
    }
}

#[test]
fn l_a_worker_that_died_is_replaced_by_one_that_is_up_to_date() {
    for settings in [LOOP, THREAD] {
        let server = start(1, settings);
        for name in ["b", "c", "d"] {
            replace(&server, &policy(name));
            // The file is younger than what counts as settled.
            until("there is a worker", || server.workers().len() == 1);
            signal(server.workers()[0], "KILL");
            assert!(serves(&server, name), "{name}: {}", server.log());
        }
        // And the last one goes on looking.
        replace(&server, &policy("e"));
        until("e is let in", || serves(&server, "e"));
    }
}

#[test]
fn l_nginx_reloads_and_refuses_configurations() {
    let server = start(2, LOOP);
    let address = server.address();
    // Refused behind the policies: what was read there is nobody's.
    server.scratch().write("other.toml", policy("x"));
    let other = configuration(address, 2, LOOP).replace("policy.toml", "other.toml");
    let broken = format!("{}return 200;\n}}\n", other.trim_end().strip_suffix('}').unwrap());
    server.scratch().write("nginx.conf", broken);
    server.signal("HUP");
    server.until_logged("\"return\" directive is not allowed here");
    // The policies are refused: so is the configuration, and the one of before goes on.
    server.scratch().write("bad.toml", "version = 1\n[policy.p]\nallow_origins = [\"https://x.example/\"]\n");
    server.scratch().write("nginx.conf", configuration(address, 2, LOOP).replace("policy.toml", "bad.toml"));
    server.signal("HUP");
    server.until_logged("bad.toml:3:18: [origin/trailing-slash] `https://x.example/`");
    assert!(all_serve(&server, "a", 2) && !serves(&server, "x"));
    signal(server.workers()[0], "KILL");
    replace(&server, &policy("b"));
    until("b is let in, and not x", || all_serve(&server, "b", 2) && !serves(&server, "x"));

    // Accepted: new workers, whose engine begins anew.
    server.scratch().write("nginx.conf", other);
    server.signal("HUP");
    until("x is let in", || all_serve(&server, "x", 2));
    assert!(!serves(&server, "b"));
    assert_eq!(status(&server)["engine"]["generation"], 1);
    until("the old workers are gone", || server.workers().len() == 2);
}

#[test]
fn l_edits_under_load_fail_no_request() {
    for settings in [LOOP, THREAD] {
        let mut server = start(2, settings);
        let (ended, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
        let address = server.address();
        std::thread::scope(|scope| {
            let ending = Ending(&ended);
            let clients: Vec<_> = (0..4).map(|_| scope.spawn(|| ask_until(&ended, address, &answered))).collect();
            for edit in 0..10 {
                if edit == 6 {
                    replace(&server, "version = 1\n[policy.p]\nallow_origins = [\"https://*\"]\n");
                    until("it is rejected", || server.log().matches("was rejected").count() == 2);
                    continue;
                }
                let name = ["b", "a"][edit % 2];
                replace(&server, &policy(name));
                until("the other is let in", || all_serve(&server, name, 2));
            }
            drop(ending);
            for client in clients {
                client.join().unwrap().unwrap();
            }
        });
        println!("{} requests during 10 edits", answered.load(Ordering::Relaxed));
        assert!(answered.load(Ordering::Relaxed) > 1000);
        server.signal("QUIT");
        assert!(server.process().end().success(), "{}", server.log());
        assert!(!server.log().contains("[alert]") && !server.log().contains("exited on signal"), "{}", server.log());
    }
}
