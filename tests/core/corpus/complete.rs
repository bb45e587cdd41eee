//! That the corpus leaves nothing out: every verdict, reason, failed check and diagnostic code occurs
//! in it, and every row of the two lists of cases that it grew from.

use std::collections::BTreeSet;

use corsac::{Code, Reason, Verdict};
use corsac_tests::answer::FAILED;
use corsac_tests::corpus::{self, Theme};

/// The rows of the list of origins.
#[rustfmt::skip]
const ORIGINS: [&str; 170] = [
    "O001", "O004", "O007", "O008", "O009", "O010", "O011", "O012", "O014", "O016", "O018", "O019", "O020", "O022",
    "O024", "O025", "O027", "O029", "O030", "O032", "O034", "O035", "O037", "O039", "O040", "O044", "O046", "O047",
    "O049", "O050", "O051", "O052", "O053", "O055", "O056", "O057", "O058", "O059", "O060", "O061", "O063", "O065",
    "O067", "O069", "O070", "O071", "O072", "O074", "O075", "O077", "O078", "O079", "O080", "O085", "O086", "O087",
    "O088", "O089", "O091", "O092", "O095", "O097", "O098", "O100", "O103", "O105", "O106", "O107", "O111", "O112",
    "O113", "O114", "O116", "O118", "O119", "O120", "O121", "O122", "O123", "O124", "O125", "O127", "O128", "O130",
    "O132", "O134", "O135", "O136", "O138", "O139", "O142", "O143", "O149", "O150", "O151", "O154", "O155", "O156",
    "O158", "O160", "O161", "O162", "O163", "O164", "O165", "O166", "O167", "O169", "O170", "O171", "O174", "O176",
    "O177", "O181", "O182", "O187", "O188", "O189", "O190", "O193", "O194", "O195", "O196", "O197", "O198", "O199",
    "O202", "O203", "O204", "O205", "O206", "O207", "O208", "O209", "O211", "O212", "O213", "O214", "O216", "O218",
    "O219", "O221", "O222", "O225", "O226", "O227", "O229", "O230", "O232", "O233", "O234", "O235", "O236", "O239",
    "O241", "O242", "O244", "O248", "O249", "O250", "O251", "O254", "O256", "O257", "O258", "O259", "O260", "O262",
    "O264", "O266",
];

/// The rows of the list of preflights.
#[rustfmt::skip]
const PREFLIGHTS: [&str; 32] = [
    "P02", "P03", "P04", "P05", "P06", "P08", "P09", "P10", "P12", "P14", "P15", "P18", "P19", "P21", "P25", "P30",
    "P31", "P32", "P34", "P36", "P37", "P38", "P39", "P40", "P42", "P43", "P45", "P46", "P49", "P50", "P51", "P52",
];

/// `internal` is the answer to a defect of the engine: no document and request lead to it.
const NOT_REACHABLE: [&str; 1] = [Reason::Internal.as_str()];

fn missing<'n>(names: impl IntoIterator<Item = &'n str>, found: &BTreeSet<&str>) -> Vec<&'n str> {
    names.into_iter().filter(|name| !found.contains(name)).collect()
}

fn sources(themes: &[Theme]) -> BTreeSet<&str> {
    let cases = themes.iter().flat_map(|theme| &theme.cases).map(|case| &case.source);
    let loads = themes.iter().flat_map(|theme| &theme.loads).map(|load| &load.source);
    cases.chain(loads).flatten().flat_map(|source| source.split([' ', ','])).collect()
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
    let codes = loads.flat_map(|load| &load.diagnostics).map(|diagnostic| diagnostic.code.as_str()).collect();
    assert_eq!(missing(Code::ALL.iter().map(|code| code.as_str()), &codes), [""; 0]);
}

#[test]
fn every_row_of_the_lists_is_there() {
    let themes = corpus::read();
    let sources = sources(&themes);
    assert_eq!(missing(ORIGINS, &sources), [""; 0], "origins");
    assert_eq!(missing(PREFLIGHTS, &sources), [""; 0], "preflights");
}

#[test]
fn what_is_missing_is_named() {
    let found = BTreeSet::from(["a", "c"]);
    assert_eq!(missing(["a", "b", "c", "d"], &found), ["b", "d"]);
}
