//! The corpus, over HTTP.

use corsac_tests::proxy::corpus::run;
use corsac_tests::proxy::nginx::Module;

#[test]
fn n_corpus() {
    let report = run(&Module);
    println!("{} cases served", report.served);
    for (reason, cases) in &report.not_served {
        println!("{} not: {reason}", cases.len());
    }
    assert!(report.failures.is_empty(), "{} failures:\n{}", report.failures.len(), report.failures.join("\n"));
    // What cannot be served is a handful of reasons, told above; a new one is looked at here.
    assert!(report.served >= 1300, "only {} cases can be served", report.served);
    assert!(report.not_served.len() <= 7, "{:?}", report.not_served.keys());
}
