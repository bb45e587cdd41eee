//! The table of proxy cases.

use corsac_tests::proxy::cases::run;
use corsac_tests::proxy::nginx::Module;

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
