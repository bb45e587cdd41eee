//! The corpus is complete: every verdict, reason, failed check and diagnostic code occurs in it.

use std::collections::BTreeSet;

use corsac::{Code, Reason, Verdict};
use corsac_tests::answer::FAILED;
use corsac_tests::corpus;

/// `internal` is the reason if the engine has a defect: no document and request lead to it.
const NOT_REACHABLE: [&str; 1] = [Reason::Internal.as_str()];

/// What depends on more than a document: on what a program requires (`source::required`), on a loader
/// that was told to restrict paths (`source::restricted`), and on the environment and what is passed
/// beside a document in memory (`source::variables`).
const NOT_IN_A_DOCUMENT: [&str; 8] = [
    Code::ReloadPolicyMissing.as_str(),
    Code::ReloadRoutesMissing.as_str(),
    Code::ListOutsideFolder.as_str(),
    Code::ListNotGiven.as_str(),
    Code::EnvUnset.as_str(),
    Code::EnvEmpty.as_str(),
    Code::EnvNotStrings.as_str(),
    Code::EnvNotGiven.as_str(),
];

fn missing<'n>(names: impl IntoIterator<Item = &'n str>, found: &BTreeSet<&str>) -> Vec<&'n str> {
    names.into_iter().filter(|name| !found.contains(name)).collect()
}

#[test]
fn every_verdict_reason_and_failed_check_occurs() {
    let themes = corpus::read();
    let expected = || themes.iter().flat_map(|theme| &theme.cases).map(|case| &case.expect);
    let verdicts = expected().map(|answer| answer.verdict.as_str()).collect();
    let mut reasons: BTreeSet<&str> = expected().map(|answer| answer.reason.as_str()).collect();
    reasons.extend(NOT_REACHABLE);
    let failed = expected().flat_map(|answer| &answer.failed).map(String::as_str).collect();
    assert_eq!(missing(Verdict::ALL.map(Verdict::as_str), &verdicts), [""; 0], "verdicts");
    assert_eq!(missing(Reason::ALL.map(Reason::as_str), &reasons), [""; 0], "reasons");
    assert_eq!(missing(FAILED, &failed), [""; 0], "failed checks");
}

#[test]
fn every_diagnostic_code_occurs() {
    let themes = corpus::read();
    let loads = themes.iter().flat_map(|theme| &theme.loads);
    let mut codes: BTreeSet<&str> =
        loads.flat_map(|load| &load.diagnostics).map(|diagnostic| diagnostic.code.as_str()).collect();
    codes.extend(NOT_IN_A_DOCUMENT);
    assert_eq!(missing(Code::ALL.iter().map(|code| code.as_str()), &codes), [""; 0]);
}

#[test]
fn what_is_missing_is_named() {
    let found = BTreeSet::from(["a", "c"]);
    assert_eq!(missing(["a", "b", "c", "d"], &found), ["b", "d"]);
}
