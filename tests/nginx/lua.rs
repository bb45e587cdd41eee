//! The same tables, through the Lua adapter.

use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::{cases, corpus};

#[test]
fn l_corpus() {
    let report = corpus::run(&Lua);
    println!("{} cases served", report.served);
    for (reason, cases) in &report.not_served {
        println!("{} not: {reason}", cases.len());
    }
    assert!(report.failures.is_empty(), "{} failures:\n{}", report.failures.len(), report.failures.join("\n"));
    assert!(report.served >= 1300, "only {} cases can be served", report.served);
    assert!(report.not_served.len() <= 7, "{:?}", report.not_served.keys());
}

#[test]
fn l_proxy_cases() {
    let report = cases::run(&Lua);
    println!("{} cases served", report.served);
    for (case, reason) in &report.not_served {
        println!("not served: `{case}`: {reason}");
    }
    assert!(report.failures.is_empty(), "{} failures:\n{}", report.failures.len(), report.failures.join("\n"));
    assert!(report.served >= 45, "only {} cases can be served", report.served);
}

#[test]
fn l_requests_that_overlap_keep_their_decisions() {
    super::proxy_cases::overlap(&Lua);
}
