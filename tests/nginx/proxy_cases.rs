//! The table of proxy cases.

use corsac_tests::proxy::Proxy;
use corsac_tests::proxy::cases::run;
use corsac_tests::proxy::nginx::Module;
use corsac_tests::proxy::process::until;
use corsac_tests::proxy::site::{Place, Serves, Site, Target};
use corsac_tests::proxy::upstream::Upstream;
use corsac_tests::proxy::wire::{Client, Request};

#[test]
fn n_proxy_cases() {
    let report = run(&Module);
    println!("{} cases served", report.served);
    for (case, reason) in &report.not_served {
        println!("not served: `{case}`: {reason}");
    }
    assert!(report.failures.is_empty(), "{} failures:\n{}", report.failures.len(), report.failures.join("\n"));
    assert!(report.served >= 50, "only {} cases can be served", report.served);
}

/// While one response is waited for, the same worker decides others.
pub(super) fn overlap(proxy: &dyn Proxy) {
    let upstream = Upstream::start();
    let document = "version = 1\n[policy.p]\nallow_origins = [\"https://*.test.example\"]\n".to_owned();
    let place = Place { path: "/".into(), target: Target::Policy("p".into()), serves: Serves::Upstream };
    let running = proxy.start(&Site { document, places: vec![place], upstream: upstream.address() });
    let address = running.address();
    // Twice: what the first of them used is free again for the second.
    for _ in 0..2 {
        upstream.hold();
        std::thread::scope(|scope| {
            let ask = move |origin: String| {
                let request = Request::new("GET", "/").header("origin", &origin);
                let response = Client::new(address).send(&request).unwrap();
                assert_eq!(response.line("access-control-allow-origin"), Some(origin));
            };
            let mut waiting = 0;
            let threads: Vec<_> = (0..8)
                .map(|at| {
                    let thread = scope.spawn(move || ask(format!("https://{}.test.example", "a".repeat(1 + 5 * at))));
                    until("it waits", || {
                        waiting += upstream.take_seen().len();
                        waiting == at + 1
                    });
                    thread
                })
                .collect();
            upstream.release();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
    }
}

#[test]
fn n_requests_that_overlap_keep_their_decisions() {
    overlap(&Module);
}
